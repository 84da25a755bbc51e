"""Child processes: watched, limited, and killed with all they started."""

import os
import time
from pathlib import Path

import pytest

from api.jobs.children import Ending, Nursery


@pytest.fixture
def nursery(tmp_path):
    made = Nursery("tests.child", dict(os.environ), tmp_path)
    yield made
    made.close()


def always(_share, _stage):
    return True


def run(nursery, kind, request=None, *, seconds=30.0, tick=always):
    child = nursery.take(kind)
    child.ask(request or {})
    ending = child.watch(seconds=seconds, tick=tick)
    nursery.done(child)
    return ending


def gone(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def test_a_child_that_ends_well_is_done_and_tells_how_far_it_is(nursery, tmp_path):
    told = []

    ending = run(nursery, "work", tick=lambda share, stage: told.append((share, stage)) or True)

    assert ending == Ending("done")
    assert told[-1] == (0.75, "nearly there")
    assert list(tmp_path.glob("*.log")) == []


def test_a_crash_is_named_by_its_signal(nursery):
    ending = run(nursery, "crash")

    assert (ending.how, ending.detail.partition(":")[0]) == ("crash", "SIGSEGV")


def test_a_failure_is_told_with_the_last_line_of_the_log_which_is_kept(nursery, tmp_path):
    assert run(nursery, "fail") == Ending("crash", "exit 1: no such thing")
    assert [p.read_text().splitlines()[-1] for p in tmp_path.glob("*.log")] == ["no such thing"]


@pytest.mark.parametrize("how", ["timeout", "stopped"])
def test_the_whole_family_is_ended(nursery, tmp_path, how):
    pids = tmp_path / "pids"
    seconds = 600.0 if how == "stopped" else 3.0

    def tick(_share, _stage):
        return how == "timeout" or not pids.exists()

    ending = run(nursery, "hang", {"pids": str(pids)}, seconds=seconds, tick=tick)
    time.sleep(0.2)

    assert ending == Ending(how)
    assert [gone(pid) for pid in pids.read_text().split()] == [True, True]


def test_the_child_in_reserve_is_used_and_nothing_outlives_the_nursery(tmp_path):
    nursery = Nursery("tests.child", dict(os.environ), tmp_path)
    nursery.prepare("work")
    nursery.prepare("work")
    child = nursery.take("work")
    nursery.close()

    assert [p.name for p in tmp_path.glob("*.log")] == [f"work-{os.getpid()}-1.log"]
    assert not child.alive
