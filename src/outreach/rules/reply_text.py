"""The new words of an answer, without what it quotes and without its signature. The whole mail always stands beside it.

Losing a ministry's word is worse than keeping a quote: what lies between quotes stays, and so does what is in doubt.
"""

from __future__ import annotations

import re
from itertools import islice

from outreach.rules.reply_marks import Marks, is_rule

MOST_LINES = 4_000
_MOST_SIGNED = 12  #: lines of a signature
_LONGEST_FOOT = 60  #: lines at the end among which a signature may begin
_SHORT = 70  #: characters of a line of one
_ATTRIBUTION = 400  #: characters of "On … wrote:", over three lines
_QUOTED = re.compile(r"\s*(?:[>|]|[A-Za-z]{1,3}>(?:\s|$))")  # RFC 3676 4.5; old readers put initials in front
_DRAWN = "-" * 30  #: a line that somebody drew (`<hr>`), as Gmail writes it in plain text
_CONTACT = re.compile(
    r"[^\s@]{1,64}@[^\s@]{1,200}\.\w|\bwww\.|https?://|(?:\+|\b00|\(0?)\d[\d ()/.-]{6,}"
    r"|\(\d{3}\) ?\d{3}|\d{3}[-.]\d{3}[-.]\d{4}"
)


def new_words(text: str, marks: Marks) -> str:
    """What somebody wrote now."""
    lines = text.replace("\r\n", "\n").replace("\xa0", " ").split("\n")[:MOST_LINES]
    lines = _without_signature(_above_quote(lines, marks), marks)
    said = "\n".join(one.rstrip() for one in lines).strip("\n ")
    return said or "\n".join(one.rstrip() for one in text.split("\n")).strip("\n ")


def surely_new_words(text: str, marks: Marks) -> str:
    """What somebody wrote now and nobody else before, which may be nothing: here losing a word is better than a quote.

    Where a mail begins with what stands above a quote, and nothing marks that quote's lines, all of it is doubtful.
    """
    lines = _trimmed(text.replace("\r\n", "\n").split("\n")[:MOST_LINES])
    if not lines:
        return ""
    above = _attribution(lines, 0, marks)
    if _head_of_quote(lines, 0, marks) or (above and not _quoted_next(lines[above:])):
        return ""
    new = new_words(text, marks).split("\n")
    return "\n".join(one for one in new if not _QUOTED.match(one)).strip("\n ")


def quotes(text: str, marks: Marks) -> bool:
    """Whether the mail quotes another one."""
    lines = text.split("\n")[:MOST_LINES]
    return any(_QUOTED.match(one) for one in lines) or len(_above_quote(lines, marks)) < len(_trimmed(lines))


def _above_quote(lines: list[str], marks: Marks) -> list[str]:
    """Without the quote below or above the new words; quotes between them stay, without the line above them."""
    lines = _trimmed(lines)
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        if _head_of_quote(lines, at, marks):
            if _any_words(lines[:at]):
                return _trimmed(lines[:at])
            lines = _trimmed(_behind_head(lines, at))
            at = 0
            continue
        length = _attribution(lines, at, marks)
        if length:
            before, behind = _trimmed(lines[:at]), lines[at + length :]
            if before and not _answered_below(behind, marks):
                return before
            lines = before + _without_quote_above(behind, bare=not before)
            at = len(before)
            continue
        at += 1
    return _without_quote_below(_without_quote_above(lines, bare=True))


def _attribution(lines: list[str], at: int, marks: Marks) -> int:
    """How many lines "On … wrote:" takes here, 0 = none."""
    for length, last in enumerate(lines[at : at + 3], 1):
        said = _joined(lines, at, length) if _ends_it(last) else ""
        if not said:
            continue
        later = [one for cut in range(1, length) if (one := _joined(lines, at + cut, length - cut))]
        if marks.led.fullmatch(said):
            return 0 if any(map(marks.led.fullmatch, later)) else length
        if marks.named.fullmatch(said):
            if any(marks.led.fullmatch(one) or (_balanced(one) and marks.named.fullmatch(one)) for one in later):
                return 0  # the first line was somebody's words
            return length if "@" in said or _quoted_next(lines[at + length :]) else 0
    return 0


def _balanced(said: str) -> bool:
    """No address was begun on the line before."""
    return ">" not in said.partition("<")[0]


def _quoted_next(lines: list[str]) -> bool:
    return next((bool(_QUOTED.match(one)) for one in lines[:4] if one.strip()), False)


def _joined(lines: list[str], at: int, length: int) -> str:
    """Some lines as one, "" = they are no three lines of one sentence."""
    if at + length > len(lines) or not _ends_it(lines[at + length - 1]):
        return ""
    some = [one.strip() for one in lines[at : at + length]]
    if not all(some) or any(_QUOTED.match(one) and one[1:].strip() != ":" for one in some):
        return ""
    said = " ".join(some)
    return said if len(said) <= _ATTRIBUTION else ""


def _ends_it(line: str) -> bool:
    if ":" not in line and "：" not in line and " GMT" not in line:
        return False
    return line.rstrip("*_ \u202c")[-1:] in {":", "："} or " GMT" in line


def _head_of_quote(lines: list[str], at: int, marks: Marks) -> bool:
    """ "Original message", or From, Sent, To and Subject as programs put them above what they quote."""
    if marks.original.fullmatch(lines[at]):
        return True
    if (":" not in lines[at] and "：" not in lines[at]) or not marks.fields[0].fullmatch(lines[at]):
        return False
    return sum(bool(marks.fields[1].fullmatch(one)) for one in lines[at + 1 : at + 9] if len(one) < 1_000) >= 2


def _behind_head(lines: list[str], at: int) -> list[str]:
    return lines[at + 1 :]


def _answered_below(lines: list[str], marks: Marks) -> bool:
    """Whether own words stand below the first quote."""
    quoted = next((n for n, one in enumerate(lines) if one.strip()), len(lines))
    if quoted == len(lines) or not _QUOTED.match(lines[quoted]):
        return False
    own = _trimmed([one for one in lines[quoted:] if not _QUOTED.match(one)])
    return _any_words(own) and not _signature([*own[:1], ""], 0, marks) and not _signature(own, 0, marks)


def _without_quote_above(lines: list[str], *, bare: bool) -> list[str]:
    lines = _trimmed(lines)
    if not bare or not lines or not _QUOTED.match(lines[0]):
        return lines
    end = next((n for n, one in enumerate(lines) if one.strip() and not _QUOTED.match(one)), len(lines))
    return _trimmed(lines[end:]) or lines


def _without_quote_below(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and (not lines[end - 1].strip() or _QUOTED.match(lines[end - 1])):
        end -= 1
    return lines[:end] or lines


def _without_signature(lines: list[str], marks: Marks) -> list[str]:
    lines = _without_quote_below(_without_rules(_trimmed(lines)))
    last = len(lines) - _LONGEST_FOOT
    for at in range(1, len(lines)):
        found = _signature(lines, at, marks) if at > last else _device(lines[at], marks)
        if found and _any_words(lines[:at]):
            return _without_quote_below(_without_rules(_trimmed(lines[:at])))
    return lines


def _signature(lines: list[str], at: int, marks: Marks) -> bool:
    """Whether the rest, from here on, is a signature."""
    line = lines[at]
    if not line.strip():
        return False
    if _device(line, marks):
        return True
    dashes = line.rstrip() == "--"  # RFC 3676 4.3
    closes = len(line) <= _SHORT and marks.closing.fullmatch(line) is not None
    rule = is_rule(line) and len(line.strip()) > 2
    alone = not lines[at - 1].strip()
    if not (dashes or closes or rule or alone):
        return False
    rest = list(islice(filter(str.strip, lines[at + 1 :]), 2 * _MOST_SIGNED + 1))  # more of them are no signature
    if dashes:
        return len(rest) <= 2 * _MOST_SIGNED
    short = len(rest) <= _MOST_SIGNED and all(len(one.strip()) <= _SHORT for one in rest)
    if not short:
        return False
    if closes:
        return bool(rest) and not any(_sentence(one) for one in rest)
    if rule:
        return 1 <= len(rest) <= 4 and alone
    return alone and _contacts([line, *rest])


def _device(line: str, marks: Marks) -> bool:
    """ "Sent from my iPhone": programs put it below the new words and above the quote."""
    return 5 < len(line) <= 110 and marks.device.fullmatch(line) is not None


def _contacts(block: list[str]) -> bool:
    """A block of a name, a telephone number, an address: two of them at least, and no sentence."""
    return (
        2 <= len(block) <= 8
        and sum(bool(_CONTACT.search(one)) for one in block) >= 2
        and not any(map(_sentence, block))
    )


def _sentence(line: str) -> bool:
    said = line.rstrip()
    return said.endswith(("?", ":", ";")) or (said.endswith((".", "!")) and len(said.split()) > 6)


def _without_rules(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and (not lines[end - 1].strip() or (is_rule(lines[end - 1]) and lines[end - 1].strip() != _DRAWN)):
        end -= 1
    return lines[:end] or lines


def _any_words(lines: list[str]) -> bool:
    return any(any(char.isalnum() for char in one) for one in lines)


def _trimmed(lines: list[str]) -> list[str]:
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return lines[start:end]
