/** The map as paths: made once from the document, drawn anew for each camera, and asked what is where. */
import { colourOf, type Look, lookOf, MODEL_RANK, modelColour, reach } from "./mapstyle";
import {
  type Box,
  boxOf,
  type Camera,
  distanceToLine,
  grown,
  holds,
  inside,
  joined,
  meet,
  NOWHERE,
  type Size,
  toScreen,
  viewOf,
  type XY,
} from "./plane";
import type { MapDocument, MapFeature, MapLayer, MapModel } from "./types";

type Ring = readonly XY[];

/** What is under a finger: a feature of a layer, a contour line, or a model. */
export type Hit =
  | { what: "feature"; layer: MapLayer; feature: MapFeature }
  | { what: "contour"; layer: MapLayer; height: number }
  | { what: "model"; model: MapModel };

/** One thing that can be switched off. */
export interface Sheet {
  /** `model:` or `layer:` and its number in the document. */
  key: string;
  rank: number;
  box: Box;
  draw: (pen: Pen) => void;
  label?: (pen: Pen) => void;
  find: (at: XY, slack: number) => Hit | null;
}

/** What drawing needs: the context in metres, and metres per pixel. */
export interface Pen {
  ctx: CanvasRenderingContext2D;
  pixel: number;
  camera: Camera;
  size: Size;
  /** Places on the screen that bear words already. */
  words: Box[];
}

/** Everything of one group, first to last as it is drawn. */
export function sheetsOf(map: MapDocument, group: number): Sheet[] {
  const models = map.models.flatMap((model, i) =>
    model.group === group ? [modelSheet(model, `model:${i}`)] : [],
  );
  const shown = group === 0 && map.located;
  const layers = shown ? map.layers.map((layer, i) => layerSheet(layer, `layer:${i}`)) : [];
  return [...layers, ...models].sort((a, b) => a.rank - b.rank);
}

function outlines(path: Path2D, rings: readonly Ring[], closed: boolean): void {
  for (const ring of rings) {
    ring.forEach(([x, y], i) => {
      if (i) path.lineTo(x, y);
      else path.moveTo(x, y);
    });
    if (closed) path.closePath();
  }
}

const ringsOf = (feature: MapFeature) => (feature.parts as Ring[][]).flat();
const linesOf = (feature: MapFeature) => feature.parts as unknown as Ring[];
const spotsOf = (feature: MapFeature) => feature.parts as unknown as XY[];

export function boxOfFeature(feature: MapFeature): Box {
  if (feature.type === "point") return boxOf(spotsOf(feature));
  return boxOf((feature.type === "line" ? linesOf(feature) : ringsOf(feature)).flat());
}

/** The edge of what was found, to be drawn on top. */
export function edgeOf(hit: Hit): Path2D {
  const path = new Path2D();
  if (hit.what === "model")
    for (const rings of hit.model.outline as unknown as Ring[][]) outlines(path, rings, true);
  else if (hit.what === "contour") {
    const lines = hit.layer.contours?.lines.filter((line) => line.height_m === hit.height) ?? [];
    for (const line of lines) outlines(path, line.parts as unknown as Ring[], false);
  } else if (hit.feature.type === "area") outlines(path, ringsOf(hit.feature), true);
  else if (hit.feature.type === "line") outlines(path, linesOf(hit.feature), false);
  else
    for (const [x, y] of spotsOf(hit.feature)) {
      path.moveTo(x + 0.3, y);
      path.arc(x, y, 0.3, 0, 2 * Math.PI);
    }
  return path;
}

// Models -----------------------------------------------------------------------------------

function modelSheet(model: MapModel, key: string): Sheet {
  const polygons = model.outline as unknown as Ring[][];
  const path = new Path2D();
  for (const rings of polygons) outlines(path, turned(rings), true);
  const colour = modelColour(model.discipline);
  return {
    key,
    rank: MODEL_RANK,
    box: boxOf(polygons.flat(2)),
    draw: ({ ctx, pixel }) => {
      ctx.fillStyle = `${colour}22`;
      ctx.fill(path);
      ctx.strokeStyle = colour;
      ctx.lineWidth = 1.1 * pixel;
      ctx.setLineDash([]);
      ctx.stroke(path);
    },
    find: (at) => (polygons.some((rings) => inside(rings, at)) ? { what: "model", model } : null),
  };
}

// Layers -----------------------------------------------------------------------------------

/** Neighbouring features that look alike, as one path. */
interface Batch {
  box: Box;
  colour: string;
  /** Metres: the outer width of a pipe. */
  wide: number;
  /** Metres to either side of the axis where it may be. */
  reach: number;
  areas: Path2D;
  lines: Path2D;
  spots: XY[];
}

/** Features of one square of ground: a long path is slow to draw, and what is out of sight need not be. */
const TOGETHER = 400;

function batchesOf(layer: MapLayer, boxes: readonly Box[]): Batch[] {
  const found = new Map<string, Batch>();
  const [west, south, east, north] = boxes.reduce(joined, NOWHERE);
  const across = Math.ceil(Math.sqrt(layer.features.length / TOGETHER));
  const side = Math.max(east - west, north - south, 1) / across;
  layer.features.forEach((feature, i) => {
    const own = boxes[i] as Box;
    const colour = colourOf(layer, feature);
    const wide = feature.type === "line" ? (feature.width_m ?? 0) : 0;
    const band = reach(layer, feature);
    const square = [Math.floor((own[0] - west) / side), Math.floor((own[1] - south) / side)];
    const key = `${colour}/${wide}/${band}/${square}`;
    let batch = found.get(key);
    if (!batch) {
      const paths = { areas: new Path2D(), lines: new Path2D(), spots: [] };
      batch = { box: NOWHERE, colour, wide, reach: band, ...paths };
      found.set(key, batch);
    }
    batch.box = joined(batch.box, grown(own, Math.max(band, wide)));
    if (feature.type === "point") batch.spots.push(...spotsOf(feature));
    else if (feature.type === "line") outlines(batch.lines, linesOf(feature), false);
    else for (const rings of feature.parts as Ring[][]) outlines(batch.areas, turned(rings), true);
  });
  return [...found.values()];
}

/** Outer rings one way round and holes the other, so that areas that overlap are filled as one. */
export function turned(rings: readonly Ring[]): Ring[] {
  return rings.map((ring, i) => {
    const twice = ring.reduce((sum, [x, y], k) => {
      const [ax, ay] = ring[(k + 1) % ring.length] as XY;
      return sum + x * ay - ax * y;
    }, 0);
    return twice > 0 === (i === 0) ? ring : [...ring].reverse();
  });
}

function layerSheet(layer: MapLayer, key: string): Sheet {
  const look = lookOf(layer.role);
  const boxes = layer.features.map(boxOfFeature);
  const batches = batchesOf(layer, boxes);
  const contours = layer.contours ? contoursOf(layer) : null;
  const box = boxes.reduce(joined, contours?.box ?? NOWHERE);
  return {
    key,
    rank: look.rank,
    box,
    draw: (pen) => {
      contours?.draw(pen);
      const view = grown(viewOf(pen.camera, pen.size), 4 * pen.pixel);
      for (const batch of batches) if (meet(batch.box, view)) drawBatch(pen, look, batch);
    },
    label: (pen) => {
      contours?.label(pen);
      if (layer.fields.length) nameAreas(pen, layer, boxes);
    },
    find: (at, slack) => findFeature(layer, boxes, at, slack) ?? contours?.find(at, slack) ?? null,
  };
}

/** Pixels from the edge of a zone that are hatched. */
const RIM = 22;
/** Pixels per metre below which the map is seen from far away. */
const FAR = 0.7;

function drawBatch(pen: Pen, look: Look, batch: Batch): void {
  const { ctx, pixel } = pen;
  // From far away what there is much of is drawn fine.
  const far = look.many && pen.camera.scale < FAR;
  const width = (far ? Math.min(1, look.width) : look.width) * pixel;
  if (look.fill) {
    ctx.fillStyle = look.fill;
    ctx.fill(batch.areas);
  }
  if (look.hatch !== undefined) {
    // Only along the edge: a zone may hold the whole site, which is to be seen as well.
    ctx.save();
    ctx.clip(batch.areas);
    ctx.strokeStyle = hatch(ctx, batch.colour, look.hatch, pixel);
    ctx.lineWidth = 2 * RIM * pixel;
    ctx.setLineDash([]);
    ctx.stroke(batch.areas);
    ctx.restore();
  }
  if (2 * batch.reach > Math.max(width + pixel, batch.wide)) {
    ctx.setLineDash([]);
    ctx.lineCap = "round";
    ctx.strokeStyle = `${batch.colour}33`;
    ctx.lineWidth = 2 * batch.reach;
    ctx.stroke(batch.lines);
    ctx.lineCap = "butt";
    for (const [x, y] of batch.spots) disc(ctx, [x, y], batch.reach, `${batch.colour}33`);
  }
  ctx.strokeStyle = batch.colour;
  ctx.lineJoin = "round";
  ctx.lineWidth = Math.max(width, batch.wide);
  ctx.setLineDash((look.dash ?? []).map((d) => d * pixel));
  ctx.stroke(batch.lines);
  ctx.lineWidth = width;
  ctx.stroke(batch.areas);
  ctx.setLineDash([]);
  for (const spot of batch.spots) disc(ctx, spot, 2.5 * pixel, batch.colour);
}

function disc(ctx: CanvasRenderingContext2D, [x, y]: XY, radius: number, colour: string): void {
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
}

const hatches = new Map<string, CanvasPattern>();

/** Slanting lines in a colour, as dense on the screen whatever the scale. */
function hatch(
  ctx: CanvasRenderingContext2D,
  colour: string,
  degrees: number,
  pixel: number,
): CanvasPattern | string {
  const key = `${colour}/${degrees}`;
  let pattern = hatches.get(key);
  if (!pattern) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 20;
    const pen = tile.getContext("2d");
    const made = pen && drawTile(pen, colour, degrees) && ctx.createPattern(tile, "repeat");
    if (!made) return `${colour}22`;
    pattern = made;
    hatches.set(key, pattern);
  }
  pattern.setTransform(new DOMMatrix([pixel / 2, 0, 0, pixel / 2, 0, 0]));
  return pattern;
}

function drawTile(pen: CanvasRenderingContext2D, colour: string, degrees: number): boolean {
  pen.strokeStyle = `${colour}66`;
  pen.lineWidth = 2;
  pen.beginPath();
  if (degrees % 180 === 0) {
    pen.moveTo(0, 10);
    pen.lineTo(20, 10);
  } else {
    const [from, to] = degrees > 90 ? [20, 0] : [0, 20];
    for (const shift of [-20, 0, 20]) {
      pen.moveTo(from + shift, 0);
      pen.lineTo(to + shift, 20);
    }
  }
  pen.stroke();
  return true;
}

function findFeature(layer: MapLayer, boxes: Box[], at: XY, slack: number): Hit | null {
  let best: MapFeature | null = null;
  let least = Number.POSITIVE_INFINITY;
  layer.features.forEach((feature, i) => {
    const wide = (feature.width_m ?? 0) / 2;
    if (!holds(grown(boxes[i] as Box, slack + wide), at)) return;
    const gap = gapTo(feature, at) - (feature.type === "line" ? wide : 0);
    // The smaller of two areas that hold the point is the one that is meant.
    const [west, south, east, north] = boxes[i] as Box;
    const rank = feature.type === "area" ? 1 + (east - west) * (north - south) : gap / slack;
    if (gap <= slack && rank < least) {
      least = rank;
      best = feature;
    }
  });
  return best && { what: "feature", layer, feature: best };
}

function gapTo(feature: MapFeature, at: XY): number {
  if (feature.type === "point")
    return Math.min(...spotsOf(feature).map(([x, y]) => Math.hypot(x - at[0], y - at[1])));
  if (feature.type === "line")
    return Math.min(...linesOf(feature).map((l) => distanceToLine(l, at)));
  return (feature.parts as Ring[][]).some((rings) => inside(rings, at))
    ? 0
    : Math.min(...ringsOf(feature).map((r) => distanceToLine([...r, r[0] as XY], at)));
}

// Contours ---------------------------------------------------------------------------------

function contoursOf(layer: MapLayer) {
  const found = layer.contours;
  const lines = (found?.lines ?? []) as unknown as { height_m: number; parts: Ring[] }[];
  const step = (found?.interval_m ?? 1) * 5;
  const [fine, bold, edge] = [new Path2D(), new Path2D(), new Path2D()];
  const heavy = (height: number) => Math.abs(height / step - Math.round(height / step)) < 1e-6;
  for (const line of lines) outlines(heavy(line.height_m) ? bold : fine, line.parts, false);
  const rings = ((found?.outline ?? []) as unknown as Ring[][]).flat();
  outlines(edge, rings, true);
  const box = joined(boxOf(rings.flat()), boxOf(lines.flatMap((l) => l.parts.flat())));
  const { stroke } = lookOf("terrain");
  return {
    box,
    draw: ({ ctx, pixel }: Pen) => {
      ctx.strokeStyle = stroke;
      ctx.setLineDash([4 * pixel, 4 * pixel]);
      ctx.lineWidth = pixel;
      ctx.stroke(edge);
      ctx.setLineDash([]);
      ctx.globalAlpha = 0.6;
      ctx.lineWidth = 0.7 * pixel;
      ctx.stroke(fine);
      ctx.globalAlpha = 1;
      ctx.lineWidth = 1.6 * pixel;
      ctx.stroke(bold);
    },
    label: (pen: Pen) => {
      for (const line of lines) {
        if (!heavy(line.height_m) && step / 5 / pen.pixel < 120) continue;
        const longest = line.parts.reduce((a, b) => (b.length > a.length ? b : a));
        const middle = longest[Math.floor(longest.length / 2)];
        if (middle) write(pen, middle, String(line.height_m), stroke);
      }
    },
    find: (at: XY, slack: number): Hit | null => {
      for (const line of lines)
        if (line.parts.some((part) => distanceToLine(part, at) <= slack))
          return { what: "contour", layer, height: line.height_m };
      return null;
    },
  };
}

// Words ------------------------------------------------------------------------------------

/** Names of areas that are large enough on the screen to bear one. */
function nameAreas(pen: Pen, layer: MapLayer, boxes: Box[]): void {
  const view = viewOf(pen.camera, pen.size);
  layer.features.forEach((feature, i) => {
    if (feature.type !== "area" || !meet(boxes[i] as Box, view)) return;
    const [west, south, east, north] = boxes[i] as Box;
    const name = feature.values?.find((v) => typeof v === "string" && v !== "");
    if (!name || (east - west) / pen.pixel < 90) return;
    const middle: XY = [(west + east) / 2, (south + north) / 2];
    const tall = layer.role === "red_line" || layer.role === "setback";
    write(pen, tall ? [middle[0], north] : middle, String(name), lookOf(layer.role).stroke);
  });
}

/** Words at a place, unless others are there already. */
function write({ ctx, camera, size, words }: Pen, at: XY, text: string, colour: string): void {
  const [x, y] = toScreen(camera, size, at);
  if (x < 0 || y < 0 || x > size.width || y > size.height) return;
  // Half a line to either side; a Chinese character is as wide as it is high.
  const half = [...text].reduce((n, c) => n + (c > "\u2e80" ? 6.5 : 3.6), 0);
  const room: Box = [x - half, y - 9, x + half, y + 9];
  if (words.some((w) => meet(w, room))) return;
  words.push(room);
  ctx.save();
  const ratio = devicePixelRatio;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.font = `12px ${getComputedStyle(document.documentElement).fontFamily}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineWidth = 3.5;
  ctx.lineJoin = "round";
  ctx.setLineDash([]);
  ctx.strokeStyle = "#fffffff0";
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
  ctx.restore();
}
