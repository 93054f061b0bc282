"""The organisers' page as a browser shows it: nothing is asked for, nothing is cut off, everybody can read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from outreach.reports.page import write_page
from support.browser import Surfer, violations
from support.organisers import report

pytestmark = pytest.mark.server


@pytest.fixture
def url(logs: Any, tmp_path: Path) -> str:
    write_page(report(logs, name="Imaginaria and the Very Long Named Federated Provinces"), tmp_path / "report.html")
    return (tmp_path / "report.html").as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_wrong(surfer: Surfer, url: str, width: int, scheme: str) -> None:
    """Every rule of axe-core, best practices too, on a desk and on a telephone, in the light and in the dark."""
    assert violations(surfer.open(url, width=width, scheme=scheme)) == []


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_page_fits_and_asks_for_nothing(surfer: Surfer, url: str, width: int) -> None:
    """Wide tables scroll in their frames, at 400 % (320 pixels, WCAG 1.4.10) too, and no policy is broken."""
    page = surfer.open(url, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("getComputedStyle(document.querySelector('.t-supports')).backgroundColor") not in {
        "rgba(0, 0, 0, 0)",
        "",
    }
    assert (surfer.asked, surfer.said) == ([url], [])


def test_the_policy_of_the_page_refuses_what_somebody_puts_into_it(surfer: Surfer, url: str, tmp_path: Path) -> None:
    """A picture from elsewhere, were one in it, would not even be asked for; without the policy it would be."""
    page = (tmp_path / "report.html").read_text("utf-8")
    more = page.replace("<main>", '<main><img src="https://outside.example/x.png" alt="">')
    (tmp_path / "more.html").write_text(more, "utf-8")
    surfer.open((tmp_path / "more.html").as_uri())
    assert surfer.forget() == []
    assert any("outside.example" in one for one in surfer.said)
    (tmp_path / "open.html").write_text(more.replace("Content-Security-Policy", "x-nothing"), "utf-8")
    surfer.open((tmp_path / "open.html").as_uri())
    assert surfer.forget() == ["https://outside.example/x.png"]


def test_a_keyboard_reaches_everything_and_shows_where_it_is(surfer: Surfer, url: str) -> None:
    """First the way past the head of the page; then every link and every frame that scrolls, each with an outline."""
    page = surfer.open(url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the matrix"
    box = page.locator(".skip").bounding_box()
    assert box
    assert box["x"] >= 0
    stops = page.locator("a[href], [tabindex='0']").count()
    seen = set()
    for _ in range(stops):
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", page.evaluate("document.activeElement.outerHTML")
        seen.add(page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
        page.keyboard.press("Tab")
    assert len(seen) == stops


def test_a_link_of_the_matrix_leads_to_its_sentence_and_back(surfer: Surfer, url: str) -> None:
    """By keyboard; the record is marked, and what scrolls to it stays in the window."""
    page = surfer.open(url)
    link = page.locator(".matrix a").first
    link.press("Enter")
    record = page.locator(str(link.get_attribute("href")))
    assert record.evaluate("one => one.matches(':target')")
    box = record.bounding_box()
    assert box
    assert 0 <= box["y"] < 900
    record.locator(".back a").press("Enter")
    assert page.locator(":target").get_attribute("id") == link.get_attribute("id")


def test_the_page_prints_on_white(surfer: Surfer, url: str) -> None:
    """Whatever the screen's colours are; navigation stays behind, and no frame cuts a table off."""
    page = surfer.open(url, scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert (
        page.evaluate("getComputedStyle(document.querySelector('td.t-none')).backgroundColor") == "rgb(255, 255, 255)"
    )
    assert not page.locator("nav").is_visible()
    page.set_viewport_size({"width": 1032, "height": 700})  # A4 across, less its margins
    cut = "[...document.querySelectorAll('table')].filter(one => one.getBoundingClientRect().right > 1032).length"
    assert page.evaluate(cut) == 0
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
