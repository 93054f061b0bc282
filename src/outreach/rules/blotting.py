"""No real address in what a rehearsal shows."""

from __future__ import annotations

import re

_WITH_AT = re.compile(r"\S*[@＠﹫]\S*")
_REHEARSED = re.compile(r"@rehearsal\.example(?![\w-]|\.\w)")


def blotted(text: str) -> str:
    """Text without real addresses: what a rehearsal may show of a sheet or a server."""
    return _WITH_AT.sub(_kept_or_blotted, text)


def _kept_or_blotted(found: re.Match[str]) -> str:
    left = _REHEARSED.sub("", found[0])
    return "(address in the sheet)" if _WITH_AT.search(left) else found[0]
