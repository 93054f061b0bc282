"""Notices: our mails to a supporter, each at most once; a confirmation that may be lost, twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from outreach.model.action import Action

OVERDUE = "overdue"  #: key of the notice of a withdrawal that time made, and not the supporter

LETTER_TO = "letter to "  #: what a receipt says under this and names, one a line, is the text of their letter


class NoticeKind(StrEnum):
    """What a mail to a supporter says."""

    CONFIRMATION = "confirmation"
    REMINDER = "reminder"  #: once, of the confirmation
    RECEIPT = "receipt"  #: with the full text, when the first letter has left
    FAILURE = "failure"  #: a letter could not be delivered
    ANSWER = "answer"  #: the institution has answered
    DATA = "data"  #: the link that the person asked for, to see or erase what we hold
    WITHDRAWN = "withdrawn"


class NoticeEnd(StrEnum):
    """How a try to send a notice ended."""

    SENT = "sent"
    LATER = "later"  #: the server could not be reached, or says to try again
    FAILED = "failed"  #: refused for good
    UNKNOWN = "unknown"  #: lost after the end-of-data mark: not tried again, but for a confirmation, and that once


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeTurn:
    """A notice that is this command's to send. Its words are made now, and stored nowhere."""

    number: int
    kind: NoticeKind
    key: str  #: with kind and action it is unique: "" or what the notice is about, such as a dispatch or a mail
    action: Action
    tries: int  #: before this one
    made_at: datetime  #: aware UTC
