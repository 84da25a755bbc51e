/** The board of the map: a canvas that is moved by mouse, finger and key, and drawn on demand. */
import type { Hit, Pen, Sheet } from "./mapdraw";
import {
  type Box,
  type Camera,
  fitted,
  joined,
  NOWHERE,
  type Size,
  toPlane,
  type XY,
  zoomed,
} from "./plane";

/** A small mark of a finding, drawn on top. */
export interface Dot {
  at: XY;
  colour: string;
}

/** Pixels that a finger may wander and still tap, and around which it finds something. */
const STEADY = 6;
const NEAR = { mouse: 7, touch: 16 } as const;
const KEY_STEP = 80;
const MARGIN = 56;

export class MapBoard {
  onMove: (camera: Camera) => void = () => {};
  onResize: () => void = () => {};
  onPoint: (at: XY | null) => void = () => {};
  /** Tapped at a place of the plane, within `slack` metres. */
  onTap: (at: XY, slack: number) => void = () => {};

  camera: Camera = { x: 0, y: 0, scale: 1 };
  size: Size = { width: 0, height: 0 };
  sheets: readonly Sheet[] = [];
  dots: readonly Dot[] = [];
  /** Times the picture was drawn, for diagnosis. */
  drawn = 0;

  private picked: Path2D | null = null;
  private hidden: ReadonlySet<string> = new Set();
  private readonly canvas = document.createElement("canvas");
  /** Drawn by the processor: a hundred thousand thin lines are 20 times faster so than by a
   * graphics card that is only emulated, and no slower than by a real one. */
  private readonly pen = this.canvas.getContext("2d", { willReadFrequently: true });
  private readonly fingers = new Map<number, XY>();
  private travelled = 0;
  private frame = 0;
  private home: Box = NOWHERE;
  private readonly watch: ResizeObserver;
  private readonly stop = new AbortController();

  constructor(private readonly host: HTMLElement) {
    host.append(this.canvas);
    host.tabIndex = 0; // the map is moved by keys as well
    this.watch = new ResizeObserver(() => this.resize());
    this.watch.observe(host);
    const on = <K extends keyof HTMLElementEventMap>(
      name: K,
      handle: (event: HTMLElementEventMap[K]) => void,
    ) => host.addEventListener(name, handle, { signal: this.stop.signal, passive: false });
    on("pointerdown", (e) => this.down(e));
    on("pointermove", (e) => this.move(e));
    on("pointerup", (e) => this.up(e));
    on("pointercancel", (e) => this.fingers.delete(e.pointerId));
    on("pointerleave", () => this.onPoint(null));
    on("wheel", (e) => this.wheel(e));
    on("dblclick", (e) => this.zoom(2, this.at(e)));
    on("keydown", (e) => this.key(e));
    this.resize();
  }

  dispose(): void {
    this.stop.abort();
    this.watch.disconnect();
    cancelAnimationFrame(this.frame);
    this.canvas.remove();
  }

  /** What there is to draw, and where the map comes home to; the camera stays. */
  show(sheets: readonly Sheet[], home: Box): void {
    this.sheets = sheets;
    this.home = home;
    this.redraw();
  }

  hide(keys: ReadonlySet<string>): void {
    this.hidden = keys;
    this.redraw();
  }

  /** Draw one thing on top, as found under the finger. */
  pick(edge: Path2D | null): void {
    this.picked = edge;
    this.redraw();
  }

  mark(dots: readonly Dot[]): void {
    this.dots = dots;
    this.redraw();
  }

  /** Everything that is not switched off. */
  fit(): void {
    const shown = this.sheets.filter((s) => !this.hidden.has(s.key)).map((s) => s.box);
    this.look(fitted([...shown, this.home].reduce(joined, NOWHERE), this.size, this.margin));
  }

  /** The models and what belongs to them. */
  goHome(): void {
    this.look(fitted(this.home, this.size, this.margin));
  }

  fitBox(box: Box, most: number): void {
    const camera = fitted(box, this.size, this.margin * 1.5);
    this.look({ ...camera, scale: Math.min(camera.scale, most) });
  }

  private get margin(): number {
    return Math.min(MARGIN, this.size.width * 0.08);
  }

  zoom(factor: number, at: XY = [this.size.width / 2, this.size.height / 2]): void {
    this.look(zoomed(this.camera, this.size, at, factor));
  }

  look(camera: Camera): void {
    this.camera = camera;
    this.onMove(camera);
    this.redraw();
  }

  find(at: XY, slack: number): Hit | null {
    for (const sheet of [...this.sheets].reverse()) {
      const hit = this.hidden.has(sheet.key) ? null : sheet.find(at, slack);
      if (hit) return hit;
    }
    return null;
  }

  // Fingers, wheel and keys ----------------------------------------------------------------

  private at(event: MouseEvent): XY {
    const box = this.host.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0 || (event.target as HTMLElement).closest("button")) return;
    this.host.setPointerCapture(event.pointerId);
    if (this.fingers.size === 0) this.travelled = 0;
    this.fingers.set(event.pointerId, this.at(event));
    if (this.fingers.size > 1) this.travelled = STEADY + 1;
  }

  private move(event: PointerEvent): void {
    const now = this.at(event);
    this.onPoint(toPlane(this.camera, this.size, now));
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const others = [...this.fingers].filter(([id]) => id !== event.pointerId);
    const other = others[0]?.[1];
    this.travelled += Math.hypot(now[0] - before[0], now[1] - before[1]);
    this.fingers.set(event.pointerId, now);
    if (this.travelled <= STEADY) return;
    if (!other) {
      this.pan(now[0] - before[0], now[1] - before[1]);
      return;
    }
    const middle = (p: XY): XY => [(p[0] + other[0]) / 2, (p[1] + other[1]) / 2];
    const apart = (p: XY) => Math.max(Math.hypot(p[0] - other[0], p[1] - other[1]), 1);
    const [from, to] = [middle(before), middle(now)];
    this.pan(to[0] - from[0], to[1] - from[1]);
    this.zoom(apart(now) / apart(before), to);
  }

  private up(event: PointerEvent): void {
    if (!this.fingers.delete(event.pointerId)) return;
    if (this.fingers.size || this.travelled > STEADY) return;
    const pixels = event.pointerType === "mouse" ? NEAR.mouse : NEAR.touch;
    this.onTap(toPlane(this.camera, this.size, this.at(event)), pixels / this.camera.scale);
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    // A pinch on a touchpad arrives as a wheel with Ctrl, in small steps.
    const rate = event.ctrlKey ? 0.01 : 0.0016;
    this.zoom(Math.exp(-event.deltaY * lines * rate), this.at(event));
  }

  private pan(dx: number, dy: number): void {
    const { x, y, scale } = this.camera;
    this.look({ x: x - dx / scale, y: y + dy / scale, scale });
  }

  private key(event: KeyboardEvent): void {
    if (event.target !== this.host || event.ctrlKey || event.metaKey || event.altKey) return;
    const moves: Record<string, () => void> = {
      ArrowLeft: () => this.pan(KEY_STEP, 0),
      ArrowRight: () => this.pan(-KEY_STEP, 0),
      ArrowUp: () => this.pan(0, KEY_STEP),
      ArrowDown: () => this.pan(0, -KEY_STEP),
      "+": () => this.zoom(1.5),
      "=": () => this.zoom(1.5),
      "-": () => this.zoom(1 / 1.5),
      "0": () => this.fit(),
      Home: () => this.goHome(),
      Enter: () => this.onTap([this.camera.x, this.camera.y], NEAR.touch / this.camera.scale),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  }

  // Drawing --------------------------------------------------------------------------------

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (!width || !height) return;
    const before = this.size;
    this.size = { width, height };
    this.canvas.width = Math.round(width * devicePixelRatio);
    this.canvas.height = Math.round(height * devicePixelRatio);
    if (before.width === 0) {
      this.goHome();
      return;
    }
    // What is at the upper left stays there when a panel opens beside the map.
    const { x, y, scale } = this.camera;
    const dx = (width - before.width) / 2 / scale;
    const dy = (height - before.height) / 2 / scale;
    this.look({ x: x + dx, y: y - dy, scale });
    this.onResize();
  }

  private redraw(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    const ctx = this.pen;
    if (!ctx || !this.size.width) return;
    const { x, y, scale } = this.camera;
    const ratio = devicePixelRatio;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const zoom = scale * ratio;
    const east = (this.size.width / 2) * ratio - x * zoom;
    const north = (this.size.height / 2) * ratio + y * zoom;
    ctx.setTransform(zoom, 0, 0, -zoom, east, north);
    const pen: Pen = { ctx, pixel: 1 / scale, camera: this.camera, size: this.size, words: [] };
    const shown = this.sheets.filter((s) => !this.hidden.has(s.key));
    for (const sheet of shown) sheet.draw(pen);
    if (this.picked)
      for (const [colour, width] of [
        ["#1c2731", 6],
        ["#ffb300", 3.5],
      ] as const) {
        ctx.strokeStyle = colour;
        ctx.lineWidth = width / scale;
        ctx.setLineDash([]);
        ctx.stroke(this.picked);
      }
    // What lies on top is named first: where there is no room, the ground goes without.
    for (const sheet of [...shown].reverse()) sheet.label?.(pen);
    for (const dot of this.dots) {
      ctx.fillStyle = "#fff";
      circle(ctx, dot.at, 5.5 / scale);
      ctx.fillStyle = dot.colour;
      circle(ctx, dot.at, 4 / scale);
    }
    this.drawn += 1;
  }
}

function circle(ctx: CanvasRenderingContext2D, [x, y]: XY, radius: number): void {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
}
