"""The schedule of the sample project played in a real Chromium: dates, colours, risks."""

import io
import time
from datetime import datetime

import pytest
from PIL import Image

from sample_models.authoring.project import build
from tests.browser import missing
from tests.service import PASSWORD, review_models, served, settings_in, settled, small_ifc

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(bool(missing()), reason=f"not on the path: {', '.join(missing())}"),
]
if not missing():
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    from tests.chromium import chromium, sign_in, wait

MODELS = ("structure", "architecture")
DAY = 1440


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("played")
    with served(settings_in(folder, review_delay_seconds=0.2)) as running:
        yield running


@pytest.fixture(scope="module")
def played(service, tmp_path_factory):
    """The project's id and its timeline: two models of the sample with its schedule."""
    files = tmp_path_factory.mktemp("sample")
    build(files)
    with service.client() as admin:
        made = admin.post("/projects", json={"name": "进度"}).json()["id"]
        plan = ("schedule.xml", (files / "schedule.xml").read_bytes())
        admin.post(f"/projects/{made}/schedules", files={"file": plan}).raise_for_status()
        review_models(admin, made, [files / f"{name}.ifc" for name in MODELS])
        return made, admin.get(f"/projects/{made}/timeline").raise_for_status().json()


@pytest.fixture(params=[(1440, 900), (390, 844)], ids=["desktop", "phone"])
def page(request, service, played):
    """The timeline of the sample, open, in a window of each size."""
    with chromium(*request.param) as driver:
        sign_in(driver, service.base, "admin", PASSWORD)
        driver.get(f"{service.base}/#/p/{played[0]}/timeline")
        wait(driver, lambda: driver.find_elements(By.CSS_SELECTOR, ".timeline-track canvas"))
        yield driver


def press(driver, *keys):
    driver.find_element(By.CSS_SELECTOR, "[role=slider]").send_keys(*keys)


def at(driver):
    """Minutes of the begin of what is shown."""
    return int(driver.find_element(By.CSS_SELECTOR, ".timeline").get_attribute("data-at"))


def counts(driver):
    script = """
    return Object.fromEntries([...document.querySelectorAll(".timeline-legend li")]
      .map((row) => [row.dataset.phase, Number(row.dataset.count)]))
    """
    return driver.execute_script(script)


def minutes(iso):
    return int((datetime.fromisoformat(iso) - datetime(1970, 1, 1)).total_seconds() // 60)


def expected(document, day):
    """How many elements are being built, and are not there, on a day; by the document alone."""
    columns = document["elements"]
    rows = list(zip(*(columns[k] for k in ("appear", "complete", "remove", "gone")), strict=True))
    first, last = day, day + DAY
    absent = sum(
        (a is not None and a >= last) or (g is not None and g <= first) for a, _, _, g in rows
    )
    there = [
        (c, t)
        for (a, c, r, g), t in zip(rows, columns["temporary"], strict=True)
        if not ((a is not None and a >= last) or (g is not None and g <= first))
        and not (r is not None and r < last)
        and not (g is not None and g < last)
    ]
    return sum(c is not None and c > first and not t for c, t in there), absent


def test_the_first_day_the_middle_and_the_end_are_as_the_plan_says(page, played, tmp_path):
    _, document = played
    bodies = set(document["elements"]["index"])
    press(page, Keys.HOME)
    begin = counts(page)
    busiest = max(
        range(minutes(document["schedule"]["start"]) // DAY * DAY, at(page) + 400 * DAY, DAY),
        key=lambda day: expected(document, day)[0],
    )
    press(page, *[Keys.PAGE_UP] * ((busiest - at(page)) // (7 * DAY)))
    press(page, *[Keys.ARROW_RIGHT] * ((busiest - at(page)) // DAY))
    middle, shown = counts(page), at(page)
    wait(page, lambda: not page.execute_script("return __yuyan.viewer.diagnose().flying"))
    seen = page.execute_script("return window.__yuyan.viewer.diagnose().phases")
    page.save_screenshot(str(tmp_path / "timeline.png"))
    press(page, Keys.END)
    end = counts(page)
    refused = [e for e in page.get_log("browser") if "Content Security" in e["message"]]
    script = "return document.documentElement.scrollWidth - innerWidth"

    assert len(bodies) > 0
    assert begin["absent"] > 0
    assert shown == busiest
    assert (middle["building"], middle["absent"]) == expected(document, busiest)
    assert middle["building"] > 0
    assert seen["building"] > 0
    assert (end["building"], end["removing"]) == (0, 0)
    assert end["standing"] + end["undated"] > middle["standing"] + middle["undated"]
    assert refused == []
    assert page.execute_script(script) <= 0


def test_keys_buttons_and_playing_move_the_date(page):
    press(page, Keys.HOME)
    first = at(page)
    press(page, Keys.ARROW_RIGHT, Keys.PAGE_UP, Keys.ARROW_LEFT)
    after = at(page)
    page.find_element(By.CSS_SELECTOR, "[data-step=week]").click()
    press(page, Keys.ARROW_RIGHT)
    week = at(page)
    page.find_element(By.CSS_SELECTOR, ".timeline-play .primary").click()
    wait(page, lambda: at(page) >= week + 14 * DAY)
    page.find_element(By.CSS_SELECTOR, ".timeline-play .primary").click()
    paused = at(page)
    time.sleep(1.2)

    assert after == first + 7 * DAY
    assert (week // DAY + 3) % 7 == 0
    assert at(page) == paused


def test_the_pointer_scrubs_and_the_slider_tells_the_date(page, played):
    _, document = played
    track = page.find_element(By.CSS_SELECTOR, "[role=slider]")
    press(page, Keys.HOME)
    first = at(page)
    actions = ActionChains(page)
    actions.move_to_element_with_offset(track, -100, 10).click_and_hold()
    actions.move_to_element_with_offset(track, 0, 10).release().perform()
    wait(page, lambda: at(page) > first)
    middle = (minutes(document["schedule"]["start"]) + minutes(document["schedule"]["finish"])) / 2

    assert abs(at(page) - middle) < 0.02 * (2 * (middle - first)) + 2 * DAY
    assert track.get_attribute("aria-valuetext") in page.find_element(
        By.CSS_SELECTOR, ".timeline-when b"
    ).get_attribute("textContent")


def test_a_risk_of_the_date_opens_its_issue_and_its_time(page, played):
    project, document = played
    dated = [r for r in document["risks"] if r["from"] and r["elements"]]
    if not dated:
        pytest.skip("the plan of the sample has no risk with a date")
    risk = max(dated, key=lambda r: r["severity"])
    press(page, Keys.HOME)
    away = minutes(risk["from"]) // DAY - at(page) // DAY
    press(page, *[Keys.PAGE_UP] * (away // 7), *[Keys.ARROW_RIGHT] * (away % 7))
    row = wait(page, lambda: page.find_elements(By.CSS_SELECTOR, f"[data-risk='{risk['issue']}']"))[
        0
    ]
    page.execute_script("arguments[0].click()", row)
    wait(page, lambda: not page.execute_script("return __yuyan.viewer.diagnose().flying"))
    chosen = page.execute_script("return window.__yuyan.viewer.diagnose().selection")
    page.get(f"{page.current_url.split('#')[0]}#/p/{project}/issues/{risk['issue']}")
    told = wait(page, lambda: page.find_elements(By.CSS_SELECTOR, ".issue-window"))[0]

    assert sorted(chosen["a"]) == sorted(risk["elements"])
    assert risk["issue"] in page.current_url
    assert told.get_attribute("data-window") == risk["issue"]
    assert told.find_elements(By.CSS_SELECTOR, ".window-bar i")


def test_the_film_of_the_run_is_an_animation_and_is_in_the_report(service, played):
    project, _ = played
    with service.client() as admin:
        film = admin.get(f"/projects/{project}/runs/latest/film").raise_for_status()
        report = admin.get(f"/projects/{project}/runs/latest/report.html").text
    with Image.open(io.BytesIO(film.content)) as image:
        frames = image.n_frames

    assert film.headers["Content-Type"] == "image/webp"
    assert 1 < frames <= 60
    assert len(film.content) < 2_500_000
    assert 'id="rehearsal"' in report
    assert "data:image/webp;base64," in report


def test_nothing_of_a_rehearsed_project_is_a_fault_to_read(service, played):
    project, _ = played
    with service.client() as admin:
        reads = [
            path.removeprefix("/api/v1").replace("{pid}", project)
            for path, methods in admin.get("/openapi.json").json()["paths"].items()
            if "get" in methods and not path.endswith("/events")
        ]
        # What else needs an id is told by tests of its own.
        reads = [path.replace("/runs/{rid}", "/runs/latest") for path in reads]
        answers = {path: admin.get(path).status_code for path in reads if "{" not in path}

    assert f"/projects/{project}/links" in answers
    assert {path: status for path, status in answers.items() if status != 200} == {}


def test_a_project_without_a_plan_says_so_and_leads_to_the_upload(service):
    with service.client() as admin:
        made = admin.post("/projects", json={"name": "无计划"}).json()["id"]
        url = f"/projects/{made}/models/a/content?filename=a.ifc"
        admin.put(url, content=small_ifc((0, 0, 0)).encode()).raise_for_status()
        settled(admin, made)
        refused = admin.get(f"/projects/{made}/timeline")
    with chromium(1440, 900) as driver:
        sign_in(driver, service.base, "admin", PASSWORD)
        driver.get(f"{service.base}/#/p/{made}/timeline")
        button = wait(driver, lambda: driver.find_elements(By.CSS_SELECTOR, ".timeline button"))
        button[0].click()
        section = wait(driver, lambda: driver.find_elements(By.CSS_SELECTOR, ".schedules .drop"))

    assert (refused.status_code, refused.json()["code"]) == (404, "SRV930")
    assert len(section) == 1
