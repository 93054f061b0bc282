"""What else a mail carries: proposed to a person with the words that it was found in, never applied by itself."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import accumulate

from outreach.model.inbound import Finding, FindingKind
from outreach.rules.phrasebook import Phrasebook, Sentence
from outreach.rules.wording import folded, has_digit

LONGEST_WORDS = 300  #: characters of a finding's sentence
LONGEST_TEXT = 20_000  #: characters that reference numbers are looked for in
MOST = 20

_ADDRESS = re.compile(r"[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_DOTTED = re.compile(r"(?<!\d)(\d{1,2})[./](\d{1,2})[./](\d{4})(?!\d)")
_DAY_NAME_YEAR = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|\.|-?го|-?та|η|ης)?\s+(?:(?:de|of|do|del|ב"
    r"|من)\s+)?([^\W\d]+)\.?,?\s+(?:(?:de|del|do)\s+)?(\d{4})"
)
_NAME_DAY_YEAR = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")


def findings(sentences: Sequence[Sentence], book: Phrasebook, *, machine: bool) -> tuple[Finding, ...]:
    """What the new words carry; a machine's mail makes no commitments and asks nothing."""
    found = [*_references(sentences, book)]
    for at, one in enumerate(sentences):
        after = sentences[at + 1].words if at + 1 < len(sentences) else ""
        found += _of_sentence(one, after, book, machine=machine) if one.hits else ()
    seen: dict[tuple[FindingKind, str], Finding] = {}
    for finding in found:
        seen.setdefault((finding.kind, finding.value or finding.words), finding)
    return tuple(seen.values())[:MOST]


def _of_sentence(one: Sentence, after: str, book: Phrasebook, *, machine: bool) -> Iterator[Finding]:
    if rule := one.rule("contact_change"):
        yield _named(FindingKind.CONTACT_CHANGE, one, after, rule)
    if rule := one.rule("referral"):
        yield _named(FindingKind.REFERRAL, one, after, rule)
    if (rule := one.rule("deadline")) and (day := day_in(one.words, book)):
        yield _finding(FindingKind.DEADLINE, day, one, rule)
    if machine:
        return
    if rule := one.rule("clarification"):
        yield _finding(FindingKind.CLARIFICATION, "", one, rule)
    if rule := one.rule("commitment"):
        yield _finding(FindingKind.COMMITMENT, day_in(one.words, book), one, rule)


def _references(sentences: Sequence[Sentence], book: Phrasebook) -> Iterator[Finding]:
    """Over the ends of sentences: "Our ref. 12/26" has one in its middle."""
    digits = [has_digit(one.words) for one in sentences]
    near = [one for at, one in enumerate(sentences) if any(digits[at : at + 2])]
    begins = list(accumulate((len(one.words) + 1 for one in near), initial=0))
    for found in book.reference.finditer("\n".join(one.words for one in near)[:LONGEST_TEXT]):
        number = found["number"].strip("./-_")
        if any(char.isdigit() for char in number) and len(number) >= 3 and not re.fullmatch(r"(?:19|20)\d\d", number):
            yield _finding(FindingKind.REFERENCE, number, near[bisect_right(begins, found.start("number")) - 1])


def day_in(words: str, book: Phrasebook) -> str:
    """The last day that a sentence names, in ISO form; "" = none that is sure."""
    found = [(int(year), int(month), int(day)) for year, month, day in _ISO.findall(words)]
    found += [(int(year), int(month), int(day)) for day, month, year in _DOTTED.findall(words)]
    found += [
        (int(year), book.months.get(folded(name).strip(), 0), int(day))
        for day, name, year in _DAY_NAME_YEAR.findall(words)
    ]
    found += [
        (int(year), book.months.get(folded(name).strip(), 0), int(day))
        for name, day, year in _NAME_DAY_YEAR.findall(words)
    ]
    days = [day for one in found if (day := _day(*one))]
    return max(days, default="")


def _day(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def _address(words: str) -> str:
    found = _ADDRESS.search(words)
    return found[0].rstrip(".") if found else ""


def _named(kind: FindingKind, one: Sentence, after: str, rule: str) -> Finding:
    """ "Ms X has left. Please write to Y.": the address may stand in the next sentence, which is quoted then, too."""
    here, there = _address(one.words), _address(after)
    words = one.words if here or not there else f"{one.words} {after}"
    return Finding(kind=kind, value=here or there, words=words[:LONGEST_WORDS], rule=rule)


def _finding(kind: FindingKind, value: str, one: Sentence, rule: str = "") -> Finding:
    return Finding(kind=kind, value=value, words=one.words[:LONGEST_WORDS], rule=rule)
