/** The 3D view with its tools: what is selected, picked, hidden and cut. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ApiError, api } from "./api";
import { IssueTitle, StepBar } from "./detail";
import { count } from "./format";
import { said, t, word } from "./i18n";
import { Playback } from "./playback";
import type { ProjectStore } from "./project";
import { go, place } from "./session";
import type { ElementColumns, Issue, SceneIndex } from "./types";
import { Button, Empty, Progress, Severity } from "./ui";
import type { Rest, Selection, Viewer } from "./viewer";

type State =
  | { at: "loading"; done: number; of: number }
  | { at: "ready" }
  | { at: "empty" }
  | { at: "no-webgl" }
  | { at: "lost" }
  | { at: "failed"; text: string };

interface Loaded {
  viewer: Viewer;
  table: ElementColumns;
}

/** What is switched off: models and disciplines by name. */
interface Hidden {
  models: ReadonlySet<string>;
  disciplines: ReadonlySet<string>;
}

const ALL_SHOWN: Hidden = { models: new Set(), disciplines: new Set() };

export function View3D({ store, wide }: { store: ProjectStore; wide: boolean }) {
  const host = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<State>({ at: "loading", done: 0, of: 0 });
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [attemptNumber, setAttempt] = useState(0);
  const version = store.sceneVersion.value;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version or attempt loads anew.
  useEffect(() => {
    const stop = new AbortController();
    let viewer: Viewer | null = null;
    const start = async () => {
      setState({ at: "loading", done: 0, of: 0 });
      setLoaded(null);
      const [index, module] = await Promise.all([
        api.get<SceneIndex>(store.path("/scene"), stop.signal),
        import("./viewer"),
      ]);
      if (stop.signal.aborted || !host.current) return;
      if (!module.webglAvailable()) return setState({ at: "no-webgl" });
      const table = await api.get<ElementColumns>(
        index.elements_url.replace(/^\/api\/v1/, ""),
        stop.signal,
      );
      viewer = new module.Viewer(host.current);
      viewer.onLost = () => setState({ at: "lost" });
      expose(viewer);
      const of = index.tiles.length;
      setState({ at: "loading", done: 0, of });
      const shown = (done: number) => {
        setState({ at: "loading", done, of });
        if (done === 1) viewer?.fit(true);
      };
      await viewer.load(index, table.guid.length, shown, stop.signal);
      if (stop.signal.aborted) return;
      viewer.fit(true);
      setState({ at: "ready" });
      setLoaded({ viewer, table });
    };
    start().catch((error: unknown) => {
      if (stop.signal.aborted) return;
      if (error instanceof ApiError && error.status === 404) setState({ at: "empty" });
      else setState({ at: "failed", text: error instanceof ApiError ? error.text : String(error) });
    });
    return () => {
      stop.abort();
      viewer?.dispose();
      expose(null);
    };
  }, [store, version, attemptNumber]);

  return (
    <div class="view">
      <div class="view-stage">
        <div class="view-host" ref={host} data-state={state.at} />
        {state.at !== "ready" && <Veil state={state} again={() => setAttempt((n) => n + 1)} />}
        {loaded && <Tools key={version} store={store} wide={wide} {...loaded} />}
      </div>
      {loaded && place.value.area === "timeline" && (
        <Playback key={version} store={store} wide={wide} {...loaded} />
      )}
    </div>
  );
}

/** The door of diagnosis and browser tests: `window.__yuyan.viewer?.diagnose()`. */
function expose(viewer: Viewer | null): void {
  const all = window as unknown as { __yuyan?: Record<string, unknown> };
  all.__yuyan = { ...all.__yuyan, viewer };
}

function Veil({ state, again }: { state: State; again: () => void }) {
  switch (state.at) {
    case "loading":
      return (
        <div class="veil light" role="status">
          <p>
            {state.of ? t("view.loading", { done: state.done, of: state.of }) : t("view.preparing")}
          </p>
          <Progress share={state.of ? state.done / state.of : 0} />
        </div>
      );
    case "empty":
      return (
        <div class="veil">
          <Empty icon="cube" title={t("view.empty")} text={t("view.empty.text")} />
        </div>
      );
    case "no-webgl":
      return (
        <div class="veil">
          <Empty icon="warning" title={t("view.no_webgl")} text={t("view.no_webgl.text")} />
        </div>
      );
    case "ready":
      return null;
    default:
      return (
        <div class="veil">
          <Empty
            icon="warning"
            title={state.at === "lost" ? t("view.lost") : t("view.failed")}
            text={state.at === "failed" ? state.text : t("view.lost.text")}
          >
            <Button onClick={again}>{t("app.again")}</Button>
          </Empty>
        </div>
      );
  }
}

function selectionOf(issue: Issue): Selection {
  const rows = (side: string) =>
    issue.elements.filter((e) => e.side === side && e.index >= 0).map((e) => e.index);
  return { a: rows("a"), b: rows("b"), others: rows("") };
}

interface ToolProps extends Loaded {
  store: ProjectStore;
  wide: boolean;
}

function Tools({ store, wide, viewer, table }: ToolProps) {
  const issue = store.selected.value;
  const [clip, setClip] = useState(false);
  const [rest, setRest] = useState<Rest>("ghost");
  const [edges, setEdges] = useState(true);
  const [picked, setPicked] = useState(-1);
  const [hidden, setHidden] = useState<Hidden>(ALL_SHOWN);
  const [panel, setPanel] = useState(false);
  const played = place.value.area === "timeline";

  useEffect(() => {
    viewer.onPick = setPicked;
  }, [viewer]);
  useEffect(() => viewer.setPicked(picked), [viewer, picked]);
  useEffect(() => viewer.setRest(rest), [viewer, rest]);
  useEffect(() => viewer.setEdges(edges), [viewer, edges]);
  useEffect(() => viewer.setHidden(hiddenRows(table, hidden)), [viewer, table, hidden]);

  const current = issue?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a comment on the issue moves no camera.
  useEffect(() => {
    setPicked(-1);
    if (!issue) return viewer.select(null);
    const selection = selectionOf(issue);
    viewer.select(selection);
    viewer.flyToIssue(
      { viewpoint: issue.viewpoint, point: issue.point, extent: issue.extent_m },
      selection,
    );
  }, [viewer, current]);
  const point = issue?.point ?? null;
  const extent = issue?.extent_m ?? 1;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the point of one issue stays.
  useEffect(() => {
    viewer.setClip(clip ? point : null, Math.max(1, extent * 0.75));
  }, [viewer, clip, current]);

  const reset = () => {
    setHidden(ALL_SHOWN);
    setRest("ghost");
    setClip(false);
    setPicked(-1);
    if (issue) {
      const focus = { viewpoint: issue.viewpoint, point: issue.point, extent: issue.extent_m };
      viewer.flyToIssue(focus, selectionOf(issue));
    } else viewer.fit();
  };
  return (
    <>
      <div class="view-tools" role="toolbar" aria-label={t("view.tools")}>
        <Button
          icon="fit"
          title={t("view.fit")}
          aria-label={t("view.fit")}
          onClick={() => viewer.fit()}
        />
        <Button icon="home" title={t("view.reset")} aria-label={t("view.reset")} onClick={reset} />
        <Button
          icon="box"
          title={t("view.clip")}
          aria-label={t("view.clip")}
          aria-pressed={clip}
          disabled={!point}
          onClick={() => setClip(!clip)}
        />
        <Button
          icon="eye"
          title={t("view.shown")}
          aria-label={t("view.shown")}
          aria-pressed={panel}
          onClick={() => setPanel(!panel)}
        />
        {wide && (
          <Button
            icon="timeline"
            title={t("timeline.open")}
            aria-label={t("timeline.open")}
            aria-pressed={played}
            onClick={() => go({ area: played ? "issues" : "timeline" })}
          />
        )}
      </div>
      {panel && (
        <Shown
          table={table}
          hidden={hidden}
          setHidden={setHidden}
          rest={rest}
          setRest={setRest}
          edges={edges}
          setEdges={setEdges}
          onClose={() => setPanel(false)}
        />
      )}
      {picked >= 0 && (
        <Picked
          store={store}
          table={table}
          row={picked}
          onFit={() => viewer.fitElement(picked)}
          onClose={() => setPicked(-1)}
        />
      )}
      {issue ? (
        <Caption store={store} issue={issue} wide={wide} played={played} />
      ) : (
        !played && <p class="view-hint">{t("view.hint", { n: count(viewer.elements) })}</p>
      )}
    </>
  );
}

function hiddenRows(table: ElementColumns, hidden: Hidden): Uint8Array {
  const rows = new Uint8Array(table.guid.length);
  const model = table.models.map((name) => hidden.models.has(name));
  const trade = table.disciplines.map((name) => hidden.disciplines.has(name));
  for (let row = 0; row < rows.length; row++) {
    const off = model[table.model[row] ?? -1] || trade[table.discipline[row] ?? -1];
    rows[row] = off ? 1 : 0;
  }
  return rows;
}

/** The two bodies by colour, and on a phone the way through the list. */
interface CaptionProps {
  store: ProjectStore;
  issue: Issue;
  wide: boolean;
  played: boolean;
}

function Caption({ store, issue, wide, played }: CaptionProps) {
  const named = (side: string) => issue.elements.find((e) => e.side === side);
  const parts = (["a", "b"] as const).flatMap((side) => {
    const element = named(side);
    return element ? [{ side, element }] : [];
  });
  const absent = issue.elements.length > 0 && issue.elements.every((e) => e.index < 0);
  const nowhere = !issue.point && issue.elements.length === 0;
  const says = parts.length > 0 || absent || nowhere;
  if (wide && !says) return null;
  return (
    <div class={`caption ${played ? "played" : ""}`}>
      {!wide && <IssueTitle issue={issue} />}
      {says && (
        <p class="legend">
          {parts.map(({ side, element }) => (
            <span key={side}>
              <i class={`chip ${side}`}>{side.toUpperCase()}</i> {element.name || element.ifc_class}
            </span>
          ))}
          {played && parts.length > 0 && <span class="muted">{t("timeline.faint")}</span>}
          {absent && <span class="muted">{t("view.absent")}</span>}
          {nowhere && <span class="muted">{t("view.nowhere")}</span>}
        </p>
      )}
      {!wide && !played && <StepBar store={store} />}
    </div>
  );
}

interface PickedProps {
  store: ProjectStore;
  table: ElementColumns;
  row: number;
  onFit: () => void;
  onClose: () => void;
}

function Picked({ store, table, row, onFit, onClose }: PickedProps) {
  const guid = table.guid[row] ?? "";
  const model = table.models[table.model[row] ?? -1] ?? "";
  const involved = useMemo(
    () =>
      store.issues.value.filter((i) =>
        i.elements.some((e) => e.guid === guid && e.model === model),
      ),
    [store.issues.value, guid, model],
  );
  const facts: [string, string][] = [
    [t("picked.class"), table.classes[table.ifc_class[row] ?? -1] ?? ""],
    [t("picked.storey"), table.storeys[table.storey[row] ?? -1] ?? ""],
    [t("picked.model"), model],
    [
      t("picked.discipline"),
      word("discipline", table.disciplines[table.discipline[row] ?? -1] ?? ""),
    ],
    ["GlobalId", guid],
  ];
  return (
    <aside class="picked" aria-label={t("picked")}>
      <header>
        <b>{table.name[row] || facts[0]?.[1]}</b>
        <Button
          look="quiet"
          icon="fit"
          aria-label={t("picked.fit")}
          title={t("picked.fit")}
          onClick={onFit}
        />
        <Button look="quiet" icon="close" aria-label={t("app.close")} onClick={onClose} />
      </header>
      <dl>
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      <h3>{t("picked.issues", { n: involved.length })}</h3>
      <ul>
        {involved.slice(0, 30).map((issue) => (
          <li key={issue.id}>
            <button
              type="button"
              aria-current={issue.id === place.value.issue ? "true" : undefined}
              onClick={() => go({ issue: issue.id })}
            >
              <Severity value={issue.severity} /> #{issue.number} {said(issue.title)}
            </button>
          </li>
        ))}
      </ul>
      {involved.length > 30 && <p class="muted">{t("picked.more", { n: involved.length - 30 })}</p>}
    </aside>
  );
}

interface ShownProps {
  table: ElementColumns;
  hidden: Hidden;
  setHidden: (hidden: Hidden) => void;
  rest: Rest;
  setRest: (rest: Rest) => void;
  edges: boolean;
  setEdges: (edges: boolean) => void;
  onClose: () => void;
}

function Shown(props: ShownProps) {
  const { table, hidden } = props;
  const tally = (codes: number[], words: string[]) => {
    const numbers = words.map(() => 0);
    for (const code of codes) if (code >= 0) numbers[code] = (numbers[code] ?? 0) + 1;
    return words.map((name, i) => ({ name, n: numbers[i] ?? 0 })).filter((w) => w.n > 0);
  };
  const toggle = (set: ReadonlySet<string>, name: string) => {
    const next = new Set(set);
    if (!next.delete(name)) next.add(name);
    return next;
  };
  return (
    <aside class="shown" aria-label={t("view.shown")}>
      <header>
        <b>{t("view.shown")}</b>
        <Button look="quiet" icon="close" aria-label={t("app.close")} onClick={props.onClose} />
      </header>
      <h3>{t("view.rest")}</h3>
      <fieldset class="switch" aria-label={t("view.rest")}>
        {(["ghost", "solid", "hidden"] as const).map((rest) => (
          <button
            key={rest}
            type="button"
            aria-pressed={props.rest === rest}
            onClick={() => props.setRest(rest)}
          >
            {t(`view.rest.${rest}`)}
          </button>
        ))}
      </fieldset>
      <h3>{t("view.models")}</h3>
      {tally(table.model, table.models).map(({ name, n }) => (
        <Check
          key={name}
          label={name}
          n={n}
          checked={!hidden.models.has(name)}
          onChange={() => props.setHidden({ ...hidden, models: toggle(hidden.models, name) })}
        />
      ))}
      <h3>{t("view.disciplines")}</h3>
      {tally(table.discipline, table.disciplines).map(({ name, n }) => (
        <Check
          key={name}
          label={word("discipline", name)}
          n={n}
          checked={!hidden.disciplines.has(name)}
          onChange={() =>
            props.setHidden({ ...hidden, disciplines: toggle(hidden.disciplines, name) })
          }
        />
      ))}
      <h3>{t("view.more")}</h3>
      <Check
        label={t("view.edges")}
        checked={props.edges}
        onChange={() => props.setEdges(!props.edges)}
      />
    </aside>
  );
}

function Check(props: { label: string; n?: number; checked: boolean; onChange: () => void }) {
  return (
    <label class="check">
      <input type="checkbox" checked={props.checked} onChange={props.onChange} />
      <span>{props.label}</span>
      {props.n !== undefined && <small>{count(props.n)}</small>}
    </label>
  );
}
