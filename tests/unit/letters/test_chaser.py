"""A reminder: in the first letter's thread, short, citing its day and subject, naming every demand by its title."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from outreach.errors import LetterError
from outreach.letters import LetterRoom
from outreach.model.campaign import Chasers, Mode
from outreach.model.dispatch import Planned, Thread
from outreach.model.letter import Letter
from outreach.model.problem import Severity
from outreach.states import mentioned_states
from support.shipped import CAMPAIGN, DEMANDS, LONG_NAME, ROOT

SUBJECT = "Targeted surveillance technology: request for your position"
IDS = ("<o.moratori.aaaa@campaign.example>", "<o.moratori.bbbb@campaign.example>")


def follows(one: Planned, step: int = 1, *, subject: str = SUBJECT) -> Planned:
    """The same letter as a reminder."""
    thread = Thread(
        subject=subject, first=date(2026, 10, 1), last=date(2026, 10, 1) if step == 1 else date(2026, 11, 2),
        message_ids=IDS[:step],
    )  # fmt: skip
    return replace(one, dispatch=replace(one.dispatch, step=step), thread=thread)


def chaser(planned: Any, *, step: int = 1, demands: tuple[str, ...] = DEMANDS, **changes: Any) -> Letter:
    one = planned(**{"role": "trade_ministry", "demands": demands, "name": LONG_NAME, **changes})
    return LetterRoom(ROOT).compose(follows(one, step), CAMPAIGN, mode=Mode.REHEARSAL)


def words(letter: Letter) -> str:
    return " ".join(LetterRoom(ROOT).text(letter.raw).split())


@pytest.mark.parametrize("step", [1, 2, 3])
@pytest.mark.parametrize("demands", [DEMANDS, ("licence-review",)], ids=["all", "one"])
def test_a_reminder_is_short_and_cites_the_first_letter(planned: Any, step: int, demands: tuple[str, ...]) -> None:
    """At most 150 words, with a long name and every demand; today's day, the first letter's day, and the subject."""
    text = words(chaser(planned, step=step, demands=demands))
    assert len(text.split()) <= 150
    assert "23 November 2026" in text
    assert "On 1 October 2026 we wrote to you under the subject above" in text
    assert ("again on 2 November 2026" in text) is (step > 1)
    assert f"Re: {SUBJECT}" in text
    assert "reply+abcdefghijklmnopqrstuvwxyz@campaign.example" in text
    assert "A review of export licences" in text
    assert ("A public statement" in text) is (len(demands) > 1)


def test_its_headers_put_it_into_the_thread(planned: Any, reread: Any) -> None:
    """In-Reply-To names the letter before it, References all of ours, the oldest first (RFC 5322 3.6.4)."""
    first = reread(chaser(planned, step=1).raw)
    assert (first["In-Reply-To"], first["References"]) == (IDS[0], IDS[0])
    second = reread(chaser(planned, step=2).raw)
    assert (second["In-Reply-To"], second["References"].split()) == (IDS[1], list(IDS))
    assert second["Subject"] == f"Re: {SUBJECT}"
    assert second["Message-ID"] not in IDS


def test_a_first_letter_is_in_no_thread(planned: Any, reread: Any) -> None:
    """It begins one."""
    letter = LetterRoom(ROOT).compose(planned(demands=DEMANDS[:1]), CAMPAIGN, mode=Mode.REHEARSAL)
    assert {"In-Reply-To", "References"}.isdisjoint(reread(letter.raw).keys())


@pytest.mark.parametrize("bad", ["<two@a> <b@c>", "no@brackets", "<a@b>\r\nBcc: <x@y>", "<ä@b>", ""])
def test_what_is_no_message_id_never_gets_into_a_header(planned: Any, bad: str) -> None:
    """The ledger gives our own; a damaged one is told, not sent."""
    one = follows(planned(demands=DEMANDS[:1]))
    assert one.thread is not None
    with pytest.raises(LetterError, match="Message-ID"):
        LetterRoom(ROOT).compose(
            replace(one, thread=replace(one.thread, message_ids=(bad,))), CAMPAIGN, mode=Mode.REHEARSAL
        )


@pytest.mark.parametrize("state", ["BG", "FR", "GB", "US", "XK", "NA", "GE", "TR"])
def test_it_names_no_state_but_the_recipients(planned: Any, state: str) -> None:
    """Not even with every demand: titles name nobody."""
    assert mentioned_states(words(chaser(planned, state=state, name="Ministry of Trade", city="")), "en") <= {state}


def test_the_lint_of_letters_covers_reminders(workspace: Any) -> None:
    """Another state's name, a placeholder and a faulty head are found by check, at their lines."""
    workspace.demand("Will you?")
    head = 'reviewed_by = ""\nneutral_salutation = "Dear all"\nsalutation_mark = ","\nsubject = "x"\n'
    workspace.write("chaser", "en", head, "REPLACE ME, as France did.\n")
    found = workspace.room().problems(workspace.campaign(chasers=Chasers()))
    faults = {one.code: one.place.row for one in found if one.severity is Severity.FAULT}
    assert faults == {"template-head": 5, "another-state": 7, "placeholder": 7}


def test_reminders_that_are_wanted_and_not_written_are_told(workspace: Any) -> None:
    """In no language a fault; in fewer languages than the letters a warning; unwanted ones are not asked for."""
    workspace.demand("Will you?")
    wanted = workspace.campaign(chasers=Chasers())
    assert [one.code for one in workspace.room().problems(wanted)] == ["missing-template"]
    assert [one.code for one in workspace.room().problems(workspace.campaign(), step=1)] == ["missing-template"]
    assert workspace.room().problems(workspace.campaign()) == []
    workspace.demand("Allez-vous ?", language="fr")
    workspace.frame(language="fr")
    workspace.write(
        "chaser", "en", 'reviewed_by = "N"\nneutral_salutation = "Dear all"\nsalutation_mark = ","\n', "x\n"
    )
    assert [(one.code, one.severity) for one in workspace.room().problems(wanted)] == [
        ("missing-language", Severity.WARNING)
    ]
    assert workspace.room().languages(wanted, step=1) == {"ask": frozenset({"en"})}


def test_a_reminder_that_leaves_out_a_demand_is_a_fault(workspace: Any, planned: Any) -> None:
    """It would restate half of what was asked."""
    workspace.demand("Will you?")
    workspace.demand("Will you too?", slug="more", title='"More"')
    head = 'reviewed_by = "N"\nneutral_salutation = "Dear all"\nsalutation_mark = ","\n'
    workspace.write("chaser", "en", head, "{{ demands[0].title }} of {{ first.date }}\n")
    with pytest.raises(LetterError) as caught:
        workspace.room().compose(follows(planned(demands=("ask", "more"))), workspace.campaign(), mode=Mode.REHEARSAL)
    assert [one.code for one in caught.value.problems] == ["demand-left-out"]


def test_a_subject_cannot_act_as_markdown_or_html(workspace: Any, planned: Any) -> None:
    """What the first letter was called is a value, like a cell of the sheet."""
    workspace.demand("Will you?")
    head = 'reviewed_by = "N"\nneutral_salutation = "Dear all"\nsalutation_mark = ","\n'
    workspace.write("chaser", "en", head, "{{ first.subject }}: {{ demands[0].title }}\n")
    one = follows(planned(), subject="*Bold* <b>ask</b> {{ x }}")
    letter = workspace.room().compose(one, workspace.campaign(), mode=Mode.REHEARSAL)
    assert "*Bold* <b>ask</b> {{ x }}: Ask" in workspace.room().text(letter.raw)
    assert "<b>" not in workspace.room().html(letter.raw)
