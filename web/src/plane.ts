/** Geometry of the map: the camera, what is under a finger, and what stands too close to tell apart. */

/** West, south, east, north in metres. */
export type Box = readonly [number, number, number, number];
export type XY = readonly [number, number];

/** What part of the plane is on the screen: its middle, and pixels per metre. */
export interface Camera {
  x: number;
  y: number;
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

export const NOWHERE: Box = [
  Number.POSITIVE_INFINITY,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];

/** Nearest and furthest the map goes, in pixels per metre. */
export const SCALES = { least: 0.0005, most: 500 } as const;

export function toScreen(camera: Camera, size: Size, [x, y]: XY): XY {
  return [
    size.width / 2 + (x - camera.x) * camera.scale,
    size.height / 2 - (y - camera.y) * camera.scale,
  ];
}

export function toPlane(camera: Camera, size: Size, [px, py]: XY): XY {
  return [
    camera.x + (px - size.width / 2) / camera.scale,
    camera.y - (py - size.height / 2) / camera.scale,
  ];
}

/** What of the plane is on the screen. */
export function viewOf({ x, y, scale }: Camera, size: Size): Box {
  const [dx, dy] = [size.width / 2 / scale, size.height / 2 / scale];
  return [x - dx, y - dy, x + dx, y + dy];
}

/** Nearer or further by `factor`; what is at `at` on the screen stays there. */
export function zoomed(camera: Camera, size: Size, at: XY, factor: number): Camera {
  const scale = Math.min(SCALES.most, Math.max(SCALES.least, camera.scale * factor));
  const [x, y] = toPlane(camera, size, at);
  const share = camera.scale / scale;
  return { x: x + (camera.x - x) * share, y: y + (camera.y - y) * share, scale };
}

/** The camera that shows a box with `margin` pixels around it. */
export function fitted(box: Box, size: Size, margin: number): Camera {
  const [west, south, east, north] = box;
  if (!(west <= east)) return { x: 0, y: 0, scale: 1 };
  const room = (length: number) => Math.max(length - 2 * margin, 40);
  const scale = Math.min(
    room(size.width) / Math.max(east - west, 1),
    room(size.height) / Math.max(north - south, 1),
    SCALES.most,
  );
  return { x: (west + east) / 2, y: (south + north) / 2, scale };
}

export function joined(a: Box, b: Box): Box {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

export function grown(box: Box, by: number): Box {
  return [box[0] - by, box[1] - by, box[2] + by, box[3] + by];
}

export function boxOf(points: Iterable<XY>): Box {
  let [west, south, east, north] = NOWHERE;
  for (const [x, y] of points) {
    west = Math.min(west, x);
    south = Math.min(south, y);
    east = Math.max(east, x);
    north = Math.max(north, y);
  }
  return [west, south, east, north];
}

export function meet(a: Box, b: Box): boolean {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

export function holds(box: Box, [x, y]: XY): boolean {
  return x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3];
}

/** A round length in metres that is about `pixels` long on the screen. */
export function scaleBar(scale: number, pixels: number): number {
  const metres = pixels / scale;
  const power = 10 ** Math.floor(Math.log10(metres));
  const step = [5, 2, 1].find((s) => s * power <= metres) ?? 1;
  return step * power;
}

// What is under a finger -------------------------------------------------------------------

/** Distance of a point from a line of points. */
export function distanceToLine(line: readonly XY[], [x, y]: XY): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < line.length; i++) {
    const [ax, ay] = line[i] as XY;
    const [bx, by] = line[Math.min(i + 1, line.length - 1)] as XY;
    const [dx, dy] = [bx - ax, by - ay];
    const length = dx * dx + dy * dy;
    const share =
      length > 0 ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
    least = Math.min(least, Math.hypot(x - ax - share * dx, y - ay - share * dy));
  }
  return least;
}

/** Whether a point is inside a polygon of rings; holes by the even-odd rule. */
export function inside(rings: readonly (readonly XY[])[], [x, y]: XY): boolean {
  let within = false;
  for (const ring of rings)
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [ax, ay] = ring[i] as XY;
      const [bx, by] = ring[j] as XY;
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
    }
  return within;
}

// What stands too close --------------------------------------------------------------------

export interface Cluster<T> {
  /** Where it stands: the place of its first member. */
  at: XY;
  members: T[];
  box: Box;
}

/** Join places nearer than `reach`: the first takes those around it, so put the weightiest first. */
export function clustered<T>(
  items: readonly T[],
  at: (item: T) => XY,
  reach: number,
): Cluster<T>[] {
  const found: Cluster<T>[] = [];
  const cells = new Map<string, Cluster<T>[]>();
  const key = (i: number, j: number) => `${i}/${j}`;
  for (const item of items) {
    const place = at(item);
    const [i, j] = [Math.floor(place[0] / reach), Math.floor(place[1] / reach)];
    let home: Cluster<T> | undefined;
    for (let di = -1; di <= 1; di++)
      for (let dj = -1; dj <= 1; dj++)
        for (const near of cells.get(key(i + di, j + dj)) ?? []) {
          const gap = Math.hypot(near.at[0] - place[0], near.at[1] - place[1]);
          if (gap < reach && !home) home = near;
        }
    if (home) {
      home.members.push(item);
      home.box = joined(home.box, boxOf([place]));
      continue;
    }
    const made = { at: place, members: [item], box: boxOf([place]) };
    found.push(made);
    cells.set(key(i, j), [...(cells.get(key(i, j)) ?? []), made]);
  }
  return found;
}
