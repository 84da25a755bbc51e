"""A real Chromium for the tests of the web app."""

import tempfile
import time
from contextlib import contextmanager

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser import path_of

#: Software rendering, and nothing that looks for the world outside.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

#: Seconds in which a page has come or the browser lost its request.
LOADED = 30


class Browser(webdriver.Chrome):
    """Chromium that asks once more for a page.

    Chromium 150 now and then forgets a navigation asked for while another one ends: no
    connection is open, and no answer ever comes.
    """

    def get(self, url):
        try:
            super().get(url)
        except TimeoutException:
            super().get(url)


@contextmanager
def chromium(width, height):
    """A browser of a window size; below 600 px wide it is a phone."""
    options = webdriver.ChromeOptions()
    options.binary_location = path_of("chromium")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"):
            options.add_argument(flag)
        if width < 600:
            metrics = {"width": width, "height": height, "pixelRatio": 2}
            options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
        driver = Browser(options=options, service=Service(path_of("chromedriver")))
        driver.set_page_load_timeout(LOADED)
        try:
            yield driver
        finally:
            driver.quit()


def wait(driver, condition, seconds=60):
    """The first true answer of `condition`."""
    return WebDriverWait(driver, seconds).until(lambda _: condition())


def sign_in(driver, base, name, password):
    """Sign in on the page as a person does."""
    driver.get(base)
    fields = wait(driver, lambda: driver.find_elements(By.CSS_SELECTOR, "form input"))
    fields[0].send_keys(name)
    fields[1].send_keys(password)
    driver.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
    wait(driver, lambda: not driver.find_elements(By.CSS_SELECTOR, "input[type=password]"))


def open_project(driver, base, project):
    """Go to a project's issues and wait for the list."""
    driver.get(f"{base}/#/p/{project}/issues")
    wait(driver, lambda: driver.find_elements(By.CSS_SELECTOR, ".issue[data-issue]"))


def issue_ids(driver):
    """Ids of all issues in the list, once scrolling brings no more."""
    seen = []
    for _ in range(100):
        cards = driver.find_elements(By.CSS_SELECTOR, ".issue[data-issue]")
        ids = [c.get_attribute("data-issue") for c in cards]
        if ids == seen:
            return ids
        seen = ids
        driver.execute_script("arguments[0].scrollIntoView()", cards[-1])
        time.sleep(1.0)
    return seen
