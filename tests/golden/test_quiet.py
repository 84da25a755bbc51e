"""The list holds what matters and little else, on a labelled set of small situations."""

from collections import Counter

import numpy as np

from bimcore.model import Scene
from clash.grouping import group
from clash.matrix import default_rules
from clash.relevance import suppress
from tests.builders import about_z, moved, turned
from tests.building import Thing, clashes_of, model
from tests.golden.quiet_cases import FAMILIES

PER_FAMILY = 6
#: Metres between two situations, so that they do not meet.
APART = 40.0


def labelled() -> tuple[Scene, dict[tuple[int, int], tuple[str, bool]]]:
    """All situations in one scene, each turned at random; label of each pair."""
    rng = np.random.default_rng(20250611)
    things, relations, labels = [], [], {}
    for place, (name, family) in enumerate(
        (n, f) for n, f in sorted(FAMILIES.items()) for _ in range(PER_FAMILY)
    ):
        case = family(rng)
        spin = about_z(float(rng.uniform(0, 360)))
        at = (APART * (place % 20), APART * (place // 20), float(rng.uniform(-5, 5)))
        first = len(things)
        for part in case.parts:
            body = moved(turned(part.body, spin), at)
            things.append(Thing(**{**part.__dict__, "body": body}))
        relations += [(k, first + a, first + b) for k, a, b in case.relations]
        for pairs, is_real in ((case.real, True), (case.designed, False)):
            labels |= {(first + a, first + b): (name, is_real) for a, b in pairs}
    return Scene.of([model(things, relations=relations)]), labels


def test_the_shown_list_is_right_and_complete(capsys):
    scene, labels = labelled()
    clashes = clashes_of(scene)
    suppressions = suppress(scene, clashes, default_rules())
    groups = group(scene, clashes, default_rules(), suppressions)

    open_ = np.flatnonzero(~suppressions.suppressed)
    shown = {(int(clashes.a[r]), int(clashes.b[r])) for r in open_}
    wanted = {pair for pair, (_, is_real) in labels.items() if is_real}
    false = Counter(labels[p][0] if p in labels else "unlabelled" for p in shown - wanted)
    missed = Counter(labels[p][0] for p in wanted - shown)
    false_share = len(shown - wanted) / len(shown)
    recall = len(wanted & shown) / len(wanted)
    with capsys.disabled():
        print(  # noqa: T201 the numbers are what this test is run for
            f"\nquiet: {len(labels)} labelled pairs of {len(FAMILIES)} families, "
            f"{len(shown)} shown in {len(groups)} issues, "
            f"false share {false_share:.3f}, recall {recall:.3f}"
            f"\n  false: {dict(false)}\n  missed: {dict(missed)}"
        )

    assert len(wanted) >= 150
    assert len(labels) - len(wanted) >= 150
    assert recall >= 0.99, missed
    assert false_share < 0.05, false
    # every shown clash is in exactly one group
    assert (groups.group_of[open_] >= 0).all()
    assert sorted(r for g in groups.groups for r in g.rows) == open_.tolist()
