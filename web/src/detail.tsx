/** One issue: what it is, why it matters, and what people do about it. */
import { useEffect, useState } from "preact/hooks";
import { api } from "./api";
import { ago, cubicMetres, dateTime, metres } from "./format";
import { said, t, word } from "./i18n";
import { pictureOf, Thumbnail } from "./issues";
import { IssueWindow } from "./issuewindow";
import type { ProjectStore } from "./project";
import { attempt, go, may, notify, place } from "./session";
import type {
  Clash,
  Comment,
  HistoryEntry,
  Issue,
  IssueElement,
  Resolution,
  Status,
} from "./types";
import { Button, Empty, Icon, Severity, Skeleton, StatusTag } from "./ui";

export function IssueDetail({ store, wide }: { store: ProjectStore; wide: boolean }) {
  const issue = store.selected.value;
  const wanted = place.value.issue;
  if (!wanted)
    return (
      <Empty
        icon="list"
        title={t("detail.none")}
        text={wide ? t("detail.none.keys") : t("detail.none.tap")}
      />
    );
  if (!issue)
    return store.issuesState.value === "ready" ? (
      <Empty icon="warning" title={t("detail.gone")} text={t("detail.gone.text")} />
    ) : (
      <Skeleton rows={5} />
    );
  return (
    <>
      <article class="detail" key={issue.id}>
        <Head issue={issue} wide={wide} />
        <div class="detail-picture">
          <Thumbnail picture={pictureOf(store, issue)} />
          <div class="detail-ways">
            {!wide && (
              <Button icon="cube" onClick={() => go({ area: "view" })}>
                {t("detail.in_3d")}
              </Button>
            )}
            {issue.point && place.value.area !== "map" && (
              <Button icon="map" onClick={() => go({ area: "map" })}>
                {t("detail.in_map")}
              </Button>
            )}
          </div>
        </div>
        <p class="detail-text">{said(issue.description)}</p>
        {said(issue.suggestion) && (
          <p class="suggestion">
            <b>{t("detail.suggestion")}</b> {said(issue.suggestion)}
          </p>
        )}
        <IssueWindow store={store} issue={issue} />
        {issue.resolution && <WayOut resolution={issue.resolution} />}
        <StatusButtons store={store} issue={issue} />
        <Elements issue={issue} />
        <Clashes store={store} issue={issue} />
        <Factors issue={issue} />
        <Comments store={store} issue={issue} />
        <History store={store} issue={issue} />
      </article>
      {!wide && <StepBar store={store} />}
    </>
  );
}

/** What moves and what has to follow, or why there is no move; the sentence is in the suggestion. */
function WayOut({ resolution: way }: { resolution: Resolution }) {
  if (way.verdict !== "found")
    return (
      <details class="history way">
        <summary>{t("way.none")}</summary>
        <p class="muted">{said(way.reason)}</p>
        <Moving title={t("way.blockers")} elements={way.blockers} />
      </details>
    );
  return (
    <details class="history way">
      <summary>{t("way.title", { direction: said(way.direction) })}</summary>
      <Moving title={t("way.moved", { n: way.moved.length })} elements={way.moved} />
      <Moving title={t("way.joints", { n: way.joints.length })} elements={way.joints} />
    </details>
  );
}

function Moving({ title, elements }: { title: string; elements: Resolution["joints" | "moved"] }) {
  if (elements.length === 0) return null;
  return (
    <>
      <p>{title}</p>
      <ul>
        {elements.map((element) => (
          <li key={`${element.model}/${element.guid}`}>
            {element.name || element.ifc_class}
            {"how" in element && <b> {word("how", element.how)}</b>}{" "}
            <span class="muted">
              {element.ifc_class} · {element.model}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Head({ issue, wide }: { issue: Issue; wide: boolean }) {
  return (
    <header class="detail-head">
      <div class="detail-row">
        {!wide && (
          <Button
            look="quiet"
            icon="back"
            aria-label={t("detail.back")}
            onClick={() => go({ area: "issues", issue: null })}
          />
        )}
        <Severity value={issue.severity} />
        <span class="muted">#{issue.number}</span>
        <StatusTag status={issue.status} />
        <span class="grow" />
        <CopyButton text={location.href} label={t("detail.copy_link")} />
      </div>
      <h1>{said(issue.title)}</h1>
      <p class="muted">
        {[
          word("kind", issue.kind),
          issue.storey,
          t("detail.confidence", { n: Math.round(issue.confidence * 100) }),
          t("detail.updated", { when: ago(issue.updated) }),
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      {said(issue.status_reason) && <p class="reason">{said(issue.status_reason)}</p>}
    </header>
  );
}

/** What a person may set; the rest is the machine's. In the order of an issue's life. */
const MOVES = ["active", "reviewed", "approved", "resolved"] as const;

function StatusButtons({ store, issue }: { store: ProjectStore; issue: Issue }) {
  const [busy, setBusy] = useState(false);
  const role = store.project.value?.role;
  const set = async (status: Status) => {
    setBusy(true);
    const done = await store.change(issue, { status });
    if (done) notify(t("issue.status_set", { status: word("status", status) }), "good");
    setBusy(false);
  };
  const moves = may(role, "status") ? MOVES.filter((s) => issue.allowed_status.includes(s)) : [];
  return (
    <section class="decide">
      {moves.length > 0 && (
        <div class="moves">
          {moves.map((status) => (
            <Button
              key={status}
              class={`move ${status}`}
              data-status={status}
              disabled={busy}
              title={t(`status.${status}.means`)}
              onClick={() => set(status)}
            >
              {t(`status.${status}.set`)}
            </Button>
          ))}
        </div>
      )}
      <Assignee store={store} issue={issue} />
    </section>
  );
}

function Assignee({ store, issue }: { store: ProjectStore; issue: Issue }) {
  const [name, setName] = useState(issue.assigned_to);
  useEffect(() => setName(issue.assigned_to), [issue.assigned_to]);
  if (!may(store.project.value?.role, "coordinate"))
    return (
      <p>
        <span class="muted">{t("detail.assigned")}</span> {issue.assigned_to || t("detail.nobody")}
      </p>
    );
  const submit = async (event: Event) => {
    event.preventDefault();
    if (name.trim() === issue.assigned_to) return;
    if (await store.change(issue, { assigned_to: name.trim() }))
      notify(t("issue.assigned"), "good");
  };
  return (
    <form class="assign" onSubmit={submit}>
      <label>
        <span class="muted">{t("detail.assigned")}</span>
        <input
          value={name}
          list="people"
          placeholder={t("detail.nobody")}
          onInput={(e) => setName(e.currentTarget.value)}
        />
      </label>
      <datalist id="people">
        {store.members.value?.map((m) => (
          <option key={m.user_id} value={m.name}>
            {m.display_name}
          </option>
        ))}
      </datalist>
      {name.trim() !== issue.assigned_to && (
        <Button type="submit" look="primary">
          {t("app.save")}
        </Button>
      )}
    </form>
  );
}

function Elements({ issue }: { issue: Issue }) {
  const [all, setAll] = useState(false);
  if (issue.elements.length === 0) return null;
  const shown = all ? issue.elements : issue.elements.slice(0, 6);
  return (
    <section>
      <h2>{t("detail.elements", { n: issue.elements.length })}</h2>
      <ul class="elements">
        {shown.map((element) => (
          <ElementRow key={`${element.model}/${element.guid}/${element.side}`} element={element} />
        ))}
      </ul>
      {!all && issue.elements.length > shown.length && (
        <Button look="quiet" onClick={() => setAll(true)}>
          {t("detail.elements.all", { n: issue.elements.length })}
        </Button>
      )}
    </section>
  );
}

function ElementRow({ element }: { element: IssueElement }) {
  const side = element.side === "a" || element.side === "b" ? element.side : "";
  return (
    <li class={`element ${side}`}>
      {side && <span class={`chip ${side}`}>{side.toUpperCase()}</span>}
      <div>
        <p class="element-name">{element.name || element.type || element.ifc_class}</p>
        <p class="muted">
          {[element.ifc_class, element.type, element.system, element.storey, element.model]
            .filter(Boolean)
            .join(" · ")}
        </p>
        <p class="guid">
          <code>{element.guid}</code>
          <CopyButton text={element.guid} label={t("detail.copy_guid")} />
        </p>
      </div>
    </li>
  );
}

function CopyButton({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await copyText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return (
    <Button
      look="quiet"
      icon={done ? "check" : "copy"}
      title={label}
      aria-label={label}
      onClick={copy}
    />
  );
}

/** The clipboard of a page without TLS is closed; the old way works there too. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** The measured pairs behind the issue, deepest first. */
function Clashes({ store, issue }: { store: ProjectStore; issue: Issue }) {
  const [rows, setRows] = useState<Clash[]>([]);
  const run = store.latestRun.value?.id;
  const guid = issue.elements[0]?.guid;
  useEffect(() => {
    setRows([]);
    if (!run || !guid || issue.kind === "quality") return;
    const stop = new AbortController();
    const wanted = new Set(issue.members);
    const path = store.path(`/runs/${run}/clashes?element=${encodeURIComponent(guid)}&limit=200`);
    attempt(async () => {
      const page = await api.get<{ items: Clash[] }>(path, stop.signal);
      setRows(page.items.filter((c) => wanted.has(c.id)));
    }).catch((error: unknown) => {
      if (!(error instanceof DOMException)) throw error;
    });
    return () => stop.abort();
  }, [store, run, guid, issue.kind, issue.members]);
  if (rows.length === 0) return null;
  const sorted = [...rows].sort(
    (p, q) => (q.depth_m ?? 0) - (p.depth_m ?? 0) || (p.distance_m ?? 0) - (q.distance_m ?? 0),
  );
  return (
    <section>
      <h2>{t("detail.measured", { n: issue.members.length })}</h2>
      <table class="measured">
        <thead>
          <tr>
            <th>{t("measured.pair")}</th>
            <th>{t("measured.depth")}</th>
            <th>{t("measured.volume")}</th>
            <th>{t("measured.distance")}</th>
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, 12).map((c) => (
            <tr key={c.id}>
              <td>
                <span class="relation">{word("relation", c.relation)}</span>
                <br />
                {c.a.name || c.a.ifc_class} × {c.b.name || c.b.ifc_class}
              </td>
              <td>
                {c.depth_m ? `${c.measured === "bounded" ? "≤ " : ""}${metres(c.depth_m)}` : "–"}
              </td>
              <td>{c.volume_m3 ? cubicMetres(c.volume_m3) : "–"}</td>
              <td>{c.distance_m ? metres(c.distance_m) : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Factors({ issue }: { issue: Issue }) {
  if (issue.severity_factors.length === 0 && !issue.citation) return null;
  return (
    <section>
      <h2>{t("detail.why", { n: issue.severity })}</h2>
      <ul class="factors">
        {issue.severity_factors.map((f) => (
          <li key={f.factor}>
            <span>{said(f.text) || f.factor}</span>
            <b>{f.points > 0 ? `+${f.points}` : f.points}</b>
          </li>
        ))}
      </ul>
      <p class="muted">
        {t("detail.rule")} <code>{issue.rule}</code>
        {issue.citation && <> · {issue.citation}</>}
      </p>
    </section>
  );
}

function Comments({ store, issue }: { store: ProjectStore; issue: Issue }) {
  const [comments, setComments] = useState<Comment[] | null>(null);
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const { id, comments_count: known } = issue;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new number means a new comment.
  useEffect(() => {
    attempt(() => api.get<{ items: Comment[] }>(store.path(`/issues/${id}/comments`))).then((a) => {
      if (a) setComments(a.items);
    });
  }, [store, id, known]);
  const waiting = store.outbox.waiting.value.filter((w) => w.kind === "comment" && w.issue === id);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!text.trim()) return;
    setBusy(true);
    if (await store.comment(id, text.trim())) setText("");
    setBusy(false);
  };
  return (
    <section class="comments">
      <h2>{t("comments", { n: comments?.length ?? known })}</h2>
      <ul>
        {comments?.map((c) => (
          <li key={c.id}>
            <p class="muted">
              <b>{c.author}</b> · <time title={dateTime(c.created)}>{ago(c.created)}</time>
            </p>
            <p class="comment-text">{c.text}</p>
          </li>
        ))}
        {waiting.map((w) => (
          <li key={w.id} class="waiting">
            <p class="muted">{t("outbox.waiting_one")}</p>
            <p class="comment-text">{w.kind === "comment" ? w.text : ""}</p>
          </li>
        ))}
      </ul>
      <form onSubmit={submit}>
        <textarea
          rows={3}
          maxLength={10000}
          placeholder={t("comments.placeholder")}
          aria-label={t("comments.placeholder")}
          value={text}
          onInput={(e) => setText(e.currentTarget.value)}
        />
        <Button type="submit" look="primary" disabled={busy || !text.trim()}>
          {t("comments.post")}
        </Button>
      </form>
    </section>
  );
}

function History({ store, issue }: { store: ProjectStore; issue: Issue }) {
  const [entries, setEntries] = useState<HistoryEntry[] | null>(null);
  const [open, setOpen] = useState(false);
  const { id, version } = issue;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version means a new entry.
  useEffect(() => {
    if (!open) return;
    attempt(() => api.get<{ items: HistoryEntry[] }>(store.path(`/issues/${id}/history`))).then(
      (a) => {
        if (a) setEntries(a.items);
      },
    );
  }, [store, id, version, open]);
  return (
    <details class="history" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{t("history")}</summary>
      <ol>
        {entries?.map((e) => (
          <li key={`${e.at}${e.action}`}>
            <span class="muted">
              {dateTime(e.at)} · {e.author || t("history.machine")}
            </span>
            <br />
            {word("action", e.action)} {changed(e)}
          </li>
        ))}
      </ol>
    </details>
  );
}

/** What a change was from and to, in words. */
function changed(entry: HistoryEntry): string {
  const { from, to } = entry.data;
  if (to === undefined) return "";
  const said = (value: unknown) =>
    entry.action === "status" ? word("status", String(value)) : String(value ?? "–") || "–";
  return `${said(from)} → ${said(to)}`;
}

/** The issue in one line on a picture of a phone; it leads to all there is to say. */
export function IssueTitle({ issue }: { issue: Issue }) {
  return (
    <button type="button" class="caption-title" onClick={() => go({ area: "issues" })}>
      <Severity value={issue.severity} />
      <b>{said(issue.title)}</b>
      <Icon name="next" />
    </button>
  );
}

/** Previous and next, where a thumb reaches. */
export function StepBar({ store }: { store: ProjectStore }) {
  const list = store.shown.value;
  const at = list.findIndex((i) => i.id === place.value.issue);
  const step = (by: number) => {
    const to = store.neighbour(by);
    if (to) go({ issue: to.id }, true);
  };
  return (
    <nav class="steps" aria-label={t("detail.steps")}>
      <Button icon="back" disabled={at <= 0} onClick={() => step(-1)}>
        {t("detail.previous")}
      </Button>
      <span class="muted">{at >= 0 ? `${at + 1} / ${list.length}` : `– / ${list.length}`}</span>
      <Button
        icon="next"
        disabled={list.length === 0 || at >= list.length - 1}
        onClick={() => step(1)}
      >
        {t("detail.next")}
      </Button>
    </nav>
  );
}
