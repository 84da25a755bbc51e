import { expect, test } from "vitest";
import {
  boxOf,
  type Camera,
  clustered,
  distanceToLine,
  fitted,
  inside,
  NOWHERE,
  SCALES,
  scaleBar,
  toPlane,
  toScreen,
  type XY,
  zoomed,
} from "../src/plane";

const size = { width: 800, height: 600 };
const camera: Camera = { x: 100, y: 50, scale: 4 };

test("north is up: a point further north is higher on the screen", () => {
  expect(toScreen(camera, size, [100, 50])).toEqual([400, 300]);
  expect(toScreen(camera, size, [110, 60])).toEqual([440, 260]);
});

test("from the plane to the screen and back is the same place", () => {
  const [x, y] = toPlane(camera, size, toScreen(camera, size, [-17.25, 3.5]));
  expect([x, y]).toEqual([-17.25, 3.5]);
});

test("what is under the finger stays there while it zooms, and there is an end to zooming", () => {
  const at: XY = [123, 456];
  const before = toPlane(camera, size, at);
  const near = zoomed(camera, size, at, 2.5);
  const after = toPlane(near, size, at);
  expect(near.scale).toBe(10);
  expect(after[0]).toBeCloseTo(before[0], 9);
  expect(after[1]).toBeCloseTo(before[1], 9);
  expect(zoomed(camera, size, at, 1e9).scale).toBe(SCALES.most);
  expect(zoomed(camera, size, at, 1e-9).scale).toBe(SCALES.least);
});

test("a box is shown whole, with a margin; nothing shows the origin", () => {
  const shown = fitted([0, 0, 100, 20], size, 50);
  expect(shown).toEqual({ x: 50, y: 10, scale: 7 });
  expect(fitted(NOWHERE, size, 50)).toEqual({ x: 0, y: 0, scale: 1 });
});

test.each([
  [4, 120, 20],
  [0.4, 120, 200],
  [0.05, 120, 2000],
  [55, 120, 2],
])("at %d px/m a bar of about %d px is %d m", (scale, pixels, metres) => {
  expect(scaleBar(scale, pixels)).toBe(metres);
});

test("distance to a line counts its segments, not their extension", () => {
  const line: XY[] = [
    [0, 0],
    [10, 0],
    [10, 10],
  ];
  expect(distanceToLine(line, [5, 3])).toBe(3);
  expect(distanceToLine(line, [-4, 3])).toBe(5);
  expect(distanceToLine([[2, 2]], [2, 5])).toBe(3);
});

test("a hole is outside", () => {
  const square = (low: number, high: number): XY[] => [
    [low, low],
    [high, low],
    [high, high],
    [low, high],
  ];
  const rings = [square(0, 10), square(4, 6)];
  expect(inside(rings, [2, 2])).toBe(true);
  expect(inside(rings, [5, 5])).toBe(false);
  expect(inside(rings, [11, 5])).toBe(false);
});

test("what stands closer than the reach is one cluster at its weightiest member", () => {
  const places: XY[] = [
    [0, 0],
    [9, 0],
    [30, 0],
    [-8, 5],
  ];
  const found = clustered(places, (p) => p, 10);
  expect(found).toEqual([
    { at: [0, 0], members: [places[0], places[1], places[3]], box: [-8, 0, 9, 5] },
    { at: [30, 0], members: [places[2]], box: [30, 0, 30, 0] },
  ]);
  expect(clustered(places, (p) => p, 1)).toHaveLength(4);
});

test("ten thousand places are clustered at once and none is lost", () => {
  const places = Array.from(
    { length: 10_000 },
    (_, i): XY => [(i * 7919) % 1000, (i * 104_729) % 997],
  );
  const found = clustered(places, (p) => p, 40);
  expect(found.reduce((n, c) => n + c.members.length, 0)).toBe(10_000);
  let least = Number.POSITIVE_INFINITY;
  for (const one of found)
    for (const other of found)
      if (one !== other)
        least = Math.min(least, Math.hypot(one.at[0] - other.at[0], one.at[1] - other.at[1]));
  expect(least).toBeGreaterThanOrEqual(40);
});

test("the box of nothing holds nothing", () => {
  expect(boxOf([])).toEqual(NOWHERE);
});
