"""Pictures of conflicts: what can be seen in them."""

import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from bimcore.frame import Frame
from bimcore.issues import ElementRef, Issue, Viewpoint
from bimcore.model import Scene
from bimcore.snapshot import render, snapshots, viewpoint_for
from tests.builders import MAP, box, model_of, moved, pipe, scene_of

WALL = box(size=(5.0, 0.2, 3.0))
PIPE = pipe(start=(2.5, -1.0, 1.5), end=(2.5, 1.2, 1.5), radius=0.1)
POINT = (2.5, 0.1, 1.5)


def issue(*, a=(0,), b=(1,), point=POINT, extent=0.3, name="x"):
    sides = [("a", i) for i in a] + [("b", i) for i in b]
    return Issue(
        id=name,
        fingerprint="",
        kind="clash",
        rule="",
        titles={},
        descriptions={},
        severity=50,
        elements=tuple(ElementRef(model="m", guid="", side=s, index=i) for s, i in sides),
        point=point,
        extent=extent,
    )


def pixels(png):
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def share(picture, side, *, around=60):
    """Share of warm or blue pixels around the middle of the picture."""
    h, w = picture.shape[:2]
    part = picture[h // 2 - around : h // 2 + around, w // 2 - around : w // 2 + around]
    r, b = part[..., 0], part[..., 2]
    hit = r > b + 25 if side == "a" else b > r + 25
    return float(hit.mean())


def picture_of(scene, one, size=(640, 480)):
    ((name, png),) = snapshots(scene, [one], size=size)
    assert name == one.id
    return pixels(png)


def test_both_bodies_and_the_ring_are_seen():
    picture = picture_of(scene_of(WALL, PIPE), issue())

    assert picture.shape == (480, 640, 3)
    assert share(picture, "a") > 0.3
    assert share(picture, "b") > 0.05
    assert (picture[240 - 27 : 240 + 28, 320] == (20, 20, 24)).all(axis=-1).any()


def test_conflict_shows_although_it_is_walled_in():
    room = [
        box(size=(8.0, 0.3, 4.0), at=(-1.5, -2.0, -0.5)),
        box(size=(8.0, 0.3, 4.0), at=(-1.5, 2.0, -0.5)),
        box(size=(0.3, 4.0, 4.0), at=(-1.5, -2.0, -0.5)),
        box(size=(0.3, 4.0, 4.0), at=(6.5, -2.0, -0.5)),
        box(size=(8.0, 4.0, 0.3), at=(-1.5, -2.0, 3.5)),
        box(size=(8.0, 4.0, 0.3), at=(-1.5, -2.0, -0.5)),
    ]

    picture = picture_of(scene_of(WALL, PIPE, *room), issue())

    assert share(picture, "a") > 0.3
    assert share(picture, "b") > 0.05


def test_body_inside_the_other_shines_through():
    hidden = box(size=(0.6, 0.1, 0.6), at=(2.2, 0.05, 1.2))

    picture = picture_of(scene_of(WALL, hidden), issue())

    assert share(picture, "b") > 0.05


def is_red(picture):
    """Pixels in the full colour of side a, which no glass of side b has."""
    return (picture[..., 0] > picture[..., 2] + 60) & (picture[..., 0] > 90)


def test_thin_pipe_wholly_inside_a_column_shows_in_its_own_colour():
    column = box(size=(0.6, 0.6, 3.6))
    conduit = pipe(start=(0.3, 0.3, 0.2), end=(0.3, 0.3, 3.4), radius=0.0135)
    one = issue(point=(0.3, 0.3, 1.8), extent=3.2)

    picture = picture_of(scene_of(conduit, column), one)

    main = picture[:350]
    assert (is_red(main[50:300]).sum(axis=1) >= 3).mean() > 0.7
    assert share(main[:, 100:540], "b") > 0.5


def test_course_of_a_pipe_through_a_beam_is_seen_within_it():
    beam = box(size=(4.0, 0.3, 0.7))
    run = pipe(start=(2.0, -1.0, 0.35), end=(2.0, 1.3, 0.35), radius=0.05)
    one = issue(point=(2.0, 0.15, 0.35), extent=0.32)

    through = picture_of(scene_of(run, beam), one)
    apart = picture_of(scene_of(moved(run, (0.0, 0.0, -40.0)), beam), one)

    assert is_red(through[180:300, 260:380]).sum() > 300
    assert is_red(apart[180:300, 260:380]).sum() == 0


def test_body_behind_the_other_is_fainter_than_one_inside_it():
    column = box(size=(0.6, 0.6, 3.0))
    inside = pipe(start=(0.3, 0.3, 0.5), end=(0.3, 0.3, 2.5), radius=0.05)
    view = Viewpoint(position=(0.3, -4.0, 1.5), direction=(0, 1, 0), up=(0, 0, 1))

    def middle(body):
        png = render(scene_of(body, column), view, side_a=[0], side_b=[1], size=(160, 120))
        row = pixels(png)[40, 70:90]
        return int((row[:, 0] - row[:, 2]).max())

    assert middle(inside) > 100 > middle(moved(inside, (0, 1.0, 0))) > 0


def test_slab_of_fifty_metres_does_not_shrink_the_conflict():
    slab = box(size=(50.0, 50.0, 0.3))
    column = pipe(start=(20.0, 20.0, -1.0), end=(20.0, 20.0, 1.0), radius=0.15)

    picture = picture_of(scene_of(slab, column), issue(point=(20.0, 20.0, 0.15)))

    assert share(picture, "b") > 0.1
    assert share(picture, "a") > 0.1


def is_framed(picture):
    """Whether a small picture stands in the lower right corner, in a dark frame."""
    h, w = picture.shape[:2]
    return bool((picture[h - h // 4 - 2, w - w // 4 :] == (20, 20, 24)).all())


def test_a_small_overview_is_added_where_the_picture_does_not_show_everything():
    scene = scene_of(WALL, PIPE, box(size=(30.0, 30.0, 10.0), at=(-15.0, -15.0, -12.0)))
    far = Viewpoint(
        position=(60.0, 60.0, 60.0),
        direction=tuple(np.full(3, -1 / np.sqrt(3))),
        up=tuple(np.array([-1.0, -1.0, 2.0]) / np.sqrt(6)),
        field_of_view=60.0,
        aspect_ratio=4 / 3,
    )
    sides = {"side_a": [0], "side_b": [1], "point": POINT, "size": (640, 480)}

    near = render(scene, viewpoint_for(scene, issue()), **sides)

    assert is_framed(pixels(near))
    assert not is_framed(pixels(render(scene, far, **sides)))


def test_camera_looks_at_the_point_from_a_few_metres():
    view = viewpoint_for(scene_of(WALL, PIPE), issue())

    to_point = np.array(POINT) - view.position
    distance = np.linalg.norm(to_point)
    assert np.cross(to_point / distance, view.direction) == pytest.approx(np.zeros(3), abs=1e-9)
    assert 0.5 < distance < 10.0
    assert np.dot(view.direction, view.up) == pytest.approx(0.0, abs=1e-9)
    assert (view.field_of_view, view.aspect_ratio) == (45.0, 4 / 3)


def test_far_from_the_origin_the_picture_is_the_same():
    near = picture_of(scene_of(WALL, PIPE), issue())

    far = picture_of(
        scene_of(moved(WALL, MAP), moved(PIPE, MAP)),
        issue(point=tuple(p + m for p, m in zip(POINT, MAP, strict=True))),
    )

    assert (near != far).any(axis=-1).mean() < 0.005


def test_same_scene_gives_the_same_bytes():
    issues = [issue(name=str(i)) for i in range(7)]

    first = list(snapshots(scene_of(WALL, PIPE), issues, size=(320, 240)))
    second = list(snapshots(scene_of(WALL, PIPE), issues, size=(320, 240)))

    assert [name for name, _ in first] == list("0123456")
    assert first == second


def test_issue_without_a_point_frames_its_bodies():
    picture = picture_of(scene_of(WALL, PIPE), issue(point=None, b=()))

    assert share(picture, "a", around=100) > 0.3


def test_elements_outside_the_scene_are_found_by_model_and_guid():
    scene = scene_of(WALL, PIPE)
    guid = scene.models[0].elements.guid[0]
    lost = dataclasses.replace(
        issue(),
        elements=(ElementRef(model=scene.models[0].name, guid=guid, side="a", index=-1),),
    )

    assert share(picture_of(scene, lost), "a") > 0.3


def test_an_element_without_a_body_beside_one_with_does_no_harm():
    bare = (np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int32))
    scene = scene_of(box((1.0, 1.0, 1.0)), bare)

    picture = picture_of(scene, issue(point=(0.5, 0.5, 0.5)))

    assert share(picture, "a") > 0.02


@pytest.mark.parametrize("scene", [Scene.of([]), scene_of()], ids=["no model", "no element"])
def test_empty_scene_gives_a_blank_picture(scene):
    one = issue(a=(), b=(), point=None)

    assert (picture_of(scene, one, size=(64, 48)) == (250, 250, 248)).all()


def test_model_that_is_not_located_is_no_background_of_one_that_is():
    located = dataclasses.replace(model_of([WALL, PIPE]), frame=Frame(crs="EPSG:4544"))
    stray = model_of([box(size=(30.0, 30.0, 0.1), at=(-10.0, -10.0, -0.2))])

    alone = picture_of(Scene.of([located]), issue())
    beside = picture_of(Scene.of([located, stray]), issue())

    assert (alone == beside).all()


def test_point_behind_the_camera_draws_no_ring():
    view = Viewpoint(position=(0, 0, 0), direction=(1, 0, 0), up=(0, 0, 1))

    png = render(Scene.of([]), view, side_a=[], side_b=[], point=(-5, 0, 0), size=(64, 48))

    assert (pixels(png) == (250, 250, 248)).all()
