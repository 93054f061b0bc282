"""Institutions and the addresses at which they are reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from outreach.model.problem import Place, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    """A body of a state: a ministry of foreign affairs, a trade ministry, a licensing authority."""

    id: str  #: from the sheet, or state-role-ordinal; "" until `rules.identity` has given one
    state: str  #: ISO 3166-1 alpha-2; Kosovo is XK
    role: str  #: "mfa", "trade_ministry", "licensing_authority" or the organisation's own word
    name: str  #: in English, or as the sheet has it
    name_local: str = ""
    city: str = ""
    languages: tuple[str, ...] = ()  #: BCP 47, most formal first; () = the state's own
    form_of_address: str = ""  #: as the sheet has it; may hold alternatives: see rules.salutation
    timezone: str = ""  #: IANA; "" = the state's own
    working_days: str = ""  #: as the sheet has it, such as "Sun-Thu"; "" = the state's own
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One address of an institution (or none: post or form), as one cell of a sheet gives it."""

    institution: Institution
    address: str | None  #: ready for an envelope: ASCII, IDNA domain; None = post or form only
    address_norm: str = ""  #: for comparison only: NFC, IDNA lower-case domain, casefolded local part
    rank: int = 0  #: 0 = the first address of the cell or row; later ones are fallbacks
    allow_shared: bool = False  #: the sheet says that this box may get a letter for each of its institutions
    source: str = ""  #: where the address was found
    source_date: date | None = None  #: when it stood there; not a verification
    post: str = ""  #: postal address, if the sheet has one
    form: str = ""  #: the contact form's or web site's URL, if the sheet has one
    fields: Mapping[str, str] = field(default_factory=dict)  #: every cell of the row by normalised header
    place: Place = Place()  #: the row it came from


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRows:
    """What one sheet gave: every data row is in `contacts` or in a fault of `problems`, or said to be empty."""

    path: str
    contacts: tuple[Contact, ...]
    problems: tuple[Problem, ...]
    rows: int  #: data rows seen, without header, comments and empty rows
    roleless: bool = False  #: a table of it has no column for the role


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressFacts:
    """What was learnt about an address; it belongs to the address, across campaigns."""

    address_norm: str
    verified_on: date | None = None
    verified_by: str = ""
    bounced_on: date | None = None  #: a hard bounce or a 5.1.x refusal
    bounced_text: str = ""
    suppressed_on: date | None = None
    suppressed_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownInstitution:
    """An institution as the ledger remembers it from earlier plans."""

    id: str
    state: str
    role: str
    name: str
    address_norm: str = ""
    further: frozenset[str] = frozenset()  #: what its sheet gives it besides, normalised
    sheet: str = ""
    present: bool = True  #: it stood in its sheet when that was last read
