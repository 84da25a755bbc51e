/** The rule set in force: which pairs of disciplines are tested how strictly, and which are not. */
import { useEffect, useState } from "preact/hooks";
import { api, url } from "./api";
import { metres } from "./format";
import { lang, said, t, word } from "./i18n";
import type { ProjectStore } from "./project";
import { attempt, may, notify } from "./session";
import type { RuleRow, RuleSet } from "./types";
import { Button, Icon, Skeleton } from "./ui";

const KINDS = ["hard", "clearance", "duplicate"] as const;

/** One pair of axes with the rules that test it; none means that it is not tested. */
export interface Cell {
  a: string;
  b: string;
  rules: RuleRow[];
}

/** The upper half of the matrix, row by row. */
export function cellsOf(rules: RuleSet): Cell[] {
  const byId = new Map(rules.rules.map((rule) => [rule.id, rule]));
  return rules.axes.flatMap((a, i) =>
    rules.axes.slice(i).map((b) => ({
      a,
      b,
      rules: KINDS.flatMap((kind) => {
        const rule = byId.get(`${kind}.${a}-${b}`) ?? byId.get(`${kind}.${b}-${a}`);
        return rule ? [rule] : [];
      }),
    })),
  );
}

/** Rules that belong to no cell: between selectors, or for all elements. */
export function othersOf(rules: RuleSet): RuleRow[] {
  const inCells = new Set(cellsOf(rules).flatMap((cell) => cell.rules));
  return rules.rules.filter((rule) => !inCells.has(rule));
}

export function Rules({ store }: { store: ProjectStore }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="history rules" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{t("rules.title")}</summary>
      {open && <RulesInForce store={store} />}
    </details>
  );
}

function RulesInForce({ store }: { store: ProjectStore }) {
  const [rules, setRules] = useState<RuleSet | null>(null);
  useEffect(() => {
    attempt(() => api.get<RuleSet>(store.path("/rules"))).then((found) => found && setRules(found));
  }, [store]);
  if (!rules) return <Skeleton rows={2} />;
  const untested = cellsOf(rules).filter((cell) => cell.rules.length === 0);
  return (
    <div class="rules-body">
      <p>
        {rules.source === "default"
          ? t("rules.default")
          : t("rules.own", { name: rules.filename ?? rules.name })}
      </p>
      <div class="downloads">
        {(["toml", "xlsx"] as const).map((type) => (
          <a
            key={type}
            class="button"
            href={url(
              store.path(`/rules.${type}${type === "xlsx" ? `?language=${lang.value}` : ""}`),
            )}
            download=""
          >
            <Icon name="download" /> <span>{t(`rules.download.${type}`)}</span>
          </a>
        ))}
        {may(store.project.value?.role, "coordinate") && (
          <Change store={store} rules={rules} setRules={setRules} />
        )}
      </div>
      <Matrix rules={rules} />
      <p class="muted">{t("rules.reading")}</p>
      <Others rules={othersOf(rules)} />
      {untested.length > 0 && (
        <p class="rules-untested">
          <b>{t("rules.untested", { n: untested.length })}</b>{" "}
          {untested.map((cell) => `${axis(cell.a)} × ${axis(cell.b)}`).join("、")}
        </p>
      )}
      {rules.exclusions.length > 0 && (
        <>
          <h3>{t("rules.exclusions")}</h3>
          <ul>
            {rules.exclusions.map((one) => (
              <li key={one.id}>
                {said(one.reason)}{" "}
                <span class="muted">
                  {one.declared_by} · <code>{one.id}</code>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/** A word of a discipline, or a selector's own name. */
function axis(name: string): string {
  return word("discipline", name);
}

function Matrix({ rules }: { rules: RuleSet }) {
  const cells = new Map(cellsOf(rules).map((cell) => [`${cell.a}/${cell.b}`, cell]));
  return (
    <section class="rules-matrix" aria-label={t("rules.matrix")}>
      <table>
        <thead>
          <tr>
            <th />
            {rules.axes.map((name) => (
              <th key={name} scope="col">
                {axis(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rules.axes.map((a, i) => (
            <tr key={a}>
              <th scope="row">{axis(a)}</th>
              {rules.axes.map((b, j) => {
                const found = cells.get(j < i ? `${b}/${a}` : `${a}/${b}`)?.rules ?? [];
                return (
                  <td key={b} class={found.length ? "" : "rules-none"}>
                    {found.length ? found.map(tested) : t("rules.not")}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function tested(rule: RuleRow) {
  const clearance = rule.kind === "clearance";
  return (
    <span key={rule.id} class={`rules-${rule.kind}`} title={said(rule.title)}>
      {clearance ? "≥ " : ""}
      {metres(rule.tolerance_m)}
    </span>
  );
}

function Others({ rules }: { rules: RuleRow[] }) {
  if (rules.length === 0) return null;
  return (
    <ul>
      {rules.map((rule) => (
        <li key={rule.id}>
          {said(rule.title)} <b>{metres(rule.tolerance_m)}</b>{" "}
          <span class="muted">
            {word("rulekind", rule.kind)} · <code>{rule.id}</code>
          </span>
        </li>
      ))}
    </ul>
  );
}

interface ChangeProps {
  store: ProjectStore;
  rules: RuleSet;
  setRules: (rules: RuleSet) => void;
}

/** Put another rule file in place, or go back to the default matrix. */
function Change({ store, rules, setRules }: ChangeProps) {
  const [busy, setBusy] = useState(false);
  const put = async (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    const path = store.path(`/rules?filename=${encodeURIComponent(file.name)}`);
    const found = await attempt(() => api.putFile<RuleSet>(path, file));
    setBusy(false);
    if (!found) return;
    setRules(found);
    notify(t("rules.set"), "good");
  };
  const drop = async () => {
    await attempt(() => api.delete(store.path("/rules")));
    const found = await attempt(() => api.get<RuleSet>(store.path("/rules")));
    if (found) setRules(found);
  };
  return (
    <>
      <label class={`button ${busy ? "busy" : ""}`}>
        <Icon name="upload" /> <span>{t("rules.upload")}</span>
        <input
          type="file"
          class="rules-file"
          accept=".toml,.xlsx"
          disabled={busy}
          onChange={(e) => {
            const input = e.currentTarget;
            put(input.files?.[0]).finally(() => {
              input.value = "";
            });
          }}
        />
      </label>
      {rules.source === "project" && (
        <Button look="quiet" onClick={drop}>
          {t("rules.drop")}
        </Button>
      )}
    </>
  );
}
