"""Models that a simple mistake sets apart from the others are named with the mistake."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely

from bimcore.elements import Coded
from gis.coherence import misfits, outside_site
from gis.conversion import Conversion
from gis.georeference import arrange
from tests.builders import box, model_of

E0, N0 = 359123.0, 3278234.0
LEVELS = (0.0, 4.5, 8.4, 12.3)


def house(name, *, size=(60.0, 20.0), at=(0.0, 0.0), factor=1.0, rise=0.0, levels=LEVELS):
    """A house with a slab on every storey, its corner at `at`, all numbers times `factor`."""
    bodies = [
        box(
            (size[0] * factor, size[1] * factor, 0.2 * factor),
            at=(at[0] * factor, at[1] * factor, (z + rise) * factor),
        )
        for z in levels
    ]
    model = model_of(bodies, name=name)
    storeys = Coded.of([f"{k + 1}F" for k in range(len(levels))])
    heights = np.array([(z + rise) * factor for z in levels])
    elements = replace(model.elements, storey=storeys, storey_elevation=heights)
    return replace(model, elements=elements)


def at(e=E0, n=N0, h=268.5, *, deg=30.0, scale=1.0):
    return Conversion(
        crs="EPSG:4545", eastings=e, northings=n, height=h, rotation=math.radians(deg),
        scale=(scale, scale, scale),
    )  # fmt: skip


def told(*pairs):
    """What is said of models placed by their conversions: (model, code, cause)."""
    found = arrange([(m, None) for m, _ in pairs], supplied={m.name: c for m, c in pairs})
    return [
        (f.model, f.code.code, f.data["cause_en"]) for f in found.findings if "cause_en" in f.data
    ]


ARCH, STRUCTURE = (house("arch"), at()), (house("structure", size=(58.0, 19.0)), at())


def test_models_that_belong_together_are_not_told_of():
    duct = house("mep", size=(30.0, 12.0), at=(20.0, 4.0), levels=(0.0, 4.45, 8.35, 12.25))
    tower = house("tower", size=(20.0, 60.0), at=(90.0, 0.0), levels=(0.0, 5.0, 10.0))
    walls = house("site", size=(200.0, 100.0), at=(-70.0, -40.0), levels=(-1.0,))

    assert told(ARCH, STRUCTURE, (duct, at()), (walls, at())) == []
    assert told(ARCH, (tower, at())) == []
    # A twin on lower ground has the same storeys elsewhere.
    twin = house("twin", at=(80.0, 0.0), rise=-1.8)
    assert told(ARCH, STRUCTURE, (twin, at())) == []


@pytest.mark.parametrize(
    ("wrong", "code", "cause"),
    [
        (at(E0 + 5000.0), "GIS415", "whole kilometres added or cut off in the conversion"),
        (at(E0 + 300.0, N0 + 7777.0), "GIS415", "a wrong conversion, or a model of another project"),
        (at(deg=120.0), "GIS505", "exchanged axes or a wrong project north"),
        (at(deg=-60.0), "GIS505", "exchanged axes or a wrong project north"),
        (at(deg=-30.0), "GIS505", "a rotation of the wrong sign"),
        (at(deg=60.0), "GIS505", "a rotation that is applied twice"),
        (at(h=270.25), "GIS507", "another height datum (Wusong and 1985 differ by 1.7 to 2.0 m)"),
        (at(h=272.4), "GIS507", "storeys that are one storey off"),
        (at(h=0.0), "GIS507", "heights from ±0.000 in one and above sea level in the other"),
        (at(h=269.3), "GIS507", "a wrong height in the conversion"),
    ],
)  # fmt: skip
def test_a_model_that_stands_otherwise_is_named_with_the_cause(wrong, code, cause):
    mep = house("mep", size=(57.0, 18.0), at=(1.0, 1.0))

    assert told(ARCH, STRUCTURE, (mep, wrong)) == [("mep", code, cause)]
    assert told((mep, wrong), ARCH, STRUCTURE) == [("mep", code, cause)]


@pytest.mark.parametrize(
    ("factor", "cause"),
    [
        (1000.0, "millimetres taken as metres"),
        (0.001, "metres taken as millimetres"),
        (0.3048, "metres converted as if they were feet"),
        (1 / 0.3048, "feet taken as metres"),
        (1 / 0.0254, "inches taken as metres"),
    ],
)
def test_a_model_of_another_size_is_named_with_the_unit(factor, cause):
    models = [house("arch"), house("structure", size=(58.0, 19.0)), house("mep", factor=factor)]

    found = misfits(models, [(0, 1, 2)], [None, None, None])

    assert [(f.model, f.code.code, f.data["cause_en"]) for f in found] == [("mep", "GIS506", cause)]
    assert found[0].data["factor"] == pytest.approx(factor)
    assert found[0].data["against_en"] == "arch, structure"


def test_storeys_show_the_size_where_footprints_do_not():
    mep = house("mep", size=(12.0, 60.0), at=(24.0, 8.0), levels=tuple(0.3048 * z for z in LEVELS))
    mep = replace(mep, meshes=house("mep", size=(58.0, 19.0)).meshes)

    found = misfits([house("arch"), mep], [(0, 1)], [None, None])

    assert [(f.model, f.code.code) for f in found] == [("mep", "GIS506")]
    assert found[0].data["against_en"] == "the storey heights of the others"


@pytest.mark.parametrize("levels", [(0.0, 14.76), (0.0, 14.76, 20.0, 41.0)])
def test_storeys_of_another_house_are_not_measured_by(levels):
    other = house("other", size=(55.0, 18.0), levels=levels)

    assert misfits([house("arch"), other], [(0, 1)], [None, None]) == []


def test_the_shift_that_mends_a_height_is_told():
    found = misfits(
        [house("arch"), house("mep", rise=1.75), house("structure")],
        [(0, 1, 2)],
        [None, None, None],
    )

    assert [(f.model, f.data["shift_m"], f.data["fix_m"]) for f in found] == [("mep", 1.75, -1.75)]
    assert "+1.750 m" in found[0].message("en")
    assert "-1.750 米" in found[0].message("zh-CN")


def test_the_shift_that_mends_a_place_is_told():
    found = arrange(
        [(house("a"), None), (house("b"), None), (house("c"), None)],
        supplied={"a": at(), "b": at(), "c": at(E0 + 5000.0, N0 - 3000.0)},
    )

    (apart,) = [f for f in found.findings if f.code.code == "GIS415"]
    assert apart.model == "c"
    assert (apart.data["shift_east_m"], apart.data["shift_north_m"]) == (
        pytest.approx(5000.0),
        pytest.approx(-3000.0),
    )


def test_a_model_without_bodies_or_storeys_says_nothing():
    empty = model_of([], name="empty")

    assert misfits([house("arch"), empty, None], [(0, 1, 2)], [None, None, None]) == []


PLOT = shapely.box(-20.0, -20.0, 80.0, 60.0)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (house("a"), []),
        (house("a", at=(-25.0, 0.0)), []),  # a piece over the line is a matter of the design
        (house("a", factor=1000.0), [("GIS506", "millimetres taken as metres")]),
        (house("a", at=(1500.0, 0.0)), []),
    ],
)
def test_the_red_line_shows_a_simple_mistake_of_a_single_model(model, said):
    found = outside_site(model, PLOT, None)

    assert [(f.code.code, f.data["cause_en"]) for f in found] == said
