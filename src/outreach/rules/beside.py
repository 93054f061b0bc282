"""What came where supporters' own letters are copied to us: theirs, the institution's, or nobody knows whose.

The id in that address is keyed, and one for all who write to an institution: whoever has seen the page knows it. So it
says what a mail is about and never who wrote it. It proves no answer and moves no status.
"""

from __future__ import annotations

from collections.abc import Sequence

from outreach.model.collected import Copied, Guess, Match, MatchRule
from outreach.model.inbound import InboundKind, InboundMessage
from outreach.rules.authentication import may_be_forged
from outreach.rules.clues import came_to, find
from outreach.rules.domains import domain_of, is_provider, owner
from outreach.rules.guessing import Book
from outreach.rules.subjects import goes_on
from outreach.rules.traces import traces

#: What an institution may say to a supporter that we are to hear. A report, a complaint or the like is about a letter
#: that we did not send.
_HEARD = frozenset({InboundKind.REPLY, InboundKind.ACKNOWLEDGEMENT, InboundKind.AUTO_REPLY, InboundKind.OTHER})
_LIKELY = 0.8  #: the score of an institution that a mail of this kind is about


def copied_to(message: InboundMessage, book: Book) -> tuple[Copied, ...]:
    """Of which institutions' letters it is a copy, by the addresses that it came to."""
    if not book.copied:
        return ()
    return tuple(book.copied[one] for one in came_to(message, book.copied))


def beside(
    message: InboundMessage,
    book: Book,
    copied: Sequence[Copied],
    *,
    kind: InboundKind | None,
    known: bool,
    authentication: str,
) -> Match:
    """Whose it is. `known`: its writer has sent such a letter before, and so may go on with it.

    A supporter's is what begins a correspondence, and goes to the institution itself. A stranger who answers may be a
    clerk at another domain, and what goes to us alone may hand on an answer: both are for a person.
    """
    if not may_be_forged(authentication):
        senders = institutions_of(message.sender, book)
        theirs = next((one for one in copied if one.institution in senders), None)
        if theirs is not None and kind in _HEARD and not message.report:
            return _matched(MatchRule.BESIDE, theirs)
        to = next((one for one in copied if _goes_to(message, one.institution, book)), None)
        if to is not None and not senders and _by_a_person(message) and (known or _begins(message)):
            return _matched(MatchRule.SUPPORTER, to)
    return Match(guesses=tuple(_guess(one) for one in dict.fromkeys(copied)))


def institutions_of(address: str, book: Book) -> set[str]:
    """The institutions that an address is of; where it is nobody's, those whose domain it has."""
    domain = domain_of(address)
    known = book.boxes.get(address.casefold())
    return known or (set() if is_provider(domain) else book.owners.get(owner(domain), set()))


def _goes_to(message: InboundMessage, institution: str, book: Book) -> bool:
    """By an address that is none of ours: in a rehearsal an institution's is at the same domain."""
    theirs = (one for one in message.recipients if next(find(one, book.copied), None) is None)
    return any(institution in institutions_of(one, book) for one in theirs)


def _begins(message: InboundMessage) -> bool:
    return not (message.in_reply_to or message.references or goes_on(message.subject))


def _by_a_person(message: InboundMessage) -> bool:
    machine = message.report or message.feedback or message.receipt or traces(message).level
    return bool(message.sender) and not machine


def _matched(rule: MatchRule, one: Copied) -> Match:
    return Match(rule=rule, institution=one.institution, campaign=one.campaign)


def _guess(one: Copied) -> Guess:
    why = "it came where supporters' own letters are copied to"
    return Guess(institution=one.institution, campaign=one.campaign, score=_LIKELY, why=why)
