/** The 3D view of the federation: loads tiles, draws on demand, colours, cuts, picks and flies. */
import {
  Box3,
  Box3Helper,
  BufferAttribute,
  BufferGeometry,
  Color,
  LinearSRGBColorSpace,
  LineSegments,
  MathUtils,
  Mesh,
  PerspectiveCamera,
  Points,
  Scene,
  Vector3,
  WebGLRenderer,
  WebGLRenderTarget,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { GLTFLoader } from "three/examples/jsm/loaders/GLTFLoader.js";
import { featureEdges } from "./edges";
import { between, type Stand, secondsOf, stand } from "./flight";
import { nearestToMiddle } from "./picking";
import {
  type Materials,
  materials,
  ringMaterial,
  type SharedUniforms,
  State,
  States,
  sharedUniforms,
} from "./shading";
import { Phase } from "./timeline";
import type { Point, SceneIndex, Viewpoint } from "./types";

/** How what is not selected is drawn. */
export type Rest = "ghost" | "solid" | "hidden";

export interface Selection {
  a: number[];
  b: number[];
  others: number[];
}

export interface Focus {
  viewpoint: Viewpoint | null;
  point: Point | null;
  extent: number;
}

/** One tile, drawn in three passes over the same geometry. */
interface Solid {
  mesh: Mesh;
  ghost: Mesh;
  xray: Mesh;
  tinted: boolean;
}

interface Flight {
  from: Stand;
  to: Stand;
  start: number;
  seconds: number;
}

/** How each phase of the plan is drawn; what is absent may be a ghost instead. */
const DRAWN: Record<Phase, State> = {
  [Phase.standing]: State.plain,
  [Phase.building]: State.building,
  [Phase.temporary]: State.temporary,
  [Phase.removing]: State.removing,
  [Phase.undated]: State.undated,
  [Phase.absent]: State.hidden,
};

const NONE: Selection = { a: [], b: [], others: [] };
const FIELD_OF_VIEW = 50;
/** Above this many triangles edges are left out: they cost more than they tell. */
const EDGE_TRIANGLES = 2_000_000;

/** A colour that reaches the screen as it is written: the shaders here do their own light. */
function raw(hex: string): Color {
  return new Color().setStyle(hex, LinearSRGBColorSpace);
}

export function webglAvailable(): boolean {
  const context = document.createElement("canvas").getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}

export class Viewer {
  onPick: (element: number) => void = () => {};
  onLost: () => void = () => {};
  triangles = 0;
  tiles = 0;
  frames = 0;
  picked = -1;
  elements = 0;
  /** Whether a person has turned or moved the view. */
  touched = false;

  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(FIELD_OF_VIEW, 1, 0.1, 1000);
  private readonly controls: OrbitControls;
  private readonly observer: ResizeObserver;
  private states = new States(1);
  private uniforms: SharedUniforms = sharedUniforms(this.states);
  private looks: { plain: Materials; tinted: Materials } = this.makeLooks();
  private solids: Solid[] = [];
  private lines: LineSegments[] = [];
  /** (6E,) low and high corner of each element, in view coordinates. */
  private boxes = new Float32Array(0);
  private readonly origin = new Vector3();
  private readonly bounds = new Box3();
  private hidden: Uint8Array = new Uint8Array(0);
  private selection: Selection = NONE;
  private rest: Rest = "ghost";
  /** (E,) phase of each element while the plan is played, else null. */
  private phases: Uint8Array | null = null;
  private absent: State = State.hidden;
  private flight: Flight | null = null;
  private requested = 0;
  private readonly clipFrame = new Box3Helper(new Box3(), raw("#0f5f8c"));
  private readonly ring = new Points(
    new BufferGeometry(),
    ringMaterial(Math.min(window.devicePixelRatio, 2)),
  );
  private down: { x: number; y: number; time: number; id: number } | null = null;
  private disposed = false;

  constructor(private readonly host: HTMLElement) {
    this.renderer = new WebGLRenderer({ antialias: true, powerPreference: "high-performance" });
    this.renderer.setClearColor(raw("#eef2f6"));
    this.renderer.outputColorSpace = "srgb-linear";
    this.camera.up.set(0, 0, 1);
    const canvas = this.renderer.domElement;
    host.append(canvas);
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.zoomToCursor = true;
    this.controls.rotateSpeed = 0.8;
    this.controls.addEventListener("change", () => this.invalidate());
    this.controls.addEventListener("start", () => {
      this.touched = true;
      this.flight = null;
    });
    this.clipFrame.visible = false;
    this.ring.visible = false;
    this.ring.frustumCulled = false;
    this.ring.renderOrder = 9;
    this.ring.geometry.setAttribute("position", new BufferAttribute(new Float32Array(3), 3));
    this.scene.add(this.clipFrame, this.ring);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.onLost();
    });
    canvas.addEventListener("pointerdown", (e) => this.pressed(e));
    canvas.addEventListener("pointerup", (e) => this.released(e));
    this.resize();
  }

  dispose(): void {
    this.disposed = true;
    cancelAnimationFrame(this.requested);
    this.observer.disconnect();
    this.controls.dispose();
    this.clear();
    this.renderer.dispose();
    this.renderer.domElement.remove();
  }

  /** Fetch and show all tiles of `index`; `elements` is the number of rows of its table. */
  async load(
    index: SceneIndex,
    elements: number,
    onTile: (done: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    this.clear();
    this.begin(index, elements);
    const loader = new GLTFLoader();
    const waiting = [...index.tiles];
    const worker = async () => {
      for (let tile = waiting.shift(); tile; tile = waiting.shift()) {
        const answer = await fetch(tile.url, { signal });
        if (!answer.ok) throw new Error(`${tile.model}: HTTP ${answer.status}`);
        const gltf = await loader.parseAsync(await answer.arrayBuffer(), "");
        if (signal.aborted || this.disposed) return;
        gltf.scene.traverse((node) => {
          if (node instanceof Mesh) this.addTile(node.geometry as BufferGeometry, tile.origin);
        });
        this.tiles += 1;
        onTile(this.tiles);
        this.invalidate();
      }
    };
    await Promise.all([worker(), worker(), worker()]);
    if (this.triangles <= EDGE_TRIANGLES) this.addEdges(signal);
  }

  private begin(index: SceneIndex, elements: number): void {
    this.elements = elements;
    const [low = [], high = []] = index.bounds ?? [];
    this.bounds.set(new Vector3(...low), new Vector3(...high));
    this.bounds.getCenter(this.origin);
    this.bounds.translate(this.origin.clone().negate());
    this.states = new States(elements);
    this.uniforms = sharedUniforms(this.states);
    this.looks = this.makeLooks();
    this.hidden = new Uint8Array(elements);
    this.boxes = new Float32Array(6 * elements);
    for (let e = 0; e < elements; e++) {
      this.boxes.fill(Number.POSITIVE_INFINITY, 6 * e, 6 * e + 3);
      this.boxes.fill(Number.NEGATIVE_INFINITY, 6 * e + 3, 6 * e + 6);
    }
    this.refresh();
  }

  private makeLooks() {
    return { plain: materials(this.uniforms, false), tinted: materials(this.uniforms, true) };
  }

  private clear(): void {
    for (const { mesh, ghost, xray } of this.solids) {
      this.scene.remove(mesh, ghost, xray);
      mesh.geometry.dispose();
    }
    for (const line of this.lines) {
      this.scene.remove(line);
      line.geometry.dispose();
    }
    for (const set of Object.values(this.looks))
      for (const material of Object.values(set)) material.dispose();
    this.states.texture.dispose();
    this.solids = [];
    this.lines = [];
    this.triangles = 0;
    this.tiles = 0;
    this.picked = -1;
    this.selection = NONE;
    this.phases = null;
  }

  private addTile(geometry: BufferGeometry, origin: Point): void {
    const position = geometry.getAttribute("position");
    const element = geometry.getAttribute("_element");
    if (!position || !element) return;
    const tinted = geometry.getAttribute("color") !== undefined;
    const looks = tinted ? this.looks.tinted : this.looks.plain;
    const mesh = new Mesh(geometry, looks.solid);
    const ghost = new Mesh(geometry, looks.ghost);
    const xray = new Mesh(geometry, looks.xray);
    ghost.renderOrder = 2;
    xray.visible = false;
    for (const part of [mesh, ghost, xray]) {
      part.position.set(...origin).sub(this.origin);
      part.updateMatrixWorld();
    }
    this.scene.add(mesh, ghost, xray);
    this.solids.push({ mesh, ghost, xray, tinted });
    this.triangles += (geometry.index?.count ?? position.count) / 3;
    for (let v = 0; v < position.count; v++) {
      const row = 6 * Math.round(element.getX(v));
      for (let axis = 0; axis < 3; axis++) {
        const value = position.getComponent(v, axis) + mesh.position.getComponent(axis);
        if (value < (this.boxes[row + axis] ?? 0)) this.boxes[row + axis] = value;
        if (value > (this.boxes[row + 3 + axis] ?? 0)) this.boxes[row + 3 + axis] = value;
      }
    }
  }

  /** One tile at a time between frames, so that the view stays responsive. */
  private addEdges(signal: AbortSignal): void {
    const waiting = [...this.solids];
    const next = () => {
      const tile = waiting.shift();
      if (!tile || signal.aborted || this.disposed) return;
      const { geometry, position } = tile.mesh;
      const index =
        geometry.index?.array ?? Array.from(geometry.getAttribute("position").array, (_, i) => i);
      const found = featureEdges(
        geometry.getAttribute("position").array,
        geometry.getAttribute("_element").array,
        index,
      );
      const edges = new BufferGeometry();
      edges.setAttribute("position", new BufferAttribute(found.positions, 3));
      edges.setAttribute("_element", new BufferAttribute(found.elements, 1));
      const line = new LineSegments(edges, this.looks.plain.lines);
      line.position.copy(position);
      line.renderOrder = 1;
      this.scene.add(line);
      this.lines.push(line);
      this.invalidate();
      setTimeout(next, 0);
    };
    setTimeout(next, 50);
  }

  // What is shown --------------------------------------------------------------------------

  /** Hide elements (E,) where 1; selected ones are shown all the same. */
  setHidden(hidden: Uint8Array): void {
    this.hidden = hidden;
    this.refresh();
  }

  setRest(rest: Rest): void {
    this.rest = rest;
    this.refresh();
  }

  setEdges(shown: boolean): void {
    for (const line of this.lines) line.visible = shown;
    this.invalidate();
  }

  /** Draw elements as they are at a date; null draws the finished building again. */
  setPhases(phases: Uint8Array | null, ghosts = false): void {
    this.phases = phases;
    this.absent = ghosts ? State.ghost : State.hidden;
    this.refresh();
  }

  select(selection: Selection | null): void {
    this.selection = selection ?? NONE;
    this.ring.visible = false;
    if (!selection) this.uniforms.focusRadius.value = 1e9; // no conflict, nothing is far from it
    this.refresh();
  }

  setPicked(element: number): void {
    this.picked = element;
    this.refresh();
  }

  private refresh(): void {
    const { data } = this.states;
    const { a, b, others } = this.selection;
    const chosen = a.length + b.length + others.length > 0;
    const rest =
      !chosen || this.rest === "solid"
        ? State.plain
        : this.rest === "ghost"
          ? State.ghost
          : State.hidden;
    const { phases } = this;
    for (let e = 0; e < this.elements; e++) {
      const shown = phases ? this.drawnAs(phases[e] as Phase) : rest;
      data[e] = this.hidden[e] ? State.hidden : shown;
    }
    const mark = (rows: number[], state: State, absent = state) => {
      for (const row of rows)
        if (row >= 0 && row < this.elements)
          data[row] = phases?.[row] === Phase.absent ? absent : state;
    };
    if (!phases) mark(others, State.plain);
    mark(b, State.b, State.absentB);
    mark(a, State.a, State.absentA);
    const current = data[this.picked];
    if (this.picked >= 0 && current !== State.a && current !== State.b)
      mark([this.picked], State.picked, State.ghost);
    for (const { xray } of this.solids) xray.visible = a.length + b.length > 0;
    this.states.changed();
    this.invalidate();
  }

  private drawnAs(phase: Phase): State {
    return phase === Phase.absent ? this.absent : DRAWN[phase];
  }

  /** Cut away all but a cube around `point`; null shows everything. */
  setClip(point: Point | null, size = 3): void {
    const low = this.uniforms.clipLow.value;
    const high = this.uniforms.clipHigh.value;
    this.clipFrame.visible = point !== null;
    if (point) {
      const middle = new Vector3(...point).sub(this.origin);
      low.copy(middle).subScalar(size);
      high.copy(middle).addScalar(size);
      this.clipFrame.box.set(low.clone(), high.clone());
      this.clipFrame.updateMatrixWorld(true);
    } else {
      low.setScalar(-1e9);
      high.setScalar(1e9);
    }
    this.invalidate();
  }

  // Where from -----------------------------------------------------------------------------

  /** Look at an issue as its viewpoint says, or at its elements where there is none. */
  flyToIssue(focus: Focus, selection: Selection): void {
    const box = this.boxOf([...selection.a, ...selection.b, ...selection.others]);
    const point = focus.point
      ? new Vector3(...focus.point).sub(this.origin)
      : box.getCenter(new Vector3());
    const size = Math.max(focus.extent, 0.5);
    this.uniforms.focus.value.copy(point);
    this.uniforms.focusRadius.value = MathUtils.clamp(size, 1.5, 6);
    this.ring.position.copy(point);
    this.ring.visible = focus.point !== null || !box.isEmpty();
    if (focus.viewpoint) this.flyToViewpoint(focus.viewpoint, point, size);
    else if (!box.isEmpty()) this.flyToBox(box);
    else if (!focus.point) this.fit();
    else this.flyToBox(new Box3(point.clone().subScalar(size), point.clone().addScalar(size)));
  }

  private flyToViewpoint(viewpoint: Viewpoint, point: Vector3, size: number): void {
    const position = new Vector3(...viewpoint.position).sub(this.origin);
    const direction = new Vector3(...viewpoint.direction).normalize();
    const along = point.clone().sub(position).dot(direction);
    const distance = along > 0.05 ? along : size * 2;
    const target = position.clone().addScaledVector(direction, distance);
    // A narrow screen steps back until it shows as much from side to side.
    const narrow = Math.min(2.5, Math.max(1, viewpoint.aspect_ratio / this.camera.aspect));
    position.copy(target).addScaledVector(direction, -distance * narrow);
    this.fly(position, target, MathUtils.clamp(viewpoint.field_of_view_deg, 20, 90));
  }

  /** Show the whole federation from its usual side; a stray element does not shrink it. */
  fit(direct = false): void {
    this.flyToBox(this.core(), new Vector3(0.55, 0.72, -0.5), direct);
  }

  fitElement(element: number): void {
    this.fitElements([element]);
  }

  fitElements(elements: number[]): void {
    const box = this.boxOf(elements);
    if (!box.isEmpty()) this.flyToBox(box);
  }

  private flyToBox(box: Box3, direction?: Vector3, direct = false): void {
    const target = box.getCenter(new Vector3());
    const radius = Math.max(0.3, box.getSize(new Vector3()).length() / 2);
    const view =
      direction?.clone().normalize() ??
      this.controls.target.clone().sub(this.camera.position).normalize();
    const half = MathUtils.degToRad(FIELD_OF_VIEW / 2);
    const across = Math.atan(Math.tan(half) * Math.min(1, this.camera.aspect));
    const distance = (radius / Math.sin(across)) * 0.92;
    this.fly(target.clone().addScaledVector(view, -distance), target, FIELD_OF_VIEW, direct);
  }

  private boxOf(rows: number[]): Box3 {
    const box = new Box3();
    for (const row of rows) {
      const values = this.boxes.subarray(6 * row, 6 * row + 6);
      const [x = 0, y = 0, z = 0, u = 0, v = 0, w = 0] = values;
      if (row >= 0 && values.length === 6 && x <= u)
        box.union(new Box3(new Vector3(x, y, z), new Vector3(u, v, w)));
    }
    return box;
  }

  /** The box of all elements, or of the middle 96 % where a few stand far away. */
  private core(): Box3 {
    const low: number[][] = [[], [], []];
    const high: number[][] = [[], [], []];
    for (let row = 0; row < this.elements; row++) {
      if (!((this.boxes[6 * row] ?? 1) <= (this.boxes[6 * row + 3] ?? 0)) || this.hidden[row])
        continue;
      for (let axis = 0; axis < 3; axis++) {
        low[axis]?.push(this.boxes[6 * row + axis] ?? 0);
        high[axis]?.push(this.boxes[6 * row + 3 + axis] ?? 0);
      }
    }
    const count = low[0]?.length ?? 0;
    if (count === 0) return this.bounds.clone();
    const at = (values: number[] | undefined, share: number) =>
      [...(values ?? [])].sort((p, q) => p - q)[Math.round(share * (count - 1))] ?? 0;
    const box = (share: number) =>
      new Box3(
        new Vector3(at(low[0], share), at(low[1], share), at(low[2], share)),
        new Vector3(at(high[0], 1 - share), at(high[1], 1 - share), at(high[2], 1 - share)),
      );
    const whole = box(0);
    const middle = box(0.02);
    const span = (b: Box3) => b.getSize(new Vector3()).length();
    return span(whole) > 8 * span(middle) && span(middle) > 0 ? middle : whole;
  }

  private fly(position: Vector3, target: Vector3, fov: number, direct = false): void {
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches || document.hidden;
    const from = stand(this.camera.position, this.controls.target, this.camera.fov);
    const to = stand(position, target, fov);
    this.flight = {
      from,
      to,
      start: performance.now(),
      seconds: direct || calm ? 0 : secondsOf(from, to),
    };
    this.invalidate();
  }

  private advance(now: number): void {
    if (!this.flight) return;
    const { from, to, start, seconds } = this.flight;
    const share = seconds === 0 ? 1 : Math.min(1, (now - start) / 1000 / seconds);
    const at = share >= 1 ? to : between(from, to, share * share * (3 - 2 * share));
    this.camera.position.copy(at.position);
    this.controls.target.copy(at.target);
    this.camera.fov = at.fov;
    this.camera.updateProjectionMatrix();
    if (share >= 1) this.flight = null;
    this.controls.update();
  }

  // Drawing --------------------------------------------------------------------------------

  invalidate(): void {
    if (this.requested || this.disposed) return;
    this.requested = requestAnimationFrame((now) => {
      this.requested = 0;
      this.advance(Math.max(now, performance.now()));
      this.draw();
      if (this.flight) this.invalidate();
    });
  }

  private draw(): void {
    const far = this.bounds.getSize(new Vector3()).length() + this.camera.position.length() + 10;
    const near = MathUtils.clamp(
      this.camera.position.distanceTo(this.controls.target) / 150,
      0.01,
      5,
    );
    if (this.camera.far !== far || this.camera.near !== near) {
      this.camera.far = far;
      this.camera.near = near;
      this.camera.updateProjectionMatrix();
    }
    this.renderer.render(this.scene, this.camera);
    this.frames += 1;
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.host;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio, 2));
    this.renderer.setSize(clientWidth, clientHeight);
    this.camera.aspect = clientWidth / clientHeight;
    this.camera.updateProjectionMatrix();
    cancelAnimationFrame(this.requested);
    this.requested = 0;
    this.draw();
    this.invalidate();
  }

  // Picking --------------------------------------------------------------------------------

  private pressed(event: PointerEvent): void {
    const single = event.isPrimary && event.button === 0;
    this.down = single
      ? { x: event.clientX, y: event.clientY, time: event.timeStamp, id: event.pointerId }
      : null;
  }

  private released(event: PointerEvent): void {
    const down = this.down;
    this.down = null;
    if (!down || down.id !== event.pointerId || event.timeStamp - down.time > 600) return;
    if (Math.hypot(event.clientX - down.x, event.clientY - down.y) > 6) return;
    const frame = this.renderer.domElement.getBoundingClientRect();
    const reach = event.pointerType === "touch" ? 9 : 2;
    const found = this.pick(event.clientX - frame.left, event.clientY - frame.top, reach);
    this.onPick(found);
  }

  /** The element at (x, y) CSS pixels or within `reach` of it; -1 where there is none. */
  pick(x: number, y: number, reach: number): number {
    const size = 2 * reach + 1;
    const { clientWidth, clientHeight } = this.host;
    this.camera.setViewOffset(clientWidth, clientHeight, x - reach, y - reach, size, size);
    const solid = nearestToMiddle(this.identities(size, size, "pickSolid"), size);
    const found =
      solid >= 0 ? solid : nearestToMiddle(this.identities(size, size, "pickAny"), size);
    this.camera.clearViewOffset();
    this.camera.updateProjectionMatrix();
    return found;
  }

  /** The element number of each pixel (-1: none) as the camera sees it. */
  private identities(width: number, height: number, look: "pickSolid" | "pickAny"): Int32Array {
    const target = new WebGLRenderTarget(width, height);
    const swap = (name: keyof Materials) => {
      for (const { mesh, ghost, xray, tinted } of this.solids) {
        mesh.material = (tinted ? this.looks.tinted : this.looks.plain)[name];
        ghost.visible = name === "solid";
        xray.visible = name === "solid" && this.selection.a.length + this.selection.b.length > 0;
      }
    };
    const lines = this.lines.map((line) => line.visible);
    const overlays = [this.clipFrame, this.ring] as const;
    const shown = overlays.map((o) => o.visible);
    for (const line of this.lines) line.visible = false;
    for (const overlay of overlays) overlay.visible = false;
    swap(look);
    const clear = this.renderer.getClearColor(new Color()).clone();
    this.renderer.setRenderTarget(target);
    this.renderer.setClearColor(0x000000, 0);
    this.renderer.clear();
    this.renderer.render(this.scene, this.camera);
    const pixels = new Uint8Array(4 * width * height);
    this.renderer.readRenderTargetPixels(target, 0, 0, width, height, pixels);
    this.renderer.setRenderTarget(null);
    this.renderer.setClearColor(clear, 1);
    swap("solid");
    overlays.forEach((overlay, i) => {
      overlay.visible = shown[i] ?? false;
    });
    this.lines.forEach((line, i) => {
      line.visible = lines[i] ?? true;
    });
    target.dispose();
    return Int32Array.from({ length: width * height }, (_, i) => {
      const [r = 0, g = 0, b = 0] = pixels.subarray(4 * i, 4 * i + 3);
      return r + 256 * g + 65536 * b - 1;
    });
  }

  /** What the picture shows, in numbers; for diagnosis and tests. */
  diagnose() {
    const { clientWidth, clientHeight } = this.host;
    // One at a time: a body inside the other shows through it.
    const seen = (state: State) => {
      this.uniforms.only.value = state;
      return this.identities(clientWidth, clientHeight, "pickSolid").filter((e) => e >= 0).length;
    };
    const shown = { a: seen(State.a), b: seen(State.b), other: seen(State.plain) };
    const phases = this.phases && {
      building: seen(State.building),
      temporary: seen(State.temporary),
      removing: seen(State.removing),
      undated: seen(State.undated),
    };
    this.uniforms.only.value = -1;
    return {
      elements: this.elements,
      tiles: this.tiles,
      triangles: this.triangles,
      edges: this.lines.length,
      frames: this.frames,
      picked: this.picked,
      selection: this.selection,
      pixels: shown,
      phases,
      flying: this.flight !== null,
    };
  }
}
