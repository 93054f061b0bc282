"""The letters that are shipped: short, dated, sourced, ending in questions, and asserting nothing that is not known."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from outreach.letters import LetterRoom
from outreach.letters.library import Library
from outreach.model.campaign import Mode
from outreach.model.letter import Letter
from outreach.model.problem import Severity
from outreach.states import mentioned_states
from support.shipped import CAMPAIGN, DEMANDS, LONG_NAME, ROOT

MINISTRY = ("moratorium", "investigation", "due-diligence-law")
#: Who gets what in the shipped campaign: role, demands, and the most words a letter may have.
COMBINATIONS: dict[str, tuple[str, tuple[str, ...], int]] = {
    "foreign ministry": ("mfa", MINISTRY, 300),
    "trade ministry": ("trade_ministry", DEMANDS[:4], 350),
    "licensing authority": ("licensing_authority", ("licence-review",), 220),
    "foreign ministry, NSO named": ("mfa", (*MINISTRY, "nso-investigation", "public-statement"), 400),
    "trade ministry, NSO named": ("trade_ministry", DEMANDS, 500),
    "licensing authority, NSO named": ("licensing_authority", ("licence-review", "revoke-nso-licences"), 280),
}


@pytest.fixture(scope="module")
def room() -> LetterRoom:
    return LetterRoom(ROOT)


@pytest.fixture(params=COMBINATIONS.values(), ids=COMBINATIONS.keys())
def combination(request: pytest.FixtureRequest) -> tuple[str, tuple[str, ...], int]:
    return request.param


def compose(room: LetterRoom, planned: Any, role: str, demands: tuple[str, ...], **changes: Any) -> Letter:
    one = planned(**{"role": role, "demands": demands, "name": LONG_NAME, **changes})
    return room.compose(one, CAMPAIGN, mode=Mode.REHEARSAL)


def test_the_shipped_templates_have_no_faults(room: LetterRoom) -> None:
    """Only what no program can do is open: a native speaker's review."""
    assert [(one.code, one.severity) for one in room.problems(CAMPAIGN)] == [("not-reviewed", Severity.WARNING)]
    assert set(room.languages(CAMPAIGN)) == set(DEMANDS)
    assert all("en" in tags for tags in room.languages(CAMPAIGN).values())


def test_a_letter_fits_on_a_ministers_desk(room: LetterRoom, planned: Any, combination: Any) -> None:
    """Every word counts, with a long institution and a full postal address."""
    role, demands, most = combination
    text = room.text(compose(room, planned, role, demands).raw)
    assert len(text.split()) <= most


def test_a_letter_dates_cites_asks_and_says_what_happens_with_the_answer(
    room: LetterRoom, planned: Any, combination: Any
) -> None:
    """The published letter with its date, the facts' date, where to answer, and that positions are published."""
    role, demands, _ = combination
    text = " ".join(room.text(compose(room, planned, role, demands).raw).split())
    for words in (
        "23 November 2026",
        "On 27 July 2021",
        "published a joint open letter",
        "Facts are as of 23 November 2026",
        "reply+abcdefghijklmnopqrstuvwxyz@campaign.example",
        "We publish each state's position",
        "Your Excellency, " if role == "mfa" else "Ladies and Gentlemen, ",
        "Yours faithfully, Ada Maria Example Example Rights International",
    ):
        assert words in text
    assert text.count("?") >= len(demands)
    assert ("your authority's position" in text) is (role == "licensing_authority")


@pytest.mark.parametrize("slug", DEMANDS)
def test_every_demand_ends_in_a_question_and_names_its_sources(slug: str) -> None:
    """A question can be answered, and a fact can be looked up."""
    template = Library(ROOT).template(slug, "en")
    assert (ROOT / template.path).read_text(encoding="utf-8").rstrip().endswith("?")
    assert template.head.facts_as_of is not None
    assert any("27 July 2021" in source for source in template.head.sources)


@pytest.mark.parametrize("slug", DEMANDS)
def test_a_demand_says_what_it_speaks_of(slug: str) -> None:
    """Under its title in a list or alone in a letter: "It asks" would be read as the title asking."""
    body = re.sub(r"{%.*?%}\s*", "", (ROOT / f"templates/letters/{slug}/en.md").read_text("utf-8").split("+++\n")[2])
    assert not re.match(r"(?:It|This|That|They|These|Those)\b", body)


WHO = r"\b(?:NSO|Pegasus|the company)\b"
LICENCE = r"\blicen[cs]es?\b"
ALLOWED = r"\b(?:licen[cs]ed|authori[sz]ed|permitted|approved)\b"
GAVE = r"\b(?:granted|issued|given|gave|awarded|renewed|extended)\b"
HOLDS = r"\b(?:holds?|held|has|had|obtained|received|under)\b"
NEAR = r"[^.?!]{0,60}"
NOT_ANY = r"(?! any\b)"
ANY_BEFORE = r"(?<!any )(?<!any export )(?<!any marketing and export )"
THE = r"\b(?:the|its|your|these|those|all|every|each)\s+(?:(?!any\b)\w+\s+){0,4}"
#: What no letter may say. A licence may be spoken of as "any licence", which asserts none.
CLAIMS = {
    "a government licensed NSO": (
        rf"(?:{ALLOWED}|\blicensing\b){NEAR}{WHO}",
        rf"{WHO}{NEAR}{ALLOWED} (?:by|in|from)\b",
        rf"{ANY_BEFORE}{LICENCE}{NEAR}(?:{GAVE}|\bheld\b){NEAR}{WHO}",
        rf"{GAVE}{NOT_ANY}{NEAR}{LICENCE}{NEAR}{WHO}",
        rf"{GAVE}[^.?!]{{0,20}}{WHO}{NEAR}{LICENCE}",
        rf"{WHO}{NEAR}{HOLDS}{NOT_ANY}{NEAR}{LICENCE}",
        r"\bNSO(?: Group)?['’]s (?:\w+ ){0,4}licen[cs]es?\b",
        rf"{THE}licen[cs]es?\s+(?:of|for|to|held by)\s+(?:the )?NSO",
    ),
    "a state is a client": (
        r"\b(?<!potential )(?:client|customer)s?\b[^.?!]{0,30}\b(?:NSO|Pegasus)\b",
        r"\b(?:NSO|Pegasus)\b[^.?!]{0,30}(?<!potential )\b(?:client|customer)s?\b",
        r"\b(?:bought|acquired|purchased|uses|used|deployed)\b[^.?!]{0,30}\b(?:Pegasus|NSO)\b",
    ),
    "we signed": (
        r"\bwe,? the (?:signator|undersigned)",
        r"\bthe undersigned\b",
        r"\b(?:we|us|our organi[sz]ation)\b[^.?!]{0,30}\bsign(?:ed|atories|atory)\b",
        r"\bour (?:joint |open )+letter\b",
    ),
    "how many signed": (r"\b(?:146|156|155|28|26)\b[^.?!]{0,40}\b(?:organi[sz]ations|experts|signator)",),
}
SAID: dict[str, tuple[str, ...]] = {
    "a government licensed NSO": (
        "Bulgaria licensed NSO Group in 2016.",
        "NSO Group was licensed by the Government of Cyprus.",
        "Revoke the licences issued to NSO Group.",
        "Your Government issued export licences to NSO Group.",
        "Your authority granted NSO Group an export licence.",
        "the export of Pegasus authorised by your Ministry: Pegasus was approved by Israel",
        "NSO Group holds licences in your country.",
        "NSO Group operates under an export licence of Cyprus.",
        "Revoke NSO Group's marketing and export licences.",
        "Revoke all marketing and export licences of NSO Group.",
        "every licence held by NSO",
        "You gave the company a licence; the company has a licence.",
        "By licensing Pegasus, you took part.",
    ),
    "a state is a client": (
        "Hungary is a client of NSO Group.",
        "NSO's customers include Togo.",
        "Your police used Pegasus.",
    ),
    "we signed": (
        "We, the signatories, ask you.",
        "We the undersigned civil society organizations",
        "We signed the open letter of 2021.",
        "as our open letter said",
    ),
    "how many signed": ("146 civil society organizations", "28 independent experts"),
}
NOT_SAID = (
    "Will your authority state whether any licence exists, and revoke any that may be in force?",
    "It urges these states to revoke any marketing and export licence of NSO Group.",
    "Has your authority issued any licence to NSO Group?",
    "any licence that may be in force",
    "The open letter was published by civil society organisations.",
    "a leak of 50,000 phone numbers of potential targets",
    "states that were named as potential clients of NSO Group",
)


def claims(text: str) -> list[str]:
    """What a text claims and must not."""
    plain = " ".join(text.split())
    return [name for name, patterns in CLAIMS.items() if any(re.search(one, plain, re.IGNORECASE) for one in patterns)]


@pytest.mark.parametrize(("name", "sentence"), [(name, one) for name, many in SAID.items() for one in many])
def test_the_reader_of_claims_can_tell_one(name: str, sentence: str) -> None:
    """The test below can fail."""
    assert name in claims(sentence)


@pytest.mark.parametrize("sentence", NOT_SAID)
def test_the_reader_of_claims_lets_questions_pass(sentence: str) -> None:
    """Asking is not asserting."""
    assert claims(sentence) == []


def test_no_letter_claims_what_is_not_known(room: LetterRoom, planned: Any, combination: Any) -> None:
    """No licence, no client, no signature, no count: in text, subject and HTML."""
    role, demands, _ = combination
    for state in ("BG", "CY", "IL", "HU", "JP"):
        letter = compose(room, planned, role, demands, state=state, city="")
        assert claims(room.text(letter.raw)) == []
        assert claims(letter.subject) == []


@pytest.mark.parametrize("path", sorted((ROOT / "templates/letters").rglob("*.md")), ids=lambda path: path.parent.name)
def test_no_template_claims_what_is_not_known(path: Path) -> None:
    """Every branch of every template, head and sources included."""
    assert claims(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("state", ["BG", "FR", "GB", "US", "XK", "NA", "GE", "TR", "CI", "CD"])
def test_letters_to_all_states_name_no_other_state(room: LetterRoom, planned: Any, state: str) -> None:
    """The three NSO demands name whom the open letter names; the others name nobody but the recipient."""
    letter = compose(room, planned, "trade_ministry", DEMANDS[:4], state=state, name="Ministry of Trade", city="")
    assert mentioned_states(room.text(letter.raw), "en") <= {state}


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._skip = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._skip += tag == "title"

    def handle_endtag(self, tag: str) -> None:
        self._skip -= tag == "title"

    def handle_data(self, data: str) -> None:
        self.text += "" if self._skip else data


def test_text_and_html_say_the_same(room: LetterRoom, planned: Any, combination: Any) -> None:
    """Word by word and in the same order, but for the line before the imprint."""
    role, demands, _ = combination
    letter = compose(room, planned, role, demands)
    parser = _Words()
    parser.feed(room.html(letter.raw))
    assert parser.text.split() == [word for word in room.text(letter.raw).split() if set(word) != {"-"}]


@pytest.mark.parametrize("html", [True, False], ids=["alternative", "text only"])
def test_a_spam_filter_finds_nothing(needs_server: Any, planned: Any, html: bool) -> None:
    """SpamAssassin, without network: at most 0.5."""
    program = needs_server("spamassassin", shutil.which("spamassassin"))
    room = LetterRoom(ROOT)
    one = planned(role="trade_ministry", demands=DEMANDS, name=LONG_NAME, recipient="office@ministry.example")
    letter = room.compose(one, replace(CAMPAIGN, html=html), mode=Mode.REHEARSAL)
    dated = f"Date: {format_datetime(datetime.now(UTC))}\r\n".encode() + letter.raw
    judged = subprocess.run([program, "-t", "-L"], input=dated, capture_output=True, check=True, timeout=100)
    status = re.search(rb"^X-Spam-Status:.*?score=(-?[\d.]+)", judged.stdout, re.MULTILINE | re.DOTALL)
    assert status is not None
    assert float(status[1]) <= 0.5, judged.stdout.decode(errors="replace")[-1500:]
