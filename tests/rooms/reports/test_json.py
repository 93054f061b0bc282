"""The log as JSON, read again."""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from outreach.model.campaign import Mode
from outreach.model.dispatch import SkipReason
from outreach.model.log import Log
from outreach.model.status import Status
from outreach.reports import write_json

#: A new group may come, none may go.
CORRESPONDENCES = {
    "very_overdue", "overdue", "awaiting", "acknowledged", "in_dialogue", "answered", "unreachable", "closed",
    "not_written",
}  # fmt: skip
GROUPS = {"accepted", "bounced", "queued", "draft", "refused", "in_doubt", "held", "skipped", "by_post", "closed"}


def read(log: Log) -> dict[str, Any]:
    out = io.StringIO()
    write_json(log, out)
    made: dict[str, Any] = json.loads(out.getvalue())
    return made


def test_the_schema_is_the_one_that_scripts_were_written_for(logs: Any) -> None:
    """The names of schema 1 and the form of their values do not change."""
    made = read(logs.acknowledged())

    assert {key: made[key] for key in ("schema", "note", "mode", "campaign", "at", "institutions")} == {
        "schema": "outreach.log/1",
        "note": "REHEARSAL: nothing was sent to any state",
        "mode": "rehearsal",
        "campaign": "spring",
        "at": "2026-03-02T09:30:00+00:00",
        "institutions": 1,
    }
    assert set(made["totals"]) >= GROUPS
    assert set(made["answers"].pop("correspondence")) >= CORRESPONDENCES
    answers = {"sent": 1, "acknowledged": 1, "answered": 0, "overdue": 0, "promises_overdue": 0, "own_letters": 0}
    assert made["answers"] == answers
    assert made["demands"] == [{"slug": "d0", "title": "Title of d0"}, {"slug": "d1", "title": "Title of d1"}]
    assert made["statuses"] == {"accepted": 1}
    state = made["states"][-1]
    assert {key: state[key] for key in ("state", "state_name", "institutions", "next_step", *answers)} == {
        "state": "QM",
        "state_name": "Quimera",
        "institutions": 1,
        "next_step": {"kind": "wait", "words": "wait until 2026-03-31", "on": "2026-03-31"},
        **answers,
    }
    nothing = {"counted_as": "not_asked", "asked": False, "record": None, "promised_by": None, "promise": None}
    assert state["positions"] == {
        "d0": {
            "counted_as": "supports",
            "asked": True,
            "record": 7,
            "promised_by": "2026-06-01",
            "promise": "open",
        },
        "d1": nothing,
    }
    assert made["rows"] == [
        {
            "state": "QM",
            "state_name": "Quimera",
            "institution": "qm-trade-1",
            "name": "Ministry of Trade",
            "role": "trade_ministry",
            "group": "accepted",
            "status": "accepted",
            "skip": None,
            "words": "accepted by the mail server",
            "reason": "",
            "demands": ["moratorium", "investigation"],
            "languages": ["en"],
            "dated": "2026-03-01",
            "sent_at": "2026-03-01T08:15:30+00:00",
            "attempts": 1,
            "server_code": 250,
            "server_text": "2.0.0 queued",
            "recipient": "qm-trade-1@rehearsal.example",
            "post": "",
            "form": "",
            "correspondence": "acknowledged",
            "acknowledged_at": "2026-03-02T09:30:00+00:00",
            "answered_at": None,
            "due": "2026-03-30",
            "own_letters": 0,
            "next_step": {"kind": "wait", "words": "wait until 2026-03-31", "on": "2026-03-31"},
        }
    ]


def test_every_total_of_the_json_adds_up_to_its_rows(logs: Any) -> None:
    """Groups, statuses with skip reasons, states and rows all count the same institutions."""
    log = logs.full()
    made = read(log)

    assert made["institutions"] == len(made["rows"]) == log.institutions
    assert sum(made["totals"].values()) == log.institutions
    assert sum(made["statuses"].values()) + sum(made["skips"].values()) == log.institutions
    assert set(made["skips"]) == {reason.value for reason in SkipReason}
    assert sum(state["institutions"] for state in made["states"]) == log.institutions
    for state in made["states"]:
        assert sum(state[group] for group in made["totals"]) == state["institutions"]
        assert sum(state["correspondence"].values()) == state["institutions"]
    for count in ("sent", "acknowledged", "answered", "overdue", "promises_overdue"):
        assert sum(state[count] for state in made["states"]) == made["answers"][count]
    rows = [row["correspondence"] for row in made["rows"]]
    assert {one: rows.count(one) for one in made["answers"]["correspondence"]} == made["answers"]["correspondence"]
    assert set(rows) == CORRESPONDENCES


def test_a_rehearsals_json_says_so(logs: Any) -> None:
    """A script and a person both see that nothing was sent."""
    made = read(logs.full(Mode.REHEARSAL))

    assert made["note"].startswith("REHEARSAL")
    assert made["mode"] == "rehearsal"
    assert datetime.fromisoformat(made["at"]).utcoffset() is not None


@given(said=st.text(st.characters(exclude_categories=()), max_size=12))
def test_any_text_can_be_written_as_utf8(logs: Any, tmp_path_factory: Any, said: str) -> None:
    """Even half a surrogate pair in a server's words makes a file that can be read."""
    path = Path(tmp_path_factory.getbasetemp()) / "any.json"
    write_json(logs.of(logs.standing(Status.REJECTED, "qm-1", said=said)), path, overwrite=True)

    (row,) = json.loads(path.read_text(encoding="utf-8"))["rows"]
    assert all(char >= " " for char in row["server_text"])
