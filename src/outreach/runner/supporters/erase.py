"""Erase: a person is forgotten; what stays says nothing of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from outreach.model.action import Action
from outreach.model.supporter import OwnMail
from outreach.rules.redaction import Canaries
from outreach.runner.supporters.desk import SupporterDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """How much was removed of a person."""

    removed: Mapping[str, int]

    def __bool__(self) -> bool:
        return any(self.removed.values())


def _spellings(one: Action) -> Iterator[str]:
    """What names a person. A place does so beside the name alone, as digests and letters write it: many live there."""
    yield from filter(None, (one.email, one.name))
    if one.name and one.place:
        yield f"{one.name}, {one.place}"
        yield f"{one.name} {one.place}"


def _writer(it: SupporterDesk, mails: Iterable[OwnMail]) -> Iterator[str]:
    """Who wrote letters from their own mailbox, as these say it."""
    for one in mails:
        if one.raw is not None:
            message = it.read(one.raw)
            yield from filter(None, (message.sender, message.sender_name))


def erase_person(it: SupporterDesk, supporter: str, *, email: str = "") -> Erased:
    """Remove a person from the ledger, and every mail and export of ours that names them; `email` is one more spelling.

    The keyed hash stays, so that nobody writes twice; so do counts. Raises LedgerError while a letter of the person is
    being sent: nothing is removed then.
    """
    canaries = dict.fromkeys(filter(None, (email,)))
    for one in it.book.of_person(supporter):
        canaries |= dict.fromkeys(_spellings(one))
    canaries |= dict.fromkeys(_writer(it, it.book.own_mails_of(supporter)))
    removed = dict(it.book.erase(supporter, list(canaries)))
    removed["files"] = removed.get("files", 0) + it.forget_files(Canaries(canaries).mail)
    return Erased(removed=removed)
