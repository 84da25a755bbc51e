"""The demo project after its own review: it goes on as a project of people does."""

from api.commands.demo import Client, review_by_itself, review_states
from api.services import bootstrap
from tests.service import PASSWORD, served, settings_in, settled, small_ifc


def _saved(folder, name, content):
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(content)
    return path


def test_a_revision_uploaded_into_the_demo_is_reviewed_by_itself(tmp_path):
    settings = settings_in(tmp_path, review_delay_seconds=0.2)
    wall = _saved(tmp_path / "a", "walls.ifc", small_ifc((0, 0, 0), (3, 0, 0)))
    pipe = _saved(
        tmp_path / "a", "pipes.ifc", small_ifc((0.5, 0.2, 0.3), ifc_class="IFCPIPESEGMENT", seed=1)
    )
    moved = _saved(
        tmp_path / "b", "pipes.ifc", small_ifc((9, 0.2, 0.3), ifc_class="IFCPIPESEGMENT", seed=1)
    )
    ctx = bootstrap.open_context(settings)
    bootstrap.ensure_admin(ctx)
    user = bootstrap.ensure_user(ctx, name="coordinator", password=PASSWORD)
    project = bootstrap.ensure_project(
        ctx, name="demo", members={str(user.id): "coordinator"}, settings={"auto_review": False}
    )

    with served(settings) as service, service.client("coordinator") as person:
        token = person.headers["Authorization"].removeprefix("Bearer ")
        client = Client(f"{service.base}/api/v1", token=token)
        review_states(client, project, [{"walls": wall, "pipes": pipe}])
        review_by_itself(service.settings, project)
        settled(person, project)
        own = _runs(person, project)
        client.put_file(f"/projects/{project}/models/pipes/content?filename=pipes.ifc", moved)
        settled(person, project)
        after = _runs(person, project)

    assert own == [("done", 1)]
    assert after == [("done", 0), ("done", 1)]


def test_who_switches_it_off_later_is_not_overruled(tmp_path):
    settings = settings_in(tmp_path)
    ctx = bootstrap.open_context(settings)
    project = bootstrap.ensure_project(
        ctx, name="demo", members={}, settings={"auto_review": False}
    )
    seen = []
    for choice in (None, False):
        if choice is not None:
            bootstrap.change_settings(ctx, project, {"auto_review": choice})
        review_by_itself(settings, project)
        with ctx.store.db.read() as tx:
            seen.append(bootstrap.projects.project(tx, project).settings["auto_review"])

    assert seen == [True, False]


def _runs(client, project):
    runs = client.get(f"/projects/{project}/runs").json()["items"]
    return [(r["state"], r["counts"]["issues"]) for r in runs]
