"""The map of the sample project in a real Chromium: what is drawn, pressed and moved."""

import math
import time
from itertools import pairwise

import pytest

from api.commands.demo import packed
from api.project_file import read_project_file
from sample_models.authoring.project import build
from tests.browser import missing
from tests.service import PASSWORD, review_models, served, settings_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(bool(missing()), reason=f"not on the path: {', '.join(missing())}"),
]
if not missing():
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    from tests.chromium import chromium, sign_in, wait

MODELS = ("structure", "site")
#: Where a point of the project frame is on the page.
PLACE = """
const {camera: c, size: s} = window.__yuyan.map;
const box = document.querySelector(".map-board").getBoundingClientRect();
return [box.left + s.width / 2 + (arguments[0] - c.x) * c.scale,
        box.top + s.height / 2 - (arguments[1] - c.y) * c.scale];
"""
#: Whether the map itself lies on top at a place of the page.
FREE = "return document.elementFromPoint(...arguments)?.closest('.map-board') !== null"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mapped")
    with served(settings_in(folder, review_delay_seconds=0.2)) as running:
        yield running


@pytest.fixture(scope="module")
def mapped(service, tmp_path_factory):
    """The project's id and its map: two models of the sample with all its layers."""
    files = tmp_path_factory.mktemp("sample")
    build(files)
    chosen = read_project_file(files / "project.toml")
    with service.client() as admin:
        made = admin.post("/projects", json={"name": "B3", "crs": chosen.crs}).json()["id"]
        for entry in chosen.layers:
            path = packed(files / entry.file, files)
            data = {"name": entry.name, "role": entry.role, "crs": entry.crs}
            told = {k: v for k, v in data.items() if v}
            answer = admin.post(
                f"/projects/{made}/layers",
                data=told,
                files={"file": (path.name, path.read_bytes())},
            )
            answer.raise_for_status()
        review_models(admin, made, [files / f"{name}.ifc" for name in MODELS])
        return made, admin.get(f"/projects/{made}/map").raise_for_status().json()


@pytest.fixture(params=[(1440, 900), (390, 844)], ids=["desktop", "phone"])
def page(request, service, mapped):
    """The map of the sample, open, in a window of each size."""
    with chromium(*request.param) as driver:
        sign_in(driver, service.base, "admin", PASSWORD)
        driver.get(f"{service.base}/#/p/{mapped[0]}/map")
        seen = ".map-markers [data-marker], .map-markers [data-cluster]"
        wait(driver, lambda: driver.find_elements(By.CSS_SELECTOR, seen))
        yield driver


def board(driver, what):
    return driver.execute_script(f"return window.__yuyan.map.{what}")


def numbers(driver):
    """How many issues the markers stand for."""
    script = """
    return [...document.querySelectorAll(".map-markers button")]
      .map((b) => Number(b.dataset.cluster ?? 1))
    """
    return sum(driver.execute_script(script))


def test_models_layers_and_markers_of_the_sample_are_on_the_map(page, mapped, tmp_path):
    _, document = mapped
    page.execute_script("window.__yuyan.map.fit()")
    time.sleep(0.5)
    page.save_screenshot(str(tmp_path / "map.png"))
    refused = [e for e in page.get_log("browser") if "Content Security" in e["message"]]
    script = "return document.documentElement.scrollWidth - innerWidth"

    assert (document["located"], {m["group"] for m in document["models"]}) == (True, {0})
    assert board(page, "sheets.length") == len(document["layers"]) + len(document["models"])
    assert numbers(page) == sum(m["main"] for m in document["markers"]) > 0
    assert refused == []
    assert page.execute_script(script) <= 0


def test_a_marker_opens_its_issue_and_a_cluster_comes_nearer(page, mapped):
    before = board(page, "camera.scale")
    for _ in range(6):
        single = page.find_elements(By.CSS_SELECTOR, ".map-markers [data-marker]")
        if single:
            break
        page.find_element(By.CSS_SELECTOR, ".map-markers [data-cluster]").click()
        time.sleep(0.4)
        assert board(page, "camera.scale") > before
    issue = single[0].get_attribute("data-marker")
    single[0].click()
    wide = board(page, "size.width") > 500
    title = wait(
        page,
        lambda: page.find_elements(By.CSS_SELECTOR, ".detail h1" if wide else ".caption-title"),
    )[0].text
    here = page.find_element(By.CSS_SELECTOR, ".marker[aria-current]")

    marker = next(m for m in mapped[1]["markers"] if m["issue"] == issue and m["main"])
    assert marker["text"] in title
    assert here.get_attribute("data-marker") == issue
    assert page.current_url.endswith(f"/map/{issue}")


def test_a_pipe_under_the_finger_tells_its_attributes(page, mapped):
    layers = [layer for layer in mapped[1]["layers"] if layer["role"] == "utility"]
    layer, feature, spot = next(
        (layer, feature, place)
        for layer in layers
        for feature in layer["features"]
        for place in _middles(feature)
        if _free(page, place)
    )
    x, y = page.execute_script(PLACE, *spot)
    actions = ActionChains(page)
    actions.w3c_actions.pointer_action.move_to_location(round(x), round(y))
    actions.click().perform()
    told = wait(page, lambda: page.find_elements(By.CSS_SELECTOR, ".map .picked"))[0].text

    values = [str(v) for v in feature["values"] if v is not None]
    assert layer["name"] in told
    assert [v for v in values if v not in told] == []


def _middles(feature):
    for part in feature["parts"] if feature["type"] == "line" else ():
        for (ax, ay), (bx, by) in pairwise(part):
            yield (ax + bx) / 2, (ay + by) / 2


def _free(page, place):
    x, y = page.execute_script(PLACE, *place)
    return page.execute_script(FREE, x, y)


def test_keys_move_and_zoom_the_map_and_a_switched_off_layer_is_gone(page):
    host = page.find_element(By.CSS_SELECTOR, ".map-board")
    before = board(page, "camera")
    host.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_UP, "+")
    after = board(page, "camera")
    host.send_keys("0")
    if not page.find_elements(By.CSS_SELECTOR, ".map-legend"):
        page.find_element(By.CSS_SELECTOR, ".map .view-tools button:last-child").click()
    box = page.find_element(By.CSS_SELECTOR, ".map-legend .map-switch input")
    issues = numbers(page)
    page.execute_script("arguments[0].click()", box)
    wait(page, lambda: numbers(page) == 0)

    assert (after["x"] > before["x"], after["y"] > before["y"]) == (True, True)
    assert math.isclose(after["scale"], before["scale"] * 1.5)
    assert issues > 0
