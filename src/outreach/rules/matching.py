"""Whose mail it is: exact before clever, a person after both (docs/operator.md).

1. the token in the address that it came to; 2. our Message-ID in what it answers; 3. our letter's head in a report,
our id in its text; 4. a thread or a file number of theirs that was learnt; 5. who wrote it, with a subject like ours.
What came where supporters' own letters are copied to, and answers no letter of ours, has rules of its own: `beside`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from outreach.model.collected import Copied, Guess, Match, MatchRule, Reference, ReferenceKind, Written
from outreach.model.inbound import InboundKind, InboundMessage
from outreach.rules.authentication import may_be_forged
from outreach.rules.beside import beside, institutions_of
from outreach.rules.clues import Clues, clues, references
from outreach.rules.domains import domain_of, is_provider, owner
from outreach.rules.guessing import Book, attaches, guesses

Learnt = Mapping[tuple[ReferenceKind, str], Sequence[Reference]]  #: what was learnt, by kind and value

_TORN = 0.8  #: the score of each institution that one mail names by our own ids
#: What anybody has in a mail who passes another on.
_HANDED_ON = frozenset({MatchRule.QUOTED, MatchRule.THEIRS, MatchRule.REFERENCE, MatchRule.SENDER})


def match(
    message: InboundMessage,
    book: Book,
    learnt: Learnt,
    *,
    authentication: str = "",
    copied: Sequence[Copied] = (),
    kind: InboundKind | None = None,
    known: bool = False,
) -> Match:
    """Whose mail it is. Nothing but a keyed rule lets it move a status; see `Match.keyed`.

    `copied`, `kind` (the machine's verdict) and `known` are what `beside` asks for. Whoever is `known` to have written
    from their own mailbox is no institution: what they pass on is for a person.
    """
    found = _match(message, book, learnt, authentication=authentication, copied=copied, kind=kind, known=known)
    if not known or found.rule not in _HANDED_ON or institutions_of(message.sender, book):
        return found
    its = {"institution": found.institution, "campaign": found.campaign, "dispatch": found.dispatch}
    return Match(guesses=(Guess(**its, score=_TORN, why="a supporter passes it on"),))


def _match(
    message: InboundMessage,
    book: Book,
    learnt: Learnt,
    *,
    authentication: str,
    copied: Sequence[Copied],
    kind: InboundKind | None,
    known: bool,
) -> Match:
    found = clues(message, book.written)
    ours = _ours(message, book, found)
    if ours is not None:
        return ours
    if copied and not _answers_ours(message, book, found):
        return beside(message, book, copied, kind=kind, known=known, authentication=authentication)
    torn: list[str] = []
    for rule, ids in (
        (MatchRule.ADDRESS, found.came_to),
        (MatchRule.THREAD, found.answers),
        (MatchRule.RETURNED, found.returned),
        (MatchRule.QUOTED, found.quoted),
    ):
        chosen = _one_of(ids, found, book, message)
        if chosen is not None:
            return _matched(rule, chosen)
        torn += ids
    if torn:
        return Match(guesses=_torn(torn, book))
    return _by_reference(message, book, learnt) or _by_guess(message, book, authentication)


def _ours(message: InboundMessage, book: Book, found: Clues) -> Match | None:
    """A copy of our own letter, a mail of ours, or a report about a copy that went to our own box.

    What one of us sent to our own box alone is for a person.
    """
    by_us = message.sender.lower() in book.own
    if found.own:
        return _matched(MatchRule.OWN, book.written[found.own[0]])
    if found.to_me and (by_us or message.report):
        return Match(rule=MatchRule.OWN)
    if not by_us or message.report:
        return None
    if message.recipients and book.own.issuperset(one.lower() for one in message.recipients):
        return Match(guesses=_passed_on(found, book))
    ids = (*found.came_to, *found.answers)
    return _matched(MatchRule.OWN, book.written[ids[0]]) if ids else Match(rule=MatchRule.OWN)


def _answers_ours(message: InboundMessage, book: Book, found: Clues) -> bool:
    """Whether it names a letter of ours where answers do: a rehearsal's address of an institution may hold an id."""
    came_to = [one for one in found.came_to if book.written[one].address not in message.recipients]
    return bool(came_to or found.answers or found.returned)


def _one_of(ids: Sequence[str], found: Clues, book: Book, message: InboundMessage) -> Written | None:
    """The one letter that these ids mean; None when they are of several institutions, and nothing tells them apart."""
    letters = [book.written[one] for one in ids]
    if len({one.institution for one in letters}) > 1:
        for others in (found.answers, found.returned):
            named = [one for one in letters if one.dispatch in others]
            if len({one.institution for one in named}) == 1:
                return named[0]
        theirs = book.owners.get(owner(domain_of(message.sender)), set())
        near = [one for one in letters if one.institution in theirs]
        return near[0] if len({one.institution for one in near}) == 1 else None
    if not letters:
        return None
    answered = [one for one in letters if one.dispatch in found.answers]
    return answered[0] if answered else letters[0]


def _by_reference(message: InboundMessage, book: Book, learnt: Learnt) -> Match | None:
    """A thread of theirs, or their file number. One that is known of several institutions is no sign."""
    sender = domain_of(message.sender)
    theirs = book.owners.get(owner(sender), set())
    guessed: list[Guess] = []
    for kind, value in references(message) if learnt else ():
        known = learnt.get((kind, value), ())
        if not known:
            continue
        one = known[-1]
        several = len({each.institution for each in known}) > 1
        foreign = bool(theirs) and one.institution not in theirs
        stranger = kind is ReferenceKind.NUMBER and not theirs and (is_provider(sender) or not sender)
        if not (several or foreign or stranger):
            rule = MatchRule.REFERENCE if kind is ReferenceKind.NUMBER else MatchRule.THEIRS
            return Match(rule=rule, institution=one.institution, campaign=one.campaign, dispatch=one.dispatch)
        why = f"{'the number' if kind is ReferenceKind.NUMBER else 'the thread'} {value[:60]}"
        guessed += [_guess(each, why) for each in known]
    return Match(guesses=_ranked(guessed)) if guessed else None


def _by_guess(message: InboundMessage, book: Book, authentication: str) -> Match:
    ranked = guesses(message, book)
    if not attaches(ranked) or may_be_forged(authentication):
        return Match(guesses=ranked)
    first = ranked[0]
    return Match(
        rule=MatchRule.SENDER,
        institution=first.institution,
        campaign=first.campaign,
        dispatch=first.dispatch,
        score=first.score,
        guesses=ranked,
    )


def _matched(rule: MatchRule, letter: Written) -> Match:
    return Match(rule=rule, institution=letter.institution, campaign=letter.campaign, dispatch=letter.dispatch)


def _passed_on(found: Clues, book: Book) -> tuple[Guess, ...]:
    """Of what we wrote to ourselves alone: an answer, it may be, that came elsewhere. A person reads it."""
    ids = dict.fromkeys((*found.answers, *found.returned, *found.quoted))
    return _ranked([_guess(book.written[one], "one of us passes it on") for one in ids])


def _torn(ids: Sequence[str], book: Book) -> tuple[Guess, ...]:
    letters = [book.written[one] for one in dict.fromkeys(ids)]
    why = "it names several of our letters"
    return _ranked([_guess(one, why) for one in letters])


def _guess(one: Written | Reference, why: str) -> Guess:
    return Guess(institution=one.institution, campaign=one.campaign, dispatch=one.dispatch, score=_TORN, why=why)


def _ranked(several: Sequence[Guess]) -> tuple[Guess, ...]:
    """One guess of each institution."""
    found: dict[str, Guess] = {}
    for one in several:
        found.setdefault(one.institution, one)
    return tuple(found.values())[:5]
