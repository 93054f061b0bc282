"""The pages as people have them: in Chromium, with and without JavaScript, on a telephone, by keyboard, in a frame."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from outreach.model.action import ActionStatus
from outreach.model.supporter import Exposure
from outreach.states import states
from support.browser import Surfer, violations
from support.page_desk import TARGETS, link_in, mailed, target
from support.visitors import FILLED, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.server

WITH_AND_WITHOUT = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
LANGUAGES = pytest.mark.parametrize("language", ["en", "ar"])
PHONE = 360


def fill(page: Any, **changed: str) -> None:
    """As a person fills the form in."""
    page.locator("#t-qm-mfa").check()
    for name in ("email", "name", "place", "words"):
        page.locator(f"#{name}").fill(changed.get(name, FILLED[name]))
    page.locator("#agreed").check()


def expect(locator: Any) -> Any:
    """Playwright's, which waits for what a script will have done."""
    from playwright.sync_api import expect

    return expect(locator)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@LANGUAGES
@WITH_AND_WITHOUT
@pytest.mark.parametrize("width", [PHONE, 1280])
def test_the_whole_way(surfer: Surfer, page: Visitor, language: str, script: bool, width: int) -> None:
    """From the form to the erased data; each page fits, is right in direction, passes axe, and breaks no policy."""
    tab = surfer.open(f"{page.site}/moratorium/", width=width, java_script_enabled=script, locale=language)
    seen = 0

    def look(mark: str, count: int = 1) -> None:
        nonlocal seen
        seen += 1
        expect(tab.locator(mark)).to_have_count(count)
        tab.wait_for_load_state()  # of a page that is on its way there is nothing yet: no button either
        expect(tab.locator(mark)).to_have_count(count)
        assert fits(tab), tab.url
        assert tab.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        assert tab.locator("html").get_attribute("lang") == language
        if script:  # without it axe cannot look either; the pages are the same
            assert violations(tab) == [], tab.url

    look("textarea")
    tab.click("button.main")
    look("#summary a", 5)
    fill(tab)
    tab.check("#t-qo-interior")
    tab.click("button.main")
    look(".letter", 2)
    tab.click("button.main")
    tab.wait_for_url(f"**/moratorium/thanks?lang={language}")
    look("h1")
    (action,) = page.it.book.kept.values()
    assert (action.status, action.language) == (ActionStatus.PENDING, language)
    tab.goto(link_in(mailed(page.it)[0]))
    look(".letter", 2)
    tab.click("button.main")
    look("button", 0)
    assert page.it.book.kept[action.id].status is ActionStatus.CONFIRMED
    tab.goto(link_in(mailed(page.it)[0]))
    look("button[value=withdraw]")
    tab.click("button[value=withdraw]")
    look("p[role=status]")
    with tab.expect_download() as data:
        tab.click("button[value=export]")
    assert "ada@mail.example" in Path(data.value.path()).read_text("utf-8")
    tab.click("button[value=erase]")
    look("button[value=erase-for-good]")
    tab.click("button[value=erase-for-good]")
    look("button", 0)
    assert page.it.book.kept[action.id].status is ActionStatus.ERASED
    tab.click("footer li:nth-child(1) a")
    look("a[href^=mailto]")
    tab.click("footer li:nth-child(2) a")
    look("#email")
    tab.fill("#email", "ada@mail.example")
    tab.click("button.main")
    tab.wait_for_url("**/link/sent?*")
    look("h1")
    tab.goto(f"{page.site}/moratorium/confirm/nothing")
    look("h1")
    assert seen == 14
    assert {one for one in surfer.asked if not one.startswith(page.site)} == set()
    faults = [one for one in surfer.said if "responded with a status of 4" not in one]
    assert faults == []


@WITH_AND_WITHOUT
def test_who_solved_the_challenge_is_not_held(surfer: Surfer, page: Visitor, script: bool) -> None:
    """With JavaScript three letters of one network go by themselves; without, the third waits for a person."""
    for number in range(3):
        tab = surfer.open(f"{page.site}/moratorium/", java_script_enabled=script)
        fill(tab, email=f"p{number}@mail.example")
        tab.click("button.main")
        tab.click("button[value=send]")
        tab.wait_for_url("**/thanks*")
    assert [bool(one.held) for one in page.it.book.kept.values()] == [False, False, not script]


def test_a_button_pressed_twice_sends_once(surfer: Surfer, page: Visitor) -> None:
    """An impatient person gets the thanks, not a fault."""
    tab = surfer.open(f"{page.site}/moratorium/")
    fill(tab)
    tab.click("button.main")
    expect(tab.locator("button[value=send]")).to_have_count(1)
    tab.evaluate("() => { const button = document.querySelector('button.main'); button.click(); button.click(); }")
    tab.wait_for_url("**/thanks*")
    assert len(page.it.book.kept) == 1


def test_ones_own_state_is_not_proposed_where_it_is_at_risk(surfer: Surfer, page: Visitor) -> None:
    """Hidden and not ticked, with the reason in plain words; another state brings it back."""
    tab = surfer.open(f"{page.site}/moratorium/")
    box, warning = tab.locator("#t-qo-interior"), tab.locator("#own-state")
    box.check()
    assert not warning.is_visible()
    tab.select_option("#state", "QO")
    assert warning.is_visible()
    assert not box.is_visible()
    assert not box.is_checked()
    assert violations(tab) == []
    tab.select_option("#state", "QM")
    assert box.is_visible()
    assert not warning.is_visible()
    assert tab.locator("#t-qm-mfa").is_visible()


def test_the_page_tells_how_much_is_ones_own(surfer: Surfer, page: Visitor) -> None:
    """As one writes, in words; and how much room is left."""
    tab = surfer.open(f"{page.site}/moratorium/")
    own = tab.locator("#own-words")
    assert "our words" in own.inner_text()
    suggestion = page.it.terms.texts["en"].suggestion
    tab.fill("#words", f"My brother is a journalist, and I am afraid for him. {suggestion}")
    expect(own).to_contain_text("% of this is in your own words")
    tab.fill("#words", "🕊" * 10 + " My brother is a journalist")
    expect(own).to_contain_text("your own letter")
    expect(tab.locator("#words-left")).to_have_text(f"{5_000 - 37:,} characters left")


def test_by_keyboard_alone(surfer: Surfer, page: Visitor) -> None:
    """Every control is reached in order and shows where it is; Enter looks at the letters, and Enter sends them."""
    tab = surfer.open(f"{page.site}/moratorium/")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert tab.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]
    seen = []
    for _ in range(40):
        tab.keyboard.press("Tab")
        at = tab.evaluate(
            "() => { const one = document.activeElement; return [one.id || one.value || one.textContent.trim(), "
            "getComputedStyle(one).outlineStyle, one.getBoundingClientRect().width > 0]; }"
        )
        if at[0] == "preview" or tab.evaluate("document.activeElement === document.body"):
            break
        assert at[1:] == ["solid", True], at
        seen.append(at[0])
        if at[0] == "t-qm-mfa" or at[0] == "agreed":
            tab.keyboard.press("Space")
        if at[0] in {"email", "name", "place"}:
            tab.keyboard.type(FILLED[at[0]])
        if at[0] == "words":
            tab.keyboard.press("Control+A")
            tab.keyboard.type(FILLED["words"])
    wanted = ["state", "t-qm-mfa", "email", "name", "place", "words", "agreed", "quote", "contact_again"]
    assert [one for one in seen if one in wanted] == wanted
    tab.keyboard.press("Enter")
    expect(tab.locator(".letter")).to_have_count(1)
    tab.locator("button.main").focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/thanks*")


def test_enter_in_a_field_looks_and_does_not_switch_the_language(surfer: Surfer, page: Visitor) -> None:
    """The form's first button is the one that looks at the letters."""
    tab = surfer.open(f"{page.site}/moratorium/")
    fill(tab)
    tab.locator("#place").press("Enter")
    expect(tab.locator(".letter")).to_have_count(1)


def test_a_summary_of_faults_has_the_focus_and_leads_to_the_fields(surfer: Surfer, page: Visitor) -> None:
    """Whoever hears the page hears first what is wrong."""
    tab = surfer.open(f"{page.site}/moratorium/")
    tab.click("button.main")
    expect(tab.locator("#summary")).to_be_focused()
    tab.click("#summary a[href='#email']")
    assert tab.evaluate("document.activeElement.id") == "email"
    assert tab.locator("#email").get_attribute("aria-invalid") == "true"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_twice_as_large_nothing_is_cut_off(surfer: Surfer, page: Visitor, scheme: str) -> None:
    """At 400 % of a desk (320 pixels, WCAG 1.4.10), in the light and the dark."""
    tab = surfer.open(f"{page.site}/moratorium/", width=320, scheme=scheme)
    assert fits(tab)
    assert violations(tab) == []
    fill(tab)
    tab.click("button.main")
    expect(tab.locator(".letter")).to_have_count(1)
    assert fits(tab)
    assert violations(tab) == []


def test_a_hundred_institutions_of_fifty_states(surfer: Surfer, serve: Callable[..., Visitor]) -> None:
    """A long list is folded by state, fits, and passes axe."""
    codes = states()[:33]
    many = [
        target(f"{code.lower()}-{role}", code, f"Invented {role} of {code}", exposure)
        for code, exposure in zip(codes, [Exposure.NAMES, Exposure.NAMES, Exposure.COUNTS] * 11, strict=True)
        for role in ("ministry", "office", "authority")
    ]
    tab = surfer.open(f"{serve(targets=many).site}/moratorium/", width=PHONE)
    assert tab.locator("details.state:not([open])").count() == len(codes)
    assert fits(tab)
    assert violations(tab) == []


def test_the_other_languages_fit(surfer: Surfer, serve: Callable[..., Visitor]) -> None:
    """French and Greek on a telephone, with our texts in them."""
    from support.page_desk import TEXTS

    page = serve(texts={**TEXTS, "fr": TEXTS["en"], "el": TEXTS["en"]})
    for language, says in (("fr", "Qui lira votre nom"), ("el", "Ποιος θα διαβάσει το όνομά σας")):
        tab = surfer.open(f"{page.site}/moratorium/?lang={language}", width=PHONE)
        assert tab.locator("#exposure").inner_text() == says
        assert tab.locator(".unreviewed").is_visible()
        assert fits(tab)
        assert violations(tab) == []


def test_the_browser_chooses_the_language_and_a_person_another(surfer: Surfer, page: Visitor) -> None:
    """What was filled in stays."""
    tab = surfer.open(f"{page.site}/moratorium/", locale="ar-EG")
    assert tab.locator("html").get_attribute("lang") == "ar"
    fill(tab)
    tab.click("text=English")
    expect(tab.locator("html[lang=en]")).to_have_count(1)
    assert tab.locator("#email").input_value() == FILLED["email"]
    assert tab.locator("#t-qm-mfa").is_checked()


def test_going_back_keeps_what_was_written(surfer: Surfer, page: Visitor) -> None:
    """By the page's own button, with the challenge that was solved."""
    tab = surfer.open(f"{page.site}/moratorium/")
    fill(tab)
    expect(tab.locator("[name=altcha]")).not_to_have_value("")
    tab.click("button.main")
    tab.click("button[value=edit]")
    expect(tab.locator("#words")).to_have_count(1)
    assert tab.locator("#words").input_value() == FILLED["words"]
    assert tab.locator("#agreed").is_checked()
    assert tab.locator("[name=altcha]").input_value()


def test_from_ones_own_mailbox(surfer: Surfer, page: Visitor) -> None:
    """A link for the mail program and a file, of the letters to whom the name may be known alone."""
    tab = surfer.open(f"{page.site}/moratorium/")
    fill(tab)
    tab.check("#t-qo-interior")
    tab.click("button.main")
    tab.click(".own summary")
    assert violations(tab) == []
    (link,) = tab.locator(".own a").all()
    assert str(link.get_attribute("href")).startswith("mailto:qm-mfa@gov.example?cc=")
    with tab.expect_download() as file:
        tab.click(".own button")
    assert file.value.suggested_filename == "qm-mfa.eml"
    assert Path(file.value.path()).read_text("utf-8").startswith("X-Unsent: 1\n")


@pytest.fixture
def partner(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Another site, which shows a page of ours in a frame; its origin is its own port."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def shown(url: str) -> str:
        frame = (
            f'<!doctype html><html lang=en><title>Partner</title><iframe title=Act src="{url}" width=700 height=2500>'
        )
        (tmp_path / "index.html").write_text(frame)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield shown
    server.shutdown()
    server.server_close()


@WITH_AND_WITHOUT
def test_in_a_frame_of_a_site_that_the_campaign_names(
    surfer: Surfer, serve: Callable[..., Visitor], partner: Callable[[str], str], script: bool
) -> None:
    """The form goes the whole way to the thanks inside the frame."""
    page = serve(embed=(partner(""),))
    tab = surfer.open(partner(f"{page.site}/moratorium/"), java_script_enabled=script)
    frame = tab.frame_locator("iframe")
    fill(frame)
    frame.locator("button.main").click()
    frame.locator("button[value=send]").click()
    frame.locator("h1", has_text="Look into your mailbox").wait_for()
    assert len(page.it.book.kept) == 1


def test_no_other_site_can_frame_it_and_nobody_a_link(
    surfer: Surfer, serve: Callable[..., Visitor], page: Visitor, partner: Callable[[str], str]
) -> None:
    """The browser shows nothing of the form elsewhere, nor of a confirmation even on the named site."""
    tab = surfer.open(partner(f"{page.site}/moratorium/"))
    assert tab.frame_locator("iframe").locator("form").count() == 0
    named = serve(embed=(partner(""),))
    named.send()
    tab = surfer.open(partner(link_in(mailed(named.it)[0])))
    assert tab.frame_locator("iframe").locator("form").count() == 0
    assert len([one for one in surfer.said if "frame-ancestors" in one]) == 2


def test_the_targets_are_who_may_be_written_to(surfer: Surfer, page: Visitor) -> None:
    """As many boxes as targets, none of them ticked, and no field for an address of theirs."""
    tab = surfer.open(f"{page.site}/moratorium/")
    assert tab.locator("input[name=targets]").count() == len(TARGETS)
    assert tab.locator("input[name=targets]:checked").count() == 0
    assert tab.locator("input[type=email]").count() == 1
