"""Who asks: from which network, in which language, and from which site. Values in, values out."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

_LANGUAGE = re.compile(r"([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?")  # RFC 9110 12.5.4
_LONGEST = 500  #: characters of a header that are looked at


def network_of(peer: str, forwarded: Sequence[str], proxies: Sequence[str]) -> str:
    """The visitor's address. `X-Forwarded-For` is believed as far as our own proxies wrote it, and no further."""
    trusted = [ipaddress.ip_network(one) for one in proxies]
    hops = [one.strip() for line in forwarded for one in line[-_LONGEST:].split(",")]
    found = peer
    while hops and _within(found, trusted):
        found = hops.pop()
    return found


def language_of(wanted: str, accepted: str, known: Sequence[str]) -> str:
    """The language of a page: the one that is asked for, else the visitor's favourite that is there, else the first."""
    if wanted in known:
        return wanted
    found = [_LANGUAGE.fullmatch(one.strip()) for one in accepted[:_LONGEST].split(",")]
    ranked = [(float(one[2] or 1), one[1].casefold()) for one in found if one]
    for weight, tag in sorted(ranked, key=lambda one: -one[0]):
        if weight and (match := _closest(tag, known)):
            return match
    return known[0]


def from_elsewhere(headers: Mapping[str, str], origins: Sequence[str]) -> bool:
    """Whether a form was sent by a page that is not one of ours, as the browser says (Fetch 3.2, Fetch Metadata 2.3).

    A browser that keeps the referrer to itself says `Origin: null`, of our own pages too: then Sec-Fetch-Site counts.
    """
    origin, site = headers.get("origin", ""), headers.get("sec-fetch-site", "")
    if origin not in {"", "null"}:
        return site != "same-origin" and origin not in origins
    return site not in {"", "same-origin"}


def says_whence(headers: Mapping[str, str]) -> bool:
    """Whether the browser says at all where a form was sent from."""
    return headers.get("origin", "null") != "null" or "sec-fetch-site" in headers


def origin_of(url: str) -> str:
    """The origin of an address of ours."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _within(address: str, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in one for one in networks)


def _closest(tag: str, known: Sequence[str]) -> str | None:
    """`pt-BR` finds `pt-BR`, else `pt`, else another `pt-…`."""
    for one in known:
        if one.casefold() == tag:
            return one
    base = tag.split("-", maxsplit=1)[0]
    return next((one for one in known if one.casefold().split("-")[0] == base), None)
