"""The page in a real browser: it asks for nothing, complains of nothing, fits, sorts and filters."""

import json
import os
import shutil
from itertools import pairwise

import pytest

from emtools.report.pages import write_report

pytest.importorskip("selenium")

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if not (CHROMIUM and DRIVER):
        if os.environ.get("CI") == "true" and CHROMIUM:
            pytest.fail("chromium is there, but chromedriver is not")
        pytest.skip("chromium and chromedriver are not installed")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for switch in [*SWITCHES, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def page(browser, results, tmp_path_factory):
    """The browser with the page open, and what the network was asked for."""
    out = tmp_path_factory.mktemp("page") / "report.html"
    write_report([results], out)
    browser.set_window_size(1300, 900)
    browser.get(out.as_uri())
    return browser


def column(page, table, index):
    """The texts of one column of the rows that are shown."""
    script = """return [...arguments[0].tBodies[0].rows].filter(row => row.offsetParent !== null)
        .map(row => row.cells[arguments[1]].textContent.trim())"""
    return page.execute_script(script, table, index)


def opened(page, css):
    """The first table that matches, with everything around it opened."""
    script = """const table = document.querySelector(arguments[0]);
        for (let d = table.closest('details'); d; d = d.parentElement.closest('details')) d.open = true;
        return table"""
    return page.execute_script(script, css)


def test_nothing_is_asked_of_the_network_and_nothing_is_wrong(page):
    entries = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = [entry["params"] for entry in entries if entry["method"] == "Network.requestWillBeSent"]
    urls = [one["request"]["url"] for one in asked if one["documentURL"] == page.current_url]
    assert [url for url in urls if not url.startswith("data:")] == [page.current_url]
    assert page.get_log("browser") == []


def test_every_section_is_there_and_headings_are_in_order(page):
    script = "return [...document.querySelectorAll('h1,h2,h3,h4')].map(h => [+h.tagName[1], h.textContent.trim()])"
    headings = page.execute_script(script)
    levels = [level for level, _ in headings]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    titles = {title for _, title in headings}
    expected = {"Overview", "yeast", "Clusters", "Heat map", "Certainty", "Choice of the model", "Convergence", "crp0"}
    assert expected | {f"Motifs in the promoters of cluster {i}" for i in (1, 2, 3)} | {"Methods and files"} <= titles


def test_every_link_of_the_contents_leads_somewhere(page):
    script = "return [...document.querySelectorAll('a[href]')].map(a => document.querySelector(a.getAttribute('href')))"
    assert all(page.execute_script(script))


def test_every_picture_says_what_it_shows_and_is_drawn(page):
    script = """return [...document.querySelectorAll('svg[role=img], img')].map(
        e => [e.getAttribute('aria-label') || e.alt, e.closest('details:not([open])') || e.clientWidth > 0])"""
    pictures = page.execute_script(script)
    assert len(pictures) > 20
    assert all(label and drawn for label, drawn in pictures)
    assert page.execute_script("return document.querySelector('.heat img').naturalWidth") == 15


def test_letters_of_logos_have_shapes_and_heights(page):
    script = """return [...document.querySelectorAll('svg.logo')].slice(0, 4).map(
        logo => [...logo.querySelectorAll('use')].map(use => use.getBoundingClientRect().height))"""
    for letters in page.execute_script(script):
        assert len(letters) >= 5
        assert max(letters) > 10


@pytest.mark.parametrize("width", [1400, 700, 360])
def test_nothing_reaches_beyond_the_window(page, width):
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    assert page.execute_script("return innerWidth") == width
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_sites_are_sorted_by_a_click_and_back_by_another(page):
    table = opened(page, "table.sortable[class*=filtered]:has(.dna)")
    button = page.execute_script("return arguments[0].tHead.rows[0].cells[1].querySelector('button')", table)
    page.execute_script("arguments[0].click()", button)
    starts = [int(text) for text in column(page, table, 1)]
    assert starts == sorted(starts)
    assert page.execute_script("return arguments[0].closest('th').getAttribute('aria-sort')", button) == "ascending"
    page.execute_script("arguments[0].click()", button)
    assert [int(text) for text in column(page, table, 1)] == starts[::-1]


def test_genes_are_sorted_as_text_and_filtered_by_what_is_typed(page):
    table = opened(page, "#expression-yeast > details table")
    field = page.execute_script("return arguments[0].closest('details').querySelector('input')", table)
    field.send_keys("y00")
    assert column(page, table, 0) == [f"Y00{i}W" for i in range(10)]
    field.clear()
    field.send_keys("<script>")
    assert column(page, table, 0) == ["<script>alert(1)</script>"]
    field.clear()


def test_the_dark_page_is_dark_and_readable(page):
    def colors():
        script = "return ['body', 'main > section'].map(s => getComputedStyle(document.querySelector(s)))"
        return page.execute_script(f"{script}.flatMap(s => [s.color, s.backgroundColor])")

    light = colors()
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
    assert all(a != b for a, b in zip(light, colors(), strict=True))
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_the_page_prints_without_what_only_a_screen_needs(page):
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert page.execute_script("return getComputedStyle(document.querySelector('.contents')).display") == "none"
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
