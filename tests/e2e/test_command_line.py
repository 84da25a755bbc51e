"""``yuyan check`` as a batch job uses it: exit codes, lines, files, the same bytes again."""

import json
import subprocess
import sys

import pytest

from tests.service import small_ifc

WALLS = small_ifc((0, 0, 0), (3, 0, 0))
PIPES = small_ifc((0.5, 0.2, 0.3), ifc_class="IFCPIPESEGMENT", seed=1)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    (folder / "walls.ifc").write_text(WALLS, encoding="utf-8")
    (folder / "pipes.ifc").write_text(PIPES, encoding="utf-8")
    (folder / "broken.ifc").write_text(WALLS[: len(WALLS) // 2], encoding="utf-8")
    (folder / "page.ifc").write_text("<html></html>", encoding="utf-8")
    (folder / "torn.geojson").write_text('{"type": "FeatureCollection", "fea', encoding="utf-8")
    for name, text in (
        ("crs", '[project]\ncrs = "EPSG:999999"\n'),
        ("rules", '[rules]\nfile = "none.toml"\n'),
        ("layer", '[[layers]]\nfile = "none.gpkg"\n'),
    ):
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def check(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "api.cli", "check", *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_conflict_is_found_and_the_files_are_written(files, tmp_path):
    done = check(files, "walls.ifc", "pipes.ifc", "--out", tmp_path)

    document = json.loads((tmp_path / "review.json").read_text(encoding="utf-8"))
    hard = [c for c in document["clashes"] if c["relation"] == "crossing"]
    assert done.returncode == 0, done.stderr
    assert [(c["a"]["model"], c["b"]["model"]) for c in hard] == [("walls", "pipes")]
    # 1 m cubes shifted by 0.5, 0.2 and 0.3 m: the shortest way out is along x.
    assert hard[0]["depth_m"] == pytest.approx(0.5, abs=1e-6)
    assert hard[0]["volume_m3"] == pytest.approx(0.5 * 0.8 * 0.7, abs=1e-6)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "issues-3.0.bcf",
        "issues.bcf",
        "measures.npz",
        "report.html",
        "review.json",
    ]


def test_the_same_input_gives_the_same_bytes(files, tmp_path):
    formats = ("--formats", "json,bcf,html,xlsx,geojson,glb", "--quiet")
    for name in ("one", "two"):
        check(files, "walls.ifc", "pipes.ifc", "--out", tmp_path / name, *formats)

    names = sorted(p.name for p in (tmp_path / "one").iterdir())
    differ = [
        n
        for n in names
        if (tmp_path / "one" / n).read_bytes() != (tmp_path / "two" / n).read_bytes()
    ]
    one, two = (
        json.loads((tmp_path / n / "review.json").read_text(encoding="utf-8"))
        for n in ("one", "two")
    )
    assert len(names) == 8
    assert differ in ([], ["review.json"])
    assert {**one, "timings": None} == {**two, "timings": None}


def test_a_run_against_an_earlier_one_measures_only_what_is_new(files, tmp_path):
    check(files, "walls.ifc", "pipes.ifc", "--out", tmp_path / "one", "--quiet")
    again = ("--against", tmp_path / "one", "--out", tmp_path / "two", "--quiet")
    check(files, "walls.ifc", "pipes.ifc", *again)
    (tmp_path / "one" / "measures.npz").write_bytes(b"damaged")
    afresh = ("--against", tmp_path / "one", "--out", tmp_path / "three", "--quiet")
    check(files, "walls.ifc", "pipes.ifc", *afresh)

    two, three = (
        json.loads((tmp_path / n / "review.json").read_text(encoding="utf-8"))
        for n in ("two", "three")
    )
    assert two["clashes"]
    assert {**two, "timings": None} == {**three, "timings": None}


def test_severity_at_the_limit_fails_and_above_it_does_not(files, tmp_path):
    first = check(files, "walls.ifc", "pipes.ifc", "--out", tmp_path, "--fail-on", 1)
    document = json.loads((tmp_path / "review.json").read_text(encoding="utf-8"))
    worst = max(i["severity"] for i in document["issues"])

    second = check(files, "walls.ifc", "pipes.ifc", "--out", tmp_path, "--fail-on", worst + 1)

    assert (first.returncode, second.returncode) == (1, 0)


def test_a_second_run_against_the_first_keeps_the_issues(files, tmp_path):
    check(files, "walls.ifc", "pipes.ifc", "--out", tmp_path / "one", "--quiet")
    check(
        *(files, "walls.ifc", "pipes.ifc", "--out", tmp_path / "two"),
        *("--against", tmp_path / "one", "--quiet"),
    )

    one, two = (
        json.loads((tmp_path / n / "review.json").read_text(encoding="utf-8"))["issues"]
        for n in ("one", "two")
    )
    assert [i["id"] for i in one] == [i["id"] for i in two]
    assert {i["status"] for i in one} == {"new"}
    assert {i["status"] for i in two} == {"active"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.ifc",), "nowhere.ifc: no such file"),
        (("page.ifc",), "page.ifc: IFC"),
        (("broken.ifc",), "broken.ifc: IFC"),
        (("walls.ifc", "--formats", "doc"), "unknown format doc"),
        (("walls.ifc", "--against", "nowhere"), "--against"),
        (("walls.ifc", "--project", "walls.ifc"), "walls.ifc"),
        (("walls.ifc", "--formats", "gpkg"), "没有模型具有可用的地理参照"),
        (("walls.ifc", "--project", "crs.toml"), "EPSG:999999"),
        (("walls.ifc", "--project", "rules.toml"), "none.toml"),
        (("walls.ifc", "--rules", "crs.toml"), "crs.toml, line 1"),
        (("walls.ifc", "--project", "layer.toml"), "none.gpkg: no such file"),
        ((".",), ".: a folder"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, tuple) else None,
)
def test_unusable_input_ends_with_2_and_one_line_that_says_why(files, tmp_path, arguments, said):
    done = check(files, *arguments, "--out", tmp_path / "out", "--quiet")

    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--out", "walls.ifc"), "walls.ifc: cannot be written"),
        (("--out", "walls.ifc/deeper"), "walls.ifc/deeper: cannot be written"),
        (("--jobs", "-1"), "argument --jobs: a number of 0 to 256"),
        (("--fail-on", "high"), "argument --fail-on: severity is 0 to 100"),
    ],
    ids=" ".join,
)
def test_options_that_cannot_be_met_end_with_2_before_anything_is_read(files, arguments, said):
    done = check(files, "walls.ifc", *arguments)

    assert done.returncode == 2
    assert said in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert "%" not in done.stderr


def test_a_format_that_needs_the_map_is_left_out_and_the_others_are_written(files, tmp_path):
    done = check(files, "walls.ifc", "--formats", "json,gpkg,geojson", "--out", tmp_path, "--quiet")

    assert done.returncode == 2
    assert done.stderr.startswith("--formats: gpkg is left out, no model has a usable georef")
    assert len(done.stderr.strip().splitlines()) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "issues.geojson",
        "measures.npz",
        "review.json",
    ]


def test_the_rules_given_are_those_that_are_tested(files, tmp_path):
    (tmp_path / "r.toml").write_text('[hard]\n"hvac x hvac" = 5\n', encoding="utf-8")

    done = check(
        *(files, "walls.ifc", "pipes.ifc", "--rules", tmp_path / "r.toml"),
        *("--out", tmp_path / "out", "--formats", "json"),
    )

    document = json.loads((tmp_path / "out" / "review.json").read_text(encoding="utf-8"))
    assert (done.returncode, document["clashes"]) == (0, [])
    assert list(document["manifest"]["tolerances"]) == ["hard.hvac-hvac"]
    assert "Hard clashes of pipe, wall with anything" in [
        e["what_en"] for e in document["not_assessed"]
    ]


def test_what_a_side_declares_is_counted_and_not_shown(files, tmp_path):
    rules = tmp_path / "r.toml"
    rules.write_text(
        '[hard]\n"architecture x plumbing" = 5\n[[exclusion]]\nid = "e"\ndeclared_by = "pipes"\n'
        'elements = "plumbing"\nagainst = { classes = ["IfcWall"] }\nreason = "套管后装"\n',
        encoding="utf-8",
    )

    check(
        *(files, "walls.ifc", "pipes.ifc", "--rules", rules),
        *("--out", tmp_path / "out", "--formats", "json"),
    )

    document = json.loads((tmp_path / "out" / "review.json").read_text(encoding="utf-8"))
    assert [c["suppressed"]["by"] for c in document["clashes"]] == ["declared.e"]
    assert [i for i in document["issues"] if i["kind"] == "clash"] == []
    assert {
        "what": "1 处碰撞按规则中的声明不显示（declared.e）",
        "what_en": "Clashes that the rules declare need not be shown (declared.e): 1",
        "why": "pipes声明：套管后装",
        "why_en": "Declared by pipes: 套管后装",
    } in document["not_assessed"]


def test_one_broken_model_of_two_is_named_and_the_other_is_reviewed(files, tmp_path):
    done = check(files, "walls.ifc", "broken.ifc", "--out", tmp_path, "--quiet")

    document = json.loads((tmp_path / "review.json").read_text(encoding="utf-8"))
    assert done.returncode == 2
    assert done.stderr.startswith("broken.ifc: IFC")
    assert any("broken" in e["what"] for e in document["not_assessed"])
    assert [m["placed"] for m in document["models"]] == [True, False]


def test_a_plan_and_a_layer_of_no_use_are_named_and_the_rest_is_reviewed(files, tmp_path):
    useless = ("--schedule", "crs.toml", "--layer", "torn.geojson")

    done = check(files, "walls.ifc", *useless, "--out", tmp_path, "--quiet")

    told = sorted(done.stderr.splitlines())
    assert done.returncode == 2
    assert [line[:20] for line in told] == ["crs.toml: SCH614 “cr", "torn.geojson: GIS430"]
    assert (tmp_path / "review.json").is_file()


def test_a_fault_of_ours_ends_with_3():
    code = (
        "import sys; from api import cli; sys.argv = ['yuyan', 'warm'];"
        "import api.commands.warm as w; w.run = None; sys.exit(cli.main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 3
    assert "Traceback" in done.stderr
