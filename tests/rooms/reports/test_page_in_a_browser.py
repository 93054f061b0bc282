"""The organisers' page as a browser shows it: nothing is asked for, nothing is cut off, and it prints."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from outreach.reports.page import write_page
from support.organisers import report
from support.servers import needs_server

pytestmark = pytest.mark.server
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = needs_server("chromium", shutil.which("chromium"))
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield made
        made.close()


@pytest.fixture
def url(logs: Any, tmp_path: Path) -> str:
    write_page(report(logs, name="Imaginaria and the Very Long Named Federated Provinces"), tmp_path / "report.html")
    return (tmp_path / "report.html").as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_and_asks_for_nothing(browser: Browser, url: str, width: int, scheme: Any) -> None:
    """On a desk and on a telephone: wide tables scroll in their frames, and no policy is broken."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(url)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("getComputedStyle(document.querySelector('.t-supports')).backgroundColor") not in {
        "rgba(0, 0, 0, 0)",
        "",
    }
    assert (asked, said) == ([url], [])
    page.close()


def test_a_keyboard_reaches_the_matrix_first(browser: Browser, url: str) -> None:
    """The first stop is the way past the head of the page, and it is seen then."""
    page = browser.new_page()
    page.goto(url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the matrix"
    box = page.locator(".skip").bounding_box()
    assert box
    assert box["x"] >= 0
    page.close()


def test_the_page_prints_on_white(browser: Browser, url: str, tmp_path: Path) -> None:
    """Whatever the screen's colours are; navigation stays behind."""
    page = browser.new_page(color_scheme="dark")
    page.goto(url)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert (
        page.evaluate("getComputedStyle(document.querySelector('td.t-none')).backgroundColor") == "rgb(255, 255, 255)"
    )
    assert not page.locator("nav").is_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.close()
