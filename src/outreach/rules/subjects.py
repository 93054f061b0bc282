"""Subjects, without what mail programs and gateways put around them, and how alike two are."""

from __future__ import annotations

import re
from collections import Counter

#: "Re:" and its like in the languages of the targets, and what marks a forwarded or an automatic mail.
_MARK = (
    r"(?:re|fw|fwd|aw|antw|wg|tr|rv|sv|vs|rif|r|i|ref|res|enc|odp|pd|ynt|ilt|cevap|bls|hv|vá|továbbítás|na|"
    r"отг|отн|ha|ответ|на|απ|σχετ|πρθ|תגובה|השב|הועבר|רד|رد|إعادة|الرد|automatic reply|auto|autoreply|"
    r"out of office|automatische antwort|réponse automatique|respuesta automática|risposta automatica|"
    r"undeliverable|undelivered mail|read|gelesen|accepted)"
    r"\s*(?:\[\d+\]|\(\d+\)|\^\d+)?\s*[:：]"
)
_TAG = r"[\[(*{][^\])}]{1,24}[\])*}]\s*"  #: such as "[EXTERNAL]"
_PREFIX = re.compile(rf"^\s*(?:{_MARK}|{_TAG})+\s*", re.IGNORECASE)
_GOES_ON = re.compile(rf"^\s*(?:{_TAG})*{_MARK}", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_CUT = 20  #: characters: so much of a subject that was cut is enough to know it by
_FEW = 3  #: words: a shorter subject is anybody's


def core(subject: str) -> str:
    """A subject's own words, casefolded."""
    return " ".join(_WORD.findall(_PREFIX.sub("", subject[:1_000]).casefold()))


def goes_on(subject: str) -> bool:
    """Whether a subject says that another mail came before, as "Re:" does."""
    return _GOES_ON.match(subject[:1_000]) is not None


def likeness(theirs: str, ours: str) -> float:
    """How alike two cores are, 0 to 1. A short subject is never fully alike: many letters are called "Request"."""
    if not theirs or not ours:
        return 0.0
    least = 1.0 if len(ours.split()) >= _FEW and len(ours) >= _CUT else 0.6
    if theirs == ours:
        return least
    if len(theirs) >= _CUT and ours.startswith(theirs):
        return 0.95 * least
    a, b = Counter(theirs.split()), Counter(ours.split())
    shared = (a & b).total()
    if ours in theirs:
        return 0.95 * least
    return least * 2 * shared / (a.total() + b.total())
