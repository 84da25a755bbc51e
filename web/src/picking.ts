/** Choosing among the elements under a finger. */

/** The element nearest to the middle of a square of pixels; -1 where all are empty. */
export function nearestToMiddle(identities: Int32Array, size: number): number {
  const middle = (size - 1) / 2;
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  identities.forEach((element, i) => {
    const distance = Math.hypot((i % size) - middle, Math.floor(i / size) - middle);
    if (element >= 0 && distance < least) {
      least = distance;
      best = element;
    }
  });
  return best;
}
