"""Answers that the database did not take: the next run writes them down as if they had come just now."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from outreach.ledger.rescue import Rescue
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
    assert Rescue(tmp_path / "answers").read() == [KEPT[what]]


def test_answers_kept_by_an_older_version_are_read(tmp_path: Path) -> None:
    """It kept less of each."""
    line = '{"dispatch": "k5rv2mzt3yqhd7", "fence": 3, "status": "accepted", "code": 250, "text": "2.0.0 as 4F3C", '
    (tmp_path / "answers").write_text(line + '"phase": "dot", "date": "Date: x"}\n', encoding="utf-8")
    assert Rescue(tmp_path / "answers").read() == [KEPT["accepted"]]
