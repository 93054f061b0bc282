"""Copies and digests: who writes, through whom, where the answer goes; nothing that a target may not know."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from outreach.letters import LetterRoom, SupporterLetterRoom
from outreach.model.action import Learns
from outreach.model.campaign import Mode
from outreach.model.letter import Letter
from outreach.model.supporter import Exposure, ReplyTo
from support.crowd import DEMANDS, ID, ROOT, WORDS, action, campaign, dispatch, target

READ = LetterRoom(ROOT)
NEVER = ("List-Unsubscribe", "Auto-Submitted", "Precedence", "Sender", "Date", "Cc", "Bcc", "List-Id")


def copy(room: SupporterLetterRoom, *, terms: dict[str, Any] | None = None, to: Any = None, **changes: Any) -> Letter:
    return room.copy(dispatch(), to or target(), action(**changes), campaign(terms=terms), mode=Mode.REHEARSAL)


def digest(room: SupporterLetterRoom, many: Any, total: int = 0, **changes: Any) -> Letter:
    it = target(**changes)
    return room.digest(dispatch(), it, many, total or len(many), campaign(), mode=Mode.REHEARSAL)


def text(letter: Letter) -> str:
    return READ.text(letter.raw)


def flat(letter: Letter) -> str:
    return " ".join(text(letter).split())


def test_a_copy_comes_from_the_campaigns_domain_in_the_supporters_name(room: SupporterLetterRoom, reread: Any) -> None:
    """DMARC holds for From; the answer goes to an alias that is this letter's; the envelope is the campaign's."""
    letter = copy(room)
    mail = reread(letter.raw)
    assert mail.defects == []
    assert mail["From"] == "Noor Sample via Example Rights International <letters@campaign.example>"
    assert mail["To"] == "Ministry of Foreign Affairs <qm-mfa-1@rehearsal.example>"
    assert mail["Reply-To"] == f"reply+{ID}@campaign.example"
    assert mail["Message-ID"] == letter.message_id == f"<o.moratori.{ID}@campaign.example>"
    assert letter.envelope_from == f"b+{ID}@campaign.example"
    assert [name for name in NEVER if name in mail] == []
    assert b"noor1" not in letter.raw


def test_a_copy_is_answered_at_the_supporters_own_address_where_the_terms_say_so(
    room: SupporterLetterRoom, reread: Any
) -> None:
    """The address stands in Reply-To and nowhere else."""
    letter = copy(room, terms={"reply_to": ReplyTo.SUPPORTER})
    assert reread(letter.raw)["Reply-To"] == "noor1@people.example"
    assert letter.raw.count(b"noor1") == 1


def test_an_address_of_which_nobody_was_told_stays_hidden(room: SupporterLetterRoom, reread: Any) -> None:
    """Where answers went to the campaign when the person agreed, they go there whatever the terms say by now."""
    letter = copy(room, terms={"reply_to": ReplyTo.SUPPORTER}, told={"qm-mfa-1": Learns.NAMES})
    assert reread(letter.raw)["Reply-To"] == reread(copy(room).raw)["Reply-To"]
    assert b"noor1" not in letter.raw


def test_a_copy_without_a_token_is_answered_at_the_campaigns_address(room: SupporterLetterRoom, reread: Any) -> None:
    """A provider without sub-addresses: the answers of all copies in one box."""
    it = campaign()
    it = replace(it, sender=replace(it.sender, reply_to="answers@campaign.example", bounce_to=""))
    letter = room.copy(dispatch(), target(), action(), it, mode=Mode.REHEARSAL)
    assert reread(letter.raw)["Reply-To"] == "answers@campaign.example"
    assert letter.envelope_from == "letters@campaign.example"


def test_a_copy_says_who_writes_what_is_asked_and_through_whom(room: SupporterLetterRoom) -> None:
    """And fits on a desk: 350 words with a suggestion of 150."""
    letter = copy(room, words=" ".join(["word"] * 150))
    said = flat(letter)
    for words in (
        "Your Excellency,",
        "On 27 July 2021, civil society organisations and independent experts published a joint open letter",
        "- A moratorium - An investigation - Human rights due diligence by law",
        "A reply to this message reaches me.",
        "Yours faithfully, Noor Sample Lower Sampleton",
        "through Example Rights International, letters@campaign.example",
        "1 Example Street 10000 Example City",
    ):
        assert words in said
    assert len(said.split()) <= 350


def test_the_words_keep_their_paragraphs_and_lines(room: SupporterLetterRoom) -> None:
    """In the text as lines, in the HTML as paragraphs with breaks."""
    letter = copy(room)
    assert f"\n\n{WORDS}\n\n" in text(letter)
    html = READ.html(letter.raw)
    assert "I teach at a school.<br>My pupils&#x27; parents are journalists.</p><p " in html


@pytest.mark.parametrize("changes", [{"name": "Noor Sample"}, {"name": "نور", "place": "القدس"}])
def test_the_fixed_parts_are_what_stands_around_the_words(room: SupporterLetterRoom, changes: dict[str, str]) -> None:
    """To the character, whatever the letter's id will be."""
    before, after = room.fixed_parts(campaign(), target(), **changes)
    given = {"place": "…", **changes}
    assert text(copy(room, **given)).strip() == f"{before}\n\n{WORDS}\n\n{after}"
    assert "\n…\n…\n" in room.fixed_parts(campaign(), target())[1]


@pytest.mark.parametrize("exposure", [Exposure.COUNTS, Exposure.NONE])
def test_a_target_that_may_not_know_who_writes_gets_no_copy(room: SupporterLetterRoom, exposure: Exposure) -> None:
    """Whoever asks for one has made a mistake."""
    with pytest.raises(ValueError, match="must not learn who writes"):
        copy(room, to=target(exposure=exposure))


def test_what_stands_around_the_words_in_a_digest_names_nobody(room: SupporterLetterRoom) -> None:
    """For the page of a campaign whose targets learn no names."""
    before, after = room.fixed_parts(campaign(), target(exposure=Exposure.COUNTS), name="Noor", place="Sampleton")
    assert before.startswith("Example Rights International\n1 Example Street")
    assert before.endswith("In their own words, quoted with their consent:")
    assert after.startswith("We do not pass on who they are.")
    assert "Noor" not in before + after


def test_a_digest_counts_quotes_and_names(room: SupporterLetterRoom, reread: Any) -> None:
    """From the campaign itself; ten quotations at most; names and places where the target may know them."""
    words = [
        "apple",
        "river",
        "stone",
        "cloud",
        "bread",
        "music",
        "winter",
        "garden",
        "bridge",
        "candle",
        "mirror",
        "ocean",
    ]
    many = [action(n, name=f"Person Number{n}", words=f"{one} " * 9) for n, one in enumerate(words, 1)]
    letter = digest(room, many, total=40)
    mail = reread(letter.raw)
    assert mail["From"] == '"Ada Maria Example, Example Rights International" <letters@campaign.example>'
    assert [name for name in NEVER if name in mail] == []
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    said = text(letter)
    assert "12 people have asked us to write to you since our last letter of this\nkind; 40 have in all." in said
    assert sum(f"> {one} " in said for one in words) == 10
    assert [line for line in said.splitlines() if "Person" in line] == [
        f"- Person Number{n}, Lower Sampleton" for n in range(1, 13)
    ]
    assert "through Example Rights International, letters@campaign.example" in " ".join(said.split())
    assert f"reply+{ID}@campaign.example" in said
    assert b"people.example" not in letter.raw


def test_a_first_digest_speaks_of_no_other(room: SupporterLetterRoom) -> None:
    """One person is one person."""
    assert "One person has asked us to write to you. They ask for" in flat(digest(room, [action()]))
    assert "2 people have asked us to write to you. They ask for" in flat(digest(room, [action(1), action(2)]))
    assert "One person has asked us to write to you since our last letter of this kind; 9 people have in all." in flat(
        digest(room, [action()], total=9)
    )


def test_a_digest_of_counts_holds_nothing_that_says_who_wrote(room: SupporterLetterRoom) -> None:
    """No name, no place, no address of any of them in the raw mail; words with consent that name nobody."""
    many = [
        action(1, words="I worry."),
        action(2, words="I, Noor, worry too."),
        action(3, words="Nobody in Sampleton is safe."),
        action(4, words="Not for you.", quote=False),
        action(5, words="As suggested.", similarity=0.9),
        action(6, words="Write to me: noor1@people.example"),
    ]
    letter = digest(room, many, exposure=Exposure.COUNTS)
    decoded = text(letter) + READ.html(letter.raw)
    for canary in ("Noor", "Sample", "Lower", "people.example", "Not for you", "As suggested"):
        assert canary not in decoded + letter.raw.decode()
    assert "> I worry." in text(letter)
    assert "We do not pass on who they are." in text(letter)
    assert "6 people" in text(letter)


def test_a_digest_names_only_whom_the_page_told_of_it(room: SupporterLetterRoom) -> None:
    """Who wrote when it was to learn counts is one of the number, and not of the list."""
    early = action(1, name="Early Sample", place="Oldton", quote=False, told={"qm-mfa-1": Learns.COUNTS})
    said = text(digest(room, [early, action(2, name="Late Sample", quote=False)]))
    assert "2 people" in said
    assert "- Late Sample" in said
    assert "and 1 more." in said
    assert "Early" not in said
    assert "Oldton" not in said
    alone = text(digest(room, [early]))
    assert "We do not pass on who they are." in alone
    assert "more." not in alone


def test_more_than_500_names_are_counted(room: SupporterLetterRoom) -> None:
    """The list stays readable, and nobody is left out of the number."""
    many = [action(n, name=f"Person Number{n}", quote=False) for n in range(1, 504)]
    said = text(digest(room, many))
    assert said.count("- Person Number") == 500
    assert "and 3 more." in said
    assert "503 people" in said


@pytest.mark.parametrize(("exposure", "many"), [(Exposure.NONE, [action()]), (Exposure.NAMES, [])])
def test_no_digest_is_made_of_nobody_or_for_whom_nobody_writes_to(
    room: SupporterLetterRoom, exposure: Exposure, many: Any
) -> None:
    with pytest.raises(ValueError, match="nobody writes to it"):
        digest(room, many, exposure=exposure)


@pytest.mark.parametrize("role", ["mfa", "trade_ministry", "licensing_authority"])
@pytest.mark.parametrize("demands", [DEMANDS, DEMANDS[:1]])
def test_every_branch_of_the_shipped_letters_reads_well(
    room: SupporterLetterRoom, role: str, demands: tuple[str, ...]
) -> None:
    """One request or several, a Government or an authority."""
    for letter in (
        copy(room, to=target(role=role, demands=demands)),
        digest(room, [action()], role=role, demands=demands),
    ):
        who = "your authority" if role == "licensing_authority" else "your Government"
        assert f"{who}'s position on" in flat(letter)
        assert ("one request of" in flat(letter)) is (len(demands) == 1)
        assert "  " not in text(letter)
        assert letter.sha256
        assert letter.raw == letter.raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def test_the_hash_of_the_frame_changes_with_everything_fixed(room: SupporterLetterRoom, workspace: Any) -> None:
    """A changed template, sender or title is another frame: it has to be approved again."""
    it = campaign()
    known = room.templates_sha256(it)
    assert known == room.templates_sha256(campaign())
    assert known != room.templates_sha256(replace(it, title="Another"))
    assert known != room.templates_sha256(replace(it, sender=replace(it.sender, phone="+00 0")))
    assert known != room.templates_sha256(campaign(terms={"reply_to": ReplyTo.SUPPORTER}))
    file = workspace.write("supporter", "en", "", "One.")
    before = SupporterLetterRoom(workspace.root).templates_sha256(it)
    file.write_text(file.read_text(encoding="utf-8") + "Two.", encoding="utf-8")
    assert SupporterLetterRoom(workspace.root).templates_sha256(it) != before
