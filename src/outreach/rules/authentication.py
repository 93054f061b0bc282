"""What our own mail server found out about a sender (RFC 8601). What any other server claims is not believed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from outreach.model.collected import PROVEN, MatchRule

NOT_CHECKED = "not checked"
_METHODS = ("dmarc", "spf", "dkim", "arc", "auth", "iprev")
_RESULT = re.compile(r"^\s*([a-z][a-z0-9-]*)(?:\s*/\s*\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_BAD = frozenset({"fail", "softfail", "permerror", "policy"})


def authentication(values: Sequence[str], server: str) -> str:
    """The results of the first Authentication-Results header of `server`, such as "dmarc=pass spf=pass".

    The first is the newest: headers are put in front. Without a server of our own, or a header of it, nothing was
    checked, and that is a value of its own (RFC 8601, 5: other servers' headers may be forged).
    """
    if not server:
        return NOT_CHECKED
    for value in values:
        parts = _parts(value)
        if parts and parts[0].split()[:1] and parts[0].split()[0].strip('"').lower() == server.lower():
            return _told(parts[1:])
    return NOT_CHECKED


def may_be_forged(said: str) -> bool:
    """Whether our server says that the sender is not who it claims to be."""
    results = [one.partition("=")[::2] for one in said.split() if "=" in one]
    dmarc = [result for method, result in results if method == "dmarc"]
    if dmarc and dmarc[0] in {"pass", "fail"}:
        return dmarc[0] == "fail"
    good = any(result == "pass" for method, result in results if method in {"spf", "dkim"})
    return not good and any(result in _BAD for method, result in results if method in {"spf", "dkim"})


def proven(rule: MatchRule | None, said: str) -> bool:
    """Whether a mail is from where it seems to be: it knows our letter's id, or our server vouches for its `From`.

    Only DMARC looks at the address that a person sees (RFC 7489, 3.1). A number or a thread of theirs is no proof: what
    an unproven mail names is learnt as well.
    """
    return rule in PROVEN or "dmarc=pass" in said.split()


def _told(parts: Sequence[str]) -> str:
    found: dict[str, list[str]] = {}
    for part in parts:
        result = _RESULT.match(part)
        if result:
            found.setdefault(result[1].lower(), []).append(result[2].lower())
    # Of several DKIM signatures one that holds is enough.
    best = {method: "pass" if "pass" in several else several[0] for method, several in found.items()}
    return " ".join(f"{method}={best[method]}" for method in _METHODS if method in best) or "none"


def _parts(value: str) -> list[str]:
    """A header's value between its semicolons, without comments; quoted strings may hold both."""
    parts, depth, quoted, now = [], 0, False, ""
    previous = ""
    for char in value[:8_000]:
        if quoted:
            now += char
            quoted = char != '"' or previous == "\\"
        elif char == "(":
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        elif depth:
            pass
        elif char == ";":
            parts.append(now)
            now = ""
        else:
            now += char
            quoted = char == '"'
        previous = char
    return [*parts, now]
