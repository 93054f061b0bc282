"""Who speaks: a mail system, by the traces that it leaves in a head. No trace alone decides anything."""

from __future__ import annotations

import re

from outreach.model.inbound import InboundMessage
from outreach.rules.bounce_languages import SUBJECTS

_BOXES = re.compile(
    r"(?:mailer|mail)[-_.]?daemon|post[-_]?master|mdaemon|mail[-_.]?(?:delivery|system|gateway|agent)|maildelivery"
    r"|(?:symantec|trend|mcafee|sophos|interscan|mailscan|mailmarshal)\S*|(?:email)?-?bounces?|undeliver\w*"
    r"|gwia|system-?administrator"
    r"|microsoftexchange[0-9a-f]{32}",  # Exchange since 2007, the same at every organisation
    re.IGNORECASE,
)
_ROBOT = re.compile(r"mail(?:er)?[-_.]?daemon@", re.IGNORECASE)
_NAMES = re.compile(
    r"mail(?:er)?[- ]?(?:delivery|daemon|administrator|system)|system administrator|post ?master"
    r"|internet mail delivery|x\.?400"
    r"|delivery (?:sub)?system|mail deliver|returned mail|mail gateway|administrador del sistema|systemadministrator",
    re.IGNORECASE,
)
_NULL = re.compile(r"<\s*>|<?mailer-daemon(?:@[^>\s]*)?>?\s*", re.IGNORECASE)
_SUBJECTS = re.compile(
    r"undeliver|undelivrable|unable to deliver|(?:mail|message|e-?mail|delivery)\W+(?:\w+\W+){0,3}(?:fail"
    r"|error|problem|not deliver)"
    r"|deliver\w* (?:status|warning|fail|notif|error|problem|report|delay)|return(?:ed|ing) (?:mail|message"
    r"|e-?mail|to sender)"
    r"|failure (?:notice|report|delivery)|fail(?:ed|ure)(?: to deliver)? mail|mail ?failure|nondeliver"
    r"|non[- ]deliver|ndn:|ndr"
    r"|(?:not|never|cannot|could ?n.t|could not)(?: yet)? (?:be(?:en)? )?(?:deliver|sent|send)"
    r"|message you sent blocked"
    r"|warning: (?:could not send|message)|delayed (?:mail|\d+ hours)|delivery (?:delayed|incomplete)"
    r"|mail (?:system error|status report)|rejected (?:mail|message)|(?:mail|message) rejected|bounced?\b"
    r"|postmaster notify" + "".join(f"|{one}" for one in SUBJECTS),
    re.IGNORECASE,
)
_ANSWER = re.compile(r"\s*(?:re|aw|sv|fwd?|wg|tr|rv|vs|antw|απ|отв|ynt|יש|رد)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)


def first(message: InboundMessage, name: str) -> str:
    """A field's first value, or ""."""
    return message.headers.get(name, ("",))[0]


def null_sender(message: InboundMessage) -> bool:
    """The envelope's sender is empty (RFC 5321 4.5.5, RFC 3834 3.3): whoever sends so wants no answer."""
    return any(_NULL.fullmatch(value.strip()) for value in message.headers.get("return-path", ()))


def mail_system(message: InboundMessage) -> bool:
    """The sender's box or name is that of a mail system (RFC 5321 4.5.1, RFC 2142, and what programs write)."""
    said = first(message, "from").strip()
    if not said or said in {"<>", "MAILER-DAEMON"}:
        return bool(message.headers.get("from")) or null_sender(message)
    rest = f"{message.sender_name} {said.partition('(')[2]}"
    return system_box(message) or bool(_NAMES.search(rest) or said.upper().startswith("MAILER-DAEMON"))


def system_box(message: InboundMessage) -> bool:
    """Its box is; a name alone may be that of people who look after the mail."""
    said = first(message, "from").strip()
    return _BOXES.fullmatch(re.split(r"[@\\\s(]", said.rpartition("<")[2])[0]) is not None


def robot(message: InboundMessage) -> bool:
    """The box is MAILER-DAEMON's, as which nobody writes by hand; as postmaster somebody may (RFC 5321 4.5.1)."""
    return first(message, "from").strip() in {"<>", ""} or _ROBOT.match(message.sender) is not None


def answers(message: InboundMessage) -> bool:
    """The subject begins as an answer or a forwarded mail does."""
    return _ANSWER.match(message.subject) is not None


def failure_subject(message: InboundMessage) -> bool:
    """The subject says that something was not delivered, and nobody answers or forwards that."""
    return (
        not answers(message)
        and not message.subject.rstrip().endswith("?")
        and _SUBJECTS.search(message.subject) is not None
    )


def report_type(message: InboundMessage) -> str:
    """Of a multipart/report (RFC 6522), lower-cased; "" = it is none, "?" = it does not say."""
    said = first(message, "content-type").lower().replace('"', "").replace(" ", "")
    if not said.startswith("multipart/report"):
        return ""
    found = re.search(r"report-type=([\w-]+)", said)
    return found[1] if found else "?"
