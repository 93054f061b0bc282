"""The form's stamp: signed, of one campaign, with its time. All that a site without cookies has of a form it gave out.

It counts once: whoever takes the form spends the stamp's id in the ledger.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LIFE = timedelta(hours=12)  #: so long a person may take over a letter
_ID, _TIME, _MAC = 16, 8, 32  #: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A form that we gave out."""

    id: str
    until: datetime  #: aware UTC


def key_for(secret: bytes, what: str) -> bytes:
    """A key of its own for each use of the secret."""
    return hmac.new(secret, f"web\0{what}".encode(), hashlib.sha256).digest()


def new_stamp(secret: bytes, campaign: str, *, now: datetime, random: bytes) -> str:
    """A stamp as text. `random` is 16 bytes."""
    head = random[:_ID] + int(now.timestamp()).to_bytes(_TIME, "big")
    return base64.urlsafe_b64encode(head + _mac(secret, campaign, head)).decode().rstrip("=")


def read_stamp(secret: bytes, campaign: str, text: str, *, now: datetime) -> Stamp | None:
    """The stamp; None for one that is not ours, not this campaign's, or too old."""
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    head, mac = raw[: _ID + _TIME], raw[_ID + _TIME :]
    if len(raw) != _ID + _TIME + _MAC or not hmac.compare_digest(mac, _mac(secret, campaign, head)):
        return None
    until = datetime.fromtimestamp(int.from_bytes(head[_ID:], "big"), UTC) + LIFE
    return Stamp(id=head[:_ID].hex(), until=until) if now < until else None


def _mac(secret: bytes, campaign: str, head: bytes) -> bytes:
    return hmac.new(key_for(secret, f"form\0{campaign}"), head, hashlib.sha256).digest()
