"""The labelled set of the issue list: ``python -m tests.golden.quiet`` prints how right it is.

A number behind it draws all measures anew.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from bimcore.model import Scene
from clash.engine import detect
from clash.grouping import Groups, group
from clash.matrix import default_rules
from clash.relevance import Suppressions, suppress
from clash.result import ClashSet, Relation
from tests.builders import about_z, moved, turned
from tests.building import Thing, model
from tests.golden import (
    quiet_cases,
    quiet_fixings,
    quiet_joints,
    quiet_layers,
    quiet_real,
    quiet_twins,
)

PER_FAMILY = 6
#: Metres between two situations, so that they do not meet.
APART = 40.0
#: The family and whether it is a conflict, of each labelled pair of a scene.
Labels = Mapping[tuple[int, int], tuple[str, bool]]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the list made of one part of the labelled set."""

    name: str
    scene: Scene
    labels: Labels
    clashes: ClashSet
    suppressions: Suppressions
    groups: Groups

    @property
    def shown(self) -> set[tuple[int, int]]:
        rows = np.flatnonzero(
            ~self.suppressions.suppressed & (self.clashes.relation != Relation.TOUCH)
        )
        a, b = self.clashes.a[rows].tolist(), self.clashes.b[rows].tolist()
        return set(zip(a, b, strict=True))

    @property
    def wanted(self) -> set[tuple[int, int]]:
        return {pair for pair, (_, is_real) in self.labels.items() if is_real}

    def family(self, pair: tuple[int, int]) -> str:
        return self.labels[pair][0] if pair in self.labels else "(no label)"


def judged(name: str, scene: Scene, labels: Labels) -> Outcome:
    """Run the list over a labelled scene."""
    rules = default_rules()
    clashes = detect(scene, rules)
    suppressions = suppress(scene, clashes, rules)
    groups = group(scene, clashes, rules, suppressions)
    return Outcome(
        name=name,
        scene=scene,
        labels=labels,
        clashes=clashes,
        suppressions=suppressions,
        groups=groups,
    )


def laid_out(cases: Iterable[tuple[str, quiet_cases.Case]], *, seed: int) -> tuple[Scene, Labels]:
    """All cases in one scene, each turned at random; label of each pair."""
    rng = np.random.default_rng(seed)
    things: list[Thing] = []
    relations, labels = [], {}
    for place, (name, case) in enumerate(cases):
        spin = about_z(float(rng.uniform(0, 360)))
        at = (APART * (place % 20), APART * (place // 20), float(rng.uniform(-5, 5)))
        first = len(things)
        things += [replace(p, body=moved(turned(p.body, spin), at)) for p in case.parts]
        relations += [(k, first + a, first + b) for k, a, b in case.relations]
        for pairs, is_real in ((case.real, True), (case.designed, False)):
            for a, b in pairs:
                labels[(first + min(a, b), first + max(a, b))] = (name, is_real)
    return Scene.of([model(things, relations=relations)]), labels


def authored(seed: int = 20250611) -> Outcome:
    """Situations drawn by our own generator; other seeds draw other measures."""
    rng = np.random.default_rng(seed)
    known = {**quiet_cases.FAMILIES, **quiet_twins.TWINS, **quiet_joints.JOINTS}
    known |= {**quiet_layers.LAYERS, **quiet_fixings.FIXINGS}
    families = sorted(known.items())
    cases = [(name, family(rng)) for name, family in families for _ in range(PER_FAMILY)]
    return judged("authored", *laid_out(cases, seed=1))


def from_real_models(seed: int = 20250612) -> Iterator[Outcome]:
    """Real models as they are, then situations made by moving their bodies."""
    models = quiet_real.models()
    for name, members in quiet_real.FEDERATIONS.items():
        scene = Scene.of([models[m] for m in members])
        outcome = judged(f"{name} as it is", scene, {})
        yield replace(outcome, labels=quiet_real.labels(name, scene, outcome.clashes))
    yield judged("real bodies moved", *laid_out(quiet_real.situations(models, seed=seed), seed=2))


def table(outcomes: Iterable[Outcome]) -> tuple[str, float, float]:
    """The numbers by family as text, the false share and the recall over all."""
    lines, shown, wanted, hits = [], 0, 0, 0
    for one in outcomes:
        pairs = Counter(family for family, _ in one.labels.values())
        conflicts = Counter(one.family(p) for p in one.wanted)
        seen = Counter(one.family(p) for p in one.shown)
        lines.append(
            f"{one.name}: {len(one.labels)} labelled pairs of {len(pairs)} families, "
            f"{len(one.wanted)} of them conflicts; {len(one.shown)} shown "
            f"in {len(one.groups)} issues"
        )
        lines += [
            f"  {family:<64} pairs {pairs[family]:>4}  conflicts {conflicts[family]:>3}"
            f"  shown {seen[family]:>3}{_mark(conflicts[family], seen[family])}"
            for family in sorted(pairs | seen)
        ]
        shown += len(one.shown)
        wanted += len(one.wanted)
        hits += len(one.shown & one.wanted)
    false_share, recall = 1 - hits / max(shown, 1), hits / max(wanted, 1)
    lines.append(
        f"total: {shown} shown, {shown - hits} of them wrongly: false share {false_share:.4f}; "
        f"{hits} of {wanted} conflicts shown: recall {recall:.4f}"
    )
    return "\n".join(lines), false_share, recall


def _mark(conflicts: int, seen: int) -> str:
    return "" if conflicts == seen else "  <-- missed" if seen < conflicts else "  <-- false"


if __name__ == "__main__":
    seeds = [int(word) for word in sys.argv[1:2]]
    found = [authored(*seeds)]
    found += from_real_models(*seeds) if quiet_real.SHARED.is_dir() else []
    sys.stdout.write(table(found)[0] + "\n")
    if not quiet_real.SHARED.is_dir():
        sys.stdout.write(f"{quiet_real.WHY}\n")
