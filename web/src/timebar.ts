/** The bar of the plan on a canvas: days without work, what is at work, risks by severity. */
import { type Band, band, planDate } from "./format";
import { DAY, dayOf, minutesOf, type Plan, type Span } from "./timeline";

const BANDS: readonly Band[] = ["critical", "high", "medium", "low", "note"];
const COLOURS: Record<Band, string> = {
  critical: "#b3261e",
  high: "#c24e06",
  medium: "#c79a00",
  low: "#3f7db0",
  note: "#6b7986",
};
const HEAD = 18;
const LANE = 6;
const GAP = 2;
const MARGIN = 10;
/** Days narrower than this many pixels are not told apart. */
const NARROWEST = 2;

export interface Shown {
  span: Span;
  /** Window of the selected issue. */
  window: Span | null;
}

/** Bands that any risk of the plan has: each gets a lane, the gravest above. */
export function lanesOf(plan: Plan): Band[] {
  const known = new Set(plan.risks.map(({ item }) => band(item.severity)));
  return BANDS.filter((name) => known.has(name));
}

export class Timebar {
  private readonly load: Uint32Array;
  private readonly lanes: Band[];
  private width = 0;
  private height = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly plan: Plan,
  ) {
    this.load = plan.load();
    this.lanes = lanesOf(plan);
  }

  /** Pixels from the left for a moment. */
  x(at: number): number {
    return MARGIN + this.plan.share(at) * (this.width - 2 * MARGIN);
  }

  /** The moment under a pixel from the left. */
  moment(x: number): number {
    return this.plan.at((x - MARGIN) / Math.max(1, this.width - 2 * MARGIN));
  }

  draw(shown: Shown): void {
    const { canvas } = this;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const { clientWidth, clientHeight } = canvas;
    if (clientWidth === 0) return;
    this.width = clientWidth;
    this.height = clientHeight;
    if (canvas.width !== clientWidth * ratio || canvas.height !== clientHeight * ratio) {
      canvas.width = clientWidth * ratio;
      canvas.height = clientHeight * ratio;
    }
    const pen = canvas.getContext("2d");
    if (!pen) return;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, this.width, this.height);
    this.paintFree(pen);
    this.paintLoad(pen);
    this.paintMonths(pen);
    this.paintRisks(pen, shown.span);
    this.paintMarks(pen, shown);
  }

  private paintFree(pen: CanvasRenderingContext2D): void {
    const narrow = this.x(this.plan.first + DAY) - this.x(this.plan.first) < NARROWEST;
    pen.fillStyle = "#e3e8ee";
    for (const { from, to } of this.plan.free) {
      if (narrow && to - from < 4 * DAY) continue;
      const left = this.x(from);
      pen.fillRect(left, HEAD, this.x(to) - left, this.height - HEAD);
    }
  }

  /** How many tasks are at work on each day. */
  private paintLoad(pen: CanvasRenderingContext2D): void {
    const most = this.load.reduce((a, b) => Math.max(a, b), 1);
    const foot = this.height - 1;
    const room = this.height - HEAD - this.lanes.length * (LANE + GAP) - 8;
    pen.beginPath();
    pen.moveTo(this.x(this.plan.first), foot);
    this.load.forEach((n, day) => {
      const y = foot - (n / most) * Math.max(6, room);
      pen.lineTo(this.x(this.plan.first + day * DAY), y);
      pen.lineTo(this.x(this.plan.first + (day + 1) * DAY), y);
    });
    pen.lineTo(this.x(this.plan.last), foot);
    pen.closePath();
    pen.fillStyle = "rgb(46 158 79 / 22%)";
    pen.fill();
  }

  private paintMonths(pen: CanvasRenderingContext2D): void {
    pen.font = "11px system-ui, sans-serif";
    pen.textBaseline = "middle";
    let free = MARGIN;
    for (const at of ticks(this.plan, (this.width - 2 * MARGIN) / this.plan.days)) {
      const x = this.x(at);
      pen.fillStyle = "#b9c4ce";
      pen.fillRect(Math.round(x), HEAD - 5, 1, this.height - HEAD + 5);
      const words = tickWords(at);
      const long = pen.measureText(words).width;
      if (x < free || x + long > this.width) continue;
      pen.fillStyle = "#51606e";
      pen.fillText(words, x + 3, HEAD / 2);
      free = x + long + 10;
    }
  }

  private paintRisks(pen: CanvasRenderingContext2D, span: Span): void {
    const lit = (from: number, to: number) => from < span.to && to > span.from;
    for (const bright of [false, true])
      for (const { item, from, to } of this.plan.risks) {
        if (lit(from, to) !== bright) continue;
        const name = band(item.severity);
        const top = HEAD + 3 + this.lanes.indexOf(name) * (LANE + GAP);
        const left = this.x(from);
        pen.globalAlpha = bright ? 1 : 0.38;
        pen.fillStyle = COLOURS[name];
        pen.fillRect(left, top, Math.max(3, this.x(to) - left), LANE);
      }
    pen.globalAlpha = 1;
  }

  private paintMarks(pen: CanvasRenderingContext2D, { span, window: chosen }: Shown): void {
    const status = minutesOf(this.plan.document.schedule.status_date);
    if (status >= this.plan.first && status <= this.plan.last) {
      pen.strokeStyle = "#51606e";
      pen.setLineDash([3, 3]);
      pen.beginPath();
      pen.moveTo(this.x(status), HEAD - 6);
      pen.lineTo(this.x(status), this.height);
      pen.stroke();
      pen.setLineDash([]);
    }
    if (chosen) {
      const left = this.x(chosen.from);
      const wide = Math.max(4, this.x(chosen.to) - left);
      pen.strokeStyle = "#16212c";
      pen.lineWidth = 1.5;
      pen.strokeRect(left - 1, HEAD + 1, wide + 2, this.height - HEAD - 3);
      pen.lineWidth = 1;
    }
    const left = this.x(span.from);
    const wide = Math.max(2, this.x(span.to) - left);
    pen.fillStyle = "rgb(20 80 125 / 20%)";
    pen.fillRect(left, HEAD, wide, this.height - HEAD);
    const middle = left + wide / 2;
    pen.fillStyle = "#14507d";
    pen.fillRect(middle - 1, HEAD - 4, 2, this.height - HEAD + 4);
    pen.beginPath();
    pen.arc(middle, HEAD - 2, 6, 0, 7);
    pen.fill();
    pen.strokeStyle = "#fff";
    pen.lineWidth = 2;
    pen.stroke();
    pen.lineWidth = 1;
  }
}

/** Where the scale is marked: weeks of a short plan, else months, or years of a long one. */
function ticks(plan: Plan, dayWidth: number): number[] {
  const found: number[] = [];
  if (dayWidth >= 7) {
    for (let at = plan.first; at <= plan.last; at += DAY)
      if (new Date(at * 60_000).getUTCDay() === 1) found.push(at);
    return found;
  }
  const first = new Date(plan.first * 60_000);
  const step = dayWidth * 30 >= 24 ? 1 : dayWidth * 91 >= 24 ? 3 : 12;
  for (let month = 0; ; month += step) {
    const year = first.getUTCFullYear();
    const start = step === 12 ? 0 : Math.floor(first.getUTCMonth() / step) * step;
    const at = dayOf(Date.UTC(year, start + month, 1) / 60_000);
    if (at > plan.last) return found;
    if (at >= plan.first) found.push(at);
  }
}

function tickWords(at: number): string {
  const when = new Date(at * 60_000);
  if (when.getUTCDate() !== 1) return planDate(at, "day");
  const month = planDate(at, "month");
  return when.getUTCMonth() === 0 ? `${when.getUTCFullYear()} ${month}` : month;
}
