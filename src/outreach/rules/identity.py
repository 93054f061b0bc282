"""Who is who: dispatch ids that cannot be guessed, institution ids that outlive a new sheet."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from outreach.model.campaign import Mode
from outreach.model.contact import Contact, Institution, KnownInstitution
from outreach.model.problem import Place

_ID_LENGTH = 26  #: 130 bits of base32: fits a local part, survives servers that fold case


def dispatch_id(secret: bytes, *, mode: Mode, campaign: str, step: int, institution: str, sender: str) -> str:
    """A keyed hash of what makes a dispatch one: the same for ever, and not to be guessed without the secret."""
    text = "\0".join((mode.value, campaign, str(step), institution, sender))
    digest = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:_ID_LENGTH].lower()


def copy_id(secret: bytes, *, mode: Mode, campaign: str, institution: str) -> str:
    """The id at whose address copies of supporters' own letters to an institution come: no letter's of ours."""
    return dispatch_id(secret, mode=mode, campaign=campaign, step=0, institution=institution, sender="own-mailbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """An institution that vanished while another of its state and role came: perhaps the same under a new name.

    Where several came or vanished nobody knows which is which: each of them stands in a pair, so that all wait.
    """

    vanished: KnownInstitution
    new: str  #: the new institution's id
    name: str = ""  #: of the new one
    place: Place = Place()  #: the new one's row
    own_id: bool = False  #: the sheet gives the new one its id


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """Contacts whose institutions all have ids, and the pairs that wait for a person."""

    contacts: tuple[Contact, ...]
    renamed: tuple[Renamed, ...]


def identify(contacts: Sequence[Contact], known: Sequence[KnownInstitution]) -> Identified:
    """Give every institution its id and find the renamed ones.

    A sheet's own id stands. Without one an institution is the known one of its state and role with the same name
    or the same address; otherwise it gets the next free ordinal, such as `bg-licensing-2`.
    """
    given = _give_ids(contacts, known)
    own = {contact.institution.id for contact in contacts}
    return Identified(contacts=given, renamed=tuple(_renamed(given, known, own)))


def _give_ids(contacts: Sequence[Contact], known: Sequence[KnownInstitution]) -> tuple[Contact, ...]:
    if all(contact.institution.id for contact in contacts):
        return tuple(contacts)
    taken = {contact.institution.id for contact in contacts} | {one.id for one in known}
    by_name: dict[tuple[str, str, str], str] = {}
    by_address: dict[tuple[str, str, str], str] = {}
    for one in known:
        by_name[_named(one)] = one.id
        if one.address_norm:
            by_address[one.state, one.role, one.address_norm] = one.id
    claimed = {contact.institution.id or by_name.get(_named(contact.institution)) for contact in contacts}
    out = []
    for contact in contacts:
        it = contact.institution
        if not it.id:
            name = _named(it)
            found = by_name.get(name)
            if found is None:
                # Who is here under its own name has not become somebody else.
                at_address = by_address.get((it.state, it.role, contact.address_norm))
                found = at_address if at_address not in claimed else None
            if found is None:
                found = _next_ordinal(it.state, it.role, taken)
                taken.add(found)
            by_name[name] = found
            out.append(replace(contact, institution=replace(it, id=found)))
        else:
            out.append(contact)
    return tuple(out)


def _named(one: Institution | KnownInstitution) -> tuple[str, str, str]:
    return one.state, one.role, " ".join(one.name.casefold().split())


def is_another(known: KnownInstitution, contact: Contact) -> bool:
    """Whether a row that gives itself the id of a known institution shares neither its name nor its address."""
    at_its_address = bool(known.address_norm) and known.address_norm == contact.address_norm
    return _named(known) != _named(contact.institution) and not at_its_address


def _next_ordinal(state: str, role: str, taken: set[str]) -> str:
    word = re.sub(r"[^a-z0-9]+", "-", role.partition("_")[0].casefold()).strip("-") or "authority"
    stem = f"{state.casefold()}-{word}-"
    ordinal = 1
    while f"{stem}{ordinal}" in taken:
        ordinal += 1
    return f"{stem}{ordinal}"


def _renamed(contacts: Iterable[Contact], known: Sequence[KnownInstitution], own: Collection[str]) -> Iterable[Renamed]:
    """Only sheets that were read can show that a row vanished."""
    here: dict[str, Contact] = {}
    for contact in contacts:
        here.setdefault(contact.institution.id, contact)
    sheets = {contact.place.path for contact in contacts}
    remembered = {one.id for one in known}
    vanished: dict[tuple[str, str], list[KnownInstitution]] = defaultdict(list)
    for one in known:
        if one.present and one.sheet in sheets and one.id not in here:
            vanished[one.state, one.role].append(one)
    came: dict[tuple[str, str], list[Contact]] = defaultdict(list)
    for identifier, contact in here.items():
        if identifier not in remembered:
            came[contact.institution.state, contact.institution.role].append(contact)
    for key in (key for key in came if key in vanished):
        for at in range(max(len(came[key]), len(vanished[key]))):
            old, new = vanished[key][min(at, len(vanished[key]) - 1)], came[key][min(at, len(came[key]) - 1)]
            it = new.institution
            yield Renamed(vanished=old, new=it.id, name=it.name, place=new.place, own_id=it.id in own)


def supporter_key(secret: bytes, email: str) -> str:
    """A person, without saying who: a keyed hash of the address. It stays when the person's data is erased."""
    local, _, domain = unicodedata.normalize("NFC", email.strip()).rpartition("@")
    return _keyed(secret, "supporter", f"{local.casefold()}@{domain.casefold()}")


def network_key(secret: bytes, address: str) -> str:
    """A network, without saying which: a keyed hash of an IPv4 /24 or an IPv6 /64. Nonsense shares one."""
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return _keyed(secret, "network", "")
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    bits = 24 if found.version == 4 else 64
    return _keyed(secret, "network", str(ipaddress.ip_network((found, bits), strict=False)))


def _keyed(secret: bytes, what: str, text: str) -> str:
    digest = hmac.new(secret, f"{what}\0{text}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:_ID_LENGTH].lower()
