"""From the empty form to the confirmed letter and out of the books again, without JavaScript, over a real socket."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from outreach.model.action import ActionStatus, Fate
from outreach.model.supporter import Exposure
from outreach.runner.supporters.frame import framed
from support.page_desk import SUGGESTION, TARGETS, link_in, mailed, supporter_desk, target
from support.visitors import FILLED, Visitor


def _manage(page: Visitor) -> str:
    """The path of the link to one's own data, of a person who has confirmed."""
    page.send()
    page.post(page.path_of(link_in(mailed(page.it)[0])))
    return page.path_of(link_in(mailed(page.it)[0]))


def test_a_person_writes_confirms_and_is_forgotten(page: Visitor) -> None:
    """Form, letters, thanks, mail, look, confirm, mail, stand, withdraw, export, erase."""
    book = page.it.book
    assert page.preview().status == 200
    assert not book.kept
    thanks = page.send()
    assert (thanks.status, thanks.headers["location"]) == (303, "/moratorium/thanks?lang=en")
    (action,) = book.kept.values()
    assert (action.status, action.name, action.targets) == (ActionStatus.PENDING, "Ada Person", ("qm-mfa",))

    link = page.path_of(link_in(mailed(page.it)[0]))
    look = page.get(link)
    assert FILLED["words"] in look.text
    assert book.kept[action.id].status is ActionStatus.PENDING
    assert "Thank you" in page.post(link).text
    assert book.kept[action.id].status is ActionStatus.CONFIRMED

    link = page.path_of(link_in(mailed(page.it)[0]))
    assert "Take my letters back" in page.get(link).text
    assert "taken back, not sent" in page.post(link, {"do": "withdraw"}).text
    assert [one.fate for one in book.fates[action.id]] == [Fate.WITHDRAWN]
    data = page.post(link, {"do": "export"})
    assert data.headers["content-disposition"].startswith("attachment")
    assert json.loads(data.body)[0]["email"] == "ada@mail.example"
    assert "cannot be undone" in page.post(link, {"do": "erase"}).text
    assert book.kept[action.id].status is ActionStatus.CONFIRMED
    assert "nothing any more" in page.post(link, {"do": "erase-for-good"}).text
    assert book.kept[action.id].status is ActionStatus.ERASED
    assert page.get(link).status == 404


def test_who_reads_the_name_is_said_before_the_first_field(page: Visitor) -> None:
    """Each institution under what it learns, and nothing is ticked for anybody."""
    text = page.get().text
    before = text[: text.index("<select")]
    names, counts = before.index("see your name and place"), before.index("learn only how many people wrote")
    for one in TARGETS:
        at = before.index(one.name)
        assert (names < at < counts) is (one.exposure is Exposure.NAMES)
    assert " checked" not in text


def test_the_letters_are_shown_as_each_institution_gets_them(page: Visitor) -> None:
    """Where only counts are learnt there is no name, and no word that its writer does not give away."""
    text = page.preview(targets=["qm-mfa", "qo-interior"]).text
    named, counted = text[text.index("<article") : text.rindex("<article")], text[text.rindex("<article") :]
    counted = counted[: counted.index("</article>")]
    assert "Ada Person, Townville" in named
    assert "Ada" not in counted
    assert FILLED["words"] not in counted
    stays = "Your own words are not in it"
    assert stays in counted
    assert stays not in named
    quoted = page.preview(targets=["qo-interior"], quote="yes").text
    assert FILLED["words"] in quoted
    assert stays not in quoted


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("I, Ada from Townville, am afraid for my brother.", "something in them could say who you are"),
        (SUGGESTION, "they are nearly ours"),
        (FILLED["words"], ""),
    ],
    ids=["named", "ours", "quoted"],
)
def test_words_that_stay_out_although_they_may_be_quoted_are_told_why(page: Visitor, words: str, why: str) -> None:
    """Before the form is sent, and once more where it is confirmed; a letter of one's own has them in any case."""
    form = {"targets": ["qm-mfa", "qo-interior"], "quote": "yes", "words": words}
    preview = page.preview(**form).text
    page.send(**form)
    for shown in (preview, page.get(page.path_of(link_in(mailed(page.it)[0]))).text):
        named, counted = (one[: one.index("</article>")] for one in shown.split("<article")[1:])
        assert words in named
        assert "Your own words are not in it" not in named
        assert (words in counted) is not bool(why)
        assert ("Your own words are not in it: " + why in counted) is bool(why)


def test_ones_own_state_at_risk_is_warned_of_without_javascript(page: Visitor) -> None:
    """The preview says it in plain words, of that state alone."""
    assert "Your own government" in page.preview(targets=["qo-interior"], state="QO").text
    assert "Your own government" not in page.preview(targets=["qo-interior"], state="QM").text
    assert "Your own government" not in page.preview(targets=["qm-mfa"], state="QM").text


def test_ones_own_state_at_risk_is_not_proposed_once_it_is_known_without_javascript(page: Visitor) -> None:
    """Who goes back from the warning finds it left out, unticked, and said why; another state's stays as it was."""
    back = {"do": "edit", "targets": ["qm-mfa", "qo-interior"]}
    own, other = (page.post(fields={**FILLED, **back, "state": state}).text for state in ("QO", "QM"))
    for got, proposed in ((own, False), (other, True)):
        (box,) = re.findall(r'<input [^>]*value="qo-interior"[^>]*>', got)
        assert (" checked" in box) is proposed
        assert ('data-state="QO" data-risk open hidden' in got) is not proposed
        (warning,) = re.findall(r'id="own-state"[^>]*>([^<]*)<', got)
        assert ("We do not propose" in warning) is not proposed
        assert 'id="t-qm-mfa" name="targets" value="qm-mfa" checked' in got


def test_ones_own_state_at_risk_is_kept_from_its_people_also_where_it_learns_names(
    serve: Callable[..., Visitor],
) -> None:
    """A rule may let it see names: left out of the form all the same, and the warning says what it would see."""
    exposed = target("qo-interior", "QO", "Ministry of the Interior", at_risk=True)
    page = serve(targets=(TARGETS[0], exposed))
    own, other = (page.preview(targets=["qo-interior"], state=state).text for state in ("QO", "QM"))
    assert "it would see your name and place" in own
    assert "It would learn only how many" not in own
    assert "Your own government" not in other
    back = page.preview(do="edit", targets=["qo-interior"], state="QO").text
    assert "We do not propose" in back
    assert 'data-state="QO" data-risk open hidden' in back
    (box,) = re.findall(r'<input [^>]*value="qo-interior"[^>]*>', back)
    assert " checked" not in box


def test_a_frame_that_was_approved_before_risk_was_noted_stays_approved() -> None:
    """Its digest is the one that the first ledgers hold; a target at risk makes another frame of it."""
    it = supporter_desk()
    assert framed(it, TARGETS).digest == "df688600255e6c6dfa3b6a2e5abbfd0dee5f7b92222be13500c0abf33da85133"
    assert framed(it, [replace(one, at_risk=True) for one in TARGETS]).digest != framed(it, TARGETS).digest


def test_a_wrong_form_comes_back_as_it_was_with_its_faults(page: Visitor) -> None:
    """A summary with links to the fields, and each fault at its field, said to a screen reader."""
    got = page.preview(email="nobody", name="www.shop.example", targets=[], agreed="")
    assert got.status == 422
    for field in ("targets", "email", "name", "agreed"):
        assert f'href="#{field}"' in got.text
        assert f'id="{field}-fault"' in got.text
        assert f'aria-describedby="{field}-fault' in got.text
    assert 'value="www.shop.example"' in got.text
    assert FILLED["words"] in got.text
    assert 'id="place-fault"' not in got.text


def test_changing_something_keeps_what_was_written(page: Visitor) -> None:
    """From the letters back to the form, and to another language of it."""
    got = page.preview(do="edit", targets=["qn-mfa"], quote="yes")
    assert got.status == 200
    assert 'value="qn-mfa" checked' in got.text
    assert 'name="quote" value="yes" checked' in got.text
    arabic = page.preview(do="language:ar")
    assert FILLED["words"] in arabic.text
    assert 'name="language" value="ar"' in arabic.text
    text = page.it.terms.texts
    untouched = page.preview(do="language:ar", words=text["en"].suggestion).text
    assert text["ar"].suggestion in untouched
    assert text["en"].suggestion not in untouched


def test_our_own_words_are_helped_and_not_policed(page: Visitor) -> None:
    """The suggestion as it is draws a hint, and is taken."""
    suggestion = page.it.terms.texts["en"].suggestion
    assert "nearly our words" in page.preview(words=suggestion).text
    assert "nearly our words" not in page.preview().text
    assert page.send(words=suggestion).status == 303


def test_what_a_person_looks_at_first_is_said(page: Visitor) -> None:
    """A letter with a link is taken, and both pages say that somebody reads it first."""
    words = "Read https://somewhere.example/story and answer my question, please."
    assert "will look at this letter" in page.preview(words=words).text
    page.send(words=words)
    assert "looks at them first" in page.post(page.path_of(link_in(mailed(page.it)[0]))).text


def test_a_form_counts_once(page: Visitor) -> None:
    """Sent again it comes back and says so; changed and looked at again it may go."""
    stamp = page.get().field("stamp")
    assert page.send(stamp=stamp).status == 303
    again = page.send(stamp=stamp)
    assert again.status == 409
    assert "sent before" in again.text
    assert page.send(stamp=again.field("stamp")).status == 303


def test_a_form_that_said_other_things_of_who_learns_what_is_looked_at_once_more(page: Visitor) -> None:
    """Another frame was approved while the person wrote: nothing is kept, and the letters as they are now may go."""
    seen = page.preview().field("frame")
    targets = tuple(replace(one, exposure=Exposure.COUNTS) for one in page.it.book.approved.frame.targets)
    page.it.book.approve_frame(framed(page.it, targets), by="Ana")
    got = page.send(frame=seen)
    assert got.status == 409
    assert "was changed while you wrote" in got.text
    assert page.it.book.kept == {}
    assert page.send(frame=got.field("frame"), stamp=got.field("stamp")).status == 303
    assert page.it.book.kept


@pytest.mark.parametrize("hours", [11, 13])
def test_a_form_lives_half_a_day(page: Visitor, hours: int) -> None:
    """Then it comes back with everything in it, and says that nothing was sent."""
    stamp = page.get().field("stamp")
    page.it.book.ahead = timedelta(hours=hours)
    got = page.send(stamp=stamp)
    assert got.status == (303 if hours < 12 else 409)
    assert bool(page.it.book.kept) is (hours < 12)
    if hours > 12:
        assert FILLED["words"] in got.text


def test_without_an_approved_frame_the_page_is_closed(serve: Callable[..., Visitor]) -> None:
    """It says so, offers no form, and takes none."""
    page = serve(targets=())
    got = page.get()
    assert "closed at the moment" in got.text
    assert "<form" not in got.text
    assert page.post(fields={**FILLED, "do": "send"}).status in {409, 422}
    assert not page.it.book.kept


def test_a_suppressed_target_is_not_offered(serve: Callable[..., Visitor]) -> None:
    """Nor taken, when somebody names it nevertheless."""
    page = serve(targets=(*TARGETS, target("qp-mfa", "QP", "Closed Office", suppressed="it asked us not to")))
    assert "Closed Office" not in page.get().text
    assert page.send(targets=["qp-mfa"]).status == 422


def test_many_states_are_folded_until_something_in_them_is_chosen(serve: Callable[..., Visitor]) -> None:
    """A long list stays short, and whoever comes back to it sees what they chose."""
    codes = ["QM", "QN", "QO", "QP", "QQ", "QR", "QS", "QT", "QU"]
    page = serve(targets=[target(f"{code.lower()}-mfa", code, f"Office of {code}") for code in codes])
    assert '<details class="state" data-state="QM">' in page.get().text
    assert '<details class="state" data-state="QM" open>' in page.preview(do="edit").text


def test_the_page_of_the_only_campaign_is_found_from_the_root(page: Visitor) -> None:
    """Whoever types the bare address, or forgets the last slash, is led to it by a path alone."""
    for path in ("/", "/moratorium"):
        got = page.get(path, Host="evil.example")
        assert (got.status, got.headers["location"]) == (307, "/moratorium/")


def test_a_site_below_a_path_has_its_pages_there(serve: Callable[..., Visitor]) -> None:
    """Links, forms and files keep the path of the configured site."""
    page = serve(site="https://ngo.example/act")
    got = page.get("/act/moratorium/")
    assert got.status == 200
    assert 'action="/act/moratorium/"' in got.text
    assert 'href="/act/moratorium/static/page.css?v=' in got.text
    assert page.get("/moratorium/").status == 404


def test_the_link_to_ones_own_data_goes_to_who_is_known(page: Visitor) -> None:
    """By mail alone; it opens the page where letters can be taken back."""
    page.send()
    mailed(page.it)
    stamp = page.get("link").field("stamp")
    got = page.post("link", {"email": "ada@mail.example", "stamp": stamp})
    assert (got.status, got.headers["location"]) == (303, "/moratorium/link/sent?lang=en")
    assert page.get(page.path_of(link_in(mailed(page.it)[0]))).status == 200


def test_whoever_is_refused_by_a_limit_keeps_their_words(page: Visitor) -> None:
    """Five forms an hour from one network; the sixth person reads why, with the letter still there."""
    for number in range(5):
        assert page.send(email=f"p{number}@mail.example").status == 303
    got = page.send(email="p6@mail.example")
    assert got.status == 429
    assert "Too many people" in got.text
    assert got.headers["Retry-After"] == "3600"
    assert FILLED["words"] in got.text
