import { Vector3 } from "three";
import { expect, test } from "vitest";
import { between, secondsOf, stand } from "../src/flight";
import { windowWords } from "../src/issuewindow";
import { lanesOf } from "../src/timebar";
import { DAY, dayOf, minutesOf, PHASES, Plan, tally, weekOf } from "../src/timeline";
import type { TimelineDocument, TimelineRisk, TimelineTask } from "../src/types";

const at = (text: string) => minutesOf(`2026-${text}`);

function task(row: number, start: string, finish: string, more: Partial<TimelineTask> = {}) {
  return {
    row,
    id: `A${row}`,
    name: `task ${row}`,
    wbs: "",
    parent: -1,
    kind: "task",
    action: "install",
    trade: "",
    start: `2026-${start}`,
    finish: `2026-${finish}`,
    early_start: null,
    early_finish: null,
    late_finish: null,
    total_float_days: 0,
    critical: false,
    confidence: 1,
    elements: 1,
    ...more,
  };
}

function risk(issue: string, severity: number, from: string, to: string): TimelineRisk {
  return {
    issue,
    rule: "R04",
    severity,
    from: `2026-${from}`,
    to: `2026-${to}`,
    tasks: [0],
    elements: [1],
    others: [],
    title: { "zh-CN": "风险", en: "risk" },
    point: null,
  };
}

const DOCUMENT: TimelineDocument = {
  schema: "yuyan/timeline/1",
  schedule: {
    name: "plan",
    format: "csv",
    start: "2026-06-01T08:00",
    finish: "2026-06-12T17:00",
    status_date: null,
  },
  nonworking: [["2026-06-06T00:00", "2026-06-08T00:00"]],
  tasks: [
    task(0, "06-01T08:00", "06-03T17:00"),
    task(1, "06-03T08:00", "06-12T17:00", { critical: true }),
    task(2, "06-01T08:00", "06-12T17:00", { kind: "summary" }),
    task(3, "06-03T08:00", "06-03T12:00"),
  ],
  elements: {
    index: [1, 2, 3],
    task: [0, 1, -1],
    removal: [-1, 3, 1],
    appear: [at("06-01T08:00"), at("06-03T08:00"), null],
    complete: [at("06-03T17:00"), at("06-05T17:00"), null],
    remove: [null, at("06-10T08:00"), at("06-03T08:00")],
    gone: [null, at("06-12T17:00"), at("06-04T17:00")],
    temporary: [0, 1, 0],
    confidence: [1, 0.8, 1],
  },
  risks: [
    risk("low", 25, "06-02T08:00", "06-04T17:00"),
    risk("grave", 90, "06-03T00:00", "06-04T00:00"),
  ],
  clashes: [
    { issue: "clash", from: "2026-06-05T08:00", to: "2026-06-12T17:00", days_to_decide: 4 },
  ],
  coverage: { elements: 5, linked: 3, share: 0.6 },
};
const plan = new Plan(DOCUMENT, 5);
const day = (text: string) => plan.span(at(text), "day");

function phases(text: string) {
  const found = plan.blank();
  plan.paint(day(text), found);
  return Array.from(found, (phase) => PHASES[phase]);
}

test("local times are minutes whatever the zone, and weeks begin on Monday", () => {
  expect(minutesOf("1970-01-02T00:30")).toBe(DAY + 30);
  expect(minutesOf("2026-06-01")).toBe(at("06-01T00:00"));
  expect(minutesOf(null)).toBeNaN();
  expect(weekOf(at("06-07T23:00"))).toBe(at("06-01T00:00"));
  expect(weekOf(at("06-08T00:00"))).toBe(at("06-08T00:00"));
});

test("the plan spans whole days from the first begin to the last end", () => {
  expect([plan.first, plan.last]).toEqual([at("06-01"), at("06-13")]);
  expect([plan.days, plan.dayNumber(at("06-03T09:00"))]).toEqual([12, 3]);
});

test("each element is what it is on the day", () => {
  expect(phases("06-01")).toEqual(["undated", "building", "absent", "standing", "undated"]);
  expect(phases("06-03")).toEqual(["undated", "building", "temporary", "removing", "undated"]);
  expect(phases("06-04")).toEqual(["undated", "standing", "temporary", "removing", "undated"]);
  expect(phases("06-05")).toEqual(["undated", "standing", "temporary", "absent", "undated"]);
  expect(phases("06-12")).toEqual(["undated", "standing", "removing", "absent", "undated"]);
  expect(phases("06-13")).toEqual(["undated", "standing", "absent", "absent", "undated"]);
});

test("painting tells whether anything changed, and only bodies are counted", () => {
  const found = plan.blank();
  expect(plan.paint(day("06-03"), found)).toBe(true);
  expect(plan.paint(day("06-03"), found)).toBe(false);
  expect(tally(found, [1, 1, 1, 1, 0])).toEqual([0, 1, 1, 1, 1, 0]);
});

test("an event is the moment itself: what ends then is done", () => {
  const found = plan.blank();
  plan.paint(plan.span(at("06-03T17:00"), "event"), found);
  expect(PHASES[found[1] as number]).toBe("standing");
});

test("steps go by days, Mondays and changes, and stop at both ends", () => {
  expect(plan.move(at("06-03T09:00"), "day", 1)).toBe(at("06-04"));
  expect(plan.move(at("06-03"), "week", 1)).toBe(at("06-08"));
  expect(plan.move(at("06-03T08:00"), "event", 1)).toBe(at("06-03T12:00"));
  expect(plan.move(at("06-03T09:00"), "event", 1)).toBe(at("06-03T12:00"));
  expect(plan.move(at("06-03T09:00"), "event", -1)).toBe(at("06-03T08:00"));
  expect(plan.move(plan.first, "day", -3)).toBe(plan.first);
  expect(plan.move(plan.last, "week", 1)).toBe(plan.last);
  expect(plan.move(plan.last, "week", -1)).toBe(at("06-08"));
  expect(plan.move(at("06-08"), "week", 1)).toBe(plan.last);
  expect(plan.move(at("06-12T17:00"), "event", 1)).toBe(plan.last);
  expect(plan.move(plan.last, "event", 5)).toBe(plan.last);
});

test("after the last day nothing is at work, whatever the step", () => {
  for (const step of ["day", "week", "event"] as const)
    expect(plan.tasksIn(plan.span(plan.last, step))).toEqual([]);
});

test("tasks at work: critical ones first, no summaries, none that ended before", () => {
  expect(plan.tasksIn(day("06-03")).map((t) => t.row)).toEqual([1, 3, 0]);
  expect(plan.tasksIn(day("06-04")).map((t) => t.row)).toEqual([1]);
});

test("risks of the day come gravest first, and not on the day after", () => {
  expect(plan.risksIn(day("06-03")).map((r) => r.issue)).toEqual(["grave", "low"]);
  expect(plan.risksIn(day("06-04")).map((r) => r.issue)).toEqual(["low"]);
  expect(plan.risksIn(day("06-05"))).toEqual([]);
  expect(lanesOf(plan)).toEqual(["critical", "low"]);
});

test("days without work are known and not counted", () => {
  expect([plan.isFree(at("06-07")), plan.isFree(at("06-08"))]).toEqual([true, false]);
  expect(plan.workingDays(at("06-05"), at("06-09T17:00"))).toBe(3);
  expect(plan.workingDays(at("06-05"), at("06-05T17:00"))).toBe(1);
});

test("an issue has the window of its risk or of its two bodies", () => {
  expect(plan.windowOf("grave")).toMatchObject({ from: at("06-03"), to: at("06-04") });
  expect(plan.windowOf("clash")?.from).toBe(at("06-05T08:00"));
  expect(plan.windowOf("other")).toBeNull();
  expect(plan.elementsOf(1)).toEqual([2, 3]);
});

test("the last day of a window is named, and counted", () => {
  expect(windowWords(at("06-03T08:00"), at("06-03T17:00"))).toBe("6月3日 · 1 天");
  expect(windowWords(at("06-03"), at("06-05"))).toBe("6月3日 – 6月4日 · 2 天");
});

test("the curve counts the tasks of each day", () => {
  expect(Array.from(plan.load())).toEqual([1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
});

test("a plan without any date has nothing to play", () => {
  const none = { index: [], task: [], removal: [], appear: [], complete: [], remove: [] };
  const elements = { ...none, gone: [], temporary: [], confidence: [] };
  const empty = new Plan({ ...DOCUMENT, tasks: [], risks: [], elements }, 3);
  expect(empty.events).toEqual([]);
  expect(empty.risksIn({ from: 0, to: 1 })).toEqual([]);
});

test("50,000 elements are painted well within a frame", () => {
  const n = 50_000;
  const rows = Array.from({ length: n }, (_, i) => i);
  const begin = rows.map((i) => at("06-01") + (i % 400) * DAY);
  const nothing = rows.map(() => null);
  const elements = {
    index: rows,
    task: rows.map(() => 0),
    removal: rows.map(() => -1),
    appear: begin,
    complete: begin.map((m) => m + 5 * DAY),
    remove: nothing,
    gone: nothing,
    temporary: rows.map(() => 0 as const),
    confidence: rows.map(() => 1),
  };
  const large = new Plan({ ...DOCUMENT, elements }, n);
  const found = large.blank();
  const started = performance.now();
  for (let k = 0; k < 60; k++) large.paint(large.span(large.first + k * DAY, "day"), found);

  expect((performance.now() - started) / 60).toBeLessThan(8);
  expect(
    tally(
      found,
      rows.map(() => 1),
    )[1],
  ).toBe((n / 400) * 5);
});

// Flights ----------------------------------------------------------------------------------

const from = stand(new Vector3(10, 0, 5), new Vector3(0, 0, 0), 50);
const to = stand(new Vector3(100, 12, 3), new Vector3(100, 0, 3), 40);

test("a flight begins and ends where it should and does not pass through its subject", () => {
  const ends = [between(from, to, 0), between(from, to, 1)];
  expect(ends[0]?.position.distanceTo(from.position)).toBeCloseTo(0, 6);
  expect(ends[1]?.position.distanceTo(to.position)).toBeCloseTo(0, 6);
  expect(ends[1]?.fov).toBe(40);
  const gaps = Array.from({ length: 21 }, (_, k) => {
    const way = between(from, to, k / 20);
    return way.position.distanceTo(way.target);
  });
  expect(Math.min(...gaps)).toBeGreaterThan(10);
  expect(Math.max(...gaps)).toBeGreaterThan(15);
});

test("a flight turns round to the other side", () => {
  const behind = stand(new Vector3(-10, 0, 5), new Vector3(0, 0, 0), 50);
  const half = between(from, behind, 0.5);
  expect(half.position.length()).toBeGreaterThan(10);
});

test("a long way takes longer, but never more than a second and a half", () => {
  const near = stand(new Vector3(10, 1, 5), new Vector3(0, 0, 0), 50);
  expect(secondsOf(from, near)).toBeLessThan(0.6);
  expect(secondsOf(from, to)).toBeGreaterThan(1);
  expect(secondsOf(from, to)).toBeLessThanOrEqual(1.5);
});

test("a day begins at midnight", () => {
  expect(dayOf(at("06-03T23:59"))).toBe(at("06-03"));
});
