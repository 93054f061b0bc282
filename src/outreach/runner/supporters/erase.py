"""Erase: a person is forgotten; what stays says nothing of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from outreach.rules.redaction import Canaries
from outreach.runner.supporters.desk import SupporterDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """How much was removed of a person."""

    removed: Mapping[str, int]

    def __bool__(self) -> bool:
        return any(self.removed.values())


def erase_person(it: SupporterDesk, supporter: str) -> Erased:
    """Remove a person from the ledger, and every mail and export of ours that names them.

    The keyed hash stays, so that nobody writes twice; so do counts. Raises LedgerError while a letter of the person is
    being sent: nothing is removed then.
    """
    canaries: dict[str, None] = {}
    for one in it.book.of_person(supporter):
        canaries |= dict.fromkeys(text for text in (one.email, one.name) if text)
    removed = dict(it.book.erase(supporter, list(canaries)))
    removed["files"] = removed.get("files", 0) + it.forget_files(Canaries(canaries).mail)
    return Erased(removed=removed)
