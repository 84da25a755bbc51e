"""The web app in a real Chromium against the real service."""

import time

import httpx
import pytest

from tests.browser import missing
from tests.service import PASSWORD, served, settings_in, settled, small_ifc

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(bool(missing()), reason=f"not on the path: {', '.join(missing())}"),
]
if not missing():
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import Select

    from tests.chromium import chromium, open_project, sign_in, wait

WIDE, PHONE = (1440, 900), (390, 844)
#: Longest wait in seconds for a review on a busy machine whose kernels are not compiled yet.
REVIEWED = 300
AREAS = ("issues", "view", "map", "models", "layers", "runs")
WALLS = small_ifc((0, 0, 0), (3, 0, 0))
PIPES = small_ifc((0.5, 0.2, 0.3), ifc_class="IFCPIPESEGMENT", seed=1)
PEOPLE = ("design", "site", "coordinator")


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browsed")
    with served(settings_in(folder, review_delay_seconds=0.2)) as running:
        if "<div" not in page_of(running):
            pytest.skip("web/dist is not built: run `make web`")
        with running.client() as admin:
            for name in PEOPLE:
                body = {"name": name, "password": PASSWORD, "display_name": name.title()}
                admin.post("/users", json=body).raise_for_status()
        yield running


def page_of(service):
    return httpx.get(f"{service.base}/").text


def new_project(service, name):
    with service.client() as admin:
        project = admin.post("/projects", json={"name": name}).json()["id"]
        for person in PEOPLE:
            admin.put(f"/projects/{project}/members/{person}", json={"role": person})
    return project


def upload(service, project, *contents):
    with service.client() as admin:
        for n, content in enumerate(contents):
            url = f"/projects/{project}/models/model {n}/content?filename=model{n}.ifc"
            admin.put(url, content=content.encode()).raise_for_status()
        settled(admin, project)


@pytest.fixture(scope="module")
def reviewed(service):
    """A project with one conflict between two models."""
    made = new_project(service, "两堵墙与一根管")
    upload(service, made, WALLS, PIPES)
    return made


@pytest.fixture
def project(reviewed, api):
    """The reviewed project with its issue in work, whatever the test before left."""
    issue = only_issue(api, reviewed)
    if issue["status"] != "active":
        set_status(api, reviewed, issue, "active")
    return reviewed


@pytest.fixture(scope="module")
def desktop():
    with chromium(*WIDE) as driver:
        yield driver


@pytest.fixture(scope="module")
def phone():
    with chromium(*PHONE) as driver:
        yield driver


@pytest.fixture(params=["desktop", "phone"])
def screen(request):
    """A browser of each window size in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def api(service):
    with service.client() as client:
        yield client


def only_issue(api, project):
    (issue,) = api.get(f"/projects/{project}/issues").json()["items"]
    return issue


def texts_of(api, project):
    url = f"/projects/{project}/issues/{only_issue(api, project)['id']}/comments"
    return [c["text"] for c in api.get(url).json()["items"]]


def set_status(api, project, issue, status):
    match = {"If-Match": f'"{issue["version"]}"'}
    url = f"/projects/{project}/issues/{issue['id']}"
    api.patch(url, json={"status": status}, headers=match).raise_for_status()


def see(driver, selector, seconds=60):
    """The first element of a selector that is in sight."""
    script = "return [...document.querySelectorAll(arguments[0])].find((e) => e.checkVisibility())"
    return wait(driver, lambda: driver.execute_script(script, selector), seconds)


def enter(driver, service, person):
    """Sign in as `person`, in Chinese, with nothing left of whoever was here before."""
    driver.get(service.base)
    driver.execute_script("localStorage.clear()")
    driver.delete_all_cookies()
    sign_in(driver, service.base, person, PASSWORD)


def press(driver, selector):
    driver.execute_script("arguments[0].click()", see(driver, selector))


def go(driver, service, project, area):
    driver.get(f"{service.base}/#/p/{project}/{area}")


def select_issue(driver, service, project):
    open_project(driver, service.base, project)
    press(driver, ".issue[data-issue]")
    see(driver, ".detail h1")


def picture(driver):
    """What the 3D view shows once it has come to rest with both bodies in it."""
    see(driver, ".view-host[data-state=ready]", 120)
    script = "return window.__yuyan.viewer.diagnose()"

    def at_rest():
        found = driver.execute_script(script)
        both = found["pixels"]["a"] and found["pixels"]["b"]
        return found if both and not found["flying"] else None

    return wait(driver, at_rest)


def is_phone(driver):
    return driver.execute_script("return innerWidth") < 600


def overflow(driver):
    """Pixels by which the page is wider than its window."""
    script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return driver.execute_script(script)


def small_targets(driver):
    """Controls in sight that a gloved thumb would miss."""
    script = """
    return [...document.querySelectorAll("button, a, select, summary, input, textarea")]
      .filter((e) => e.checkVisibility() && !e.closest("label.check"))
      .map((e) => [e.textContent.slice(0, 30) || e.outerHTML.slice(0, 60), e.getBoundingClientRect()])
      .filter(([, box]) => box.height && Math.min(box.width, box.height) < 44)
      .map(([name]) => name)
    """
    return driver.execute_script(script)


def test_models_uploaded_on_the_page_become_an_issue_in_3d(service, desktop, api, tmp_path):
    project = new_project(service, "uploaded on the page")
    files = [tmp_path / "walls.ifc", tmp_path / "pipes.ifc"]
    for file, content in zip(files, (WALLS, PIPES), strict=True):
        file.write_text(content)

    enter(desktop, service, "design")
    go(desktop, service, project, "models")
    see(desktop, ".drop")
    chooser = desktop.find_element(By.CSS_SELECTOR, ".drop input[type=file]")
    chooser.send_keys("\n".join(map(str, files)))
    ready = ".model .tag[data-state=ready]"
    wait(desktop, lambda: len(desktop.find_elements(By.CSS_SELECTOR, ready)) == 2, REVIEWED)
    desktop.save_screenshot(str(tmp_path / "models.png"))
    press(desktop, "button[data-tab=issues]")
    see(desktop, ".issue[data-issue]", REVIEWED)
    press(desktop, ".issue[data-issue]")
    shown = picture(desktop)
    desktop.save_screenshot(str(tmp_path / "issue.png"))

    issue = only_issue(api, project)
    by_side = {e["side"]: [e["index"]] for e in issue["elements"]}
    assert (shown["elements"], shown["tiles"]) == (3, 2)
    assert {side: shown["selection"][side] for side in "ab"} == by_side
    assert [m["name"] for m in api.get(f"/projects/{project}/models").json()["items"]] == [
        "pipes",
        "walls",
    ]


def test_the_site_looks_decides_and_comments(service, screen, api, project, tmp_path):
    text = f"已按 1.2 m 标高改管 {screen.get_window_size()['width']}"
    enter(screen, service, "site")
    select_issue(screen, service, project)
    screen.save_screenshot(str(tmp_path / "detail.png"))
    press(screen, "button[data-status=resolved]")
    see(screen, ".detail .status.resolved")
    see(screen, ".comments textarea").send_keys(text)
    press(screen, ".comments button[type=submit]")
    wait(screen, lambda: text in screen.find_element(By.CSS_SELECTOR, ".comments").text)
    if is_phone(screen):
        press(screen, "button[data-tab=view]")
    picture(screen)
    screen.save_screenshot(str(tmp_path / "view.png"))

    issue = only_issue(api, project)
    comments = api.get(f"/projects/{project}/issues/{issue['id']}/comments").json()["items"]
    assert issue["status"] == "resolved"
    assert (comments[-1]["author"], comments[-1]["text"]) == ("Site", text)
    assert issue["comments_count"] == len(comments)


def test_no_screen_is_wider_than_its_window(service, screen, project, tmp_path):
    enter(screen, service, "coordinator")
    wide, small = {"projects": overflow(screen)}, {}
    for language in ("zh-CN", "en"):
        press(screen, f"button[data-language={language}]")
        for area in AREAS:
            go(screen, service, project, area)
            see(screen, "main")
            time.sleep(0.5)
            wide[area, language] = overflow(screen)
            small[area, language] = small_targets(screen)
            screen.save_screenshot(str(tmp_path / f"{area}-{language}.png"))
        select_issue(screen, service, project)
        wide["detail", language] = overflow(screen)
        small["detail", language] = small_targets(screen)

    refused = [e for e in screen.get_log("browser") if "Content Security" in e["message"]]
    assert refused == []
    assert {place: pixels for place, pixels in wide.items() if pixels > 0} == {}
    if is_phone(screen):
        assert {place: names for place, names in small.items() if names} == {}


def test_the_language_is_switched_and_kept(service, desktop, project):
    enter(desktop, service, "site")
    open_project(desktop, service.base, project)
    chinese = see(desktop, "button[data-tab=issues] span").text
    press(desktop, "button[data-language=en]")
    english = see(desktop, "button[data-tab=issues] span").text
    desktop.refresh()
    see(desktop, "button[data-tab=issues]")
    kept = see(desktop, "button[data-tab=issues] span").text
    tongue = desktop.find_element(By.TAG_NAME, "html").get_attribute("lang")

    assert (chinese, english, kept, tongue) == ("问题", "Issues", "Issues", "en")


def test_each_role_sees_what_it_may_do(service, desktop, project):
    seen = {}
    for person in PEOPLE:
        enter(desktop, service, person)
        select_issue(desktop, service, project)
        decide = bool(desktop.find_elements(By.CSS_SELECTOR, "button[data-status]"))
        assign = bool(desktop.find_elements(By.CSS_SELECTOR, ".assign input"))
        go(desktop, service, project, "models")
        see(desktop, ".model")
        send = bool(desktop.find_elements(By.CSS_SELECTOR, ".drop"))
        go(desktop, service, project, "runs")
        see(desktop, ".run")
        start = bool(desktop.find_elements(By.CSS_SELECTOR, ".content-head .button"))
        seen[person] = (send, decide, assign, start)

    assert seen == {
        "design": (True, False, False, False),
        "site": (False, True, False, False),
        "coordinator": (True, True, True, True),
    }


def test_a_refusal_is_shown_in_front_of_the_dialog_it_answers(service, desktop):
    enter(desktop, service, "admin")
    press(desktop, ".content-head .button")
    name, *_, crs = desktop.find_elements(By.CSS_SELECTOR, "dialog input")
    name.send_keys("错误坐标系")
    crs.send_keys("EPSG:99999")
    press(desktop, "dialog button[type=submit]")

    told = see(desktop, "dialog .notice.bad")

    assert "坐标系“EPSG:99999”无法识别" in told.text
    place = told.rect
    middle = [place["x"] + place["width"] / 2, place["y"] + place["height"] / 2]
    script = "return document.elementFromPoint(...arguments[0]).closest('dialog .notice') !== null"
    assert desktop.execute_script(script, middle)


def test_the_settings_page_opened_by_itself_holds_what_the_project_holds(service, desktop):
    with service.client() as admin:
        body = {"name": "江北厂房", "description": "一期", "crs": "EPSG:4545"}
        project = admin.post("/projects", json=body).json()["id"]
    enter(desktop, service, "admin")
    go(desktop, service, project, "members")
    desktop.refresh()

    see(desktop, "form.settings input")
    fields = desktop.find_elements(By.CSS_SELECTOR, "form.settings input, form.settings textarea")

    held = [field.get_attribute("value") for field in fields[:3]]
    assert held == ["江北厂房", "一期", "EPSG:4545"]


def test_a_refused_file_says_why_and_what_to_do_and_is_kept(service, desktop, tmp_path):
    project = new_project(service, "refused")
    file = tmp_path / "plan.ifc"
    file.write_bytes(b"%PDF-1.7 this is a drawing")

    enter(desktop, service, "design")
    go(desktop, service, project, "models")
    see(desktop, ".drop")
    desktop.find_element(By.CSS_SELECTOR, ".drop input[type=file]").send_keys(str(file))
    chinese = see(desktop, ".uploads .refusal").text
    press(desktop, "button[data-language=en]")
    english = see(desktop, ".uploads .refusal").text
    original = see(desktop, ".model a[download='plan.ifc']").get_attribute("href")
    cookies = {c["name"]: c["value"] for c in desktop.get_cookies()}

    assert "IFC101" in chinese
    assert "怎么办" in chinese
    assert "IFC101" in english
    assert "What to do" in english
    assert httpx.get(original, cookies=cookies).content == file.read_bytes()


def test_a_picked_element_tells_its_name_and_issues(service, desktop, api, project):
    enter(desktop, service, "site")
    select_issue(desktop, service, project)
    picture(desktop)
    canvas = desktop.find_element(By.CSS_SELECTOR, ".view-host canvas")
    ActionChains(desktop).move_to_element(canvas).click().perform()
    panel = see(desktop, ".picked").text
    picked = desktop.execute_script("return window.__yuyan.viewer.picked")

    issue = only_issue(api, project)
    element = next(e for e in issue["elements"] if e["index"] == picked)
    assert element["guid"] in panel
    assert element["ifc_class"] in panel
    assert f"#{issue['number']}" in panel


def test_the_map_of_models_without_a_place_is_local_and_opens_its_issue(
    service, screen, api, project, tmp_path
):
    enter(screen, service, "site")
    go(screen, service, project, "map")
    note = see(screen, ".map-note").text
    screen.save_screenshot(str(tmp_path / "map.png"))
    press(screen, ".map-markers [data-marker]")
    title = see(screen, ".caption-title" if is_phone(screen) else ".detail h1").text

    issue = only_issue(api, project)
    document = api.get(f"/projects/{project}/map").json()
    assert "局部坐标" in note
    assert issue["title"]["zh-CN"] in title
    assert (document["located"], document["groups"]) == (False, 1)
    assert [m["issue"] for m in document["markers"] if m["main"]] == [issue["id"]]


def test_a_rule_file_is_put_in_place_on_the_page_and_taken_back(service, desktop, api, tmp_path):
    project = new_project(service, "rules on the page")
    file = tmp_path / "矩阵.toml"
    file.write_text('name = "B3"\n[matrix]\n"hvac x structure" = "hard 5; clearance 50"\n')
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('name = "B3"\n[matrix]\n"hvac x moon" = "hard 5"\n')

    enter(desktop, service, "coordinator")
    go(desktop, service, project, "runs")
    press(desktop, ".rules summary")
    default = see(desktop, ".rules-body p").text
    desktop.find_element(By.CSS_SELECTOR, ".rules-file").send_keys(str(wrong))
    refused = see(desktop, ".notice.bad").text
    desktop.find_element(By.CSS_SELECTOR, ".rules-file").send_keys(str(file))
    wait(desktop, lambda: "矩阵.toml" in see(desktop, ".rules-body p").text)
    cells = [c.text for c in desktop.find_elements(By.CSS_SELECTOR, ".rules-matrix td")]
    untested = see(desktop, ".rules-untested").text
    desktop.save_screenshot(str(tmp_path / "rules.png"))
    press(desktop, ".rules .button.quiet")
    wait(desktop, lambda: see(desktop, ".rules-body p").text == default)

    assert "moon" in refused
    assert cells == ["不检查", "5 mm\n≥ 50 mm", "5 mm\n≥ 50 mm", "不检查"]
    assert "结构 × 结构" in untested
    assert "暖通 × 暖通" in untested
    assert api.get(f"/projects/{project}/rules").json()["source"] == "default"


def test_filters_narrow_the_list_and_an_empty_one_says_so(service, desktop, project):
    enter(desktop, service, "site")
    open_project(desktop, service.base, project)
    see(desktop, ".search input").send_keys("no such thing")
    empty = see(desktop, ".list-pane .empty h2").text
    desktop.find_element(By.CSS_SELECTOR, ".search input").clear()
    desktop.find_element(By.CSS_SELECTOR, ".search input").send_keys("box")
    found = len(desktop.find_elements(By.CSS_SELECTOR, ".issue[data-issue]"))
    press(desktop, ".search-row button")
    status = desktop.find_element(By.CSS_SELECTOR, ".filters select")
    Select(status).select_by_value("resolved")
    none = len(desktop.find_elements(By.CSS_SELECTOR, ".issue[data-issue]"))

    assert (empty, found, none) == ("没有符合条件的问题", 1, 0)


def test_what_is_said_without_network_is_kept_and_sent_later(service, phone, api, project):
    enter(phone, service, "site")
    select_issue(phone, service, project)
    phone.set_network_conditions(offline=True, latency=0, throughput=0)
    see(phone, ".comments textarea").send_keys("地下室没有信号")
    press(phone, ".comments button[type=submit]")
    waiting = see(phone, ".comments .waiting").text
    during = texts_of(api, project)
    phone.delete_network_conditions()
    phone.execute_script("window.dispatchEvent(new Event('online'))")
    wait(phone, lambda: not phone.find_elements(By.CSS_SELECTOR, ".comments .waiting"))

    assert "地下室没有信号" in waiting
    assert (during.count("地下室没有信号"), texts_of(api, project).count("地下室没有信号")) == (
        0,
        1,
    )


def test_a_change_that_someone_overtook_is_told_and_never_forced(service, desktop, api, project):
    enter(desktop, service, "site")
    select_issue(desktop, service, project)
    desktop.set_network_conditions(offline=True, latency=0, throughput=0)
    press(desktop, "button[data-status=resolved]")
    see(desktop, ".outbox")
    set_status(api, project, only_issue(api, project), "approved")
    desktop.delete_network_conditions()
    desktop.execute_script("window.dispatchEvent(new Event('online'))")
    see(desktop, ".notice.bad")
    press(desktop, ".outbox summary")
    kept = see(desktop, ".outbox li .bad").text

    assert "他人修改" in kept
    assert only_issue(api, project)["status"] == "approved"


def test_a_project_of_others_is_not_found(service, desktop):
    with service.client() as admin:
        foreign = admin.post("/projects", json={"name": "foreign"}).json()["id"]

    enter(desktop, service, "site")
    go(desktop, service, foreign, "issues")
    script = "return document.querySelector('.empty h2')?.innerText"

    assert wait(desktop, lambda: desktop.execute_script(script) == "找不到这个项目")
    assert desktop.find_elements(By.CSS_SELECTOR, ".list-pane, [data-tab]") == []
