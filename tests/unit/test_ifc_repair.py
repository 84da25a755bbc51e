"""Triangle soups become closed bodies that look outwards, or say that they are open."""

import numpy as np
import pytest

from bimcore.ifc.repair import carve, close, find_families, winding
from bimcore.mesh import is_closed, signed_volume
from tests.builders import box, tube


def loose(body):
    """Every triangle with corners of its own."""
    vertices, faces = body
    return vertices[faces.ravel()], np.arange(faces.size, dtype=np.int32).reshape(-1, 3)


def joined(*bodies):
    vertices, faces, count = [], [], 0
    for v, f in bodies:
        vertices.append(v)
        faces.append(f + count)
        count += len(v)
    return np.concatenate(vertices), np.concatenate(faces).astype(np.int32)


def flipped(body, which=slice(None)):
    vertices, faces = body
    faces = faces.copy()
    faces[which] = faces[which][:, ::-1]
    return vertices, faces


def without(body, *rows):
    return body[0], np.delete(body[1], rows, axis=0)


def one(body):
    bodies, closed = close([body])
    return bodies[0], bool(closed[0])


UNIT = box()
CLOSED = {
    "as it is": (UNIT, 1.0),
    "corners apart": (loose(UNIT), 1.0),
    "corners a rounding apart": ((loose(UNIT)[0] + 2e-8, loose(UNIT)[1]), 1.0),
    "inside out": (flipped(UNIT), 1.0),
    "half of it inside out": (flipped(UNIT, slice(0, 6)), 1.0),
    "two apart": (joined(UNIT, box(at=(3, 0, 0))), 2.0),
    "two apart, one inside out": (joined(UNIT, flipped(box(at=(3, 0, 0)))), 2.0),
    "touching along an edge": (loose(joined(UNIT, box(at=(1, 1, 0)))), 2.0),
    "touching along a face": (loose(joined(UNIT, box(at=(1, 0, 0)))), 2.0),
    "touching in a corner": (loose(joined(UNIT, box(at=(1, 1, 1)))), 2.0),
    "with a cavity": (joined(box((3, 3, 3)), flipped(box(at=(1, 1, 1)))), 26.0),
    "a cavity, all inside out": (joined(flipped(box((3, 3, 3))), box(at=(1, 1, 1))), 26.0),
    "both sides drawn": (joined(UNIT, flipped(UNIT)), 1.0),
    "drawn twice": (loose(joined(UNIT, UNIT)), 1.0),
    "with a degenerate face": ((UNIT[0], np.vstack([UNIT[1], [[0, 0, 1]]])), 1.0),
}


@pytest.mark.parametrize("name", sorted(CLOSED))
def test_a_soup_that_encloses_matter_is_closed(name):
    body, volume = CLOSED[name]

    made, closed = one(body)

    assert closed
    assert is_closed(*made)
    assert signed_volume(*made) == pytest.approx(volume, abs=1e-6)


def test_a_missed_vertex_on_an_edge_is_healed():
    vertices, faces = UNIT
    row = 0
    a, b, c = faces[row]
    middle = (vertices[a] + vertices[b]) / 2
    split = np.array([[a, len(vertices), c], [len(vertices), b, c]])
    body = np.vstack([vertices, middle]), np.vstack([np.delete(faces, row, 0), split])

    made, closed = one((body[0], body[1].astype(np.int32)))

    assert closed
    assert signed_volume(*made) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(without(UNIT, 0), id="a missing face"),
        pytest.param((UNIT[0], UNIT[1][:2]), id="a sheet"),
        pytest.param(joined(UNIT, (UNIT[0] + 5, UNIT[1][:1])), id="a body and a stray face"),
    ],
)
def test_what_has_a_border_stays_open_with_all_its_faces(body):
    made, closed = one(body)

    assert not closed
    assert len(made[1]) == len(body[1])
    assert np.allclose(
        np.sort(made[0], axis=0), np.sort(np.unique(body[0][np.unique(body[1])], axis=0), axis=0)
    )


def test_nothing_is_not_closed():
    bodies, closed = close([(np.zeros((0, 3)), np.zeros((0, 3), np.int32)), UNIT])

    assert closed.tolist() == [False, True]
    assert [len(f) for _, f in bodies] == [0, 12]
    assert close([])[0] == []


def test_bodies_do_not_mix_although_they_share_places():
    bodies, closed = close([loose(UNIT), without(loose(UNIT), 3), loose(UNIT)])

    assert closed.tolist() == [True, False, True]
    assert [len(v) for v, _ in bodies] == [8, 8, 8]


def test_equal_bodies_are_repaired_alike():
    first = loose(joined(UNIT, box(at=(1, 1, 0))))
    angle = 0.3
    turn = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    second = first[0] @ turn.T + (5, 6, 7), first[1]
    mirrored = first[0] * (-1, 1, 1), first[1]

    lead = find_families([first, second, mirrored], np.ones(3, dtype=bool))
    bodies, closed = close([first, second, mirrored])

    assert lead.tolist() == [0, 0, 2]
    assert closed.all()
    assert [signed_volume(*b) for b in bodies] == pytest.approx([2.0, 2.0, 2.0])
    assert np.array_equal(bodies[0][1], bodies[1][1])


def test_pinched_shells_share_no_edge_twice():
    ring = joined(
        box((1, 1, 1)), box((1, 1, 1), at=(1, 1, 0)), box((1, 1, 1), at=(0, 1, 1)), box((1, 1, 1), at=(1, 0, 1))
    )  # fmt: skip

    made, closed = one(loose(ring))

    assert closed
    assert is_closed(*made)
    assert signed_volume(*made) == pytest.approx(4.0)


def test_repair_repeats_to_the_bit():
    bodies = [
        loose(joined(UNIT, tube(start=(0, 0, 0), end=(0, 0, 2), outer=0.5, inner=0.2))),
        without(UNIT, 1),
    ]

    first, second = close(bodies), close(bodies)

    for (v, f), (w, g) in zip(first[0], second[0], strict=True):
        assert np.array_equal(v, w)
        assert np.array_equal(f, g)


def test_winding_is_one_within_and_zero_without():
    triangles = UNIT[0][UNIT[1]]

    assert winding(np.array([0.5, 0.4, 0.3]), triangles) == pytest.approx(1.0)
    assert winding(np.array([1.5, 0.4, 0.3]), triangles) == pytest.approx(0.0, abs=1e-9)


NESTED = joined(box((5, 5, 5)), box((3, 3, 3), at=(1, 1, 1)), box(at=(2, 2, 2)))


@pytest.mark.parametrize(
    ("body", "single", "volume"),
    [
        pytest.param(NESTED, True, 125 - 27 + 1, id="a cavity with matter in it"),
        pytest.param(NESTED, False, 125 + 27 + 1, id="several things in each other"),
        pytest.param(joined(UNIT, box(at=(3, 0, 0))), True, 2, id="shells beside each other"),
        pytest.param(
            joined(box((2, 2, 2)), box((2, 1, 1), at=(1, 0.5, 0.5))), True, 10, id="overlapping"
        ),
    ],
)
def test_a_shell_within_a_shell_of_one_thing_is_a_cavity(body, single, volume):
    vertices, faces = body[0], body[1].copy()

    carve([(vertices, faces)], lambda place: single)

    assert signed_volume(vertices, faces) == pytest.approx(volume)
