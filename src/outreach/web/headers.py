"""What every answer carries: nothing is loaded from elsewhere, framed without leave, kept, or told to another site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; worker-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors "
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex",
}

#: Of whatever a link with a token leads to, of errors, and of all that says nothing else.
CLOSED: Mapping[str, str] = {
    **_ALWAYS,
    "Content-Security-Policy": f"{_POLICY}'none'",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def open_headers(embed: Sequence[str]) -> Mapping[str, str]:
    """Of a page whose address holds no secret, which the sites of `embed` may show in a frame.

    The address is told to ourselves alone. Browsers without Sec-Fetch-Site then say where a form was sent from, which
    `no-referrer` would make `Origin: null` (Fetch 3.2).
    """
    framed = {"Content-Security-Policy": _POLICY + " ".join(embed)} if embed else {}
    kept = {name: value for name, value in CLOSED.items() if not (embed and name == "X-Frame-Options")}
    return {**kept, **framed, "Referrer-Policy": "same-origin", "X-Robots-Tag": "all"}


STATIC: Mapping[str, str] = {**CLOSED, "Cache-Control": "public, max-age=31536000, immutable"}
