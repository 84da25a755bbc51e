"""The list holds what matters and little else, on a labelled set of situations."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from clash.result import Relation
from tests.golden import quiet, quiet_real
from tests.golden.quiet import Outcome


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    real = quiet.from_real_models() if quiet_real.SHARED.is_dir() else ()
    return [quiet.authored(), *real]


def _missed(outcomes: Sequence[Outcome]) -> Counter[str]:
    return Counter(o.family(p) for o in outcomes for p in o.wanted - o.shown)


def test_the_shown_list_is_right_and_complete(
    outcomes: list[Outcome], capsys: pytest.CaptureFixture[str]
) -> None:
    text, false_share, recall = quiet.table(outcomes)
    with capsys.disabled():
        print(f"\n{text}")  # noqa: T201 the numbers are what this test is run for

    assert recall >= 0.99, _missed(outcomes)
    assert false_share < 0.05


def test_authored_conflicts_and_decoys_are_many(outcomes: list[Outcome]) -> None:
    drawn = outcomes[0]

    assert len(drawn.wanted) >= 300
    assert len(drawn.labels) - len(drawn.wanted) >= 300
    assert drawn.wanted - drawn.shown == set()


def test_every_shown_clash_is_in_exactly_one_group(outcomes: list[Outcome]) -> None:
    for one in outcomes:
        open_ = ~one.suppressions.suppressed & (one.clashes.relation != Relation.TOUCH)
        rows = np.flatnonzero(open_)

        assert (one.groups.group_of[rows] >= 0).all()
        assert sorted(r for g in one.groups.groups for r in g.rows) == rows.tolist()


@pytest.mark.skipif(not quiet_real.SHARED.is_dir(), reason=quiet_real.WHY)
def test_every_pair_that_meets_in_a_real_model_has_a_label(outcomes: list[Outcome]) -> None:
    as_they_are = [o for o in outcomes if o.name.endswith("as it is")]
    unlabelled = {
        o.name: sorted({(a, b) for a, b in _meeting(o) if (a, b) not in o.labels})
        for o in as_they_are
    }

    assert unlabelled == {"FZK-Haus as it is": [], "Duplex as it is": [], "Institute as it is": []}


@pytest.mark.skipif(not quiet_real.SHARED.is_dir(), reason=quiet_real.WHY)
def test_real_bodies_moved_into_conflict_are_all_shown(outcomes: list[Outcome]) -> None:
    made = outcomes[-1]

    assert len(made.wanted) >= 150
    assert {f.__name__ for f in quiet_real.MADE} == {f for f, _ in made.labels.values()}
    assert made.wanted - made.shown == set()


def _meeting(one: Outcome) -> set[tuple[int, int]]:
    rows = np.flatnonzero(one.clashes.relation != Relation.TOUCH)
    return set(zip(one.clashes.a[rows].tolist(), one.clashes.b[rows].tolist(), strict=True))
