import { expect, test } from "vitest";
import { featureEdges } from "../src/edges";
import { nearestToMiddle } from "../src/picking";

// A unit cube of twelve triangles with its own corners for each face, as many exporters do.
function cube(element: number, at = 0) {
  const positions: number[] = [];
  const faces = [
    [0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0],
    [0, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1],
    [0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1],
    [0, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1],
    [0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1],
    [1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1],
  ];
  const corners: number[] = [];
  faces.forEach((face, f) => {
    positions.push(...face.map((v, i) => (i % 3 === 0 ? v + at : v)));
    corners.push(...[0, 1, 2, 0, 2, 3].map((c) => 4 * f + c));
  });
  return { positions, corners, elements: new Array(24).fill(element) };
}

test("a cube has twelve edges and no diagonals", () => {
  const { positions, elements, corners } = cube(5);

  const found = featureEdges(positions, elements, corners);

  expect(found.elements).toEqual(new Float32Array(24).fill(5));
  const lengths = Array.from({ length: 12 }, (_, i) => {
    const [a = 0, b = 0, c = 0, x = 0, y = 0, z = 0] = found.positions.subarray(6 * i, 6 * i + 6);
    return Math.hypot(x - a, y - b, z - c);
  });
  expect(lengths).toEqual(new Array(12).fill(1));
});

test("elements that touch keep their own edges", () => {
  const one = cube(0);
  const two = cube(1, 1);

  const found = featureEdges(
    [...one.positions, ...two.positions],
    [...one.elements, ...two.elements],
    [...one.corners, ...two.corners.map((c) => c + 24)],
  );

  expect(found.elements.length).toBe(48);
});

test("the edge of an open sheet is drawn, the fold within it is not", () => {
  const flat = [0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0];
  const found = featureEdges(flat, [0, 0, 0, 0], [0, 1, 2, 0, 2, 3]);
  expect(found.elements.length).toBe(8);
});

test("the pick is the element nearest to the middle, or none", () => {
  expect(nearestToMiddle(Int32Array.of(-1, 4, -1, -1, -1, -1, -1, -1, 9), 3)).toBe(4);
  expect(nearestToMiddle(new Int32Array(9).fill(-1), 3)).toBe(-1);
});
