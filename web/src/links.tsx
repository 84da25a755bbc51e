/** What the names of tasks mean: proposed by the newest run, confirmed once by a person. */
import { useEffect, useState } from "preact/hooks";
import { api } from "./api";
import { percent } from "./format";
import { pick, t, word } from "./i18n";
import type { ProjectStore } from "./project";
import { attempt, may, notify } from "./session";
import type { LinkChoice, LinkGroup, Links } from "./types";
import { Button, Dialog, Field, Select, Skeleton } from "./ui";

const STOREYS = ["named", "above", "below", "all"] as const;
/** Below this a group is worth a look. */
const SURE = 0.7;

/** One key for equal patterns, however they are spaced and written. */
export function keyOf(pattern: string): string {
  return pattern.toLowerCase().replace(/\s+/g, "");
}

/** Groups that a person should look at: without elements, or unsure, and not yet decided. */
export function openGroups(links: Links): LinkGroup[] {
  const settled = new Set(links.choices.map((c) => keyOf(c.pattern)));
  return (links.found?.groups ?? []).filter(
    (g) =>
      !g.idle &&
      !settled.has(keyOf(g.pattern)) &&
      (g.confidence === null || g.confidence < SURE || g.unclear.length > 0),
  );
}

/** All choices with `choice` in place of one for the same pattern; null takes it away. */
export function withChoice(
  choices: readonly LinkChoice[],
  pattern: string,
  choice: LinkChoice | null,
): LinkChoice[] {
  const others = choices.filter((c) => keyOf(c.pattern) !== keyOf(pattern));
  return choice ? [...others, choice] : others;
}

/** A choice that says no more than its decision. */
export function plainChoice(pattern: string, decision: LinkChoice["decision"]): LinkChoice {
  return {
    pattern,
    decision,
    kinds: [],
    classes: [],
    types: [],
    storey: "named",
    storeys: [],
    trade: "",
    action: "",
    note: "",
  };
}

export function LinksOfTasks({ store }: { store: ProjectStore }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="history rules" id="links" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{t("links.title")}</summary>
      {open && <Groups store={store} />}
    </details>
  );
}

function Groups({ store }: { store: ProjectStore }) {
  const [links, setLinks] = useState<Links | null>(null);
  const [all, setAll] = useState(false);
  const [changing, setChanging] = useState<LinkGroup | null>(null);
  const path = store.path("/links");
  useEffect(() => {
    attempt(() => api.get<Links>(path)).then((found) => found && setLinks(found));
  }, [path]);
  if (!links) return <Skeleton rows={2} />;
  if (!links.found) return <p class="muted">{t("links.none")}</p>;
  const put = async (pattern: string, choice: LinkChoice | null) => {
    const choices = withChoice(links.choices, pattern, choice);
    const kept = await attempt(() => api.put<Links>(path, { choices }, `"${links.version}"`));
    const found = kept ?? (await attempt(() => api.get<Links>(path)));
    if (found) setLinks(found);
    if (kept) notify(t("links.saved"), "good");
    setChanging(null);
  };
  const { coverage, groups } = links.found;
  const waiting = openGroups(links);
  const shown = all || waiting.length === 0 ? groups : waiting;
  const edits = may(store.project.value?.role, "upload");
  return (
    <div class="rules-body">
      <p>{t("links.text")}</p>
      <p>
        {t("links.coverage", {
          elements: coverage.elements,
          share: percent(coverage.share),
          volume: percent(coverage.volume_share),
        })}
      </p>
      <div class="downloads">
        <Button look={all ? "quiet" : "plain"} onClick={() => setAll(false)}>
          {t("links.open", { n: waiting.length })}
        </Button>
        <Button look={all ? "plain" : "quiet"} onClick={() => setAll(true)}>
          {t("links.all", { n: groups.length })}
        </Button>
      </div>
      <ul class="cards links">
        {shown.map((group) => (
          <Group
            key={group.pattern}
            group={group}
            links={links}
            edits={edits}
            put={put}
            change={() => setChanging(group)}
          />
        ))}
      </ul>
      {changing && (
        <Change links={links} group={changing} put={put} onClose={() => setChanging(null)} />
      )}
    </div>
  );
}

interface GroupProps {
  group: LinkGroup;
  links: Links;
  edits: boolean;
  put: (pattern: string, choice: LinkChoice | null) => Promise<void>;
  change: () => void;
}

function Group({ group, links, edits, put, change }: GroupProps) {
  const choice = links.choices.find((c) => keyOf(c.pattern) === keyOf(group.pattern));
  const facts = [
    t("links.tasks", { n: group.tasks }),
    group.elements ? t("links.elements", { n: group.elements }) : t("links.empty"),
    ...(group.confidence === null ? [] : [t("links.sure", { p: percent(group.confidence) })]),
    ...group.unclear.map((why) => word("linkwhy", why)),
  ];
  const kinds = (choice?.kinds?.length ? choice.kinds : group.kinds).map((k) => kindName(links, k));
  return (
    <li class="card" data-pattern={group.pattern}>
      <b title={group.pattern}>
        {group.names.join("、")}
        {group.tasks > group.names.length && "…"}
      </b>
      <p class="muted">{facts.join(" · ")}</p>
      <p>
        {[kinds.slice(0, 6).join("、"), group.storeys.slice(0, 6).join("、")]
          .filter(Boolean)
          .join(" — ")}{" "}
        {choice && <mark>{word("linkdecision", choice.decision)}</mark>}
      </p>
      {edits && (
        <div class="downloads">
          {!choice && group.elements > 0 && (
            <Button
              icon="check"
              onClick={() => put(group.pattern, plainChoice(group.pattern, "link"))}
            >
              {t("links.yes")}
            </Button>
          )}
          <Button look="quiet" onClick={change}>
            {t("links.change")}
          </Button>
          {choice && (
            <Button look="quiet" onClick={() => put(group.pattern, null)}>
              {t("links.undo")}
            </Button>
          )}
        </div>
      )}
    </li>
  );
}

function kindName(links: Links, id: string): string {
  const found = links.kinds.find((k) => k.id === id);
  return found ? pick(found.zh, found.en) : id;
}

interface ChangeProps {
  links: Links;
  group: LinkGroup;
  put: (pattern: string, choice: LinkChoice | null) => Promise<void>;
  onClose: () => void;
}

/** Say what all tasks of a name work on. */
function Change({ links, group, put, onClose }: ChangeProps) {
  const old = links.choices.find((c) => keyOf(c.pattern) === keyOf(group.pattern));
  const [choice, setChoice] = useState(old ?? plainChoice(group.pattern, "link"));
  const set = (values: Partial<LinkChoice>) => setChoice({ ...choice, ...values });
  const asRead = { value: "", label: t("links.asread") };
  const decide = (decision: LinkChoice["decision"]) =>
    put(group.pattern, plainChoice(group.pattern, decision));
  return (
    <Dialog title={t("links.change.title", { pattern: group.pattern })} onClose={onClose}>
      <p class="muted">{group.names.join(" · ")}</p>
      <Field label={t("links.kinds")} hint={t("links.kinds.hint")}>
        <select
          multiple
          size={8}
          onChange={(e) =>
            set({ kinds: [...e.currentTarget.selectedOptions].map((option) => option.value) })
          }
        >
          {links.kinds.map((kind) => (
            <option
              key={kind.id}
              value={kind.id}
              selected={choice.kinds?.includes(kind.id) ?? false}
            >
              {pick(kind.zh, kind.en)}
            </option>
          ))}
        </select>
      </Field>
      <Select
        label={t("links.storey")}
        value={choice.storey}
        choices={STOREYS.map((s) => ({ value: s, label: word("linkstorey", s) }))}
        onChange={(storey) => set({ storey: storey as LinkChoice["storey"] })}
      />
      <Select
        label={t("links.trade")}
        value={choice.trade}
        choices={[
          asRead,
          ...links.trades.map((one) => ({ value: one.id, label: pick(one.zh, one.en) })),
        ]}
        onChange={(trade) => set({ trade })}
      />
      <Select
        label={t("links.action")}
        value={choice.action}
        choices={[
          asRead,
          ...links.actions.map((a) => ({ value: a, label: word("linkaction", a) })),
        ]}
        onChange={(action) => set({ action })}
      />
      <div class="downloads">
        <Button look="primary" onClick={() => put(group.pattern, { ...choice, decision: "link" })}>
          {t("links.save")}
        </Button>
        <Button onClick={() => decide("nothing")}>{t("linkdecision.nothing")}</Button>
        <Button onClick={() => decide("not_modelled")}>{t("linkdecision.not_modelled")}</Button>
      </div>
    </Dialog>
  );
}
