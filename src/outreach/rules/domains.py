"""Whose domain it is: enough of the public suffixes to tell gov.bg from mfa.gov.bg, and mail providers from ministries.

The whole list (publicsuffix.org) has ten thousand lines and changes weekly. Here a wrong answer costs a guess in the
tray, never a status: what is not known to be a suffix under a state's own domain is taken for an owner's.
"""

from __future__ import annotations

_SECOND_LABELS = """
ac admin asso bund co com e edu europa fgov gc go gob gop gouv gov government govt gub gv gvmnt int kormany lg mil mod
ne net nic nom or org parliament sch state
"""
_PROVIDER_LABELS = """
126 163 abv aol bezeqint bk bluewin bol centrum citromail comcast fastmail free freemail gmail gmx googlemail hanmail
hey hotmail hushmail i icloud inbox interia laposte libero list live mac mail me msn naver netvision o2 onet op orange
outlook posteo post proton protonmail qq rambler rediffmail sapo seznam sfr sina skynet t-online telenet terra tiscali
tuta tutanota ukr uol videotron virgilio virgin wanadoo walla web wp yahoo yandex ymail ziggo zoho
"""
_SECOND = frozenset(_SECOND_LABELS.split())  #: under which owners register, or ministries stand side by side
_PROVIDERS = frozenset(_PROVIDER_LABELS.split())  #: first labels of providers at which anybody may have a box


def domain_of(address: str) -> str:
    """The domain of an address, lower case, without a dot at its end."""
    return address.rpartition("@")[2].strip().lower().rstrip(".")


def owner(domain: str) -> str:
    """The part of a domain that one owner has: `mfa.gov.bg` of `mail.mfa.gov.bg`; "" for a suffix alone."""
    labels = [one for one in domain.lower().split(".") if one]
    if len(labels) < 2:
        return ""
    suffix = 2 if (labels[-2] in _SECOND and len(labels[-1]) == 2) or labels[-2:] == ["europa", "eu"] else 1
    return ".".join(labels[-suffix - 1 :]) if len(labels) > suffix else ""


def is_provider(domain: str) -> bool:
    """Whether anybody may have an address there."""
    its = owner(domain)
    return bool(its) and its.partition(".")[0] in _PROVIDERS


def same_owner(one: str, other: str) -> bool:
    """Whether two domains are of one owner that is no mail provider."""
    its = owner(one)
    return bool(its) and its == owner(other) and not is_provider(one)


def aligned(one: str, other: str) -> bool:
    """Whether a mail server takes two domains for one organisation's, unless told to be strict (RFC 7489 3.1)."""
    return one == other or (bool(owner(one)) and owner(one) == owner(other))


def state_of(domain: str) -> str:
    """The state whose own top domain it is, as a code; "" for any other."""
    top = domain.rpartition(".")[2].upper()
    return {"UK": "GB"}.get(top, top) if len(top) == 2 and "." in domain else ""
