"""Uploads at sight, archives, and children that crash, hang or starve."""

import re
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from bimcore.errors import Cancelled
from bimcore.ifc import process
from bimcore.ifc.sandbox import Limits, ingest, sniff
from tests.ifc_author import Author

HEAD = b"ISO-10303-21;\nHEADER;FILE_SCHEMA(('IFC4'));ENDSEC;\nDATA;\n"
TAIL = b"ENDSEC;\nEND-ISO-10303-21;\n"


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    a = Author("IFC4")
    storey = a.storey("1F", 0.0)
    a.contain(storey, *(a.block("IfcWall", (1, 1, 1), at=(k, 0, 0)) for k in range(5)))
    return a.write(tmp_path_factory.mktemp("good") / "good.ifc").read_bytes()


def stored(tmp_path, content, name="upload"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


def code_of(finding):
    return None if finding is None else finding.code.code


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        pytest.param(b"", "a.ifc", "IFC103", id="empty"),
        pytest.param(HEAD + TAIL, "a.ifc", None, id="step"),
        pytest.param(HEAD + TAIL, "A.IFC", None, id="capitals"),
        pytest.param(b"\xef\xbb\xbf" + HEAD + TAIL, "a.ifc", None, id="byte order mark"),
        pytest.param(b" " * 200 + HEAD + TAIL, "a.ifc", None, id="blanks before"),
        pytest.param(b" " * 300 + HEAD + TAIL, "a.ifc", "IFC101", id="too many blanks"),
        pytest.param(HEAD, "a.ifc", "IFC105", id="cut off"),
        pytest.param(HEAD + TAIL + bytes(9000), "a.ifc", None, id="zeros behind"),
        pytest.param(HEAD + bytes(9000), "a.ifc", "IFC105", id="cut off, with zeros behind"),
        pytest.param(HEAD + TAIL, "a.ifczip", "IFC102", id="step called zip"),
        pytest.param(b"PK\x03\x04", "a.ifc", "IFC102", id="zip called step"),
        pytest.param(HEAD + TAIL, "a.txt", "IFC102", id="other extension"),
        pytest.param(HEAD + TAIL, "ifc", "IFC102", id="no extension"),
        pytest.param(b"<?xml version='1.0'?>", "a.ifcxml", "IFC108", id="ifcxml"),
        pytest.param(b"<?xml version='1.0'?><ifcXML/>", "a.ifc", "IFC108", id="xml in step"),
        pytest.param(b"GIF89a", "a.ifc", "IFC101", id="picture"),
    ],
)
def test_uploads_are_judged_at_sight(tmp_path, content, name, code):
    path = stored(tmp_path, content)

    assert code_of(sniff(path, name=name, limits=Limits())) == code


def test_an_upload_over_the_limit_is_refused(tmp_path):
    path = stored(tmp_path, HEAD + TAIL)

    found = sniff(path, name="a.ifc", limits=Limits(file_bytes=10))

    assert code_of(found) == "IFC104"
    assert (
        found.message("en") == f"The file has {len(HEAD + TAIL)} bytes, over the limit of 10 bytes."
    )


def zipped(tmp_path, *entries, **options):
    path = tmp_path / "upload"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def test_texts_in_the_place_of_instances_are_told_and_the_rest_is_read(good, tmp_path):
    text = re.sub(rb"(IFCWALL\([^#]*)#\d+", rb"\1'here'", good, count=1)
    text = text.replace(b".METRE.", b".FURLONG.")
    extra = (
        b"#9001=IFCMAPCONVERSION('here','there',1.,1.,1.,$,$,$);"
        b"#9002=IFCPROJECT('0000000000000000000002',$,$,$,$,$,$,$,$);\n"
    )
    path = stored(tmp_path, text.replace(b"ENDSEC;\nEND", extra + b"ENDSEC;\nEND"))

    read = ingest(path, name="a.ifc")

    assert read.counts["bodies"] == 5
    assert {"IFC134", "IFC135", "IFC136"} <= {f.code.code for f in read.findings}


def link(name):
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o120777 << 16
    return entry


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        pytest.param([("a.ifc", b"x"), ("b.ifc", b"x")], "IFC111", id="two models"),
        pytest.param([("readme.txt", b"x")], "IFC111", id="no model"),
        pytest.param([("../a.ifc", b"x")], "IFC113", id="parent path"),
        pytest.param([("..\\a.ifc", b"x")], "IFC113", id="parent path of windows"),
        pytest.param([("/etc/a.ifc", b"x")], "IFC113", id="absolute path"),
        pytest.param([("C:\\a.ifc", b"x")], "IFC113", id="drive"),
        pytest.param([(link("a.ifc"), b"/etc/passwd")], "IFC113", id="link"),
        pytest.param([("a.ifc", b"x"), ("b.zip", b"x")], "IFC113", id="nested"),
        pytest.param([(f"{k}.txt", b"x") for k in range(101)], "IFC112", id="many entries"),
        pytest.param([("a.ifc", bytes(200_000_000))], "IFC112", id="bomb"),
        pytest.param([("a.ifc", b"GIF89a")], "IFC101", id="a picture inside"),
        pytest.param(
            [("a.ifc", b"GIF89a"), ("__MACOSX/._a.ifc", b"x")], "IFC101", id="the shadow of macos"
        ),
    ],
)
def test_archives_are_opened_with_care(tmp_path, entries, code):
    answer = ingest(zipped(tmp_path, *entries), name="a.ifczip", workdir=tmp_path)

    assert [f.code.code for f in answer.findings] == [code]
    assert [p.name for p in tmp_path.iterdir()] == ["upload"]


def test_an_unsafe_archive_is_explained_in_both_languages(tmp_path):
    path = tmp_path / "upload"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../a.ifc", b"x")

    found = ingest(path, name="a.ifczip").findings[0]

    assert found.message("zh-CN") == "压缩包含不安全的条目 '../a.ifc'：路径指向压缩包之外。"
    assert (
        found.message("en")
        == "The archive holds an unsafe entry '../a.ifc': path outside the archive."
    )


def test_an_archive_of_one_model_is_read(tmp_path, good):
    answer = ingest(zipped(tmp_path, ("deep/model.ifc", good), ("note.txt", b"x")), name="a.ifczip")

    assert answer.counts["bodies"] == 5


@pytest.mark.parametrize(
    ("schema", "code"),
    [("IFC4X3_RC3", "IFC106"), ("IFC5", "IFC106"), ("IFC2X2_FINAL", "IFC106"), ("", "IFC107")],
)
def test_unknown_schemas_are_refused_by_name(tmp_path, good, schema, code):
    path = stored(tmp_path, good.replace(b"'IFC4'", f"'{schema}'".encode()))

    answer = ingest(path, name="a.ifc")

    assert answer.model is None
    assert [f.code.code for f in answer.findings] == [code]


def test_the_private_folder_is_gone_whatever_happens(tmp_path, good):
    path = stored(tmp_path, good)
    work = tmp_path / "work"
    work.mkdir()

    ingest(path, name="a.ifc", workdir=work)
    ingest(path, name="a.ifc", workdir=work, limits=Limits(seconds=0.05))

    assert list(work.iterdir()) == []


def test_a_model_is_read_in_a_folder_given_from_where_one_stands(tmp_path, good, monkeypatch):
    stored(tmp_path, good)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path)

    read = ingest(Path("upload"), name="a.ifc", workdir=Path("work"))

    assert read.findings == ()
    assert read.counts["elements"] == 5
    assert list(Path("work").iterdir()) == []


def test_too_little_time_is_a_catalogued_answer(tmp_path, good):
    answer = ingest(stored(tmp_path, good), name="a.ifc", limits=Limits(seconds=0.05))

    assert [f.code.code for f in answer.findings] == ["IFC122"]


def test_too_little_memory_is_a_catalogued_answer(tmp_path, good):
    answer = ingest(stored(tmp_path, good), name="a.ifc", limits=Limits(memory_bytes=150 << 20))

    assert [f.code.code for f in answer.findings] == ["IFC123"]


def test_cancelling_ends_the_child(tmp_path, good):
    def stop(share, stage=""):
        raise Cancelled

    with pytest.raises(Cancelled):
        ingest(stored(tmp_path, good), name="a.ifc", progress=stop, workdir=tmp_path)

    assert [p.name for p in tmp_path.iterdir()] == ["upload"]


def test_progress_ascends_to_the_end(tmp_path, good):
    seen = []

    ingest(
        stored(tmp_path, good), name="a.ifc", progress=lambda share, stage="": seen.append(share)
    )

    assert seen == sorted(seen)
    assert seen[-1] == 1.0


SCRIPTS = {
    "crash": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    "memory": "import sys; print('memory allocation of 9 bytes failed', file=sys.stderr); import os; os.abort()",
    "silent": "import time; time.sleep(60)",
    "done": "pass",
}


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Runs a script in place of the child."""

    def run(kind, **limits):
        script = tmp_path / "script.py"
        script.write_text(SCRIPTS[kind], encoding="utf-8")
        watch = process.Watch(
            seconds=limits.get("seconds", 30.0),
            memory_bytes=8 << 30,
            silence_seconds=lambda: limits.get("silence", 30.0),
            on_events=lambda: None,
        )
        return process.run([str(script)], folder=tmp_path, events=tmp_path / "events", watch=watch)

    return run


@pytest.mark.parametrize("kind", ["crash", "memory", "done"])
def test_the_end_of_a_child_is_told_apart(module, kind):
    assert module(kind).kind == kind


def test_a_crash_names_its_signal(module):
    assert module("crash").detail == signal.Signals.SIGSEGV.name


def test_a_silent_child_is_killed(module):
    ending = module("silent", silence=0.5)

    assert (ending.kind, ending.seconds < 5) == ("silent", True)


def test_a_long_child_is_killed(module):
    ending = module("silent", seconds=0.5)

    assert (ending.kind, ending.seconds < 5) == ("timeout", True)


def test_ingests_run_beside_each_other(tmp_path, good):
    path = stored(tmp_path, good)
    found = []

    threads = [
        threading.Thread(target=lambda: found.append(ingest(path, name="a.ifc").counts["bodies"]))
        for _ in range(3)
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join()

    assert found == [5, 5, 5]


def test_reading_ifc_here_loads_no_native_library():
    rooms = ", ".join(f"bimcore.ifc.{n}" for n in ("sandbox", "process", "attempts", "upload"))
    native = ["ifcopenshell", "ifclite_geom", "numba", "manifold3d"]
    code = f"import sys, {rooms}; print([m for m in {native} if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
