/** The way of the camera from one view to the next: round the subject, not through it. */
import { MathUtils, type Vector3 } from "three";

/** Where the camera is, what it looks at, and its vertical angle in degrees. */
export interface Stand {
  position: Vector3;
  target: Vector3;
  fov: number;
}

export function stand(position: Vector3, target: Vector3, fov: number): Stand {
  return { position: position.clone(), target: target.clone(), fov };
}

const away = ({ position, target }: Stand) => position.clone().sub(target);
const far = (at: Stand) => Math.max(away(at).length(), 1e-3);

/** How many views wide the way is: 0 when only the angle changes. */
function travel(from: Stand, to: Stand): number {
  return from.target.distanceTo(to.target) / (far(from) + far(to));
}

/** Short for a small turn, at most a second and a half for a long way. */
export function secondsOf(from: Stand, to: Stand): number {
  const turn = away(from).angleTo(away(to)) || 0;
  const zoom = Math.abs(Math.log(far(to) / far(from)));
  return MathUtils.clamp(0.45 + 0.35 * travel(from, to) + 0.2 * turn + 0.08 * zoom, 0.45, 1.5);
}

/**
 * The view at a share of the way: the target moves straight, the direction turns evenly, the
 * distance changes by ratio, and on a long way the camera steps back so that one sees where to.
 */
export function between(from: Stand, to: Stand, share: number): Stand {
  const target = from.target.clone().lerp(to.target, share);
  const rise = 1 + 0.7 * Math.min(1, travel(from, to)) * Math.sin(Math.PI * share);
  const distance = far(from) ** (1 - share) * far(to) ** share * rise;
  const direction = turned(away(from).normalize(), away(to).normalize(), share);
  return {
    position: target.clone().addScaledVector(direction, distance),
    target,
    fov: MathUtils.lerp(from.fov, to.fov, share),
  };
}

/** Between two unit vectors, by the angle; opposite ones turn about the vertical. */
function turned(from: Vector3, to: Vector3, share: number): Vector3 {
  const angle = from.angleTo(to);
  if (!(angle > 1e-4)) return to.clone();
  const axis = from.clone().cross(to);
  if (axis.length() < 1e-4) axis.set(0, 0, 1);
  return from.clone().applyAxisAngle(axis.normalize(), angle * share);
}
