/** The list of issues and what narrows it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { url } from "./api";
import {
  type Filters,
  narrowing,
  SORTS,
  type Sort,
  STATUSES,
  storeysOf,
  UNFILTERED,
} from "./filters";
import { ago, count } from "./format";
import { said, t, word } from "./i18n";
import type { ProjectStore } from "./project";
import { go, may, place } from "./session";
import type { Issue } from "./types";
import { Button, Empty, Icon, Select, Severity, Skeleton, StatusTag } from "./ui";

/** Rows put on the page at a time; the next ones follow when the end comes near. */
const STEP = 100;

export function IssueList({ store }: { store: ProjectStore }) {
  const [open, setOpen] = useState(false);
  const [room, setRoom] = useState(STEP);
  const end = useRef<HTMLLIElement>(null);
  const list = store.shown.value;
  const filters = store.filters.value;
  const selected = place.value.issue;
  const set = (change: Partial<Filters>) => {
    store.filters.value = { ...store.filters.peek(), ...change };
    setRoom(STEP);
  };

  const at = list.findIndex((i) => i.id === selected);
  useEffect(() => {
    if (at >= room) setRoom(at + STEP);
    document
      .querySelector(`.issue[data-issue="${CSS.escape(selected ?? "")}"]`)
      ?.scrollIntoView({ block: "nearest" });
  }, [selected, at, room]);

  const more = list.length > room;
  useEffect(() => {
    if (!more || !end.current) return;
    const watch = new IntersectionObserver((seen) => {
      if (seen.some((s) => s.isIntersecting)) setRoom((r) => r + STEP);
    });
    watch.observe(end.current);
    return () => watch.disconnect();
  }, [more]);

  const active = narrowing(filters);
  const all = store.issues.value.length;
  return (
    <>
      <div class="list-head">
        <div class="search-row">
          <label class="search">
            <Icon name="search" />
            <input
              type="search"
              placeholder={t("filter.text")}
              aria-label={t("filter.text")}
              value={filters.text}
              onInput={(e) => set({ text: e.currentTarget.value })}
            />
          </label>
          <Button
            icon="filter"
            aria-expanded={open}
            class={active ? "marked" : ""}
            onClick={() => setOpen(!open)}
          >
            {active ? t("filter.n", { n: active }) : t("filter")}
          </Button>
        </div>
        {open && <FilterFields store={store} set={set} />}
        <div class="list-count">
          <span>
            {t(list.length === all ? "issues.count.all" : "issues.count", {
              n: count(list.length),
              total: count(all),
            })}
          </span>
          <Select
            bare
            label={t("sort")}
            value={filters.sort}
            choices={SORTS.map((s) => ({ value: s, label: t(`sort.${s}`) }))}
            onChange={(value) => set({ sort: value as Sort })}
          />
        </div>
      </div>
      <ul class="issues">
        {list.slice(0, room).map((issue) => (
          <Row
            key={issue.id}
            issue={issue}
            picture={pictureOf(store, issue)}
            selected={issue.id === selected}
          />
        ))}
        {more && <li ref={end} class="skeleton" />}
      </ul>
      <Nothing
        store={store}
        shown={list.length}
        reset={() => set({ ...UNFILTERED, status: "all" })}
      />
    </>
  );
}

export function pictureOf(store: ProjectStore, issue: Issue): string {
  return `${url(store.path(`/issues/${issue.id}/snapshot.png`))}?v=${encodeURIComponent(issue.updated)}`;
}

function Row(props: { issue: Issue; picture: string; selected: boolean }) {
  const { issue } = props;
  const open = () => go({ area: "issues", issue: issue.id }, props.selected);
  return (
    <li>
      <button
        type="button"
        class="issue"
        data-issue={issue.id}
        aria-current={props.selected ? "true" : undefined}
        onClick={open}
      >
        <Thumbnail picture={props.picture} />
        <span class="issue-body">
          <span class="issue-top">
            <Severity value={issue.severity} />
            <span class="muted">#{issue.number}</span>
            <StatusTag status={issue.status} />
            {issue.comments_count > 0 && (
              <span class="muted tally">
                <Icon name="comment" />
                {issue.comments_count}
              </span>
            )}
          </span>
          <span class="issue-title">{said(issue.title)}</span>
          <span class="issue-where">
            {[issue.storey, issue.assigned_to && `@${issue.assigned_to}`, ago(issue.updated)]
              .filter(Boolean)
              .join(" · ")}
          </span>
        </span>
      </button>
    </li>
  );
}

export function Thumbnail({ picture }: { picture: string }) {
  const [failed, setFailed] = useState("");
  return (
    <span class="thumbnail">
      {failed === picture ? (
        <Icon name="image" />
      ) : (
        <img
          src={picture}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => setFailed(picture)}
        />
      )}
    </span>
  );
}

function FilterFields({ store, set }: { store: ProjectStore; set: (c: Partial<Filters>) => void }) {
  const filters = store.filters.value;
  const issues = store.issues.value;
  const any = { value: "", label: t("filter.any") };
  const values = (of: (i: Issue) => string[]) =>
    [...new Set(issues.flatMap(of))]
      .filter(Boolean)
      .sort((a, b) => a.localeCompare(b, "zh-CN", { numeric: true }));
  const storeys = values(storeysOf);
  const kinds = values((i) => [i.kind]);
  const models = values((i) => i.elements.map((e) => e.model));
  const people = values((i) => [i.assigned_to]);
  const discipline = new Map(store.models.value?.map((m) => [m.name, m.discipline]));
  const plain = (list: string[]) => [any, ...list.map((v) => ({ value: v, label: v }))];
  return (
    <div class="filters">
      <Select
        label={t("filter.status")}
        value={filters.status}
        choices={[
          { value: "open", label: t("filter.status.open") },
          { value: "all", label: t("filter.status.all") },
          ...STATUSES.map((s) => ({ value: s, label: word("status", s) })),
        ]}
        onChange={(status) => set({ status })}
      />
      <Select
        label={t("filter.severity")}
        value={String(filters.severity)}
        choices={[
          { ...any, value: "0" },
          ...[20, 40, 60, 80].map((n) => ({
            value: String(n),
            label: t("filter.severity.from", { n }),
          })),
        ]}
        onChange={(value) => set({ severity: Number(value) })}
      />
      <Select
        label={t("filter.storey")}
        value={filters.storey}
        choices={plain(storeys)}
        onChange={(storey) => set({ storey })}
      />
      <Select
        label={t("filter.kind")}
        value={filters.kind}
        choices={[any, ...kinds.map((k) => ({ value: k, label: word("kind", k) }))]}
        onChange={(kind) => set({ kind })}
      />
      <Select
        label={t("filter.model")}
        value={filters.model}
        choices={[
          any,
          ...models.map((m) => {
            const trade = discipline.get(m);
            return { value: m, label: trade ? `${m}（${word("discipline", trade)}）` : m };
          }),
        ]}
        onChange={(model) => set({ model })}
      />
      <Select
        label={t("filter.assigned")}
        value={filters.assigned}
        choices={plain(people)}
        onChange={(assigned) => set({ assigned })}
      />
      <Button
        look="quiet"
        onClick={() => set({ ...UNFILTERED, text: filters.text, sort: filters.sort })}
      >
        {t("filter.reset")}
      </Button>
    </div>
  );
}

/** Why the list is empty, and what to do about it. */
function Nothing(props: { store: ProjectStore; shown: number; reset: () => void }) {
  const { store } = props;
  const state = store.issuesState.value;
  if (props.shown > 0) return null;
  if (state === "loading" || state === "idle") return <Skeleton rows={6} />;
  if (state === "failed")
    return (
      <Empty icon="offline" title={t("issues.failed")}>
        <Button onClick={() => store.loadIssues()}>{t("app.again")}</Button>
      </Empty>
    );
  if (store.issues.value.length > 0)
    return (
      <Empty icon="filter" title={t("issues.none_match")} text={t("issues.none_match.text")}>
        <Button onClick={props.reset}>{t("issues.show_all")}</Button>
      </Empty>
    );
  const reviewed = store.runs.value?.some((run) => run.state === "done");
  if (reviewed)
    return (
      <Empty icon="check" title={t("issues.clean")} text={t("issues.clean.text")}>
        <Button onClick={() => go({ area: "runs", issue: null })}>
          {t("issues.clean.unchecked")}
        </Button>
      </Empty>
    );
  const upload = may(store.project.value?.role, "upload");
  return (
    <Empty
      icon="model"
      title={t("issues.no_run")}
      text={t(upload ? "issues.no_run.upload" : "issues.no_run.wait")}
    >
      {upload && (
        <Button look="primary" icon="upload" onClick={() => go({ area: "models", issue: null })}>
          {t("models.upload")}
        </Button>
      )}
    </Empty>
  );
}
