"""Answers that the database did not take: the next run writes them down as if they had come just now."""

import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from outreach.ledger.rescue import ROOM, Rescue
from outreach.model.evidence import Says
from outreach.model.receipt import Claim, Outcome, Phase
from outreach.model.status import HeldReason, Status

CLAIM = Claim(
    dispatch="k5rv2mzt3yqhd7",
    institution="",
    state="",
    fence=3,
    attempt=0,
    tries=0,
    recipient="",
    envelope_from="",
    message_id="",
    raw=b"",
)
LATER = datetime(2026, 3, 4, 8, 6, 15, 250_000, tzinfo=UTC)

KEPT = {
    "accepted": Outcome(
        claim=CLAIM, status=Status.ACCEPTED, code=250, text="2.0.0 as 4F3C", phase=Phase.DOT, date_header="Date: x"
    ),
    "a bad address": Outcome(claim=CLAIM, status=Status.REJECTED, code=550, phase=Phase.RCPT, address_bad=True),
    "policy": Outcome(claim=CLAIM, status=Status.REJECTED, code=554, text="5.7.1 “Spam”", policy=True),
    "put off": Outcome(claim=CLAIM, status=Status.QUEUED, code=450, phase=Phase.RCPT, next_at=LATER),
    "not charged": Outcome(claim=CLAIM, status=Status.QUEUED, phase=Phase.BODY, charged=False),
    "too large": Outcome(claim=CLAIM, status=Status.HELD, code=552, phase=Phase.MAIL, held=HeldReason.SIZE),
    "in doubt": Outcome(claim=CLAIM, status=Status.IN_DOUBT, text="no answer came", phase=Phase.DOT),
}


@pytest.mark.parametrize("what", KEPT)
def test_an_answer_comes_back_as_it_was_kept(tmp_path: Path, what: str) -> None:
    """With what it means for address, account and person; the letter itself is not kept."""
    Rescue(tmp_path / "answers").keep([KEPT[what]])
    assert [one.outcome for one in Rescue(tmp_path / "answers").read()] == [KEPT[what]]


def test_answers_kept_by_an_older_version_are_read(tmp_path: Path) -> None:
    """It kept less of each."""
    line = '{"dispatch": "k5rv2mzt3yqhd7", "fence": 3, "status": "accepted", "code": 250, "text": "2.0.0 as 4F3C", '
    (tmp_path / "answers").write_text(line + '"phase": "dot", "date": "Date: x"}\n', encoding="utf-8")
    assert [one.outcome for one in Rescue(tmp_path / "answers").read()] == [KEPT["accepted"]]


def test_what_was_read_is_taken_away_and_what_came_meanwhile_stays(tmp_path: Path) -> None:
    """Another command keeps an answer between our reading and our laying out anew."""
    ours, theirs = Rescue(tmp_path / "answers"), Rescue(tmp_path / "answers")
    theirs.keep([KEPT["accepted"]])
    ours.read()
    theirs.keep([KEPT["policy"]])
    ours.make_ready()
    assert [one.outcome for one in ours.read()] == [KEPT["policy"]]


def test_the_room_of_a_run_is_not_taken_away_by_another_command(tmp_path: Path) -> None:
    """Only the last of those that may need it removes it."""
    runs, also_runs, looks = (Rescue(tmp_path / "answers") for _ in range(3))
    runs.make_ready()
    also_runs.make_ready()
    looks.tidy()
    also_runs.tidy()
    assert (tmp_path / "answers").stat().st_size == ROOM
    runs.tidy()
    assert not (tmp_path / "answers").exists()


def test_answers_kept_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    """Each reads what is there and writes it anew, one after the other."""
    many = [replace(KEPT["policy"], text=f"{number}") for number in range(40)]
    threads = [threading.Thread(target=Rescue(tmp_path / "answers").keep, args=[[one]]) for one in many]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert {one.outcome.text for one in Rescue(tmp_path / "answers").read()} == {one.text for one in many}


def test_a_file_that_was_longer_once_holds_nothing_old(tmp_path: Path) -> None:
    """More answers than the room was made for."""
    rescue = Rescue(tmp_path / "answers")
    rescue.keep([replace(KEPT["policy"], text=f"{number} {'x' * 480}") for number in range(80)])
    assert (tmp_path / "answers").stat().st_size > ROOM
    assert len(rescue.read()) == 80
    rescue.make_ready()
    assert rescue.read() == []


class Aside:
    """A desk whose answers are kept beside the ledger instead of in it."""

    def __init__(self, desk):
        self.desk = desk
        desk.queue("bg-mfa")
        desk.ledger.recover()
        self.claim = desk.claim()["bg-mfa"]

    def keep(self, **said):
        made = replace(KEPT["accepted"], claim=self.claim, **said)
        assert self.desk.ledger.rescue([made])


@pytest.fixture
def aside(opened, place, tmp_path, desk_at):
    return Aside(desk_at(opened(place, rescue=tmp_path / "answers")))


def test_an_answer_to_a_mark_that_the_ledger_lost_is_written_down(aside):
    """A database that takes over may lack the last commits; such an answer must not keep every run from beginning."""
    aside.keep()
    aside.desk.ledger.recover()
    assert aside.desk.status("bg-mfa") is Status.ACCEPTED
    assert aside.desk.kinds("bg-mfa")[-3:] == ["claimed", "committed", "sent"]


@pytest.mark.parametrize("status", [Status.CLAIMED, Status.COMMITTED])
def test_a_refusal_kept_before_a_backup_was_put_back_sends_nothing_again(aside, status):
    """The letter may have left after the backup was made, whatever an earlier attempt was told."""
    if status is Status.COMMITTED:
        aside.desk.ledger.mark(aside.claim)
    aside.keep(status=Status.QUEUED, code=451, charged=False)
    aside.desk.ledger.restored(by="Ana", why="the disk broke")
    aside.desk.ledger.recover()
    assert aside.desk.status("bg-mfa") is Status.IN_DOUBT


def test_an_acceptance_kept_before_a_backup_was_put_back_is_evidence(aside):
    """Fences were counted anew since; that the server had the letter is for `outreach resolve`."""
    aside.desk.ledger.mark(aside.claim)
    aside.keep()
    aside.desk.ledger.restored(by="Ana", why="the disk broke")
    aside.desk.ledger.recover()
    (doubt,) = aside.desk.ledger.doubts("spring")
    assert [(one.source, one.says) for one in doubt.evidence] == [("late answer of the server", Says.TAKEN)]


def test_an_answer_kept_beside_another_ledger_settles_nothing_here(aside, opened, tmp_path, desk_at):
    """The ledger was begun anew, and the same letter has the same id and the same fence again."""
    aside.keep(status=Status.REJECTED, code=550)
    (tmp_path / "new").mkdir()
    anew = desk_at(opened(f"sqlite:///{tmp_path}/new/ledger.db", rescue=tmp_path / "answers"))
    anew.queue("bg-mfa")
    anew.claim()
    anew.ledger.recover()
    assert anew.status("bg-mfa") is Status.CLAIMED
