"""The service on PostgreSQL with a second worker: reviews go on whichever of them ends."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from api.settings import child_environment
from api.store.db import Database
from api.store.jobs import live_workers
from tests.postgres import HOW, emptied, postgres_url
from tests.service import served, settings_in, settled, small_ifc

pytestmark = pytest.mark.postgres

WALLS = small_ifc((0, 0, 0), (3, 0, 0)).encode()
PIPES = small_ifc((0.5, 0.2, 0.3), ifc_class="IFCPIPESEGMENT", seed=1).encode()
APART = small_ifc((0.5, 0.2, 5.3), ifc_class="IFCPIPESEGMENT", seed=1).encode()


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    url = postgres_url()
    if not url:
        pytest.skip(HOW)
    folder = tmp_path_factory.mktemp("postgres")
    given = settings_in(folder, database_url=emptied(url), review_delay_seconds=0.2)
    with served(given) as running:
        yield running


def worker(service):
    """One more worker on the settings of the service."""
    return subprocess.Popen(
        [sys.executable, "-m", "api.cli", "worker"],
        env=child_environment(service.settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def upload(client, project, **models):
    for name, content in models.items():
        url = f"/projects/{project}/models/{name}/content?filename={name}.ifc"
        client.put(url, content=content).raise_for_status()


def issues(client, project):
    return client.get(f"/projects/{project}/issues").json()["items"]


def both_work(service):
    """Wait until the service's worker and the other one have shown themselves."""
    database = Database(service.settings.database_url)
    try:
        for _ in range(300):
            with database.read() as tx:
                if live_workers(tx, datetime.now(UTC) - timedelta(seconds=20)) >= 2:
                    return
            time.sleep(0.2)
    finally:
        database.close()
    pytest.fail("no second worker within a minute")


def test_what_was_uploaded_is_reviewed_though_a_worker_dies(service):
    helping = worker(service)
    both_work(service)
    with service.client() as admin:
        projects = [admin.post("/projects", json={"name": f"shared {n}"}) for n in range(3)]
        projects = [answer.json()["id"] for answer in projects]
        for project in projects:
            upload(admin, project, walls=WALLS, pipes=PIPES)
        time.sleep(0.5)
        helping.kill()
        said = helping.communicate(timeout=60)[1]
        jobs = [settled(admin, project) for project in projects]
        found = [issues(admin, project) for project in projects]

    assert "Traceback" not in said
    assert [[j["problem"] for j in of if j["state"] != "done"] for of in jobs] == [[], [], []]
    assert [len(shown) for shown in found] == [1, 1, 1]


def test_status_outlives_a_revision_that_mends_and_one_that_brings_back(service):
    with service.client() as admin:
        project = admin.post("/projects", json={"name": "revised"}).json()["id"]
        upload(admin, project, walls=WALLS, pipes=PIPES)
        settled(admin, project)
        (issue,) = issues(admin, project)
        url, match = (
            f"/projects/{project}/issues/{issue['id']}",
            {"If-Match": f'"{issue["version"]}"'},
        )
        admin.patch(url, json={"status": "resolved"}, headers=match).raise_for_status()
        seen = []
        for content in (APART, PIPES):
            upload(admin, project, pipes=content)
            settled(admin, project)
            seen.append(admin.get(url).json())

    assert [s["id"] for s in seen] == [issue["id"]] * 2
    assert [s["status"] for s in seen] == ["resolved", "reopened"]
