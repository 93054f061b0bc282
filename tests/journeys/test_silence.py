"""When nobody answers: who is due, reminders in the thread, approved like any letter, and none after an answer."""

from __future__ import annotations

import csv
import email
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from outreach.model.inbound import InboundKind
from support.world import World

SHEET = """\
id,state,institution,role,email
fr-mfa-1,FR,Ministry of Europe and Foreign Affairs,mfa,"one@fr.example, two@fr.example"
de-mfa-1,DE,Foreign Office,mfa,one@de.example
il-mfa-1,IL,Ministry of Foreign Affairs,mfa,one@il.example
jp-mfa-1,JP,Ministry of Foreign Affairs,mfa,
"""


@pytest.fixture
def world(world: World, workspace: Path) -> World:
    """Three ministries with an address, and one without, which a rehearsal writes to as well."""
    (workspace / "contacts" / "example.csv").write_text(SHEET, encoding="utf-8")
    return world


@pytest.fixture
def sent(world: World, outreach: Callable[..., Any]) -> World:
    """The first letters are out, in a rehearsal."""
    for command in ("plan", "approve", "send"):
        more = ["--yes", "--by", "Ada"] if command == "approve" else []
        assert outreach(command, "moratorium", *more).code == 0
    return world


def outbox(workspace: Path) -> Iterator[Any]:
    for file in sorted((workspace / ".outreach" / "rehearsal" / "outbox").rglob("*")):
        if file.is_file() and file.stat().st_size:
            yield email.message_from_bytes(file.read_bytes(), policy=default)


def due(outreach: Callable[..., Any]) -> dict[str, Any]:
    rows = json.loads(outreach("due", "moratorium", "--format", "json").out)["rows"]
    return {row["institution"]: row for row in rows}


def test_the_silent_are_due_chased_approved_and_sent_in_the_thread(
    sent: World, workspace: Path, outreach: Callable[..., Any]
) -> None:
    """The whole loop, twice: both reminders answer to the first letter, the second to the one before it."""
    said = outreach("due", "moratorium")
    assert said.code == 0
    assert "4 institutions: 4 awaiting." in said.out
    assert "reminder 1 from " in said.out
    assert "its time is not up" not in said.out  # the day says it
    assert "Nobody is to be reminded today" in outreach("chase", "moratorium").out

    sent.days(45)
    assert {row["group"] for row in due(outreach).values() if row["next_step"]} == {"overdue"}
    made = outreach("chase", "moratorium")
    assert made.code == 0
    assert re.match(r"\d+ warnings?: outreach check moratorium shows", made.out)
    assert "Reminder 1" in made.out
    shown = outreach("preview", "moratorium", "--to", "FR", "--format", "eml")
    letter = email.message_from_string(shown.out, policy=default)
    (first,) = [one for one in outbox(workspace) if "fr-mfa-1" in one["To"]]
    assert letter["Subject"] == f"Re: {first['Subject']}"
    assert letter["In-Reply-To"] == letter["References"] == first["Message-ID"]
    assert "Date" not in letter

    assert outreach("approve", "moratorium", "--yes", "--by", "Ada").code == 0
    assert outreach("send", "moratorium").code == 0
    assert "Reminder 1: " in outreach("log", "moratorium").out
    assert "accepted" in outreach("log", "moratorium", "--step", "1").out
    assert "Nobody is to be reminded" in outreach("chase", "moratorium").out

    sent.days(45)
    assert due(outreach)["fr-mfa-1"]["group"] == "very_overdue"
    second = outreach("chase", "moratorium")
    assert "two@fr.example" in second.out
    assert outreach("approve", "moratorium", "--yes", "--by", "Ada").code == 0
    assert outreach("send", "moratorium").code == 0
    thread = [one for one in outbox(workspace) if "fr-mfa-1" in one["To"]]
    thread.sort(key=lambda one: len(one.get("References", "")))
    ids = [one["Message-ID"] for one in thread]
    assert [one.get("In-Reply-To") for one in thread] == [None, ids[0], ids[1]]
    assert thread[2]["References"].split() == ids[:2]

    sent.days(200)
    assert "Nobody is to be reminded" in outreach("chase", "moratorium").out
    assert {row["why_not"] for row in due(outreach).values() if row["letters"]} == {"every reminder was sent"}


def test_who_answers_between_approval_and_sending_gets_nothing(
    sent: World, workspace: Path, outreach: Callable[..., Any]
) -> None:
    """The reminder that waits is cancelled when the run begins; the others go."""
    sent.days(45)
    outreach("chase", "moratorium")
    outreach("approve", "moratorium", "--yes", "--by", "Ada")
    before = len(list(outbox(workspace)))
    sent.hears("fr-mfa-1", sender="somebody.else@elsewhere.example")
    sent.hears("de-mfa-1", InboundKind.AUTO_REPLY)
    said = outreach("send", "moratorium")
    assert said.code == 0
    after = [one["To"] for one in outbox(workspace)]
    assert sum("fr-mfa-1" in one for one in after) == 1
    assert sum("de-mfa-1" in one for one in after) == 2
    assert len(after) > before
    assert due(outreach)["fr-mfa-1"]["group"] == "answered"
    assert "a person has answered" in due(outreach)["fr-mfa-1"]["why_not"]


def test_drafts_of_whoever_has_answered_are_not_approved(sent: World, outreach: Callable[..., Any]) -> None:
    """They are cancelled before anybody is asked; a person's correction brings them back."""
    sent.days(45)
    outreach("chase", "moratorium")
    for one in ("fr-mfa-1", "de-mfa-1", "il-mfa-1", "jp-mfa-1"):
        sent.hears(one)
    assert "No drafts to approve" in outreach("approve", "moratorium", "--yes", "--by", "Ada").out
    sent.said.clear()  # no reply after all, a person says
    made = outreach("chase", "moratorium")
    assert "Next: outreach preview" in made.out
    assert "of reminder 1" in outreach("approve", "moratorium", "--step", "1", "--yes", "--by", "Ada").out


def test_the_totals_of_due_add_up_to_the_plan_in_every_format(sent: World, outreach: Callable[..., Any]) -> None:
    """Table, CSV and JSON speak of the same institutions; a rehearsal says so everywhere."""
    sent.days(45)
    sent.hears("fr-mfa-1")
    made = json.loads(outreach("due", "moratorium", "--format", "json").out)
    assert sum(made["totals"].values()) == made["institutions"] == 4
    assert made["note"].startswith("REHEARSAL")
    lines = list(csv.reader(io.StringIO(outreach("due", "moratorium", "--format", "csv").out.removeprefix("\ufeff"))))
    assert lines[0][0].startswith("REHEARSAL")
    assert len(lines) == 2 + 4
    table = outreach("due", "moratorium", "--all").out
    assert all(f"{one}-mfa-1" in table for one in ("fr", "de", "il", "jp"))
    assert "4 institutions: " in table


def test_a_rehearsal_plays_the_days_that_a_real_campaign_waits_for(
    sent: World, workspace: Path, outreach: Callable[..., Any]
) -> None:
    """Both reminders on one afternoon, dated as they would be; a real campaign has no such button."""
    for years in (1, 2):
        day = f"{datetime.now(UTC).year + years}-03-02"
        assert f"outreach chase moratorium --as-if {day}" in outreach("due", "moratorium", "--as-if", day).out
        assert outreach("chase", "moratorium", "--as-if", day).code == 0
        assert f"2 March {day[:4]}" in outreach("preview", "moratorium", "--to", "FR").out
        assert outreach("approve", "moratorium", "--yes", "--by", "Ada").code == 0
        assert outreach("send", "moratorium").code == 0
    assert len([one for one in outbox(workspace) if "fr-mfa-1" in one["To"]]) == 3
    refused = outreach("due", "moratorium", "--live", "--as-if", "2027-01-01")
    assert (refused.code, "for rehearsals" in refused.err) == (2, True)


def test_a_reminder_to_an_institution_that_may_be_another_now_waits_for_a_person(
    sent: World, workspace: Path, outreach: Callable[..., Any]
) -> None:
    """Its row vanished and one of its state and role came: whatever plan sees it, its approved reminder is held."""
    sent.days(45)
    outreach("chase", "moratorium")
    outreach("approve", "moratorium", "--yes", "--by", "Ada")
    renamed = SHEET.replace("de-mfa-1,DE,Foreign Office", "de-mfa-2,DE,Federal Foreign Office")
    (workspace / "contacts" / "example.csv").write_text(renamed, encoding="utf-8")
    outreach("plan", "moratorium")
    outreach("send", "moratorium")
    assert sum("de-mfa-1" in one["To"] for one in outbox(workspace)) == 1
    assert "1 held" in outreach("log", "moratorium").out


def test_a_second_look_on_the_same_day_changes_nothing(sent: World, outreach: Callable[..., Any]) -> None:
    """Drafts stay drafts, approved ones stay approved, sent ones are not prepared again."""
    sent.days(45)
    outreach("chase", "moratorium")
    again = outreach("chase", "moratorium")
    assert "4 unchanged" in again.out
    outreach("approve", "moratorium", "--yes", "--by", "Ada")
    approved = outreach("chase", "moratorium")
    assert "Next: outreach send moratorium" in approved.out
    outreach("send", "moratorium")
    assert "4 already sent or under way" in outreach("chase", "moratorium").out


def test_a_step_that_is_not_there_is_a_slip(sent: World, outreach: Callable[..., Any]) -> None:
    """Told, and what steps are."""
    said = outreach("preview", "moratorium", "--step", "1")
    assert said.code == 2
    assert "outreach chase moratorium" in said.err


@pytest.mark.parametrize("days", [0, 40, 90])
def test_the_table_of_who_is_due_fits_a_terminal_of_80_columns(
    sent: World, outreach: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """Whatever is said of what follows stands in one column, which breaks at spaces; no word is cut."""
    monkeypatch.setattr("outreach.cli.show.PIPED_WIDTH", 80)
    sent.days(days)
    lines = outreach("due", "moratorium", "--all").out.splitlines()
    table = lines[lines.index("") + 1 :]
    table = table[: table.index("")]
    assert table[0].split() == ["state", "institution", "is", "since", "(UTC)", "answer", "due", "next"]
    assert len(table) > 5
    assert max(map(len, table)) <= 80
    assert "fr-mfa-1" in " ".join(table)


def test_due_before_any_plan_says_what_to_do(world: World, outreach: Callable[..., Any]) -> None:
    """As the log does."""
    said = outreach("due", "moratorium")
    assert said.code == 2
    assert "outreach plan moratorium" in said.err
