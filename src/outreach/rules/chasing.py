"""Chasers: what each follows, and to which of an institution's contacts it goes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from outreach.model.campaign import Mode
from outreach.model.contact import Contact
from outreach.model.correspondence import NotChased, Silence
from outreach.model.dispatch import Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """The letters to one institution that a chaser follows."""

    thread: Thread
    demands: tuple[str, ...]  #: of the first letter
    languages: tuple[str, ...] = ()  #: of the first letter, where there are chasers in them; () = choose anew
    written: tuple[str, ...] = ()  #: the normalised addresses that had a letter, the oldest first


def next_contact(
    contacts: Sequence[Contact],
    *,
    step: int,
    written: Sequence[str],
    second_contact: bool,
    mode: Mode,
    approved: str = "",
) -> Contact:
    """Whom the chaser of this step goes to, of the `contacts` that may be written to, in their order.

    The first chaser goes where the letter before it went; the second to a contact that had none yet, if there is one.
    An address that a person has `approved` since, normalised, comes before both until it had a letter.
    """
    onward = second_contact and step > 1
    if mode is Mode.REHEARSAL:  # its letters went to boxes of the rehearsal: nobody is written to but in turn
        return contacts[min(step - 1, len(contacts) - 1) if onward else 0]
    by_address = {one.address_norm: one for one in reversed(contacts)}
    if approved in by_address and approved not in written:
        return by_address[approved]
    fresh = [one for one in contacts if one.address_norm not in set(written)]
    if onward and fresh:
        return fresh[0]
    return next((by_address[one] for one in reversed(written) if one in by_address), contacts[0])


def is_quiet(contact: Contact, quiet: Collection[str]) -> bool:
    """Whether whoever reads this box has answered, for another institution; a box shared on purpose speaks for each."""
    return contact.address_norm in quiet and not contact.allow_shared


def why_not(found: Silence) -> str:
    """Why no reminder goes out today, for people: `its time is not up: until 31 March 2026`."""
    why = found.why_not
    if why is None:
        return ""
    if why is NotChased.ANSWERED and found.since is not None:
        return f"{why.value} ({found.since:%d %B %Y})"
    if why in {NotChased.NOT_DUE, NotChased.RECESS} and found.next_on is not None:
        return f"{why.value}: reminder {found.next_step} from {found.next_on:%d %B %Y} on"
    return why.value
