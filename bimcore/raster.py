"""Triangles into depth buffers and depth buffers into indexed colours, without a graphics card."""

import numpy as np
from numba import njit, types

from bimcore.arrays import F32, F64, I32, I64, U8

#: Rows of the buffers: the surroundings, the bodies of side a, the bodies of side b.
CONTEXT, SIDE_A, SIDE_B = 0, 1, 2
#: Kind of triangles of the surroundings that are only seen from outside: what looks away
#: from the camera is skipped.
CONTEXT_WHOLE = 3

# Colour indices. A range holds the shades of one colour from dark to light.
PAPER = 0
CONTEXT_AT, CONTEXT_N = 1, 48
CONTEXT_CUT = 49
A_AT, B_AT, SOLID_N = 52, 84, 32
A_CUT_AT, B_CUT_AT, CUT_N = 116, 124, 8
A_VEILED_AT, B_VEILED_AT, VEILED_N = 132, 156, 24
A_OVER_B_AT, B_OVER_A_AT, OVER_N = 180, 204, 24
CONTEXT_EDGE, A_EDGE, B_EDGE, A_VEILED_EDGE, B_VEILED_EDGE = 228, 229, 230, 231, 232
SEAM, MARK, HALO = 233, 234, 235

_F64_1 = types.Array(types.float64, 1, "C", readonly=True)
_F64_2 = types.Array(types.float64, 2, "C", readonly=True)
_F64_3 = types.Array(types.float64, 3, "C", readonly=True)
_I32_2 = types.Array(types.int32, 2, "C", readonly=True)
_I64_1 = types.Array(types.int64, 1, "C", readonly=True)
_U8_1 = types.Array(types.uint8, 1, "C", readonly=True)
_F32_2 = types.float32[:, ::1]
_I32_2W = types.int32[:, ::1]
_F32_3 = types.float32[:, :, ::1]
_I32_3 = types.int32[:, :, ::1]
_GATHERED = types.Tuple([_F32_3, types.int32[::1], types.uint8[::1]])


@njit(
    types.int64[::1](_F64_3, _U8_1, _F64_2, _F64_1, types.float64, types.float64),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def in_view(bounds: F64, kinds: U8, camera: F64, slope: F64, reach: float, least: float) -> I64:
    """Elements whose box meets the view, in order of row.

    Parameters
    ----------
    bounds : (E, 2, 3) float64
        Boxes; NaN rows are never in view.
    kinds : (E,) uint8
        ``CONTEXT``, ``SIDE_A``, ``SIDE_B``; larger values are left out.
    camera : (4, 3) float64
        Eye, then the unit vectors right, up and forward.
    slope : (2,) float64
        Tangents of half the horizontal and vertical angle; inf looks all around.
    reach : float
        Metres from the eye beyond which nothing is seen.
    least : float
        Surroundings whose box is smaller than this share of its distance are left out.

    """
    found = np.zeros(len(bounds), dtype=np.int64)
    count = 0
    for e in range(len(bounds)):
        if kinds[e] > SIDE_B or not bounds[e, 0, 0] <= bounds[e, 1, 0]:
            continue
        gap = 0.0
        for k in range(3):
            d = max(bounds[e, 0, k] - camera[0, k], camera[0, k] - bounds[e, 1, k], 0.0)
            gap += d * d
        if gap > reach * reach:
            continue
        if kinds[e] == CONTEXT and least > 0.0:
            size = 0.0
            for k in range(3):
                size += (bounds[e, 1, k] - bounds[e, 0, k]) ** 2
            if size < least * least * gap:
                continue
        inside = True
        for side in range(4):
            if not np.isfinite(slope[0]):
                break
            axis = 1 + side // 2
            sign = 1.0 if side % 2 == 0 else -1.0
            # The corner furthest along the inward normal of this side of the view.
            best = 0.0
            for k in range(3):
                n = camera[3, k] * slope[side // 2] + sign * camera[axis, k]
                corner = bounds[e, 1, k] if n > 0 else bounds[e, 0, k]
                best += n * (corner - camera[0, k])
            if best < 0.0:
                inside = False
                break
        if inside:
            found[count] = e
            count += 1
    return found[:count].copy()


@njit(
    _GATHERED(_F64_2, _I32_2, _I64_1, _I64_1, _I64_1, _U8_1, _F64_1, types.float64),
    cache=True,
    nogil=True,
)
def gather(
    vertices: F64,
    faces: I32,
    vertex_start: I64,
    face_start: I64,
    elements: I64,
    kinds: U8,
    centre: F64,
    radius: float,
) -> tuple[F32, I32, U8]:
    """Triangles of `elements` within `radius` of `centre`, relative to it.

    Returns
    -------
    triangles : (T, 3, 3) float32
        Corners in metres relative to `centre`.
    owner : (T,) int32
        The element of each.
    kind : (T,) uint8
        The kind of that element.

    """
    total = 0
    for i in range(len(elements)):
        total += face_start[elements[i] + 1] - face_start[elements[i]]
    triangles = np.zeros((total, 3, 3), dtype=np.float32)
    owner = np.zeros(total, dtype=np.int32)
    kind = np.zeros(total, dtype=np.uint8)
    count = 0
    for i in range(len(elements)):
        e = elements[i]
        first = vertex_start[e]
        for f in range(face_start[e], face_start[e + 1]):
            p, q, r = first + faces[f, 0], first + faces[f, 1], first + faces[f, 2]
            gap = 0.0
            for k in range(3):
                x = vertices[p, k] - centre[k]
                y = vertices[q, k] - centre[k]
                z = vertices[r, k] - centre[k]
                triangles[count, 0, k] = x
                triangles[count, 1, k] = y
                triangles[count, 2, k] = z
                d = max(min(x, y, z), -max(x, y, z), 0.0)
                gap += d * d
            if gap <= radius * radius:
                owner[count] = e
                kind[count] = kinds[e]
                count += 1
    return triangles[:count], owner[:count], kind[:count]


@njit(
    types.void(
        _F64_2,
        types.int64,
        types.int32,
        types.float32[:, ::1],
        types.int32[:, ::1],
    ),
    cache=True,
    nogil=True,
)
def _fill(corners: F64, n: int, look: np.int32, near: F32, looks: I32) -> None:
    """Fill the convex polygon `corners` (n, 3) of pixel x, pixel y and 1 / depth."""
    height, width = near.shape
    for t in range(1, n - 1):
        x0, y0, w0 = corners[0, 0], corners[0, 1], corners[0, 2]
        x1, y1, w1 = corners[t, 0], corners[t, 1], corners[t, 2]
        x2, y2, w2 = corners[t + 1, 0], corners[t + 1, 1], corners[t + 1, 2]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if area == 0.0 or not np.isfinite(area):
            continue
        dwdx = ((w1 - w0) * (y2 - y0) - (w2 - w0) * (y1 - y0)) / area
        dwdy = ((w2 - w0) * (x1 - x0) - (w1 - w0) * (x2 - x0)) / area
        # Slopes of the three sides; a level side bounds no row.
        s0 = (x1 - x0) / (y1 - y0) if y1 != y0 else 0.0
        s1 = (x2 - x1) / (y2 - y1) if y2 != y1 else 0.0
        s2 = (x0 - x2) / (y0 - y2) if y0 != y2 else 0.0
        low = max(0, int(np.ceil(max(min(y0, y1, y2), -1.0) - 0.5)))
        high = min(height - 1, int(np.floor(min(max(y0, y1, y2), height + 1.0) - 0.5)))
        for row in range(low, high + 1):
            y = row + 0.5
            above0, above1, above2 = y0 <= y, y1 <= y, y2 <= y
            left, right = 1e30, -1e30
            if above0 != above1:
                x = x0 + (y - y0) * s0
                left, right = x, x
            if above1 != above2:
                x = x1 + (y - y1) * s1
                left, right = min(left, x), max(right, x)
            if above2 != above0:
                x = x2 + (y - y2) * s2
                left, right = min(left, x), max(right, x)
            start = int(np.ceil(min(max(left, 0.0), width + 1.0) - 0.5))
            stop = int(np.ceil(max(min(right, float(width)), 0.0) - 0.5))
            if start >= stop:
                continue
            v = np.float32(w0 + (start + 0.5 - x0) * dwdx + (y - y0) * dwdy)
            step = np.float32(dwdx)
            for column in range(np.uint32(start), np.uint32(stop)):
                if v > near[row, column]:
                    near[row, column] = v
                    looks[row, column] = look
                v += step


@njit(
    types.void(
        types.Array(types.float32, 3, "C", readonly=True),
        types.Array(types.int32, 1, "C", readonly=True),
        _U8_1,
        _F64_2,
        _F64_1,
        _F64_1,
        _F32_3,
        _I32_3,
    ),
    cache=True,
    nogil=True,
)
def draw(
    triangles: F32,
    owner: I32,
    kind: U8,
    camera: F64,
    slope: F64,
    section: F64,
    near: F32,
    looks: I32,
) -> None:
    """Draw triangles into the depth buffer of their kind.

    Parameters
    ----------
    triangles, owner, kind
        As from :func:`gather`.
    camera : (4, 3) float64
        Eye (relative as the triangles are), right, up, forward.
    slope : (2,) float64
        Tangents of half the horizontal and vertical angle.
    section : (3,) float64
        For each kind the depth in metres, > 0, nearer than which it is cut away.
    near : (3, H, W) float32
        1 / depth of the nearest surface, 0 where there is none; changed in place.
    looks : (3, H, W) int32
        Low byte: tone, 1 (dark) to 127 (light), and 128 more where the surface is seen
        from behind. The bits above: the element seen.

    """
    height, width = near.shape[1], near.shape[2]
    focal_x, focal_y = 0.5 * width / slope[0], 0.5 * height / slope[1]
    seen = np.zeros((3, 3))
    clipped = np.zeros((4, 3))
    for t in range(len(triangles)):
        layer = kind[t] if kind[t] <= SIDE_B else CONTEXT
        cut = section[layer]
        before = 0
        sides = np.uint8(15)
        for c in range(3):
            dx = triangles[t, c, 0] - camera[0, 0]
            dy = triangles[t, c, 1] - camera[0, 1]
            dz = triangles[t, c, 2] - camera[0, 2]
            x = dx * camera[1, 0] + dy * camera[1, 1] + dz * camera[1, 2]
            y = dx * camera[2, 0] + dy * camera[2, 1] + dz * camera[2, 2]
            z = dx * camera[3, 0] + dy * camera[3, 1] + dz * camera[3, 2]
            seen[c, 0], seen[c, 1], seen[c, 2] = x, y, z
            if z >= cut:
                before += 1
            code = np.uint8(0)
            if x > z * slope[0]:
                code |= np.uint8(1)
            if x < -z * slope[0]:
                code |= np.uint8(2)
            if y > z * slope[1]:
                code |= np.uint8(4)
            if y < -z * slope[1]:
                code |= np.uint8(8)
            sides &= code
        if before == 0 or sides != 0:
            continue
        ux = triangles[t, 1, 0] - triangles[t, 0, 0]
        uy = triangles[t, 1, 1] - triangles[t, 0, 1]
        uz = triangles[t, 1, 2] - triangles[t, 0, 2]
        vx = triangles[t, 2, 0] - triangles[t, 0, 0]
        vy = triangles[t, 2, 1] - triangles[t, 0, 1]
        vz = triangles[t, 2, 2] - triangles[t, 0, 2]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        length = np.sqrt(nx * nx + ny * ny + nz * nz)
        if not length > 0.0:
            continue
        px = triangles[t, 0, 0] - camera[0, 0]
        py = triangles[t, 0, 1] - camera[0, 1]
        pz = triangles[t, 0, 2] - camera[0, 2]
        behind = px * nx + py * ny + pz * nz > 0.0
        if behind and kind[t] == CONTEXT_WHOLE:
            continue
        sign = -1.0 if behind else 1.0
        # A lamp above the right shoulder of the viewer, so that parallel faces differ.
        lx = -camera[3, 0] + 0.45 * camera[1, 0] + 0.55 * camera[2, 0]
        ly = -camera[3, 1] + 0.45 * camera[1, 1] + 0.55 * camera[2, 1]
        lz = -camera[3, 2] + 0.45 * camera[1, 2] + 0.55 * camera[2, 2]
        lamp = sign * (nx * lx + ny * ly + nz * lz) / (length * 1.227)
        tone = 0.44 + 0.48 * max(lamp, 0.0) + 0.08 * sign * nz / length
        code = np.uint8(1 + int(126.0 * min(max(tone, 0.0), 1.0)))
        if behind:
            code |= np.uint8(128)
        n = 0
        for c in range(3):
            d = (c + 1) % 3
            if seen[c, 2] >= cut:
                clipped[n, 0], clipped[n, 1], clipped[n, 2] = seen[c, 0], seen[c, 1], seen[c, 2]
                n += 1
            if (seen[c, 2] >= cut) != (seen[d, 2] >= cut):
                s = (cut - seen[c, 2]) / (seen[d, 2] - seen[c, 2])
                for k in range(2):
                    clipped[n, k] = seen[c, k] + s * (seen[d, k] - seen[c, k])
                clipped[n, 2] = cut
                n += 1
        for c in range(n):
            w = 1.0 / clipped[c, 2]
            clipped[c, 0] = 0.5 * width + focal_x * clipped[c, 0] * w
            clipped[c, 1] = 0.5 * height - focal_y * clipped[c, 1] * w
            clipped[c, 2] = w
        look = np.int32((owner[t] << 8) | code)
        _fill(clipped, n, look, near[layer], looks[layer])


@njit(types.float64[::1](_F32_3), cache=True, nogil=True, error_model="numpy")
def visibility(near: F32) -> F64:
    """How well each side is seen around the middle of the picture: (3,) scores.

    The first is how much of the view on the bodies the surroundings leave free (0 to 1),
    the others the weighted area of side a and side b, where what is hidden counts little.
    """
    height, width = near.shape[1], near.shape[2]
    score = np.zeros(3)
    free, total = 0.0, 1e-9
    for row in range(height):
        for column in range(width):
            x = (column + 0.5) / width * 2.0 - 1.0
            y = (row + 0.5) / height * 2.0 - 1.0
            weight = np.exp(-4.0 * (x * x + y * y))
            front = max(near[SIDE_A, row, column], near[SIDE_B, row, column])
            if front == 0.0:
                continue
            total += weight
            if near[CONTEXT, row, column] <= front * 1.001:
                free += weight
            for side in range(1, 3):
                w = near[side, row, column]
                if w > 0.0:
                    score[side] += weight * (1.0 if w >= front * 0.9999 else 0.2)
    score[0] = free / total
    score[1:] /= height * width
    return score


@njit(
    types.boolean(_F32_2, _I32_2W, types.int64, types.int64),
    cache=True,
    nogil=True,
    error_model="numpy",
    inline="always",
)
def _is_edge(near: F32, looks: I32, row: int, column: int) -> bool:
    """Whether an outline or a crease of the layer passes through the pixel."""
    height, width = near.shape
    if row == 0 or column == 0 or row + 1 == height or column + 1 == width:
        return False
    w = near[row, column]
    look = looks[row, column]
    right, below = looks[row, column + 1], looks[row + 1, column]
    if right == look == below == looks[row, column - 1] == looks[row - 1, column]:
        # One tone of one element all around: only a step in depth can be a line here.
        # 1 / depth is linear over a plane, so a bend in it is such a step.
        across = near[row, column + 1] + near[row, column - 1] - 2.0 * w
        along = near[row + 1, column] + near[row - 1, column] - 2.0 * w
        return bool(abs(across) > 0.02 * w or abs(along) > 0.02 * w)
    if (right >> 8) != (look >> 8) or (below >> 8) != (look >> 8):
        return True
    if abs((right & 255) - (look & 255)) > 14 or abs((below & 255) - (look & 255)) > 14:
        return True
    return bool(near[row, column - 1] == 0.0 or near[row - 1, column] == 0.0)


@njit(
    types.void(_F32_3, _I32_3, types.float64, types.uint8[:, ::1]),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def compose(near: F32, looks: I32, middle: float, picture: U8) -> None:
    """Colour indices (H, W) from the three layers; bodies shine through the surroundings.

    Parameters
    ----------
    near, looks
        As :func:`draw` left them.
    middle : float
        Depth in metres of the conflict; the surroundings pale with depth beyond it.
    picture : (H, W) uint8
        Written in place.

    """
    height, width = picture.shape
    near_c, near_a, near_b = near[CONTEXT], near[SIDE_A], near[SIDE_B]
    looks_c, looks_a, looks_b = looks[CONTEXT], looks[SIDE_A], looks[SIDE_B]
    for row in range(height):
        for column in range(width):
            wc = near_c[row, column]
            wa = near_a[row, column]
            wb = near_b[row, column]
            if wa == 0.0 and wb == 0.0:
                if wc == 0.0:
                    picture[row, column] = PAPER
                    continue
                tone = looks_c[row, column] & 255
                haze = min(max(1.35 - 0.35 * (1.0 / wc) / middle, 0.0), 1.0)
                if _is_edge(near_c, looks_c, row, column) and haze > 0.4:
                    picture[row, column] = CONTEXT_EDGE
                elif tone >= 128:
                    picture[row, column] = CONTEXT_CUT
                else:
                    light = 1.0 - haze * (1.0 - tone / 127.0)
                    picture[row, column] = CONTEXT_AT + int(light * (CONTEXT_N - 1) + 0.5)
                continue
            both = wa > 0.0 and wb > 0.0
            if both and abs(wa - wb) < 3e-4 * max(wa, wb):
                # Faces that coincide are hatched: no depth decides between them.
                front_a = ((row + column) // 7) % 2 == 0
            else:
                front_a = wa > wb
                if both and row + 1 < height and column + 1 < width:
                    seam = False
                    for axis in range(2):
                        va = near_a[row + axis, column + 1 - axis]
                        vb = near_b[row + axis, column + 1 - axis]
                        if va > 0.0 and vb > 0.0 and (va > vb) != front_a:
                            far = abs(va - vb) > 3e-4 * max(va, vb)
                            jump = abs(va - wa) > 0.05 * wa or abs(vb - wb) > 0.05 * wb
                            seam |= far and not jump
                    if seam:
                        picture[row, column] = SEAM
                        continue
            look = looks_a[row, column] if front_a else looks_b[row, column]
            w = wa if front_a else wb
            tone = look & 255
            cut = tone >= 128
            tone &= 127
            veiled = wc > w * 1.002
            if front_a:
                edge = _is_edge(near_a, looks_a, row, column)
            else:
                edge = _is_edge(near_b, looks_b, row, column)
            if edge:
                if veiled:
                    picture[row, column] = A_VEILED_EDGE if front_a else B_VEILED_EDGE
                else:
                    picture[row, column] = A_EDGE if front_a else B_EDGE
            elif veiled:
                at = A_VEILED_AT if front_a else B_VEILED_AT
                picture[row, column] = at + int(tone / 127.0 * (VEILED_N - 1) + 0.5)
            elif both:
                if front_a:
                    edge = _is_edge(near_b, looks_b, row, column)
                else:
                    edge = _is_edge(near_a, looks_a, row, column)
                if edge:
                    picture[row, column] = B_VEILED_EDGE if front_a else A_VEILED_EDGE
                    continue
                back = (looks_b[row, column] if front_a else looks_a[row, column]) & 127
                at = A_OVER_B_AT if front_a else B_OVER_A_AT
                light = 0.7 * tone / 127.0 + 0.3 * back / 127.0
                picture[row, column] = at + int(light * (OVER_N - 1) + 0.5)
            elif cut:
                at = A_CUT_AT if front_a else B_CUT_AT
                picture[row, column] = at + int(tone / 127.0 * (CUT_N - 1) + 0.5)
            else:
                at = A_AT if front_a else B_AT
                picture[row, column] = at + int(tone / 127.0 * (SOLID_N - 1) + 0.5)


@njit(
    types.void(types.uint8[:, ::1], types.float64, types.float64),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def mark(picture: U8, x: float, y: float) -> None:
    """Draw a ring with four ticks around pixel (`x`, `y`); outside the picture nothing shows."""
    height, width = picture.shape
    size = max(6.0, height / 18.0)
    pen = max(0.8, height / 400.0)
    reach = int(size * 1.8 + 4.0)
    for row in range(max(0, int(y) - reach), min(height, int(y) + reach + 1)):
        for column in range(max(0, int(x) - reach), min(width, int(x) + reach + 1)):
            dx, dy = column + 0.5 - x, row + 0.5 - y
            d = np.sqrt(dx * dx + dy * dy)
            away = abs(d - size)
            if size < d < size * 1.5:
                away = min(away, min(abs(dx), abs(dy)))
            if away <= pen:
                picture[row, column] = MARK
            elif away <= pen + 1.3:
                picture[row, column] = HALO
