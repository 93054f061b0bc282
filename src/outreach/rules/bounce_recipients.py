"""Whose address failed, out of a report's words: the surest place first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from outreach.model.inbound import InboundMessage

_WIDE = "：，；（）。、「」"  #: Chinese and Japanese write these without a space around them
_A = rf"[^\s<>()\[\],;:\"'|*\\{_WIDE}]{{1,128}}@[^\s<>()\[\],;:\"'|*@\\{_WIDE}]{{1,255}}"
_ADDRESS = re.compile(_A)
_X400 = re.compile(r"(?i)(?:IMCEAEX|SMTP)[-=:](" + _A + ")")
_STRANGERS = re.compile(
    r"(?i)(?:mailer-daemon|post-?master|abuse|help-?desk|support|admin(?:istrator)?|noreply|no-reply)@"
)
_ABOUT_OTHERS = re.compile(
    r"(?i)mail from|^\s*(?:from|sender|message-?id|subject|cc|reply-to|return-path)\s*:|contact|(?<!in )reply to"
    r"|write to|questions|envelope-from"
    r"|assistance|if you (?:feel|believe|think)|https?://|mailto:\S+\?|originally sent by|your message from"
    r"|message sent by"
)

#: The surest first; each names whose habit it is.
_PLACES = tuple(
    re.compile(one, re.IGNORECASE | re.MULTILINE)
    for one in (
        rf"^[ \t]*error-for:[ \t]*<?({_A})",  # LSMTP, LISTSERV
        rf"^[ \t]*(?:final|original)-recipient:[^;\n]*;?[ \t]*<?({_A})",  # RFC 3464 as text
        rf"\"emailAddress\\?\"\s*:\s*\\?\"({_A})",  # Amazon SES over SNS
        (
            rf"following[ \t]+(?:(?:e-?mail |undelivered )?(?:recipient|address"
            rf"|user)\S*)[^\n:]{{0,80}}(?:\n[^\n:]{{0,60}})?:\s{{0,20}}[<>\"*-]{{0,3}}[ \t]?({_A})\S{{0,2}} on "
        ),
        # Exchange 5.5
        rf"generated from <?({_A})",  # Exim: an alias; the address that was written to
        rf"^[ \t]*<({_A})>[ \t]*:",  # qmail, Yahoo, Postfix
        (
            rf"^[ \t]*(?:-- |\* ?\[|>+ ?|\* "
            rf"|• )?<?({_A})>?\]?(?:<mailto:[^>\n]*>)?(?: \(.*\))?[ \t]*:?[ \t]*$"
        ),  # Exim, Exchange: on a line of its own
        (
            rf"^[ \t]*(?:undeliverable address|recipient(?: address)?|intended recipient|failed recipient|to"
            rf"|user)[ \t]*:[ \t]*<?({_A})"
        ),
        rf"rcpt to:?[ \t]*<?({_A})",  # a transcript of the session
        rf"^[ \t]*(?:>+ ?)?<?({_A})>?[ \t]*(?:\.\.\.|on \w{{3}},|;|:|,|\()",  # Exchange 5.5, sendmail, Mercury
        rf"[\"<]?({_A})[>\"]?,?[ \t]+(?:did|could|was|is|does|has|cannot|can't|user)\b",  # in a sentence
        (
            rf"(?:deliver\w*|sent|reach|addressed|full|recipient|mailbox|address|user|account|size|attempts"
            rf"|for)\b[^@\n]{{0,60}}?[ \t<\[(:\"']({_A})"
        ),
    )
)
_ENTRY = re.compile(rf"(?m)^[ \t]*[<'\"]?({_A})[>'\"]?(?=[ \t]*(?:[:(,]|$))")
_HEAD_TO = re.compile(rf"(?im)^(?:x-original-to|to|delivered-to):[^\n]*?<?({_A})")
_FOR = re.compile(rf"(?i)\bfor <?({_A})>?;")


def address_in(value: str) -> str:
    """The address in a field such as `rfc822; a@b.example`, also within X.400's and Exchange's wrappings."""
    said = value.rpartition(";")[2].strip() if ";" in value else value.strip()
    found = _X400.search(said) or _ADDRESS.search(said)
    return _tidy(found[found.lastindex or 0]) if found else ""


def recipients(message: InboundMessage, words: str) -> Iterator[str]:
    """The addresses that a report in words may mean, the likeliest first."""
    for value in message.headers.get("x-failed-recipients", ()):
        yield from (_tidy(one) for one in _ADDRESS.findall(value))
    ours = {one.lower() for one in message.recipients}
    lines = "\n".join(one for one in words.split("\n") if not _ABOUT_OTHERS.search(one))
    yield from _strangers_last((one for place in _PLACES for one in place.findall(lines)), ours)
    yield from _strangers_last(_ADDRESS.findall(message.subject), ours)
    yield from _strangers_last(_ADDRESS.findall(lines), ours)
    returned = message.returned or message.text[len(words) :][:8_000]
    # RFC 5321 4.4: "for" names whom the envelope was for, the last hop at the top.
    yield from _strangers_last(_FOR.findall(returned) + _HEAD_TO.findall(returned), ours)
    yield from (_tidy(one) for one in _ADDRESS.findall(lines))


def about(recipient: str, words: str) -> str:
    """Of a report's words those about one recipient: qmail, Postfix, Exim and others list each with its own reason.

    All of them where no other address begins a line.
    """
    heads = list(_ENTRY.finditer(words))
    own = [n for n, one in enumerate(heads) if _tidy(one[1]).lower() == recipient.lower()]
    if not own or len({one[1].lower() for one in heads}) < 2:
        return words
    ends = [*(one.start() for one in heads), len(words)]
    return "\n".join(words[ends[n] : ends[n + 1]] for n in own)


def _strangers_last(found: Iterable[str], ours: set[str]) -> Iterator[str]:
    return (_tidy(one) for one in found if _tidy(one).lower() not in ours and not _STRANGERS.match(one))


def _tidy(address: str) -> str:
    local, _, domain = address.strip(".'`-").rpartition("@")
    return f"{local}@{domain.lower().rstrip('.')}"
