"""What mail servers write when a letter comes back and they do not write RFC 3464: one line for each family."""

from __future__ import annotations

import re
from dataclasses import dataclass

from outreach.rules.bounce_languages import FAILED

MOST_WORDS = 12_000  #: characters of a report that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A kind of server, and the words by which its reports are known."""

    name: str
    words: re.Pattern[str]
    common: bool = False  #: people write such words as well


def _family(name: str, *patterns: str, common: bool = False) -> Family:
    return Family(name=name, words=re.compile("|".join(patterns), re.IGNORECASE), common=common)


FAMILIES = (
    _family(
        "qmail",
        r"this is the \S+ program at|this is the mail delivery agent at|^hi\. this is the",
        r"n't able to deliver your message",
    ),
    _family(
        "yahoo", r"unable to deliver (?:your )?message to the following", r"message from \S+\.\s+unable to deliver"
    ),
    _family(
        "exim",
        r"created automatically by (?:the )?(?:mail delivery software|smtp relay|.{0,40}mail server)",
        r"could not be delivered to (?:one or more|all) of (?:its|the)\s+recipients",
        r"incorrectly\s+constructed",
    ),
    _family(
        "postfix",
        r"this is the (?:postfix|mail system) (?:program )?at host",
        r"your message could not\s+be delivered to one or more",
    ),
    _family(
        "sendmail",
        r"-----+ ?(?:the following addresses|transcript of session)",
        r"permanent fatal (?:delivery )?errors",
        r"had (?:permanent|transient) .{0,20}errors",
    ),
    _family(
        "exchange",
        r"did not reach the following recipient",
        r"delivery (?:has failed|to the following recipients)",
        r"MSEXCH:",
        r"The following recipient\(s\) (?:could not be|cannot be) reached",
        r"delivery has failed to these recipients",
    ),
    _family(
        "domino",
        r"was not delivered to:[\s\S]{1,300}because:",
        r"not listed in (?:the )?domino directory",
        r"\bX-Notes\b",
    ),
    _family(
        "gmail",
        r"delivery to the following recipients? (?:failed|has been delayed)",
        r"your message wasn.t delivered to",
        r"address not found|message (?:blocked|not delivered)\b",
        r"google (?:tried to deliver your message|groups)",
    ),
    _family("groupwise", r"The message that you sent was undeliverable", r"GroupWise"),
    _family("mdaemon", r"permanent fatal delivery errors", r"session transcript", r"did NOT receive a copy"),
    _family(
        "imail",
        r"(?:user mailbox exceeds allowed size|unknown user|invalid final delivery userid"
        r"|undeliverable address): \S+@",
        r"delivery failed \d+ attempts",
        r"unknown host: \S+@",
    ),
    _family("mailenable", r"message could not be delivered to some recipients", r"mailenable"),
    _family("x400", r"message undelivered|MTS-ID|the X\.?400", r"this report relates to a message you sent"),
    _family("listserv", r"Error-for:\s", r"An error was detected while (?:processing|sending)"),
    _family("amazon", r"\"notificationType\\?\"\s*:\s*\\?\"Bounce", r"an error occurred while trying to deliver"),
    _family("dragonfly", r"there was an error delivering your mail to"),
    _family(
        "opensmtpd",
        r"this is the mailer-daemon, please do not reply",
        r"an error has occurred while attempting to deliver",
    ),
    _family("courier", r"this is a delivery status notification from", r"UNDELIVERABLE MAIL"),
    _family("interscan", r"(?:following )?mail could not be delivered", r"virus ?wall"),
    _family("messagingserver", r"your message cannot be delivered to the following recipients"),
    _family("zimbra", r"delivery failure notification message"),
    _family(
        "mcafee",
        r"the following recipients? (?:was|were|did) not",
        r"the message you sent to .{1,200} could not be delivered",
    ),
    _family("james", r"error message below:"),
    _family(
        "generic",  # the words that nearly all of them share
        r"(?:could|can|has|was|were|may|is)(?: ?n.t| ?not)(?: yet| able to)?(?: be| been)? (?:deliver|reach"
        r"|sent|accepted)\w*"
        r"|(?:unable|failed|failure|not possible|impossible|not able) (?:to|in) (?:deliver|send)"
        r"|undeliver(?:able|ed)|not delivered"
        r"|delivery (?:attempt\w* )?(?:fail|error|problem)\w*|(?:mail|message) (?:delivery )?failed"
        r"|returned to (?:the )?sender|has been returned"
        r"|(?:has been|is|was) (?:postponed|delayed)|mail(?:box)? is full|no such (?:user|recipient)|(?:user"
        r"|recipient|host) unknown|unknown (?:user|recipient|host)|no valid recipients?"
        r"|account has been (?:disabled|discontinued)|(?:has|was|been) (?:blocked|rejected"
        r"|refused|stopped|quarantined)\b|rejected by a remote|does not exist",
        common=True,
    ),
    _family("other_language", *FAILED, common=True),
)

#: Where the returned letter begins, and the report's own words end.
_RETURNED = re.compile(
    r"(?im)^[ \t>|*-]{0,80}(?:"
    r"(?:begin )?(?:this is a copy of|below this line is a copy|(?:the )?(?:headers?|body"
    r"|text)(?: and body)? of the (?:original )?message"
    r"|(?:original|returned|unsent|unsent|undelivered|attached|bounced) (?:message|mail"
    r"|e-?mail)(?: (?:headers?|follows|attached|text|below|details)|[ \t]*-|[ \t]*$|:)"
    r"|included is a copy|message (?:headers?|text|body) follows?|(?:transcript"
    r"|copy) of (?:the )?(?:original )?message|the header of the original"
    r"|here is a copy|ursprüngliche nachricht|исходные заголовки|en-têtes de message d'origine"
    r"|encabezados de mensaje originales"
    r"|intestazioni originali|original message as received|the original message (?:follows|is)"
    r"|unsent message below|mail follows)"
    r"|(?:received: (?:from|by|\(|in)|return-path: ?<|x-(?:google|received|originating)[\w-]*:)"
    r").*$"
)


def own_words(text: str) -> str:
    """What the server itself says: without the letter that came back, and without what is quoted."""
    text = text[: 4 * MOST_WORDS]
    found = next((one for one in _RETURNED.finditer(text) if text[: one.start()].strip()), None)
    said = text[: found.start()] if found else text
    return said[:MOST_WORDS]
