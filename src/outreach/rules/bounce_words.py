"""Whether a failure means that the address itself is bad: the server's words first, then its code (RFC 3463).

The first digit of a code is no help: of a labelled corpus it was right for 43 %. Blocks, policy, size, quota,
authentication and a full mailbox say nothing about the address, whatever code they come with. A first match wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from outreach.rules.bounce_languages import FULL, NO_DOMAIN, SIZE, SPAM, UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One line of the table: words of servers, and what they say about the address."""

    name: str
    hard: bool
    words: re.Pattern[str]


def _reason(name: str, *patterns: str, hard: bool = False) -> Reason:
    return Reason(name=name, hard=hard, words=re.compile("|".join(patterns), re.IGNORECASE))


REASONS = (
    _reason(
        "edge",  # Exchange Online refuses so whom its directory does not know (directory-based edge blocking)
        r"recipient address rejected: access denied",
        hard=True,
    ),
    _reason(
        "mailer",  # the program that puts mail into the box failed: sendmail, Postfix; RFC 3463 X.3.0
        r"\b(procmail|maildrop|dovecot-lda|mailbox_command|vdeliver)\b.{0,120}(could ?n.t|can ?n.t|cannot|unable"
        r"|fail|error)"
        r"|command (died|failed|time limit)|exit status \d|error writing message|cannot (open|create|append|lock) (mail"
        r"|output|file)|can.t create (output|user)",
    ),
    _reason(
        "full",  # RFC 3463 X.2.2; Gmail OverQuota; qmail/vpopmail; Exchange MapiExceptionShutoffQuotaExceeded
        r"(mail ?)?(box|folder)\S* (is |was )?(over|full)|full mailbox|(over|exceed\w*|out of"
        r"|insufficient).{0,40}(quota"
        r"|storage|disk space|space)|quota.{0,20}exceed|over ?quota|exceeds? (the )?(allowed|maximum|mailbox) size",
        r"number of messages in .{0,30}mailbox",
        r"mailbox (size|limit) .{0,30}exceeded|mail-?box for user is full|inbox is (full|out of)"
        r"|user'?s (mail ?)?(box|folder)"
        r" is full|excessive mailbox size|exceeded storage|not enough (storage )?space",
        r"bo[iî]te.{0,30}(pleine|satur)|postfach.{0,20}voll|buz[oó]n.{0,20}llen|casella.{0,20}piena"
        r"|ящик.{0,30}переполнен"
        r"|γραμματοκιβ\w+.{0,20}πλήρ",
        *FULL,
    ),
    _reason(
        "size",  # RFC 3463 X.2.3, X.3.4; RFC 1870
        r"(message|mail|letter) (size|length|is) .{0,30}(exceed|too (large|big|long))|too (large|big) for"
        r"|message too (large|big)"
        r"|size limit|RecipSizeLimit|exceeds? (a |the )?(fixed )?(maximum|size|limit|administrative)",
        *SIZE,
    ),
    _reason(
        "sender",  # about who writes, not to whom: X.1.7, X.1.8; SPF, DKIM and DMARC (X.7.20-X.7.27)
        r"(after|in reply to|like our) MAIL FROM|sender (address|domain|id)?.{0,20}(reject|invalid|denied"
        r"|not|unverif|verify)|(domain of )?sender.{0,60}does not exist"
        r"|unrouteable? sender|unroutable sender|(mail ?)?from.{0,8}domain|invalid sender|bad sender"
        r"|sender verif|verify.{0,20}sender",
        r"\bSPF\b|\bDKIM\b|DMARC|unauthenticated|not authenticated|authentication (required|check|fail|info)"
        r"|AuthRequired|"
        r"not allowed to send|sender policy|authenticate",
        r"from:\s{1,20}domain is invalid|provide a valid from",  # GoDaddy
        r"reverse (DNS|lookup)|\bPTR\b|\bRDNS\b|IP name lookup|client host.{0,40}(reject|not)"
        r"|cannot find your (reverse )?hostname"
        r"|mismatches client ip|valid sender domain",
    ),
    _reason(
        "block",  # X.7.1 and below; block lists; content filters
        r"spam|\bUBE\b|\bUCE\b|unsolicited|black ?list|block ?list|block(ed|ing)|\bRBL\b|reputation|polic(y"
        r"|ies)|virus|malware"
        r"|phish|content.{0,20}reject|reject.{0,20}content|abuse|bulk e?-?mail|banned|prohibited"
        r"|refused by (your|the)"
        r"|recipient preferences|header error|restricted|not accepted from|firewall|denied|access denied"
        r"|not permitted"
        r"|not authori[sz]ed|no(t|n)? ?(configured to )?relay|relay(ing)? (not|access|denied|is)"
        r"|cannot relay|unable to relay"
        r"|service (currently )?unavailable|not accepting (connections|mail from)|system not accepting|attachment",
        *SPAM,
    ),
    _reason(
        "rate",  # X.4.5, X.2.1 of Gmail
        r"too (many|fast|much)|rate (limit|that)|at a rate|throttl|try again later|temporar(y|ily)|gr[ae]y-?list"
        r"|resources|busy|overload",
    ),
    _reason(
        "disabled",  # X.2.1: the box is there and takes nothing now
        r"(account|mailbox|user|address|recipient)[^.\n]{0,50}(disabled|suspended|inactive|locked|blocked"
        r"|discontinued|deactivated"
        r"|bloqu)|(disabled|suspended|inactive) (account|user|mailbox|recipient)|DisabledUser",
    ),
    _reason(
        "no_mail_host",  # RFC 7505 null MX; X.1.10; X.4.4 and X.1.2
        r"null ?mx|no mx( record)?|(does ?n.t|does not|no) (accept|receive|support|take) (e-?mail|any mail"
        r"|mail)|no SMTP service"
        r"|host (unknown|not found)|unknown host|(domain|host)( name)? (\S{0,80} )?(could ?n.t be|was not|not) found"
        r"|name or service not known|host.{0,80} not found|no such (host|domain)|NXDOMAIN"
        r"|DNS type .mx. lookup|bad destination (host|system)"
        r"|could ?n[o']t resolve (the )?(host|domain)"
        r"|unrouteable (mail )?domain|all relevant MX|invalid (host|domain)|illegal host|(domain"
        r"|host) (does not|doesn't) exist"
        r"|domain .{0,60} (invalid|unknown)|no valid hosts|unrouteable address|host/domain name",
        hard=True,
    ),
    _reason(
        "moved",  # RFC 3463 X.1.6; RFC 5321 551
        r"has moved|no longer (valid|in use|exists|with|works|available|here|active)|not our (user|customer)"
        r"|user (has )?left"
        r"|(address|account|mailbox) has (been )?changed|address (is )?obsolete",
        hard=True,
    ),
    _reason(
        "unknown",  # RFC 3463 X.1.1, X.1.3; what servers say instead of it
        r"(user|recipient|mailbox|address|account|addressee|name|alias)(?:[^.\n]|\.\w){0,80}(unknown"
        r"|not (found|known|exist|listed"
        r"|recogni[sz]ed|a valid|unique|available|here|match|local)"
        r"|unrecogni[sz]ed|invalid|(does|do|did|could) ?n[o']t (exist|be found)"
        r"|no longer|unavailable|is not|isn.t|were not found|wasn.t found)",
        r"(unknown|no such|invalid|illegal|bad|unrecogni[sz]ed|nonexistent|non-existent|not a( valid"
        r"| known)?|no valid|wrong"
        r"|unrouteable|undeliverable|no) (local |virtual |destination |e-?mail |mail ?|user |or illegal )*"
        r"(user|recipient|mailbox|address|account|alias|person|name|addressee)",
        r"check if (the )?address is correct",  # InterScan
        r"unrecogni[sz]ed[- ]O/?R[- ]name|(of|have) no such (mail ?)?box",  # X.411
        r"no mailbox here|RecipNotFound|RecipientNotFound|(does|do)(n't| not) (have|exist)|this user doesn.t"
        r"|user doesn.t"
        r"|unknown in|not listed in|5\.1\.1\b|undeliverable address: "
        r"|can(no|')t (verify|find).{0,30}(recipient|user|address)|not a known|addressee unknown"
        r"|account is unavailable",
        hard=True,
    ),
    _reason("unknown", *UNKNOWN, *NO_DOMAIN, hard=True),  # in another language
    _reason(
        "route",  # X.4.x: the way there, not the address
        r"timed? ?out|expired|connection (refused|reset|lost|died)|hop count|routing loop|looping|loop"
        r"|unreachable|no route"
        r"|deferred|delayed|not (yet )?been delivered|giving up|attempts|not respond|DNS (query|error)"
        r"|system error|internal"
        r"|transaction failed|unable to connect|could not connect|maximum hop",
    ),
)

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
#: A refusal after the recipient was accepted, as Postfix, sendmail, Exim, DragonFly, Yahoo and m-FILTER tell of it.
_AFTER_DATA = re.compile(
    r"in reply to (?:end of )?DATA|after (?:end of )?data\b|our (?:final )?DATA|>>> DATA\s+<<< (?!503|354)[45]"
    r"|SMTP command\s+DATA|\[BODY\]|failed after I sent the message",
    re.IGNORECASE,
)
_PLAINLY = re.compile(r"5\.1\.\d|Recip(?:ient)?NotFound|n[o']t (?:exist|have an?)\b", re.IGNORECASE)
_AT_RECIPIENT = re.compile(r"(?:in reply to|after|our) RCPT|\[RCPT_TO\]|RCPT TO\S*[^\n]*\n<<< 5", re.IGNORECASE)
_HARD_DETAILS = frozenset({(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (4, 4)})


def enhanced(words: str) -> str:
    """The first code of RFC 3463 in some words that says more than X.0.0, "" = none."""
    found = [one[0] for one in _STATUS.finditer(words)]
    return next((one for one in found if not one.endswith(".0.0")), found[0] if found else "")


def of_letter(words: str) -> bool:
    """A "user unknown" that cannot be meant so; the words are the server's, and the report's about its talk with it.

    The server had accepted the recipient, so it refuses the letter (RFC 5321 3.3): filters of Japanese carriers do. Or
    its code says that the box exists (RFC 3463 X.2.1). Exchange and Yahoo say plainly after the letter whom they lack.
    """
    if _AT_RECIPIENT.search(words) or _PLAINLY.search(words):
        return False
    return _AFTER_DATA.search(words) is not None or any(one[0] == "5.2.1" for one in _STATUS.finditer(words))


def is_hard(words: str, *, status: str = "") -> tuple[bool, str]:
    """Whether the address itself is bad, and which line of the table, or which code, says so."""
    for reason in REASONS:
        if reason.words.search(words):
            return reason.hard, reason.name
    code = enhanced(status) or enhanced(words)
    if not code:
        return False, "unsaid"
    _, subject, detail = (int(one) for one in code.split("."))
    return (subject, detail) in _HARD_DETAILS, code
