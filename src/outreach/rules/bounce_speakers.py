"""Whether a server speaks: the less a mail's head says so, the more its words must.

A person who tells of a mail that came back, or sends one on, is no server; an automatic reply has a server's empty
sender, too.
"""

from __future__ import annotations

import re

from outreach.model.inbound import InboundMessage
from outreach.rules.bounce_families import FAMILIES, Family
from outreach.rules.daemons import answers, failure_subject, mail_system, null_sender, report_type, robot, system_box

_REPORTS = frozenset({"delivery-status", "?"})
#: RFC 5321 4.2, RFC 3463 2: a reply's code is followed by a word, as a telephone number is not.
_CODE = re.compile(r"(?i)\b(?:4[25]|5[0-57])\d[ -]+(?:#?[45]\.\d\.|[^\W\d]|<)|(?<![\d.])[45]\.\d\.\d{1,3}\b|rcpt to\W")
#: Within one line, each part bounded: unbounded parts that may match the same take minutes over a strange mail.
_ADDRESS_ALONE = re.compile(r"(?m)(?:^|:)[ \t<>\"*-]{0,20}[^\s<>@:]{1,64}@[^\s<>@]{1,255}[^\w\n]{0,80}$")
#: How people greet, on a line of its own, and how they speak of themselves. Servers of some families do one of it.
_GREETS = re.compile(
    r"(?im)^(?:dear (?!sir|customer|user|sender)|hello|hi|good (?:morning|day|afternoon|evening)|liebe|sehr geehrte"
    r"|guten tag|bonjour|madame|monsieur|buen[oa]s|estimad|buongiorno|gentile|bom dia|goedendag|merhaba|здравствуйте"
    r"|уважаем|[你您]好|お世話)(?! this is)[^\n.@]{0,40}[,!:，：]?[ \t]*$"
)
_SPEAKS = re.compile(
    r"(?<![\w.@-])(?:I|[Mm]y|me|us|[Ii]ch|[Mm]ein\w*|uns|[Jj]e|mon|nous|yo|[Mm]i|меня|мне|я|我们?)(?![\w@-]|\.\w)"
)


def machine(message: InboundMessage) -> bool:
    """The head is a mail system's, or it may be."""
    return mail_system(message) or null_sender(message) or "x-failed-recipients" in message.headers


def may_speak(message: InboundMessage) -> bool:
    """Something in the head speaks for a mail about a failed delivery; nothing is said of its words."""
    return machine(message) or _webhook(message) or report_type(message) in _REPORTS or failure_subject(message)


def believed(message: InboundMessage, family: Family | None, words: str) -> bool:
    """Whether a server speaks: the less the head says so, the more its words must."""
    if "x-failed-recipients" in message.headers:
        return True  # Exim, Gmail: nobody else writes this field
    if _webhook(message):
        return family is not None
    words = words.replace(message.sender, "") if message.sender else words  # below a signature stands one's own address
    common = family is None or family.common
    greets, speaks = _GREETS.search(words) is not None, _SPEAKS.search(words) is not None
    if robot(message) and (family or failure_subject(message) or _spoken(words)):
        return True
    if mail_system(message) or report_type(message) in _REPORTS:
        if answers(message) and not null_sender(message):  # a postmaster may answer, and James calls its reports so
            return not common or (family is not None and not (greets or speaks) and _CODE.search(words) is not None)
        if greets and speaks and not null_sender(message):
            return not common
        if failure_subject(message):
            return family is not None or null_sender(message) or "@" in words
        said = _spoken(words) if system_box(message) else _CODE.search(words) is not None
        return family is not None and (not common or null_sender(message) or said)
    if answers(message) or (common and (greets or speaks)):
        return False
    if null_sender(message):  # RFC 3834 3.3: automatic replies have it as well
        return failure_subject(message) or (family is not None and _spoken(words))
    if family is None or greets or speaks or not failure_subject(message) or not _begins(words):
        return False
    return ("@" in words and _CODE.search(words) is not None) or (
        not common and (bool(message.returned) or _spoken(words))
    )


def _begins(words: str) -> bool:
    """Their first line is a server's: a person who sends a report on writes a word above it."""
    line = words.lstrip().partition("\n")[0]
    return _spoken(line) or any(one.words.search(line) for one in FAMILIES)


def _spoken(words: str) -> bool:
    """An address on a line of its own, or a server's code, stands in them."""
    return _CODE.search(words) is not None or _ADDRESS_ALONE.search(words) is not None


def _webhook(message: InboundMessage) -> bool:
    """Amazon SES tells of bounces over its notification service, as JSON in a mail."""
    return message.sender.endswith("@sns.amazonaws.com") and "Bounce" in message.text[:2_000]
