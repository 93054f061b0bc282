"""Whether a text is an address that an envelope can carry, by email-validator, quickly for the plain ones."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

LOCAL_MAX = 64  # RFC 5321 4.5.3.1.1
_ADDRESS_MAX = 254  # RFC 5321 4.5.3.1.3 with RFC 3696, errata 1690
#: A dot-atom in ASCII: RFC 5322 3.2.3.
_ATOM = r"[a-zA-Z0-9_!#$%&'*+\-/=?^`{|}~]+"
_PLAIN = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@([a-zA-Z0-9.\-]+)")


@dataclass(frozen=True, slots=True)
class Address:
    """An address read from a cell."""

    envelope: str  #: ASCII, IDNA domain
    norm: str  #: for comparison only: IDNA lower-case domain, casefolded local part


def check_address(text: str) -> Address | str:
    """The address, or why it is none, as the end of a sentence."""
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        local, domain = plain.groups()
        known = _plain_domain(domain)
        if known and len(local) <= LOCAL_MAX and len(local) + 1 + len(domain) <= _ADDRESS_MAX:
            return _address(local.lower() if local.lower() in _caseless() else local, known)
    return by_library(text)


def by_library(text: str) -> Address | str:
    """What email-validator says, without the quick way."""
    from email_validator import EmailNotValidError, validate_email

    try:
        # strict: a local part of more than 64 characters is refused; names under .example stay allowed.
        found = validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        return str(error).rstrip(".")
    if found.ascii_email is None or found.ascii_local_part is None:
        return "letters beyond ASCII before the @ need SMTPUTF8, which few servers of offices know"
    return _address(found.ascii_local_part, found.ascii_domain)


def routed(address: Address) -> bool:
    """Whether a relay could read another recipient out of the local part: a%b@relay, a!b@relay (RFC 5321 F.2)."""
    local = address.envelope.rpartition("@")[0]
    return "%" in local or "!" in local


def mixes_scripts(domain: str) -> bool:
    """Whether one label mixes letters that look alike: Latin with Cyrillic or Greek."""
    for label in domain.split("."):
        scripts = {unicodedata.name(one, "").split(" ")[0] for one in label if one.isalpha()}
        if len(scripts & {"LATIN", "CYRILLIC", "GREEK"}) > 1:
            return True
    return False


def _address(local: str, domain: str) -> Address:
    envelope = f"{local}@{domain}"
    norm = f"{local.casefold()}@{domain}"
    return Address(envelope, envelope if norm == envelope else norm)


@lru_cache(maxsize=65_536)
def _plain_domain(domain: str) -> str:
    """The domain as the library gives it, or "" when it has a word to say about it."""
    from email_validator import EmailNotValidError, validate_email

    if "xn--" in domain.lower():
        return ""
    try:
        return validate_email(f"x@{domain}", check_deliverability=False, strict=True).ascii_domain
    except EmailNotValidError:
        return ""


@cache
def _caseless() -> frozenset[str]:
    """RFC 2142 names, which the library writes in lower case."""
    from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

    return frozenset(CASE_INSENSITIVE_MAILBOX_NAMES)
