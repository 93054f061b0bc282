"""What a mail says of whom it belongs to: our ids wherever they stand, and names that the other side gave.

Our id is 26 letters and digits that nobody can guess. So it is looked for by itself: whatever a gateway does to the
Message-ID around it (other case, no brackets, another domain, a prefix, a line end in its middle), the id is found.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from outreach.model.collected import ReferenceKind
from outreach.model.inbound import FindingKind, InboundKind, InboundMessage, Triage
from outreach.rules.wording import has_digit

LENGTH = 26  #: of an id, see rules.identity
LONGEST_TEXT = 200_000  #: characters of a mail's text that are searched
TO_ME = "to-me."  #: how Message-IDs of copies in the organiser's own box begin

_RUN = re.compile(r"[a-z0-9]{26,200}")
#: Letters and digits as one letter, all else as none: whether a text has a run at all is known twenty times as fast.
_SAME = bytes(ord("a") if chr(code).isascii() and chr(code).isalnum() else ord(" ") for code in range(256))
_LONG = b"a" * LENGTH
# With a line end, a quote's mark or a soft break inside; after a sign, as in our Message-IDs and addresses.
_BROKEN = re.compile(r"[.+_=\-/<:\"'%]([a-z0-9](?:[\s>|=]{0,8}[a-z0-9]){25})")
_GAPS = re.compile(r"[\s>|=]+")
#: Characters that nobody sees: web mail breaks long words with them, and writers of Hebrew and Arabic put direction
#: marks around an address (UAX #9 2, UAX #44 Default_Ignorable_Code_Point).
_INVISIBLE = dict.fromkeys(
    (0xAD, 0x61C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF)
)
_FOR = re.compile(r"\bfor\s+<?([^\s<>;]+@[^\s<>;]+)", re.IGNORECASE)
_CAME_TO = (
    *("delivered-to", "x-delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to"),
    *("x-rcpt-to", "resent-to", "apparently-to", "x-apparently-to"),
    *("original-recipient", "x-mdrcpt-to"),  # RFC 8098 2.3; MDaemon
)
_ANSWERS = (
    *("in-reply-to", "references", "original-message-id", "x-original-message-id"),
    *("x-ms-exchange-parent-message-id", "x-in-reply-to", "x-references"),
)
_WORDS = re.compile(r"[^\s,;:()<>\[\]\"'«»„“”]+")
_DIGITS = re.compile(r"\d")
_LABEL = 6  #: characters of a word without digits that may be part of a number, such as MSZ
_MOST_NUMBERS = 200  #: words with digits in one mail that are looked at
_FROM_DIGIT = re.compile(r"\d[^\s,;:()<>\[\]\"'«»„“”]{0,99}")  # never `…*\d`, which is quadratic
_NEAR = 24  #: characters: so far from its neighbours a part of a number may stand
_INDEX_HEAD = 22  #: bytes of a Thread-Index that a conversation shares (MS-OXOMSG 2.2.1.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """Ids that are in the book, by the place where they stand, the most telling first."""

    own: tuple[str, ...] = ()
    came_to: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    to_me: bool = False  #: it is, or is about, a copy in the organiser's own box


def find(text: str, known: Container[str]) -> Iterator[str]:
    """The known ids in a text, in its order, each as often as it stands there."""
    text = text.lower()
    if not text.isascii():
        text = text.translate(_INVISIBLE)
    if len(text) < LENGTH:
        return iter(())
    found = []
    for run in _RUN.finditer(text) if _LONG in text.encode("ascii", "replace").translate(_SAME) else ():
        word, begin = run[0], run.start()
        ends = range(LENGTH, len(word) + 1)
        found += [(begin + end, one) for end in ends if (one := word[end - LENGTH : end]) in known]
    for broken in _BROKEN.finditer(text):
        if (one := _GAPS.sub("", broken[1])) in known:
            found.append((broken.end(), one))
    return (one for _, one in sorted(found))


def clues(message: InboundMessage, known: Container[str]) -> Clues:
    """Every known id that a mail names.

    A read receipt names what it answers in a part of its own (RFC 8098 3.2.5). What stands in the text, or out of its
    reader's sight (`InboundMessage.unseen`), is quoted: it is ours, and moves nothing.
    """
    answers = [*reversed((*message.references, *message.in_reply_to)), *_values(message, _ANSWERS)]
    answers += [message.receipt.get("original-message-id", "")]
    returned = [message.returned, *message.report_fields.values(), *message.feedback.values()]
    returned += [value for one in message.report for value in one.fields.values()]
    whole = [message.message_id, *answers, message.returned]
    return Clues(
        own=_known([message.message_id], known),
        came_to=came_to(message, known),
        answers=_known(answers, known),
        returned=_known(returned, known),
        quoted=_known([message.subject, message.text[:LONGEST_TEXT], message.unseen], known),
        to_me=any(TO_ME in one.lower() for one in whole),
    )


def came_to(message: InboundMessage, known: Container[str]) -> tuple[str, ...]:
    """The known ids in the addresses that a mail came to."""
    return _known([*message.recipients, *_values(message, _CAME_TO), *_received_for(message)], known)


def references(message: InboundMessage) -> tuple[tuple[ReferenceKind, str], ...]:
    """What may be a name that the other side has for a correspondence: to be looked up among those that were learnt."""
    ids = [one for one in (*message.references, *message.in_reply_to) if one]
    found = [(ReferenceKind.MESSAGE_ID, bare(one)) for one in ids]
    found += [(ReferenceKind.THREAD_INDEX, one) for one in _conversation(message)]
    found += [(ReferenceKind.NUMBER, one) for one in _numbers(f"{message.subject}\n{message.text[:20_000]}")]
    return tuple(dict.fromkeys(found))


def teachings(message: InboundMessage, triage: Triage) -> tuple[tuple[ReferenceKind, str], ...]:
    """What a mail that surely belongs to a correspondence teaches: its names for later ones. Reports teach nothing."""
    if triage.kind in {InboundKind.BOUNCE_HARD, InboundKind.BOUNCE_SOFT, InboundKind.COMPLAINT}:
        return ()
    found = [(ReferenceKind.MESSAGE_ID, bare(message.message_id))] if message.message_id else []
    found += [(ReferenceKind.THREAD_INDEX, one) for one in _conversation(message)]
    numbers = [squeezed(one.value) for one in triage.findings if one.kind is FindingKind.REFERENCE]
    found += [(ReferenceKind.NUMBER, one) for one in numbers if telling(one)]
    return tuple(dict.fromkeys(one for one in found if one[1]))


def bare(message_id: str) -> str:
    """A Message-ID for comparison: without brackets and blanks, lower case; gateways change all three."""
    return re.sub(r"[\s<>]+", "", message_id).lower()[:500]


def squeezed(number: str) -> str:
    """A file number for comparison: its letters and digits alone."""
    return "".join(char for char in number.casefold() if char.isalnum())[:100]


def telling(number: str) -> bool:
    """Whether a squeezed number can name one letter: a year or a page number cannot."""
    return len(number) >= 6 and len(_DIGITS.findall(number)) >= 4


def _known(texts: Iterable[str], known: Container[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for text in texts if text for one in find(text, known)))


def _values(message: InboundMessage, names: Sequence[str]) -> list[str]:
    return [value for name in names for value in message.headers.get(name, ())]


def _received_for(message: InboundMessage) -> list[str]:
    return [found[1] for value in message.headers.get("received", ())[:10] if (found := _FOR.search(value))]


def _conversation(message: InboundMessage) -> Iterator[str]:
    for value in message.headers.get("thread-index", ())[:1]:
        try:
            head = base64.b64decode("".join(value.split()), validate=True)[:_INDEX_HEAD]
        except (binascii.Error, ValueError):
            continue
        if len(head) == _INDEX_HEAD:
            yield head.hex()


def _numbers(text: str) -> Iterator[str]:
    """Words with digits, alone and with their neighbours: `MSZ 04-12 / 345` is written in many ways."""
    for found in islice(_FROM_DIGIT.finditer(text), _MOST_NUMBERS) if has_digit(text) else ():
        head = text[max(0, found.start() - 2 * _NEAR) : found.start()]
        whole = _WORDS.findall(f"{head}{found[0]}")[-1]  # with what stands before its first digit
        before = _short_words(head[: len(head) - len(whole) + len(found[0])])[-2:]
        after = _short_words(text[found.end() : found.end() + 2 * _NEAR])[:3]
        words = [*before, squeezed(whole), *after]
        at = len(before)
        for begin in range(at + 1):
            for end in range(at + 1, min(len(words), begin + 4) + 1):
                number = "".join(words[begin:end])
                if telling(number):
                    yield number


def _short_words(text: str) -> list[str]:
    """Words that may be part of a number: they have digits, or are short."""
    words = [squeezed(one) for one in _WORDS.findall(text)]
    return [one for one in words if one and (len(one) <= _LABEL or _DIGITS.search(one))]
