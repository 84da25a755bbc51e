"""The plan as a film: what stands, what is at work and what is wrong in each frame."""

import io
import re
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image

from bimcore.film import (
    ABSENT,
    BUILDING,
    PLAIN,
    REMOVING,
    TEMPORARY,
    UNDATED,
    Mark,
    film,
    phases,
    steps_of,
)
from bimcore.formats.report_html import report
from tests.builders import box, scene_of

NEVER = np.datetime64("NaT", "m")
#: Hue of what is drawn: red, green and blue of which the first is the largest.
GREEN, ORANGE, RED = (46, 158, 79), (240, 138, 0), (200, 40, 34)


@dataclass
class Lives:
    appear: np.ndarray
    complete: np.ndarray
    remove: np.ndarray
    gone: np.ndarray
    temporary: np.ndarray


def lives(*rows):
    """Each row: days of appear, complete, remove and gone ("06-01" or None), temporary."""
    columns = [[_moment(row[k]) for row in rows] for k in range(4)]
    arrays = [np.array(c, dtype="datetime64[m]") for c in columns]
    return Lives(*arrays, np.array([bool(row[4:]) for row in rows]))


def _moment(day):
    return NEVER if day is None else np.datetime64(f"2026-{day}", "m")


def frames(content):
    with Image.open(io.BytesIO(content)) as image:
        found = []
        for k in range(image.n_frames):
            image.seek(k)
            found.append(np.asarray(image.convert("RGB")).astype(int))
    return found


def share(picture, colour):
    """Share of pixels of about the hue of `colour`, however lit."""
    values = picture[60:420].reshape(-1, 3)
    lit = values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1)
    wanted = np.array(colour) / np.linalg.norm(colour)
    return float((lit @ wanted > 0.985).mean())


def day(text):
    return np.datetime64(f"2026-{text}", "D")


def test_phases_follow_the_half_open_times():
    given = lives(
        ("06-02", "06-04", None, None),
        ("06-01", "06-02", "06-03", "06-05", True),
        ("06-01", "06-02", "06-03", "06-05"),
        (None, None, None, None),
        (None, None, "06-03", "06-04"),
    )

    found = [phases(given, day(d), day(d) + 1).tolist() for d in ("06-01", "06-02", "06-03")]
    found += [phases(given, day(d), day(d) + 1).tolist() for d in ("06-04", "06-05")]

    assert found == [
        [ABSENT, TEMPORARY, BUILDING, UNDATED, PLAIN],
        [BUILDING, TEMPORARY, PLAIN, UNDATED, PLAIN],
        [BUILDING, REMOVING, REMOVING, UNDATED, REMOVING],
        [PLAIN, REMOVING, REMOVING, UNDATED, ABSENT],
        [PLAIN, ABSENT, ABSENT, UNDATED, ABSENT],
    ]


def test_a_short_plan_goes_by_days_and_a_long_one_by_weeks_from_monday():
    short = steps_of(lives(("06-02", "06-04T10:00", None, None)))
    long = steps_of(lives(("06-02", "12-30", None, None)))
    longest = steps_of(lives(("01-01", "12-30", None, None)), most=20)

    assert short == [(day("06-02") + k, day("06-03") + k) for k in range(4)]
    assert long[0] == (day("06-01"), day("06-08"))
    assert long[-2][0] < day("12-30") <= long[-2][1] == long[-1][0]
    assert len(longest) <= 20
    assert (longest[0][1] - longest[0][0]) == np.timedelta64(21, "D")


def test_what_is_built_temporary_and_removed_is_seen_in_its_colour():
    scene = scene_of(box((8, 8, 0.3)), box((8, 0.4, 3), (0, 0, 0.3)), box((1, 8, 3), (3.5, 0, 0.3)))
    given = lives(
        ("06-01", "06-02", None, None),
        ("06-02", "06-03", None, None),
        ("06-02", "06-03", "06-04", "06-05", True),
    )

    seen = frames(film(scene, given))

    assert len(seen) == 5
    assert [round(share(f, GREEN), 2) > 0.02 for f in seen] == [True, True, False, False, False]
    assert [share(f, ORANGE) > 0.02 for f in seen] == [False, True, True, False, False]
    assert [share(f, RED) > 0.02 for f in seen] == [False, False, False, True, False]
    # What was temporary has gone, and nothing of it is left behind.
    assert share(seen[4], ORANGE) == share(seen[4], RED) == 0


def test_a_risk_is_marked_while_it_lasts_and_the_bytes_are_the_same_each_time():
    scene = scene_of(box((8, 8, 3)))
    given = lives(("06-01", "06-05", None, None))
    risk = Mark(first=_moment("06-02"), last=_moment("06-04"), severity=90, point=(4.0, 4.0, 3.0))

    plain, marked = film(scene, given), film(scene, given, marks=[risk])
    pairs = zip(frames(plain), frames(marked), strict=True)
    # The windows of all risks stand above the bar at the foot in each frame.
    differ = [bool((abs(a - b)[:420] > 60).any()) for a, b in pairs]

    assert differ == [False, True, True, False, False]
    assert film(scene, given, marks=[risk]) == marked


def test_a_stray_element_does_not_shrink_what_is_built():
    near = [box((3, 3, 3), (4.0 * (k % 8), 4.0 * (k // 8), 0)) for k in range(64)]
    scene = scene_of(*near, box((5, 5, 5), (90_000, 0, 0)))
    given = lives(*[("06-01", "06-03", None, None)] * 65)

    (first, *_) = frames(film(scene, given))

    assert share(first, GREEN) > 0.05


def test_without_dates_or_bodies_there_is_no_film():
    body = scene_of(box())

    assert film(body, lives((None, None, None, None))) is None
    assert film(scene_of(), lives()) is None


@pytest.mark.parametrize("size", [(640, 480), (320, 240)])
def test_the_size_is_as_asked(size):
    content = film(scene_of(box()), lives(("06-01", "06-03", None, None)), size=size)

    with Image.open(io.BytesIO(content)) as image:
        assert (image.size, image.format) == (size, "WEBP")


# In the report ----------------------------------------------------------------------------


def risk_issue(number, *, severity, window):
    return {
        "id": f"r-{number}",
        "kind": "sequence",
        "rule": "R04",
        "title": f"柱没有支承 {number}",
        "title_en": f"no support {number}",
        "severity": severity,
        "confidence": 0.9,
        "status": "new",
        "window": window,
        "suggestion": "推迟 8 天",
        "suggestion_en": "start 8 days later",
    }


def test_the_report_shows_the_film_and_the_gravest_risks_with_their_days():
    content = film(scene_of(box()), lives(("06-01", "06-03", None, None)))
    issues = [risk_issue(k, severity=40 + k, window=None) for k in range(11)]
    issues.append(risk_issue(99, severity=95, window=["2026-06-04T08:00", "2026-06-12T00:00"]))

    html = report({"issues": issues}, {}, film=content)
    section = html[html.index('id="rehearsal"') : html.index('class="filter"')]
    rows = re.findall(r'<a href="#issue-(\d+)">', section)

    assert rows == ["12", *[str(k) for k in range(11, 2, -1)]]
    assert "2026年6月4日 – 6月11日（8 天）" in section
    assert "4 Jun – 11 Jun 2026 (8 days)" in section
    assert "data:image/webp;base64," in section
    assert 'media="print, (prefers-reduced-motion: reduce)"' in section
    assert "前 10 项，共 12 项" in section


def test_a_report_without_a_plan_says_nothing_of_a_rehearsal():
    html = report({"issues": []}, {}, film=b"no picture")

    assert 'id="rehearsal"' not in html
