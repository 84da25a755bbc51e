"""Every database keeps the same promises: SQLite here, PostgreSQL where it is installed."""

import threading
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from api.store import accounts, issues, jobs, projects, tables
from api.store.db import Database, Unavailable
from api.store.issues import IssueFilter, Page
from api.store.migrate import upgrade
from tests.postgres import HOW, emptied, postgres_url

NOW = datetime(2026, 3, 1, 8, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request, tmp_path):
    if request.param == "sqlite":
        made = Database(f"sqlite:///{tmp_path / 'test.db'}")
    else:
        url = postgres_url()
        if not url:
            pytest.skip(HOW)
        made = Database(emptied(url))
    upgrade(made)
    yield made
    made.close()


def user(tx, name):
    user_id = str(uuid.uuid4())
    accounts.add_user(
        tx,
        {
            "id": user_id,
            "name": name,
            "display_name": name,
            "role": "user",
            "password_hash": "x",
            "disabled": False,
            "created": NOW,
        },
    )
    return user_id


def project(tx, name="p"):
    project_id = str(uuid.uuid4())
    values = {"id": project_id, "name": name, "description": "", "crs": None, "settings": {}}
    projects.add(tx, {**values, "version": 1, "created": NOW, "updated": NOW})
    return project_id


def issue(project_id, number, severity):
    return {
        "project_id": project_id,
        "id": f"i{number}",
        "number": number,
        "fingerprint": f"f{number}",
        "kind": "clash",
        "rule": "r",
        "storey": "",
        "search": f"pipe {number} 100%_x",
        "severity": severity,
        "machine_severity": severity,
        "body": {"title": "管"},
        "snapshots": None,
        "last_run_id": None,
        "status": "new",
        "status_reason": {},
        "title": None,
        "severity_override": None,
        "assigned_to": "",
        "comments_count": 0,
        "version": 1,
        "created": NOW,
        "updated": NOW + timedelta(seconds=number % 3),
    }


def test_the_migrations_make_exactly_the_tables(database):
    with database.write() as tx:
        differences = compare_metadata(
            MigrationContext.configure(tx, opts={"compare_type": True}), tables.metadata
        )

    assert differences == []


def test_migrating_again_changes_nothing(database):
    with database.write() as tx:
        user_id = user(tx, "a")
        before = accounts.user(tx, user_id)

    upgrade(database)

    with database.read() as tx:
        assert accounts.user(tx, user_id) == before


def test_times_come_back_aware_and_in_utc(database):
    shanghai = timezone(timedelta(hours=8))
    with database.write() as tx:
        user_id = user(tx, "a")
        jobs.beat(tx, "w", NOW.astimezone(shanghai))
        alive = jobs.live_workers(tx, NOW)
        later = jobs.live_workers(tx, NOW + timedelta(microseconds=1))
        found = accounts.user(tx, user_id)

    assert found.created == NOW
    assert found.created.utcoffset() == timedelta(0)
    assert (alive, later) == (1, 0)


def test_naive_times_are_refused(database):
    with pytest.raises(sa.exc.StatementError, match="naive"), database.write() as tx:
        jobs.beat(tx, "w", datetime(2026, 1, 1))


def test_a_failed_transaction_leaves_nothing(database):
    def add_and_fail():
        with database.write() as tx:
            user(tx, "a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_and_fail()

    with database.read() as tx:
        assert accounts.user_named(tx, "a") is None


def test_names_are_unique(database):
    with database.write() as tx:
        user(tx, "a")

    with pytest.raises(sa.exc.IntegrityError), database.write() as tx:
        user(tx, "a")


def test_rows_need_their_project(database):
    with pytest.raises(sa.exc.IntegrityError), database.write() as tx:
        issues.add(tx, [issue("nowhere", 1, 1)])


@pytest.mark.parametrize("sort", ["severity", "updated", "created", "number"])
def test_pages_of_issues_hold_each_once_in_order(database, sort):
    with database.write() as tx:
        project_id = project(tx)
        issues.add(tx, [issue(project_id, n, 10 * (n % 4)) for n in range(1, 24)])
    seen, after = [], None
    with database.read() as tx:
        while rows := issues.issues(
            tx, project_id, IssueFilter(), Page(sort=sort, after=after, limit=5)
        ):
            seen += rows
            after = (getattr(rows[-1], sort), rows[-1].number)

    down = -1 if sort == "severity" else 1
    keys = {
        "severity": lambda r: (down * r.severity, r.number),
        "updated": lambda r: (-r.updated.timestamp(), r.number),
        "created": lambda r: r.number,
        "number": lambda r: r.number,
    }
    assert len(seen) == 23
    assert seen == sorted(seen, key=keys[sort])


def test_names_of_any_kind_and_length_are_kept_as_far_as_they_can_be(database):
    odd = {"storey": "\x00\ud800" + "x" * 300, "search": "a\x00b", "rule": "r" * 300}
    with database.write() as tx:
        project_id = project(tx)
        issues.add(tx, [{**issue(project_id, 1, 1), **odd}])
        (found,) = issues.every(tx, project_id)
        by_storey = issues.total(tx, project_id, IssueFilter(storey=odd["storey"]))
        by_text = issues.total(tx, project_id, IssueFilter(text="A\x00B"))
        by_nothing = accounts.user(tx, "\x00\ud800")

    assert (found.storey, found.rule) == ("\ufffd\ufffd" + "x" * 198, "r" * 200)
    assert (by_storey, by_text, by_nothing) == (1, 1, None)


def test_searching_takes_wildcards_literally(database):
    with database.write() as tx:
        project_id = project(tx)
        issues.add(tx, [issue(project_id, 1, 1)])
        hits = {
            text: issues.total(tx, project_id, IssueFilter(text=text))
            for text in ("PIPE 1", "100%_", "1%x", "pipe_1")
        }

    assert hits == {"PIPE 1": 1, "100%_": 1, "1%x": 0, "pipe_1": 0}


def test_updating_many_issues_updates_each(database):
    with database.write() as tx:
        project_id = project(tx)
        issues.add(tx, [issue(project_id, n, 1) for n in (1, 2)])
        rows = [{"issue_id": f"i{n}", "severity": 50 + n, "body": {"n": n}} for n in (1, 2)]
        issues.change_many(tx, project_id, rows)
        found = issues.every(tx, project_id)

    assert [(r.severity, r.body) for r in found] == [(51, {"n": 1}), (52, {"n": 2})]


def test_a_version_is_changed_by_one_of_two(database):
    with database.write() as tx:
        project_id = project(tx)
    won = []

    def change():
        with database.write() as tx:
            won.append(projects.change(tx, project_id, 1, {"name": "new"}))

    threads = [threading.Thread(target=change) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won) == [0, 0, 0, 0, 0, 1]


def test_writers_queue_up_instead_of_failing(database):
    def write(n):
        for k in range(10):
            with database.write() as tx:
                user(tx, f"u{n}-{k}")

    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.read() as tx:
        assert len(accounts.users(tx, after="", limit=100)) == 60


def job(tx, project_id, name, **values):
    plain = {
        "id": name,
        "project_id": project_id,
        "kind": "review",
        "subject_id": name,
        "state": "queued",
        "attempt": 0,
        "progress": 0.0,
        "stage": "queued",
        "problem": None,
        "cancel_requested": False,
        "not_before": NOW,
        "enqueued": False,
        "engine_key": None,
        "executor": None,
        "created": NOW,
        "updated": NOW,
        "finished": None,
    }
    jobs.add(tx, {**plain, **values})


def waiting(tx, now=NOW):
    return sorted(found.id for found in jobs.waiting(tx, now, limit=9))


def test_reviews_of_a_project_come_one_after_the_other(database):
    later = NOW + timedelta(seconds=1)
    with database.write() as tx:
        east, west = project(tx, "east"), project(tx, "west")
        job(tx, east, "e1")
        job(tx, east, "e2", created=later)
        job(tx, east, "reading", kind="ingest", created=later)
        job(tx, west, "w1", created=later)
        at_first = waiting(tx, later)
        jobs.change(tx, "e1", {"enqueued": True, "state": "running"})
        while_it_runs = waiting(tx, later)
        jobs.change(tx, "e1", {"state": "done"})
        at_last = waiting(tx, later)

    assert at_first == ["e1", "reading", "w1"]
    assert while_it_runs == ["reading", "w1"]
    assert at_last == ["e2", "reading", "w1"]


def test_a_clock_that_is_set_back_keeps_nothing_waiting(database):
    hour, silence = timedelta(hours=1), timedelta(seconds=45)
    running = {"enqueued": True, "state": "running", "kind": "ingest"}
    with database.write() as tx:
        project_id = project(tx)
        job(tx, project_id, "soon", not_before=NOW + timedelta(seconds=5))
        job(tx, project_id, "held", **running)
        before = waiting(tx), jobs.stalled(tx, NOW + silence, silence)
        waits, stalls = waiting(tx, NOW - hour), jobs.stalled(tx, NOW - hour, silence)

    assert before == ([], [])
    assert waits == ["soon"]
    assert [found.id for found in stalls] == ["held"]


def test_writers_that_look_before_they_write_never_meet(database):
    found = []
    both = threading.Barrier(6)

    def add_unless_known():
        both.wait()
        with database.write() as tx:
            known = accounts.user_named(tx, "a")
            found.append(known is not None)
            if known is None:
                user(tx, "a")

    threads = [threading.Thread(target=add_unless_known) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == [False, True, True, True, True, True]


def test_a_reader_sees_one_state(database):
    with database.write() as tx:
        user(tx, "a")
    with database.read() as tx:
        before = len(accounts.users(tx, after="", limit=9))
        with database.write() as other:
            user(other, "b")
        after = len(accounts.users(tx, after="", limit=9))

    assert (before, after) == (1, 1)


@pytest.mark.parametrize(
    ("url", "pragma", "full"),
    [
        ("postgresql://nobody@127.0.0.1:1/nowhere", None, False),
        ("sqlite:///{folder}/full.db", "max_page_count=2", True),
        ("sqlite:///{folder}/locked.db", "query_only=ON", False),
    ],
)
def test_a_database_that_cannot_be_used_for_now_is_told_from_a_fault(tmp_path, url, pragma, full):
    database = Database(url.format(folder=tmp_path))

    def fill():
        with database.write() as tx:
            if pragma:
                tx.exec_driver_sql(f"PRAGMA {pragma}")
            tx.exec_driver_sql("CREATE TABLE t (x BLOB)")
            tx.exec_driver_sql("INSERT INTO t VALUES (randomblob(100000))")

    with pytest.raises(Unavailable) as told:
        fill()
    database.close()

    assert told.value.full is full


def test_the_embedded_database_is_set_up_to_survive_a_power_cut(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    with database.read() as tx:
        found = {
            name: tx.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    database.close()

    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30000,
    }
