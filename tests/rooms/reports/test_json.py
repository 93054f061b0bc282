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
GROUPS = {"accepted", "bounced", "queued", "draft", "refused", "in_doubt", "held", "skipped", "by_post", "closed"}


def read(log: Log) -> dict[str, Any]:
    out = io.StringIO()
    write_json(log, out)
    made: dict[str, Any] = json.loads(out.getvalue())
    return made


def test_the_schema_is_the_one_that_scripts_were_written_for(logs: Any) -> None:
    """The names of schema 1 and the form of their values do not change."""
    made = read(logs.of(logs.standing(Status.ACCEPTED, "qm-trade-1", said="2.0.0 queued")))

    assert {key: made[key] for key in ("schema", "note", "mode", "campaign", "at", "institutions")} == {
        "schema": "outreach.log/1",
        "note": "",
        "mode": "live",
        "campaign": "spring",
        "at": "2026-03-02T09:30:00+00:00",
        "institutions": 1,
    }
    assert set(made["totals"]) >= GROUPS
    assert made["statuses"] == {"accepted": 1}
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
