"""Erase: a person is forgotten; what stays says nothing of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from outreach.model.action import Action, Origin
from outreach.rules.redaction import Canaries
from outreach.runner.supporters.desk import SupporterDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """How much was removed of a person."""

    removed: Mapping[str, int]
    common: tuple[str, ...] = ()  #: names that are words of others' as well: they stay where they stand alone
    listed: bool = False  #: they came by a list of signatures: a file of the organisers', which still names them

    def __bool__(self) -> bool:
        return any(self.removed.values())


def erase_person(it: SupporterDesk, supporter: str, *, email: str = "", also: Sequence[str] = ()) -> Erased:
    """Remove a person from the ledger, and every mail and export of ours that names them; `email` is one more spelling,
    and `also` are names that we no longer know, since their time was up.

    The keyed hash stays, so that nobody writes twice; so do counts. A name that stood in the ledger before the person
    came is a word, and not theirs alone: it goes beside the place only. Raises LedgerError while a letter of the person
    is being sent: nothing is removed then.
    """
    actions = it.book.of_person(supporter)
    mails = [(one.at, it.read(one.raw)) for one in it.book.own_mails_of(supporter) if one.raw is not None]
    since = min([*(one.made_at for one in actions), *(at for at, _ in mails)], default=it.now)
    names = _filled([*also, *(one.name for one in actions), *(mail.sender_name for _, mail in mails)])
    common = _common(it, names, since)
    canaries = _filled(
        [
            email,
            *(one.email for one in actions),
            *(mail.sender for _, mail in mails),
            *(one for one in names if one not in common),
            *(beside for one in actions for beside in _beside_the_place(one)),
        ]
    )
    removed = dict(it.book.erase(supporter, canaries))
    removed["files"] = removed.get("files", 0) + it.forget_files(Canaries(canaries).mail)
    return Erased(removed=removed, common=common, listed=any(one.origin is Origin.IMPORT for one in actions))


def _common(it: SupporterDesk, names: Iterable[str], since: datetime) -> tuple[str, ...]:
    return tuple(one for one in names if it.book.is_commonplace(one, before=since))


def _beside_the_place(one: Action) -> Iterator[str]:
    """A place names a person beside the name alone, as digests and letters write it: many live there."""
    if one.name and one.place:
        yield f"{one.name}, {one.place}"
        yield f"{one.name} {one.place}"


def _filled(several: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, several)))
