"""Closed bodies are cut by half spaces without losing thin ones or all memory."""

import tracemalloc

import numpy as np
import pytest

from bimcore.ifc.booleans import HalfSpace, Solid, Unusable, within
from tests.builders import box


def solid(*size, at=(0, 0, 0)):
    return Solid.of(box(size, at=at), np.zeros(3))


def plane(height):
    matrix = np.eye(4)
    matrix[2, 3] = height
    return HalfSpace("plane", matrix, below=True)


@pytest.mark.parametrize(
    "size", [(100, 0.08, 0.08), (30, 0.02, 0.02), (6, 0.008, 0.008), (5, 3, 0.0005)]
)
def test_a_long_or_thin_body_that_is_cut_is_still_there(size):
    left = solid(*size).without(plane(size[2] / 2))

    assert left.mesh() is not None
    assert left.volume == pytest.approx(np.prod(size) / 2)


@pytest.mark.parametrize("thick", [0.0, 1e-9, 5e-7])
def test_what_rounding_leaves_of_a_body_is_nothing(thick):
    assert solid(5, 3, 0.2).without(plane(0.2 - thick)).mesh() is None


def test_a_sphere_too_large_to_be_followed_is_refused():
    matrix = np.eye(4)
    matrix[2, 3] = -1e5 + 0.5
    with pytest.raises(Unusable):
        solid(1, 1, 1).without(HalfSpace("sphere", matrix, below=True, radius=1e5))


def test_many_points_in_many_faces_take_little_memory():
    vertices, faces = box((1, 1, 1), at=(0, 0, 0))
    many = vertices, np.tile(faces, (301, 1))  # odd, so that inside stays inside
    points = np.random.default_rng(1).uniform(0.1, 1.9, (2000, 3))
    inside = (points < 1).all(axis=1)

    tracemalloc.start()
    found = within(points, many)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (found == inside).all()
    assert most < 300e6
