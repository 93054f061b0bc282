"""Verdict: a person says what a mail is. The machine's verdict and its rule stay beside it."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.errors import UsageError
from outreach.model.inbound import InboundKind
from outreach.model.verdict import Judged
from outreach.runner.answer_ports import Post


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """The mail with every verdict on it, and what the last one did."""

    mail: Judged
    stopped: int  #: reminders that were taken back


def verdict(post: Post, number: int, kind: InboundKind, *, by: str, why: str = "") -> Corrected:
    """Record it. Raises UsageError for a mail that is not there or not theirs, or when nobody is named."""
    if not by.strip():
        raise UsageError("Whoever corrects a verdict says who.", todo="Add --by NAME.")
    stopped = post.judge(number, kind, by=by.strip(), why=why.strip())
    return Corrected(mail=post.judged(number), stopped=stopped)
