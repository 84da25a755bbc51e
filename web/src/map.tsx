/** The map: models, layers and issues where they are, and what is under the finger. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ApiError, api } from "./api";
import { IssueTitle, StepBar } from "./detail";
import { band } from "./format";
import { said, t, word } from "./i18n";
import { type Dot, MapBoard } from "./mapboard";
import { boxOfFeature, edgeOf, type Hit, sheetsOf } from "./mapdraw";
import { Facts, Legend, type Shown } from "./maplegend";
import {
  type Box,
  boxOf,
  type Camera,
  type Cluster,
  clustered,
  grown,
  holds,
  joined,
  NOWHERE,
  scaleBar,
  type XY,
} from "./plane";
import type { ProjectStore } from "./project";
import { go, place } from "./session";
import type { Issue, MapDocument, MapMarker } from "./types";
import { Button, Empty, Severity, Skeleton } from "./ui";

type State = { at: "loading" } | { at: "ready" } | { at: "empty" } | { at: "failed"; text: string };

/** An issue with its place on the map. */
interface Pin {
  issue: Issue;
  at: XY;
}

/** Pixels between markers that are told apart, and pixels per metre at the most on opening one. */
const APART = 46;
const CLOSE = 60;

const DOTS = {
  critical: "#b3261e",
  high: "#c24e06",
  medium: "#c79a00",
  low: "#3f7db0",
  note: "#6b7986",
};

/** How each map was left, so that it is found again after a look at another page. */
const kept = new Map<string, { camera: Camera; shown: Shown }>();

const NOTHING_HIDDEN: Shown = { group: 0, hidden: new Set(), issues: true, findings: true };

export function MapView({ store, wide }: { store: ProjectStore; wide: boolean }) {
  const [map, setMap] = useState<MapDocument | null>(null);
  const [state, setState] = useState<State>({ at: "loading" });
  const [attempt, setAttempt] = useState(0);
  const version = store.sceneVersion.value;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version or attempt loads anew.
  useEffect(() => {
    const stop = new AbortController();
    setState({ at: "loading" });
    api
      .get<MapDocument>(store.path("/map"), stop.signal)
      .then((found) => {
        setMap(found);
        setState({ at: "ready" });
      })
      .catch((error: unknown) => {
        if (stop.signal.aborted) return;
        if (error instanceof ApiError && error.status === 404) setState({ at: "empty" });
        else
          setState({ at: "failed", text: error instanceof ApiError ? error.text : String(error) });
      });
    return () => stop.abort();
  }, [store, version, attempt]);

  if (state.at === "failed")
    return (
      <Empty icon="warning" title={t("map.failed")} text={state.text}>
        <Button onClick={() => setAttempt((n) => n + 1)}>{t("app.again")}</Button>
      </Empty>
    );
  if (state.at === "empty")
    return <Empty icon="map" title={t("map.empty")} text={t("map.empty.text")} />;
  if (!map) return <Skeleton rows={4} />;
  return <Board key={map.origin.join()} store={store} wide={wide} map={map} />;
}

interface BoardProps {
  store: ProjectStore;
  wide: boolean;
  map: MapDocument;
}

function Board({ store, wide, map }: BoardProps) {
  const host = useRef<HTMLDivElement>(null);
  const [board, setBoard] = useState<MapBoard | null>(null);
  const [camera, setCamera] = useState<Camera | null>(null);
  const [pointed, setPointed] = useState<XY | null>(null);
  const [hit, setHit] = useState<Hit | MapMarker | null>(null);
  const [pile, setPile] = useState<Pin[] | null>(null);
  const [shown, setShown] = useState(kept.get(store.id)?.shown ?? NOTHING_HIDDEN);
  const [legend, setLegend] = useState(wide);

  const issues = store.shown.value;
  const pins = useMemo(
    () => (shown.issues ? pinsOf(map, issues, shown.group) : []),
    [map, issues, shown],
  );
  const marks = useMemo(() => marksOf(map, issues, shown), [map, issues, shown]);

  useEffect(() => {
    if (!host.current) return;
    const made = new MapBoard(host.current);
    made.onMove = setCamera;
    made.onPoint = setPointed;
    setBoard(made);
    expose(made);
    return () => {
      expose(null);
      made.dispose();
    };
  }, []);
  useEffect(() => {
    if (camera) kept.set(store.id, { camera, shown });
  }, [store, camera, shown]);
  const framed = useRef(-1);
  useEffect(() => {
    if (!board) return;
    const before = framed.current === -1 ? kept.get(store.id)?.camera : undefined;
    board.show(sheetsOf(map, shown.group), homeOf(map, shown.group));
    if (before) board.look(before);
    else if (framed.current !== shown.group) board.goHome();
    framed.current = shown.group;
  }, [board, map, shown.group, store]);
  useEffect(() => board?.hide(shown.hidden), [board, shown.hidden]);
  useEffect(() => board?.pick(hit && "what" in hit ? edgeOf(hit) : null), [board, hit]);
  useEffect(() => board?.mark(marks.map(dotOf)), [board, marks]);
  useEffect(() => {
    if (!board) return;
    board.onTap = (at, slack) => {
      setPile(null);
      const mark = nearest(marks, at, slack);
      if (mark?.issue) return go({ issue: mark.issue }, place.value.issue !== null);
      const found = mark ?? board.find(at, slack);
      setHit(found);
      if (!found && place.value.issue) go({ issue: null });
    };
  }, [board, marks]);

  const selected = place.value.issue;
  const brought = useRef<string | null>(null);
  useEffect(() => {
    const pin = pins.find((p) => p.issue.id === selected);
    if (!board || !pin || brought.current === selected) return;
    brought.current = selected;
    bringInSight(board, pins, pin);
  }, [board, pins, selected]);
  useEffect(() => {
    if (!board) return;
    board.onResize = () => {
      const pin = pins.find((p) => p.issue.id === place.value.issue);
      if (pin && !seen(board, pin)) bringInSight(board, pins, pin);
    };
  }, [board, pins]);

  const stands = useMemo(
    () => map.markers.find((marker) => marker.main && marker.issue === selected),
    [map, selected],
  );
  useEffect(() => {
    // The issue stands in another group of models: show that one.
    if (stands)
      setShown((now) => (now.group === stands.group ? now : { ...now, group: stands.group }));
  }, [stands]);

  const panel = legend && (
    <Legend map={map} shown={shown} setShown={setShown} onClose={() => setLegend(false)} />
  );
  const current = store.selected.value;
  const open = (pin: Pin) => {
    setHit(null);
    setPile(null);
    brought.current = pin.issue.id; // it is in sight already
    go({ issue: pin.issue.id }, place.value.issue !== null);
  };
  const page = (
    <div class="map">
      <div ref={host} class="map-board" role="application" aria-label={t("map.keys")} />
      {board && camera && (
        <Markers
          board={board}
          camera={camera}
          pins={pins}
          selected={selected}
          onOpen={open}
          onPile={(members) => {
            setHit(null);
            setPile(members);
          }}
        />
      )}
      {(map.reason || (current && !stands)) && (
        <p class="map-note">{current && !stands ? t("map.nowhere") : said(map.reason)}</p>
      )}
      <div class="view-tools" role="toolbar" aria-label={t("map.tools")}>
        <Tool icon="fit" label={t("map.fit")} onClick={() => board?.fit()} />
        <Tool icon="home" label={t("map.home")} onClick={() => board?.goHome()} />
        <Tool icon="plus" label={t("map.nearer")} onClick={() => board?.zoom(1.6)} />
        <Tool icon="minus" label={t("map.further")} onClick={() => board?.zoom(1 / 1.6)} />
        <Button
          icon="layers"
          title={t("map.legend")}
          aria-label={t("map.legend")}
          aria-pressed={legend}
          onClick={() => setLegend(!legend)}
        />
      </div>
      {!wide && panel}
      {hit && <Facts map={map} hit={hit} onClose={() => setHit(null)} />}
      {pile && <Pile pins={pile} onOpen={open} onClose={() => setPile(null)} />}
      {camera && <Scale map={map} camera={camera} at={pointed ?? [camera.x, camera.y]} />}
      {!wide && current && (
        <div class="caption">
          <IssueTitle issue={current} />
          <StepBar store={store} />
        </div>
      )}
    </div>
  );
  return (
    <>
      {wide && panel}
      {page}
    </>
  );
}

function Tool(props: {
  icon: "fit" | "home" | "plus" | "minus";
  label: string;
  onClick: () => void;
}) {
  return (
    <Button
      icon={props.icon}
      title={props.label}
      aria-label={props.label}
      onClick={props.onClick}
    />
  );
}

/** For browser tests and diagnosis: what the map shows in numbers. */
function expose(board: MapBoard | null): void {
  const all = window as unknown as { __yuyan?: Record<string, unknown> };
  all.__yuyan = { ...all.__yuyan, map: board };
}

// What stands where ------------------------------------------------------------------------

const spot = (marker: MapMarker): XY => [marker.point[0], marker.point[1]];

/** The issues of the list that have a place in a group, most severe first. */
export function pinsOf(map: MapDocument, issues: readonly Issue[], group: number): Pin[] {
  const known = new Map(issues.map((issue) => [issue.id, issue]));
  return map.markers
    .flatMap((marker) => {
      const issue = marker.main && marker.group === group && known.get(marker.issue ?? "");
      return issue ? [{ issue, at: spot(marker) }] : [];
    })
    .sort((a, b) => b.issue.severity - a.issue.severity || a.issue.number - b.issue.number);
}

/** Places of findings: those of issues in the list, and those that are no issue. */
export function marksOf(map: MapDocument, issues: readonly Issue[], shown: Shown): MapMarker[] {
  const known = new Set(issues.map((issue) => issue.id));
  return map.markers.filter(
    (m) =>
      !m.main &&
      m.group === shown.group &&
      (m.issue ? shown.issues && known.has(m.issue) : shown.findings),
  );
}

function dotOf(marker: MapMarker): Dot {
  return { at: spot(marker), colour: DOTS[band(marker.severity)] };
}

function nearest(marks: readonly MapMarker[], [x, y]: XY, slack: number): MapMarker | null {
  let best: MapMarker | null = null;
  let least = slack;
  for (const mark of marks) {
    const gap = Math.hypot(mark.point[0] - x, mark.point[1] - y);
    if (gap <= least) {
      least = gap;
      best = mark;
    }
  }
  return best;
}

/** What a person wants to see first: the models, and the issues unless they are far away. */
export function homeOf(map: MapDocument, group: number): Box {
  const models = map.models
    .filter((m) => m.group === group)
    .map((m) => boxOf((m.outline as unknown as XY[][][]).flat(2)));
  const box = models.reduce(joined, NOWHERE);
  const reach = 2 * Math.max(box[2] - box[0], box[3] - box[1]);
  if (box[0] <= box[2]) return joined(box, boundaryOf(map, group, grown(box, reach)));
  return boxOf(map.markers.filter((m) => m.group === group).map(spot));
}

/** The red line and the setback line, where they lie around the models. */
function boundaryOf(map: MapDocument, group: number, around: Box): Box {
  if (group > 0 || !map.located) return NOWHERE;
  return map.layers
    .filter((layer) => layer.role === "red_line" || layer.role === "setback")
    .flatMap((layer) => layer.features.map(boxOfFeature))
    .filter(
      ([west, south, east, north]) => holds(around, [west, south]) && holds(around, [east, north]),
    )
    .reduce(joined, NOWHERE);
}

/** Show the marker of an issue, near enough to tell it from the others. */
function bringInSight(board: MapBoard, pins: readonly Pin[], pin: Pin): void {
  const gaps = pins
    .filter((p) => p !== pin)
    .map((p) => Math.hypot(p.at[0] - pin.at[0], p.at[1] - pin.at[1]))
    .filter((gap) => gap > 0);
  const enough = Math.min(CLOSE, (APART * 1.05) / Math.min(Number.POSITIVE_INFINITY, ...gaps));
  const { scale } = board.camera;
  if (seen(board, pin) && scale >= enough) return;
  board.look({ x: pin.at[0], y: pin.at[1], scale: Math.max(scale, enough) });
}

/** Whether a pin is well inside the picture. */
function seen({ camera, size }: MapBoard, pin: Pin): boolean {
  const dx = Math.abs(pin.at[0] - camera.x) * camera.scale;
  const dy = Math.abs(pin.at[1] - camera.y) * camera.scale;
  return dx < size.width / 2 - 75 && dy < size.height / 2 - 40; // the tools lie at the edge
}

// Markers ----------------------------------------------------------------------------------

interface MarkersProps {
  board: MapBoard;
  camera: Camera;
  pins: Pin[];
  selected: string | null;
  onOpen: (pin: Pin) => void;
  onPile: (pins: Pin[]) => void;
}

function Markers({ board, camera, pins, selected, onOpen, onPile }: MarkersProps) {
  const clusters = useMemo(
    () => clustered(pins, (pin) => pin.at, APART / camera.scale),
    [pins, camera.scale],
  );
  const press = (cluster: Cluster<Pin>) => {
    const [first] = cluster.members;
    if (first && cluster.members.length === 1) return onOpen(first);
    const [west, south, east, north] = cluster.box;
    const wide = Math.max(east - west, north - south) * CLOSE * 2 > APART;
    if (wide && camera.scale < CLOSE) board.fitBox(cluster.box, CLOSE * 2);
    else onPile(cluster.members);
  };
  const { width, height } = board.size;
  return (
    <ul class="map-markers" aria-label={t("map.markers")}>
      {clusters.map((cluster) => {
        const x = width / 2 + (cluster.at[0] - camera.x) * camera.scale;
        const y = height / 2 - (cluster.at[1] - camera.y) * camera.scale;
        if (x < -20 || y < -20 || x > width + 20 || y > height + 20) return null;
        const first = cluster.members[0] as Pin;
        const many = cluster.members.length > 1;
        const here = cluster.members.some((pin) => pin.issue.id === selected);
        return (
          <li key={first.issue.id} style={{ transform: `translate(${x}px, ${y}px)` }}>
            <button
              type="button"
              class={`marker ${band(first.issue.severity)} ${many ? "many" : ""}`}
              data-marker={many ? undefined : first.issue.id}
              data-cluster={many ? cluster.members.length : undefined}
              aria-current={here ? "true" : undefined}
              aria-label={
                many ? t("map.cluster", { n: cluster.members.length }) : titleOf(first.issue)
              }
              title={many ? t("map.cluster", { n: cluster.members.length }) : titleOf(first.issue)}
              onClick={() => press(cluster)}
            >
              <span>{many ? cluster.members.length : `#${first.issue.number}`}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function titleOf(issue: Issue): string {
  return `#${issue.number} ${said(issue.title)} · ${word("band", band(issue.severity))} ${issue.severity}`;
}

/** Issues that stand at one place. */
function Pile(props: { pins: Pin[]; onOpen: (pin: Pin) => void; onClose: () => void }) {
  return (
    <aside class="picked" aria-label={t("map.pile", { n: props.pins.length })}>
      <header>
        <b>{t("map.pile", { n: props.pins.length })}</b>
        <Button look="quiet" icon="close" aria-label={t("app.close")} onClick={props.onClose} />
      </header>
      <ul>
        {props.pins.map((pin) => (
          <li key={pin.issue.id}>
            <button
              type="button"
              data-marker={pin.issue.id}
              aria-current={pin.issue.id === place.value.issue ? "true" : undefined}
              onClick={() => props.onOpen(pin)}
            >
              <Severity value={pin.issue.severity} /> #{pin.issue.number} {said(pin.issue.title)}
            </button>
          </li>
        ))}
      </ul>
    </aside>
  );
}

// The margin of the map --------------------------------------------------------------------

function Scale({ map, camera, at }: { map: MapDocument; camera: Camera; at: XY }) {
  const metres = scaleBar(camera.scale, 120);
  const [east, north] = [at[0] + map.origin[0], at[1] + map.origin[1]];
  const long = metres >= 1000 ? `${metres / 1000} km` : `${Number(metres.toPrecision(1))} m`;
  return (
    <footer class="map-margin">
      <svg
        class="map-north"
        viewBox="0 0 24 34"
        role="img"
        aria-label={t(map.located ? "map.north" : "map.up")}
      >
        <path d="M12 8l6 20-6-4-6 4z" />
        <text x="12" y="7">
          {map.located ? "N" : "Y"}
        </text>
      </svg>
      <div class="map-scale">
        <span>{long}</span>
        <i style={{ width: `${metres * camera.scale}px` }} />
      </div>
      <output class="map-where">
        <b>
          {map.located ? "E" : "X"} {east.toFixed(2)} &nbsp;{map.located ? "N" : "Y"}{" "}
          {north.toFixed(2)}
        </b>
        <span>
          {map.located ? map.crs_name : t("map.local")}
          {map.located && <i> ({map.crs})</i>}
        </span>
      </output>
    </footer>
  );
}
