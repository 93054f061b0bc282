"""Our mails to supporters: plain text and the same in HTML, nothing remote, no links but those of our own pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from outreach.errors import LetterError
from outreach.letters import catalogue, layout, lint, own, wire
from outreach.letters.wordings import Link, Listed, Matter, Quoted, Said, Wording, footer, wording
from outreach.model.campaign import Campaign
from outreach.model.notice import NoticeKind, NoticeTurn
from outreach.rules.wrapping import WIDTH, wrap
from outreach.states import text_direction

#: So long a link to confirm works from now on, where the caller says nothing else: the reminder goes on day 3.
DAYS = {NoticeKind.CONFIRMATION: 7, NoticeKind.REMINDER: 4}
LONGEST_QUOTE = 20_000  #: characters of somebody's words
#: RFC 3834 5: no machine should answer, and Exchange heeds only its own header.
_AUTOMATIC = b"Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n"
_AT_HOME = re.compile(r"http://(?:localhost|127\.0\.0\.1)(?::[0-9]{1,5})?/")
_RULE = "-" * 20
_QUOTED_WIDTH = WIDTH + len("> ")  # the lines of our own letters stay as they were


def notice(
    turn: NoticeTurn,
    campaign: Campaign,
    *,
    recipient: str,
    message_id: str,
    links: Mapping[str, str],
    said: Mapping[str, str],
) -> bytes:
    """Headers and body, CRLF, no Date. LetterError for an address that is none, or where a link or word is missing."""
    try:
        raw = _raw(turn, campaign, recipient, message_id, links, said)
    except (KeyError, ValueError) as error:
        raise LetterError(
            f"The {turn.kind} cannot be written: {error}.",
            where=f"notice {turn.number}",
            todo="If [supporters] is still in the campaign file as it was, tell whoever looks after outreach.",
        ) from error
    return raw


def _raw(
    turn: NoticeTurn,
    campaign: Campaign,
    recipient: str,
    message_id: str,
    links: Mapping[str, str],
    said: Mapping[str, str],
) -> bytes:
    language = catalogue.closest(turn.action.language)
    texts = catalogue.catalogue(language)
    matter = _matter(turn, campaign, language, links, said)
    words = wording(turn.kind, matter, texts)
    foot = footer(matter, texts)
    raw = wire.assemble(
        _headers(campaign, words.subject, language, recipient, matter.contact, message_id),
        text=_text(words, foot, text_direction(language)),
        html=wire.quoted(_html(words, foot, language)),
    )
    if not wire.is_clean(raw):
        raise ValueError("its lines do not all end in CRLF")
    return raw


def _matter(
    turn: NoticeTurn, campaign: Campaign, language: str, links: Mapping[str, str], said: Mapping[str, str]
) -> Matter:
    terms = campaign.supporters
    if terms is None:
        raise ValueError("the campaign has no [supporters]")
    page = terms.texts.get(turn.action.language)
    return Matter(
        campaign=own.line(page.title if page else campaign.title),
        organisation=own.line(campaign.sender.organisation or campaign.sender.name),
        contact=terms.contact,
        letters=len(turn.action.targets),
        language=language,
        days=int(said.get("days", DAYS.get(turn.kind, 0))),
        links={key: _ours(url, terms.site) for key, url in links.items()},
        said=said,
    )


def _headers(campaign: Campaign, subject: str, language: str, recipient: str, contact: str, message_id: str) -> bytes:
    sender = campaign.sender
    return b"".join(
        (
            wire.mailbox_header("From", lint.as_text(sender.organisation or sender.name) or "", sender.email),
            wire.mailbox_header("To", "", recipient),  # no name: whoever typed it may not be this address's owner
            wire.mailbox_header("Reply-To", "", contact),
            wire.text_header("Subject", subject),
            wire.message_id_header(message_id),
            b"MIME-Version: 1.0\r\n",
            f"Content-Language: {language}\r\n".encode("ascii"),
            _AUTOMATIC,
        )
    )


def _text(words: Wording, foot: str, around: str) -> bytes:
    out: list[str] = []
    for block in words.blocks:
        match block:
            case Said(text):
                out.append(wrap(text, "", ""))
            case Link(url):
                out.append(url)
            case Listed(lines):
                out.append("\r\n".join(wrap(own.isolated(own.line(one), around), "- ", "  ") for one in lines))
            case Quoted(text):
                out.append(wrap(_quote(text), "> ", "> ", width=_QUOTED_WIDTH))
    out += [_RULE, wrap(foot, "", "")]
    return wire.quoted("\r\n\r\n".join(out) + "\r\n")


def _html(words: Wording, foot: str, language: str) -> str:
    way = text_direction(language)
    out: list[str] = []
    for block in words.blocks:
        match block:
            case Said(text):
                out.append(f"<p>{escape(text)}</p>")
            case Link(url):
                shown = escape(url)
                out.append(f'<p><a href="{shown}"><bdi>{shown}</bdi></a></p>')
            case Listed(lines):
                items = "".join(f"<li>{escape(own.isolated(own.line(one), way))}</li>" for one in lines)
                out.append(f"<ul>{items}</ul>")
            case Quoted(text):
                out.append(f"<blockquote>{layout.paragraphs(own.words(_quote(text), language))}</blockquote>")
    out += ["<hr>", f"<p>{escape(foot)}</p>"]
    page = layout.page([(language, way, "\n".join(out))], title=escape(words.subject))
    return "\r\n".join(page.rstrip().splitlines()) + "\r\n"


def _ours(url: str, site: str) -> str:
    """A link of our own pages, which a rehearsal serves at home. ValueError for anything else."""
    ours = url.startswith(f"{site}/") or _AT_HOME.match(url)
    if not ours or not re.fullmatch(r"[!-~]+", url):
        raise ValueError(f"{url[:80]!r} is not on {site}")
    return url


def _quote(text: str) -> str:
    """Somebody's words within bounds, as paragraphs."""
    whole = own.words(text, "")
    return whole if len(whole) <= LONGEST_QUOTE else whole[:LONGEST_QUOTE].rstrip() + " …"
