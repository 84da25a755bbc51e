/** The construction plan in time: what stands, what is at work and what is wrong at a date. */
import type { TimelineDocument, TimelineRisk, TimelineTask } from "./types";

/** By what playing and the arrows move. */
export const STEPS = ["day", "week", "event"] as const;
export type Step = (typeof STEPS)[number];

/** What an element is in a stretch of time; the number is what `paint` writes. */
export const Phase = {
  standing: 0,
  building: 1,
  temporary: 2,
  removing: 3,
  undated: 4,
  absent: 5,
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];
export const PHASES = Object.keys(Phase) as (keyof typeof Phase)[];

/** Minutes of local time since the begin of 1970, half-open. */
export interface Span {
  from: number;
  to: number;
}

export const DAY = 1440;
const WEEK = 7 * DAY;
const EVER = 2 ** 31 - 1;

export const dayOf = (at: number) => Math.floor(at / DAY) * DAY;
/** Monday; the first of January 1970 was a Thursday. */
export const weekOf = (at: number) => Math.floor((at + 3 * DAY) / WEEK) * WEEK - 3 * DAY;

/** Minutes of a local time such as `2026-06-12T08:00`; NaN where it is none. */
export function minutesOf(iso: string | null | undefined): number {
  const parts = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d))?/.exec(iso ?? "");
  if (!parts) return Number.NaN;
  const [, year, month, day, hour = 0, minute = 0] = parts.map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour || 0, minute || 0) / 60_000;
}

export function overlaps(from: number, to: number, span: Span): boolean {
  return from < span.to && to > span.from;
}

interface Dated<T> extends Span {
  item: T;
}

export class Plan {
  /** Begin of the first day, and of the day after the last: then all is built. */
  readonly first: number;
  readonly last: number;
  /** When anything begins or ends, in order. */
  readonly events: readonly number[];
  readonly tasks: readonly Dated<TimelineTask>[];
  readonly risks: readonly Dated<TimelineRisk>[];
  readonly free: readonly Span[];
  /** Working days before each day of the plan. */
  private readonly worked: Uint32Array;
  private readonly rows: Int32Array;
  private readonly appear: Int32Array;
  private readonly complete: Int32Array;
  private readonly remove: Int32Array;
  private readonly gone: Int32Array;
  private readonly temporary: Uint8Array;

  constructor(
    readonly document: TimelineDocument,
    readonly size: number,
  ) {
    const { elements } = document;
    this.rows = Int32Array.from(elements.index);
    this.appear = column(elements.appear, -EVER);
    this.complete = column(elements.complete, -EVER);
    this.remove = column(elements.remove, EVER);
    this.gone = column(elements.gone, EVER);
    this.temporary = Uint8Array.from(elements.temporary);
    this.tasks = document.tasks
      .filter((task) => task.kind === "task")
      .map((item) => ({ item, from: minutesOf(item.start), to: minutesOf(item.finish) }))
      .filter(({ from, to }) => to >= from);
    this.risks = document.risks
      .map((item) => ({ item, from: minutesOf(item.from), to: minutesOf(item.to) }))
      .filter(({ from, to }) => to >= from)
      .sort((a, b) => b.item.severity - a.item.severity || a.from - b.from);
    this.free = document.nonworking.map(([from, to]) => ({
      from: minutesOf(from),
      to: minutesOf(to),
    }));
    const known = [this.appear, this.complete, this.remove, this.gone].flatMap((values) =>
      Array.from(values).filter((v) => Math.abs(v) !== EVER),
    );
    const moments = new Set([...known, ...this.tasks.flatMap(({ from, to }) => [from, to])]);
    const events = [...moments].sort((a, b) => a - b);
    this.first = dayOf(events[0] ?? 0);
    this.last = dayOf((events.at(-1) ?? 0) - 1) + DAY;
    // The begin of the day after is one more: then everything is done.
    if (events.length > 0 && events.at(-1) !== this.last) events.push(this.last);
    this.events = events;
    this.worked = this.countWorked();
  }

  private countWorked(): Uint32Array {
    const found = new Uint32Array(this.days + 1);
    let next = 0;
    for (let n = 0; n < this.days; n++) {
      const day = this.first + n * DAY;
      while (next < this.free.length && (this.free[next]?.to ?? 0) <= day) next += 1;
      found[n + 1] = (found[n] ?? 0) + ((this.free[next]?.from ?? EVER) <= day ? 0 : 1);
    }
    return found;
  }

  /** The stretch of time that is shown at a moment. */
  span(at: number, step: Step): Span {
    if (step === "event" || at >= this.last) return { from: at, to: at + 1 };
    const from = step === "day" ? dayOf(at) : weekOf(at);
    return { from, to: from + (step === "day" ? DAY : WEEK) };
  }

  clamp(at: number): number {
    return Math.min(Math.max(at, this.first), this.last);
  }

  /** The moment `by` steps further; it stays within the plan. */
  move(at: number, step: Step, by: number): number {
    if (step === "day") return this.clamp(dayOf(at) + by * DAY);
    if (step === "week") {
      // Back from the end is the week of the last day, which may be a part of one.
      const back = by < 0 && at >= this.last;
      return this.clamp(back ? weekOf(at - 1) + (by + 1) * WEEK : weekOf(at) + by * WEEK);
    }
    const { events } = this;
    const before = lower(events, at);
    const on = events[before] === at;
    const target = by > 0 ? before + by - (on ? 0 : 1) : before + by;
    const moment = events[Math.min(Math.max(target, 0), events.length - 1)];
    return moment === undefined ? this.first : this.clamp(moment);
  }

  /** How far a moment lies between the first day and the last, 0 to 1. */
  share(at: number): number {
    return this.last > this.first ? (this.clamp(at) - this.first) / (this.last - this.first) : 0;
  }

  at(share: number): number {
    return Math.round(this.first + Math.min(Math.max(share, 0), 1) * (this.last - this.first));
  }

  /**
   * Write the phase of each element of the scene into `out`; says whether anything changed.
   * What is removed, temporary or built within the time counts as that, in this order.
   */
  paint(span: Span, out: Uint8Array): boolean {
    const { rows, appear, complete, remove, gone, temporary } = this;
    const { from, to } = span;
    let changed = false;
    for (let i = 0; i < rows.length; i++) {
      let phase: number = Phase.standing;
      if ((appear[i] as number) >= to || (gone[i] as number) <= from) phase = Phase.absent;
      else if ((remove[i] as number) < to || (gone[i] as number) < to) phase = Phase.removing;
      else if (temporary[i]) phase = Phase.temporary;
      else if ((complete[i] as number) > from) phase = Phase.building;
      const row = rows[i] as number;
      if (out[row] !== phase && row < out.length) {
        out[row] = phase;
        changed = true;
      }
    }
    return changed;
  }

  /** Phases of a scene before anything is painted: what is not listed has no date. */
  blank(): Uint8Array {
    return new Uint8Array(this.size).fill(Phase.undated);
  }

  /** Tasks at work, the critical ones first, then what ends first. */
  tasksIn(span: Span): TimelineTask[] {
    return this.tasks
      .filter(({ from, to }) => overlaps(from, to, span))
      .sort(
        (a, b) =>
          Number(b.item.critical) - Number(a.item.critical) ||
          a.to - b.to ||
          a.item.row - b.item.row,
      )
      .map(({ item }) => item);
  }

  /** Risks of the time, the gravest first. */
  risksIn(span: Span): TimelineRisk[] {
    return this.risks.filter(({ from, to }) => overlaps(from, to, span)).map(({ item }) => item);
  }

  isFree(day: number): boolean {
    const n = this.dayNumber(day) - 1;
    return (this.worked[n + 1] ?? 1) === (this.worked[n] ?? 0) && n >= 0 && n < this.days;
  }

  /** Working days from the day of `from` up to a finish; what ends today is one day. */
  workingDays(from: number, finish: number): number {
    const count = (at: number) =>
      this.worked[Math.min(Math.max(Math.ceil((at - this.first) / DAY), 0), this.days)] ?? 0;
    return Math.max(0, count(finish) - count(dayOf(from)));
  }

  /** Calendar days from the first day on, counted from one. */
  dayNumber(at: number): number {
    return Math.floor((dayOf(at) - this.first) / DAY) + 1;
  }

  get days(): number {
    return (this.last - this.first) / DAY;
  }

  /** Rows of the scene that a task works on. */
  elementsOf(task: number): number[] {
    const { task: builds, removal } = this.document.elements;
    return Array.from(this.rows).filter((_, i) => builds[i] === task || removal[i] === task);
  }

  /** Window of an issue of the sequence, or of a clash whose bodies both have dates. */
  windowOf(issue: string): Span | null {
    const risk = this.risks.find(({ item }) => item.issue === issue);
    if (risk) return risk;
    const clash = this.document.clashes.find((c) => c.issue === issue);
    return clash ? { from: minutesOf(clash.from), to: minutesOf(clash.to) } : null;
  }

  /** Tasks at work on each day of the plan, for the curve under the bar. */
  load(): Uint32Array {
    const difference = new Int32Array(this.days + 2);
    for (const { from, to } of this.tasks) {
      const begin = Math.max(0, this.dayNumber(from) - 1);
      const end = Math.min(this.days, Math.ceil((to - this.first) / DAY));
      if (end <= begin) continue;
      difference[begin] = (difference[begin] ?? 0) + 1;
      difference[end] = (difference[end] ?? 0) - 1;
    }
    const found = new Uint32Array(this.days);
    let sum = 0;
    for (let day = 0; day < found.length; day++) {
      sum += difference[day] ?? 0;
      found[day] = sum;
    }
    return found;
  }
}

function column(values: readonly (number | null)[], missing: number): Int32Array {
  return Int32Array.from(values, (v) => v ?? missing);
}

/** The first place whose value is not below `wanted`. */
function lower(values: readonly number[], wanted: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many elements with a body are in each phase. */
export function tally(phases: Uint8Array, bodies: ArrayLike<unknown>): number[] {
  const numbers = PHASES.map(() => 0);
  phases.forEach((phase, row) => {
    if (bodies[row]) numbers[phase] = (numbers[phase] ?? 0) + 1;
  });
  return numbers;
}
