"""Triangles into depth buffers and depth buffers into indexed colours, without a graphics card."""

from functools import partial

import numpy as np
from numba import njit, types

from bimcore.arrays import F32, F64, I32, I64, U8
from bimcore.compiled import compiled_for

#: Rows of the buffers: the surroundings, the bodies of side a, the bodies of side b, and
#: the nearest surfaces at which the view leaves a body of side a and of side b.
CONTEXT, SIDE_A, SIDE_B, A_EXIT, B_EXIT = 0, 1, 2, 3, 4
LAYERS = 5
STRETCH = 32  # pixels of a row that are known to be hidden together
#: Kind of triangles of the surroundings that are only seen from outside: what looks away
#: from the camera is skipped.
CONTEXT_WHOLE = 3

# Colour indices. A range holds the shades of one colour from dark to light.
PAPER = 0
CONTEXT_AT, CONTEXT_N = 1, 40
CONTEXT_CUT = 41
#: Shades of a body, for each side one after the other: alone, with the other side inside
#: it, with the other side behind it, each bare and behind the surroundings.
BODY_AT, BODY_N = 42, 16
ALONE, AROUND, BEFORE = 0, 1, 2
CONTEXT_EDGE = BODY_AT + 12 * BODY_N
#: Lines of side a and side b: bare, behind the surroundings, and seen through the other.
EDGE_AT = CONTEXT_EDGE + 1
BARE, VEILED, THROUGH = 0, 1, 2
SEAM, MARK, HALO = EDGE_AT + 6, EDGE_AT + 7, EDGE_AT + 8

_F64_1 = types.Array(types.float64, 1, "C", readonly=True)
_F64_2 = types.Array(types.float64, 2, "C", readonly=True)
_F64_3 = types.Array(types.float64, 3, "C", readonly=True)
_I32_2 = types.Array(types.int32, 2, "C", readonly=True)
_I64_1 = types.Array(types.int64, 1, "C", readonly=True)
_U8_1 = types.Array(types.uint8, 1, "C", readonly=True)
_F32_3 = types.float32[:, :, ::1]
_I32_3 = types.int32[:, :, ::1]
_GATHERED = types.Tuple([_F32_3, types.int32[::1], types.uint8[::1]])
_F4, _LOW, _CREASE = np.float32, np.int32(255), np.int32(14)
_SAME, _JUMP = np.float32(3e-4), np.float32(0.05)
# Parts of kernels: compiled with them, without wrappers of their own.
_part = partial(
    njit, nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True
)


@compiled_for(types.int64[::1](_F64_3, _U8_1, _F64_2, _F64_1, types.float64, types.float64))
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


@compiled_for(_GATHERED(_F64_2, _I32_2, _I64_1, _I64_1, _I64_1, _U8_1, _F64_1, types.float64))
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


@_part()
def _fill(corners: F64, n: int, look: np.int32, near: F32, looks: I32, least: F32) -> None:
    """Fill the convex polygon `corners` (n, 3) of pixel x, pixel y and 1 / depth.

    `least` (H, S) holds for each stretch of a row what all its pixels are nearer than, so
    that what is hidden there costs one comparison.
    """
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
        step = np.float32(dwdx)
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
            first = w0 + (0.5 - x0) * dwdx + (y - y0) * dwdy
            depths, seen = near[row], looks[row]
            for s in range(start // STRETCH, (stop - 1) // STRETCH + 1):
                since, until = max(start, s * STRETCH), min(stop, (s + 1) * STRETCH)
                v, last = np.float32(first + since * dwdx), np.float32(first + until * dwdx)
                if max(v, last) <= least[row, s]:
                    continue
                if until - since == STRETCH:
                    least[row, s] = max(least[row, s], min(v, last) * np.float32(0.99999))
                for column in range(np.uint32(since), np.uint32(until)):
                    if v > depths[column]:
                        depths[column] = v
                        seen[column] = look
                    v += step


@compiled_for(
    types.void(
        types.Array(types.float32, 3, "C", readonly=True),
        types.Array(types.int32, 1, "C", readonly=True),
        _U8_1,
        _F64_2,
        _F64_1,
        _F64_1,
        _F32_3,
        _I32_3,
        types.int64[::1],
    )
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
    extent: I64,
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
    near : (5, H, W) float32
        1 / depth of the nearest surface, 0 where there is none; changed in place.
    looks : (5, H, W) int32
        Low byte: tone, 1 (dark) to 127 (light), and 128 more where the surface is seen
        from behind. The bits above: the element seen.
    extent : (4,) int64
        First row, row after the last, first column and column after the last that the
        sides may touch; widened in place.

    """
    height, width = near.shape[1], near.shape[2]
    focal_x, focal_y = 0.5 * width / slope[0], 0.5 * height / slope[1]
    seen = np.zeros((3, 3))
    clipped = np.zeros((4, 3))
    least = np.zeros((LAYERS, height, (width - 1) // STRETCH + 1), dtype=np.float32)
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
        _fill(clipped, n, look, near[layer], looks[layer], least[layer])
        if layer != CONTEXT:
            if behind:
                out = layer + 2
                _fill(clipped, n, look, near[out], looks[out], least[out])
            for c in range(n):
                x = min(max(clipped[c, 0], 0.0), float(width))
                y = min(max(clipped[c, 1], 0.0), float(height))
                extent[0] = min(extent[0], int(y))
                extent[1] = max(extent[1], min(int(y) + 1, height))
                extent[2] = min(extent[2], int(x))
                extent[3] = max(extent[3], min(int(x) + 1, width))


@compiled_for(types.float64[::1](_F32_3))
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


@_part()
def _surroundings(near: F32, looks: I32, middle: float, picture: U8) -> None:
    """Shade the surroundings: paler with distance, with lines where surfaces meet."""
    height, width = near.shape
    close, levels = _F4(0.35 / middle), _F4(CONTEXT_N - 1)
    for row in range(height):
        up, down = max(row - 1, 0), min(row + 1, height - 1)
        depths, above, below = near[row], near[up], near[down]
        here, over, under = looks[row], looks[up], looks[down]
        out = picture[row]
        # No branch and no wide number, so that the loop runs on whole vectors.
        for before in range(np.uint32(width - 2)):
            column, after = before + np.uint64(1), before + np.uint64(2)
            w, look, tone = depths[column], here[column], here[column] & _LOW
            right, beneath = here[after], under[column]
            odd = (here[before] ^ look) | (right ^ look) | (over[column] ^ look) | (beneath ^ look)
            across = abs(depths[before] + depths[after] - w - w)
            along = abs(above[column] + below[column] - w - w)
            # One tone of one element all around: only a step in depth can be a line here.
            # 1 / depth is linear over a plane, so a bend in it is such a step.
            bend = max(across, along) > _F4(0.02) * w
            step = max(abs((right & _LOW) - tone), abs((beneath & _LOW) - tone))
            line = ((right ^ look) | (beneath ^ look)) > _LOW
            line |= (step > _CREASE) | (min(depths[before], above[column]) == _F4(0.0))
            haze = min(max(_F4(1.35) - close / w, _F4(0.0)), _F4(1.0))
            light = _F4(1.0) - haze * (_F4(1.0) - _F4(tone) * _F4(1 / 127))
            colour = np.int32(light * levels + _F4(0.5)) + np.int32(CONTEXT_AT)
            colour = np.int32(CONTEXT_CUT) if tone > np.int32(127) else colour
            edge = bend if odd == np.int32(0) else line
            colour = np.int32(CONTEXT_EDGE) if edge & (haze > _F4(0.4)) else colour
            out[column] = np.uint8(colour if w > _F4(0.0) else np.int32(PAPER))
        out[0], out[width - 1] = out[1], out[width - 2]


@_part()
def _bodies(side: int, near: F32, looks: I32, context: F32, extent: I64, picture: U8) -> None:
    """Shade the bodies of `side` (0, 1) as if the other side were not there."""
    height, width = near.shape
    edge_at, start = np.int32(EDGE_AT + 3 * side), np.int32(BODY_AT + side * 6 * BODY_N)
    first, stop = max(extent[2] - 1, 0), min(extent[3] + 1, width)
    shades = np.zeros(width, dtype=np.uint8)
    for row in range(extent[0], extent[1]):
        up, down = max(row - 1, 0), min(row + 1, height - 1)
        depths, here = near[row, first:stop], looks[row, first:stop]
        above, below = near[up, first:stop], near[down, first:stop]
        over, under = looks[up, first:stop], looks[down, first:stop]
        # As in the surroundings: no branch and no wide number.
        for before in range(np.uint32(max(stop - first - 2, 0))):
            column, after = before + np.uint64(1), before + np.uint64(2)
            w, look, tone = depths[column], here[column], here[column] & np.int32(127)
            right, beneath = here[after], under[column]
            odd = (here[before] ^ look) | (right ^ look) | (over[column] ^ look) | (beneath ^ look)
            across = abs(depths[before] + depths[after] - w - w)
            along = abs(above[column] + below[column] - w - w)
            bend = max(across, along) > _F4(0.02) * w
            full = look & _LOW
            step = max(abs((right & _LOW) - full), abs((beneath & _LOW) - full))
            line = ((right ^ look) | (beneath ^ look)) > _LOW
            line |= (step > _CREASE) | (min(depths[before], above[column]) == _F4(0.0))
            edge = bend if odd == np.int32(0) else line
            light = _F4(tone) * (_F4(0.75) if full > np.int32(127) else _F4(1.0))
            shade = np.int32(light * _F4((BODY_N - 1) / 127) + _F4(0.5))
            shades[column] = np.uint8(np.int32(BODY_N) if edge else shade)
        out, front = picture[row, first:stop], context[row, first:stop]
        for i in range(np.uint32(max(stop - first - 1, 0))):
            w, shade = depths[i], np.int32(shades[i])
            veiled = front[i] > w * _F4(1.002)
            body = shade + (start + np.int32(BODY_N) if veiled else start)
            pen = edge_at + (np.int32(VEILED) if veiled else np.int32(BARE))
            colour = pen if shade == np.int32(BODY_N) else body
            out[i] = np.uint8(colour if w > _F4(0.0) else np.int32(out[i]))
        for border, beside in ((0, 1), (width - 1, width - 2)):
            if near[row, border] > _F4(0.0):
                picture[row, border] = picture[row, beside]


@_part(inline="always")
def _is_edge(near: F32, looks: I32, row: int, column: int) -> bool:
    """Whether an outline or a crease of the layer passes through the pixel."""
    one = np.uint64(1)
    inner_row = row >= one and row + one < np.uint64(near.shape[0])
    if not inner_row or column < one or column + one >= np.uint64(near.shape[1]):
        return False
    w, look = near[row, column], looks[row, column]
    right, below = looks[row, column + one], looks[row + one, column]
    left, above = near[row, column - one], near[row - one, column]
    if right == look == below == looks[row, column - one] == looks[row - one, column]:
        across = abs(near[row, column + one] + left - w - w)
        along = abs(near[row + one, column] + above - w - w)
        return bool(max(across, along) > _F4(0.02) * w)
    if ((right ^ look) | (below ^ look)) > _LOW:
        return True
    if max(abs((right & _LOW) - (look & _LOW)), abs((below & _LOW) - (look & _LOW))) > _CREASE:
        return True
    return bool(min(left, above) == _F4(0.0))


@_part(inline="always")
def _is_seam(near_a: F32, near_b: F32, row: int, column: int) -> bool:
    """Whether the surfaces of both sides pass through each other at the pixel."""
    one = np.uint64(1)
    if row + one >= np.uint64(near_a.shape[0]) or column + one >= np.uint64(near_a.shape[1]):
        return False
    wa, wb = near_a[row, column], near_b[row, column]
    for below in range(2):
        across = np.uint64(1 - below)
        va = near_a[row + np.uint64(below), column + across]
        vb = near_b[row + np.uint64(below), column + across]
        if min(va, vb) > _F4(0.0) and (va > vb) != (wa > wb):
            far = abs(va - vb) > _SAME * max(va, vb)
            if far and abs(va - wa) <= _JUMP * wa and abs(vb - wb) <= _JUMP * wb:
                return True
    return False


@_part(inline="always")
def _shade(
    side: int,
    at: tuple[int, int],
    context: np.float32,
    leave: np.float32,
    near: F32,
    looks: I32,
    far: F32,
    far_looks: I32,
) -> np.uint8:
    """Colour where a body of `side` (0, 1) is in front.

    `leave` is 1 / depth where the view leaves that body, negative when nothing of the other
    side (`far`, `far_looks`) is to be seen through it.
    """
    row, column = at
    w, look = near[at], looks[at]
    veiled = context > w * _F4(1.002)
    if _is_edge(near, looks, row, column):
        return np.uint8(EDGE_AT + 3 * side + (VEILED if veiled else BARE))
    tone, state = look & np.int32(127), ALONE
    if look & np.int32(128):
        tone = tone * np.int32(3) // np.int32(4)
    if leave >= _F4(0.0):
        # The first body in the way hides the other, or holds it.
        inside = look & np.int32(128) != 0 or leave <= far[at]
        state = AROUND if inside else BEFORE
        if _is_edge(far, far_looks, row, column):
            pen = BARE if inside and not veiled else THROUGH
            return np.uint8(EDGE_AT + 3 * (1 - side) + pen)
        tone = (np.int32(7) * tone + np.int32(13) * (far_looks[at] & np.int32(127))) // np.int32(20)
    start = BODY_AT + ((side * 3 + state) * 2 + (1 if veiled else 0)) * BODY_N
    return np.uint8(start + (tone * np.int32(BODY_N - 1) + np.int32(63)) // np.int32(127))


@compiled_for(
    types.void(_F32_3, _I32_3, types.int64[::1], types.int64, types.float64, types.uint8[:, ::1])
)
def compose(near: F32, looks: I32, extent: I64, host: int, middle: float, picture: U8) -> None:
    """Colour indices (H, W) from the layers; bodies shine through the surroundings.

    Parameters
    ----------
    near, looks, extent
        As :func:`draw` left them.
    host : int
        The side (``SIDE_A``, ``SIDE_B``) that is glass for the other, 0 when both are.
    middle : float
        Depth in metres of the conflict; the surroundings pale with depth beyond it.
    picture : (H, W) uint8
        At least 3 x 3, written in place.

    """
    near_c, near_a, near_b = near[CONTEXT], near[SIDE_A], near[SIDE_B]
    looks_a, looks_b = looks[SIDE_A], looks[SIDE_B]
    exit_a, exit_b = near[A_EXIT], near[B_EXIT]
    a_clear, b_clear = host != SIDE_B, host != SIDE_A
    _surroundings(near_c, looks[CONTEXT], middle, picture)
    _bodies(0, near_a, looks_a, near_c, extent, picture)
    _bodies(1, near_b, looks_b, near_c, extent, picture)
    for row in range(np.uint64(extent[0]), np.uint64(extent[1])):
        for column in range(np.uint64(extent[2]), np.uint64(extent[3])):
            wa, wb = near_a[row, column], near_b[row, column]
            if min(wa, wb) == _F4(0.0):
                continue
            a_first = wa > wb
            if abs(wa - wb) < _SAME * max(wa, wb):
                # Faces that coincide are hatched: no depth decides between them.
                a_first = ((row + column) // np.uint64(7)) & np.uint64(1) == np.uint64(0)
            elif _is_seam(near_a, near_b, row, column):
                picture[row, column] = SEAM
                continue
            at, wc = (row, column), near_c[row, column]
            if a_first:
                leave = exit_a[at] if a_clear else _F4(-1.0)
                colour = _shade(0, at, wc, leave, near_a, looks_a, near_b, looks_b)
            else:
                leave = exit_b[at] if b_clear else _F4(-1.0)
                colour = _shade(1, at, wc, leave, near_b, looks_b, near_a, looks_a)
            picture[row, column] = colour


@compiled_for(types.void(types.uint8[:, ::1], types.float64, types.float64))
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
