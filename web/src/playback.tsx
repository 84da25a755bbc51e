/** The plan under the 3D view: play it, scrub it, and see what is wrong on a date. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { count, planDate } from "./format";
import { said, t } from "./i18n";
import { windowWords } from "./issuewindow";
import type { ProjectStore } from "./project";
import { go, place } from "./session";
import { Timebar } from "./timebar";
import { DAY, minutesOf, PHASES, Plan, type Span, STEPS, type Step, tally } from "./timeline";
import type { ElementColumns, TimelineRisk, TimelineTask } from "./types";
import { Button, Empty, Select, Severity, Skeleton, StatusTag } from "./ui";
import type { Viewer } from "./viewer";

interface View {
  at: number;
  step: Step;
  speed: number;
  /** What is not there yet shows faintly instead of not at all. */
  ghosts: boolean;
}

/** Steps a second. */
const SPEEDS = [1, 2, 4, 8];
/** By how many steps the page keys move. */
const PAGE: Record<Step, number> = { day: 7, week: 4, event: 10 };
/** Rows of a list before the rest is asked for. */
const FIRST_ROWS = 40;

/** How each plan was left, so that it is found again after a look at another page. */
const kept = new Map<string, View>();

interface Props {
  store: ProjectStore;
  viewer: Viewer;
  table: ElementColumns;
  wide: boolean;
}

export function Playback({ store, viewer, table, wide }: Props) {
  const version = store.sceneVersion.value;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version loads anew.
  useEffect(() => {
    store.loadTimeline();
  }, [store, version]);
  const found = store.timeline.value;
  const plan = useMemo(() => found && new Plan(found, table.guid.length), [found, table]);
  const state = store.timelineState.value;
  if (state === "none" || (plan && plan.events.length === 0))
    return (
      <Note>
        <Empty
          icon="timeline"
          title={t(state === "none" ? "timeline.none" : "timeline.undated")}
          text={t(state === "none" ? "timeline.none.text" : "timeline.undated.text")}
        >
          <Button onClick={() => go({ area: "layers", issue: null })}>
            {t("timeline.upload")}
          </Button>
        </Empty>
      </Note>
    );
  if (state === "failed")
    return (
      <Note>
        <Empty icon="warning" title={t("timeline.failed")}>
          <Button onClick={() => store.loadTimeline(true)}>{t("app.again")}</Button>
        </Empty>
      </Note>
    );
  if (!plan)
    return (
      <Note>
        <Skeleton rows={2} />
      </Note>
    );
  return <Dock key={version} store={store} viewer={viewer} table={table} wide={wide} plan={plan} />;
}

function Note({ children }: { children: preact.ComponentChildren }) {
  return (
    <section class="timeline" aria-label={t("area.timeline")}>
      {children}
    </section>
  );
}

function Dock({ store, viewer, table, wide, plan }: Props & { plan: Plan }) {
  const [view, setView] = useState<View>(() => kept.get(store.id) ?? opened(plan));
  const [playing, setPlaying] = useState(false);
  const [open, setOpen] = useState<"risks" | "tasks" | null>("risks");
  const span = useMemo(() => plan.span(view.at, view.step), [plan, view.at, view.step]);
  const phases = useMemo(() => plan.blank(), [plan]);
  const numbers = useMemo(() => {
    plan.paint(span, phases);
    return tally(phases, table.clash_body);
  }, [plan, phases, table, span]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new numbers mean other phases.
  useEffect(() => viewer.setPhases(phases, view.ghosts), [viewer, phases, numbers, view.ghosts]);
  useEffect(() => {
    // The dock took its place from the picture: show all again, unless the view was chosen.
    const timer = setTimeout(() => {
      if (!viewer.touched && !place.value.issue) viewer.fit();
    }, 60);
    return () => {
      clearTimeout(timer);
      viewer.setPhases(null);
    };
  }, [viewer]);
  useEffect(() => {
    kept.set(store.id, view);
  }, [store, view]);

  const issue = place.value.issue;
  const chosen = issue ? plan.windowOf(issue) : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another issue moves the date.
  useEffect(() => {
    if (!chosen || (chosen.from < span.to && chosen.to > span.from)) return;
    setPlaying(false);
    setView((v) => ({ ...v, at: plan.clamp(chosen.from) }));
  }, [plan, issue]);

  const to = (at: number) => {
    setPlaying(false);
    setView((v) => ({ ...v, at: plan.clamp(at) }));
  };
  const move = (by: number) => to(plan.move(view.at, view.step, by));
  const play = () => {
    if (!playing && plan.move(view.at, view.step, 1) === view.at)
      setView((v) => ({ ...v, at: plan.first }));
    setPlaying(!playing);
  };
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(
      () =>
        setView((v) => {
          const at = plan.move(v.at, v.step, 1);
          if (at === v.at) setPlaying(false);
          return { ...v, at };
        }),
      1000 / view.speed,
    );
    return () => clearInterval(timer);
  }, [plan, playing, view.speed]);
  useKeys({ plan, view, to, move, play });

  const risks = useMemo(() => plan.risksIn(span), [plan, span]);
  const tasks = useMemo(() => plan.tasksIn(span), [plan, span]);
  const done = view.at >= plan.last;
  return (
    <section class="timeline" aria-label={t("area.timeline")} data-at={span.from}>
      <div class="timeline-top">
        <When plan={plan} span={span} step={view.step} done={done} />
        <div class="timeline-play">
          <Button
            icon="back"
            title={t(`timeline.back.${view.step}`)}
            aria-label={t(`timeline.back.${view.step}`)}
            disabled={view.at <= plan.first}
            onClick={() => move(-1)}
          />
          <Button
            look="primary"
            icon={playing ? "pause" : "play"}
            title={t(playing ? "timeline.pause" : "timeline.play")}
            aria-label={t(playing ? "timeline.pause" : "timeline.play")}
            onClick={play}
          />
          <Button
            icon="next"
            title={t(`timeline.forward.${view.step}`)}
            aria-label={t(`timeline.forward.${view.step}`)}
            disabled={done}
            onClick={() => move(1)}
          />
        </div>
        <div class="timeline-how">
          <fieldset class="switch" aria-label={t("timeline.step")}>
            {STEPS.map((step) => (
              <button
                key={step}
                type="button"
                data-step={step}
                aria-pressed={view.step === step}
                onClick={() => setView((v) => ({ ...v, step }))}
              >
                {t(`timeline.step.${step}`)}
              </button>
            ))}
          </fieldset>
          <Select
            bare
            label={t("timeline.speed")}
            value={String(view.speed)}
            choices={SPEEDS.map((n) => ({ value: String(n), label: `${n}×` }))}
            onChange={(value) => setView((v) => ({ ...v, speed: Number(value) }))}
          />
          <Button
            icon="eye"
            title={t("timeline.ghosts")}
            aria-label={t("timeline.ghosts")}
            aria-pressed={view.ghosts}
            onClick={() => setView((v) => ({ ...v, ghosts: !v.ghosts }))}
          />
        </div>
      </div>
      <Track plan={plan} view={view} span={span} chosen={chosen} to={to} />
      <Legend numbers={numbers} />
      <Lists
        wide={wide}
        open={open}
        setOpen={setOpen}
        risks={
          <Rows
            items={risks}
            none={t(plan.risks.length > 0 ? "timeline.no_risks" : "timeline.no_risks.all")}
            row={(risk) => <RiskRow key={risk.issue} store={store} risk={risk} />}
          />
        }
        tasks={
          <Rows
            items={tasks}
            none={t("timeline.no_tasks")}
            row={(task) => (
              <TaskRow key={task.row} plan={plan} viewer={viewer} span={span} task={task} />
            )}
          />
        }
        numbers={[risks.length, tasks.length]}
      />
    </section>
  );
}

/** Where a plan opens: at the date of its progress, or on its first day. */
function opened(plan: Plan): View {
  const status = minutesOf(plan.document.schedule.status_date);
  const inside = status >= plan.first && status < plan.last;
  return { at: inside ? status : plan.first, step: "day", speed: 2, ghosts: false };
}

interface Keys {
  plan: Plan;
  view: View;
  to: (at: number) => void;
  move: (by: number) => void;
  play: () => void;
}

function useKeys(keys: Keys) {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.closest("input, textarea, select, dialog")) return;
      if (target !== document.body && !target.closest(".view")) return;
      const { plan, view, to, move, play } = latest.current;
      const slider = target.closest("[role=slider]") !== null;
      const work: Record<string, () => void> = {
        ArrowLeft: () => move(-1),
        ArrowRight: () => move(1),
        PageDown: () => move(-PAGE[view.step]),
        PageUp: () => move(PAGE[view.step]),
        Home: () => to(plan.first),
        End: () => to(plan.last),
        ...(slider && { ArrowDown: () => move(-1), ArrowUp: () => move(1) }),
        ...(!target.closest("button, a, summary") && { " ": play }),
      };
      const found = work[event.key];
      if (!found) return;
      event.preventDefault();
      found();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
}

// The date ---------------------------------------------------------------------------------

interface WhenProps {
  plan: Plan;
  span: Span;
  step: Step;
  done: boolean;
}

function When({ plan, span, step, done }: WhenProps) {
  const first = plan.dayNumber(span.from);
  const days = done
    ? t("timeline.days", { days: plan.days })
    : step === "week"
      ? t("timeline.day_range", { from: Math.max(1, first), to: first + 6, days: plan.days })
      : t("timeline.day", { n: first, days: plan.days });
  return (
    <div class="timeline-when">
      <b>{dateWords(span, step, done)}</b>
      <span>
        {days}
        {!done && step !== "week" && plan.isFree(span.from) && (
          <i class="timeline-free">{t("timeline.free")}</i>
        )}
      </span>
    </div>
  );
}

function dateWords(span: Span, step: Step, done: boolean): string {
  if (done) return t("timeline.done");
  if (step === "day") return planDate(span.from, "long");
  if (step === "event") return planDate(span.from, "time");
  return `${planDate(span.from, "day")} – ${planDate(span.to - DAY, "day")}`;
}

// The bar ----------------------------------------------------------------------------------

interface TrackProps {
  plan: Plan;
  view: View;
  span: Span;
  chosen: Span | null;
  to: (at: number) => void;
}

function Track({ plan, view, span, chosen, to }: TrackProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [bar, setBar] = useState<Timebar | null>(null);
  const shown = { span, window: chosen };
  const latest = useRef(shown);
  latest.current = shown;
  useEffect(() => {
    if (!canvas.current) return;
    const made = new Timebar(canvas.current, plan);
    setBar(made);
    const observer = new ResizeObserver(() => made.draw(latest.current));
    observer.observe(canvas.current);
    return () => observer.disconnect();
  }, [plan]);
  useEffect(() => bar?.draw(shown));
  const scrub = (event: PointerEvent) => {
    const box = canvas.current?.getBoundingClientRect();
    if (bar && box) to(bar.moment(event.clientX - box.left));
  };
  return (
    <div
      class="timeline-track"
      role="slider"
      tabIndex={0}
      aria-label={t("timeline.slider")}
      aria-valuemin={1}
      aria-valuemax={plan.days + 1}
      aria-valuenow={plan.dayNumber(view.at)}
      aria-valuetext={dateWords(span, view.step, view.at >= plan.last)}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        scrub(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) scrub(event);
      }}
    >
      <canvas ref={canvas} />
    </div>
  );
}

/** The colours with how many elements have them now. */
function Legend({ numbers }: { numbers: readonly number[] }) {
  return (
    <ul class="timeline-legend" aria-label={t("timeline.legend")}>
      {PHASES.map((phase, n) => (
        <li key={phase} data-phase={phase} data-count={numbers[n]}>
          <i class={`phase ${phase}`} />
          {t(`phase.${phase}`)} <b>{count(numbers[n] ?? 0)}</b>
        </li>
      ))}
    </ul>
  );
}

// What is wrong, and who works -------------------------------------------------------------

interface ListsProps {
  wide: boolean;
  open: "risks" | "tasks" | null;
  setOpen: (open: "risks" | "tasks" | null) => void;
  risks: preact.ComponentChildren;
  tasks: preact.ComponentChildren;
  numbers: [number, number];
}

function Lists({ wide, open, setOpen, risks, tasks, numbers }: ListsProps) {
  const lists = [
    { name: "risks", rows: risks, n: numbers[0] },
    { name: "tasks", rows: tasks, n: numbers[1] },
  ] as const;
  if (wide)
    return (
      <div class="timeline-lists">
        {lists.map(({ name, rows, n }) => (
          <section key={name} class={`timeline-${name}`}>
            <h3>{t(`timeline.${name}`, { n })}</h3>
            {rows}
          </section>
        ))}
      </div>
    );
  const shown = lists.find(({ name }) => name === open);
  return (
    <div class="timeline-lists">
      <div class="timeline-tabs">
        {lists.map(({ name, n }) => (
          <button
            key={name}
            type="button"
            data-list={name}
            aria-expanded={open === name}
            onClick={() => setOpen(open === name ? null : name)}
          >
            {t(`timeline.${name}`, { n })}
          </button>
        ))}
      </div>
      {shown && <section class={`timeline-${shown.name}`}>{shown.rows}</section>}
    </div>
  );
}

interface RowsProps<T> {
  items: readonly T[];
  none: string;
  row: (item: T) => preact.ComponentChildren;
}

function Rows<T>({ items, none, row }: RowsProps<T>) {
  const [all, setAll] = useState(false);
  if (items.length === 0) return <p class="muted">{none}</p>;
  const shown = all ? items : items.slice(0, FIRST_ROWS);
  return (
    <>
      <ul>{shown.map(row)}</ul>
      {shown.length < items.length && (
        <Button look="quiet" onClick={() => setAll(true)}>
          {t("timeline.more", { n: items.length - shown.length })}
        </Button>
      )}
    </>
  );
}

function RiskRow({ store, risk }: { store: ProjectStore; risk: TimelineRisk }) {
  const issue = store.issues.value.find((i) => i.id === risk.issue);
  const here = place.value.issue === risk.issue;
  return (
    <li>
      <button
        type="button"
        data-risk={risk.issue}
        aria-current={here ? "true" : undefined}
        onClick={() => go({ issue: risk.issue }, place.value.issue !== null)}
      >
        <Severity value={issue?.severity ?? risk.severity} />
        <span>
          {said(issue?.title ?? risk.title)}
          <small>
            {windowWords(minutesOf(risk.from), minutesOf(risk.to))}
            {issue && issue.status !== "new" && <StatusTag status={issue.status} />}
          </small>
        </span>
      </button>
    </li>
  );
}

interface TaskRowProps {
  plan: Plan;
  viewer: Viewer;
  span: Span;
  task: TimelineTask;
}

function TaskRow({ plan, viewer, span, task }: TaskRowProps) {
  const left = plan.workingDays(span.from, minutesOf(task.finish));
  const facts = [
    t("timeline.left", { n: left }),
    task.total_float_days !== null && t("timeline.float", { n: days(task.total_float_days) }),
    task.elements > 0 ? t("timeline.elements", { n: task.elements }) : t("timeline.unlinked"),
    task.confidence !== null &&
      task.confidence < 0.995 &&
      t("timeline.sure", { n: Math.round(100 * task.confidence) }),
  ].filter(Boolean);
  return (
    <li>
      <button
        type="button"
        data-task={task.row}
        disabled={task.elements === 0}
        title={t("timeline.look")}
        onClick={() => viewer.fitElements(plan.elementsOf(task.row))}
      >
        <span>
          {task.critical && <i class="timeline-critical">{t("timeline.critical")}</i>}
          {task.name || task.id}
          <small>{facts.join(" · ")}</small>
        </span>
      </button>
    </li>
  );
}

/** Days to one decimal, without a needless one. */
function days(value: number): string {
  return String(Math.round(value * 10) / 10);
}
