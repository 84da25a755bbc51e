/** The edges of bodies that a draughtsman would draw. */

export interface Edges {
  /** (2n, 3) end points of n segments. */
  positions: Float32Array;
  /** (2n,) element of each end point. */
  elements: Float32Array;
}

/** Corners nearer than this (metres) are one: half a millimetre. */
const WELD = 0.0005;
const EMPTY = -1;

/** Number each corner by its element and place, so that shared corners have one number. */
function weld(positions: ArrayLike<number>, elements: ArrayLike<number>): Int32Array {
  const n = elements.length;
  const size = tableSize(n);
  const table = new Int32Array(size).fill(EMPTY);
  const welded = new Int32Array(n);
  const cell = (i: number, axis: number) => Math.round((positions[3 * i + axis] ?? 0) / WELD);
  const same = (i: number, j: number) =>
    elements[i] === elements[j] &&
    cell(i, 0) === cell(j, 0) &&
    cell(i, 1) === cell(j, 1) &&
    cell(i, 2) === cell(j, 2);
  for (let i = 0; i < n; i++) {
    let slot =
      (Math.imul(cell(i, 0), 73856093) ^
        Math.imul(cell(i, 1), 19349663) ^
        Math.imul(cell(i, 2), 83492791) ^
        Math.imul(elements[i] ?? 0, 2654435761)) &
      (size - 1);
    for (;;) {
      const other = table[slot] ?? EMPTY;
      if (other === EMPTY) {
        table[slot] = i;
        welded[i] = i;
        break;
      }
      if (same(i, other)) {
        welded[i] = other;
        break;
      }
      slot = (slot + 1) & (size - 1);
    }
  }
  return welded;
}

function tableSize(entries: number): number {
  return 2 ** Math.max(4, Math.ceil(Math.log2(Math.max(1, entries) * 2)));
}

/** Unit normals (F, 3) of the triangles; zero for one without area. */
function normals(positions: ArrayLike<number>, corners: ArrayLike<number>): Float32Array {
  const found = new Float32Array(corners.length);
  const p = (corner: number, axis: number) => positions[3 * (corners[corner] ?? 0) + axis] ?? 0;
  for (let f = 0; f < corners.length; f += 3) {
    const ux = p(f + 1, 0) - p(f, 0);
    const uy = p(f + 1, 1) - p(f, 1);
    const uz = p(f + 1, 2) - p(f, 2);
    const vx = p(f + 2, 0) - p(f, 0);
    const vy = p(f + 2, 1) - p(f, 1);
    const vz = p(f + 2, 2) - p(f, 2);
    const nx = uy * vz - uz * vy;
    const ny = uz * vx - ux * vz;
    const nz = ux * vy - uy * vx;
    const length = Math.hypot(nx, ny, nz) || 1;
    found.set([nx / length, ny / length, nz / length], f);
  }
  return found;
}

/**
 * Edges where two faces meet at more than about 25 degrees, or that only one face has.
 *
 * `positions` is (V, 3) metres, `elements` (V,), `corners` (3F,) vertex indices.
 */
export function featureEdges(
  positions: ArrayLike<number>,
  elements: ArrayLike<number>,
  corners: ArrayLike<number>,
  cosine = 0.9,
): Edges {
  const welded = weld(positions, elements);
  const normal = normals(positions, corners);
  const size = tableSize(corners.length);
  const low = new Int32Array(size).fill(EMPTY);
  const high = new Int32Array(size);
  const face = new Int32Array(size);
  const state = new Uint8Array(size); // 1 one face, 2 smooth, 3 sharp
  for (let c = 0; c < corners.length; c++) {
    const first = c - (c % 3);
    const i = welded[corners[c] ?? 0] ?? 0;
    const j = welded[corners[first + ((c + 1) % 3)] ?? 0] ?? 0;
    if (i === j) continue;
    const lo = Math.min(i, j);
    const hi = Math.max(i, j);
    let slot = (Math.imul(lo, 73856093) ^ Math.imul(hi, 19349663)) & (size - 1);
    while (low[slot] !== EMPTY && (low[slot] !== lo || high[slot] !== hi))
      slot = (slot + 1) & (size - 1);
    if (low[slot] === EMPTY) {
      low[slot] = lo;
      high[slot] = hi;
      face[slot] = first;
      state[slot] = 1;
      continue;
    }
    const g = face[slot] ?? 0;
    const dot =
      (normal[first] ?? 0) * (normal[g] ?? 0) +
      (normal[first + 1] ?? 0) * (normal[g + 1] ?? 0) +
      (normal[first + 2] ?? 0) * (normal[g + 2] ?? 0);
    if (state[slot] === 1) state[slot] = dot < cosine ? 3 : 2;
    else if (dot < cosine) state[slot] = 3;
  }
  return segments(positions, elements, { low, high, state });
}

function segments(
  positions: ArrayLike<number>,
  elements: ArrayLike<number>,
  found: { low: Int32Array; high: Int32Array; state: Uint8Array },
): Edges {
  const kept: number[] = [];
  for (let slot = 0; slot < found.low.length; slot++)
    if (found.low[slot] !== EMPTY && found.state[slot] !== 2) kept.push(slot);
  const out = {
    positions: new Float32Array(kept.length * 6),
    elements: new Float32Array(kept.length * 2),
  };
  kept.forEach((slot, k) => {
    [found.low[slot] ?? 0, found.high[slot] ?? 0].forEach((corner, end) => {
      for (let axis = 0; axis < 3; axis++)
        out.positions[6 * k + 3 * end + axis] = positions[3 * corner + axis] ?? 0;
      out.elements[2 * k + end] = elements[corner] ?? 0;
    });
  });
  return out;
}
