"""To whom a mail without a sure sign may belong: by who wrote it, and by a subject like ours. Guesses, ranked.

A guess is worth what it is right: 0.9 and more attaches a mail, and that needs both, the institution's own address or
domain and the subject of a letter that it had. An attached guess still moves no status.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from outreach.model.collected import Copied, Guess, Written
from outreach.model.contact import KnownInstitution
from outreach.model.inbound import InboundMessage
from outreach.rules.domains import domain_of, is_provider, owner, state_of
from outreach.rules.subjects import core, likeness

ATTACH = 0.9  #: so sure a guess must be to attach a mail; measured in tests/unit/rules/test_rewriting.py
AHEAD = 0.1  #: and so much ahead of the next institution
MOST = 5  #: guesses that are kept
MAY_BE = 0.35  #: so sure, by a domain that others have too, a mail that waits for a person holds reminders up

_ADDRESS = 0.62  #: the sender is an address of the institution
_PROPOSED = 0.4  #: a person once settled a mail of this address so, and nobody has approved it yet
_DOMAIN = 0.52  #: of its domain, which no other institution has
_SHARED = 0.35  #: of its domain, which others have too
_STATE = 0.2  #: of its state's top domain
_SUBJECT = 0.38  #: a subject like ours adds so much
_NAME = 0.1  #: the institution's name in the mail adds so much
_EARLY = timedelta(days=1)  #: clocks and zones differ


@dataclass(slots=True)
class Book:
    """All letters and institutions of a ledger, ready to be asked whose a mail is."""

    written: Mapping[str, Written]  #: by dispatch id
    institutions: Sequence[KnownInstitution] = ()
    learnt: Mapping[str, str] = field(default_factory=dict)  #: approved addresses -> institution
    proposed: Mapping[str, str] = field(default_factory=dict)  #: those that wait for approval
    own: frozenset[str] = frozenset()  #: the campaigns' own addresses, lower case
    copied: Mapping[str, Copied] = field(default_factory=dict)  #: ids at which copies of supporters' own letters come
    letters: dict[str, list[Written]] = field(default_factory=dict)  #: by institution, in order of writing
    cores: dict[str, str] = field(default_factory=dict)  #: subject -> its core
    names: dict[str, str] = field(default_factory=dict)  #: institution -> name, casefolded
    states: dict[str, list[str]] = field(default_factory=dict)  #: state -> institutions that were written to
    boxes: dict[str, set[str]] = field(default_factory=dict)  #: address -> institutions
    owners: dict[str, set[str]] = field(default_factory=dict)  #: owner's domain -> institutions

    def __post_init__(self) -> None:
        letters: dict[str, list[Written]] = defaultdict(list)
        boxes: dict[str, set[str]] = defaultdict(set)
        owners: dict[str, set[str]] = defaultdict(set)
        states: dict[str, dict[str, None]] = defaultdict(dict)
        for one in self.written.values():
            letters[one.institution].append(one)
            boxes[one.address].add(one.institution)
            states[one.state][one.institution] = None
            self.names.setdefault(one.institution, one.institution_name.casefold())
            self.cores.setdefault(one.subject, core(one.subject))
        for known in self.institutions:
            for address in (known.address_norm, *known.further):
                boxes[address].add(known.id)
        for address, institution in self.learnt.items():
            boxes[address].add(institution)
        boxes.pop("", None)
        for address, whose in boxes.items():
            domain = domain_of(address)
            if not is_provider(domain) and (its := owner(domain)):
                owners[its] |= whose
        self.letters, self.boxes, self.owners = dict(letters), dict(boxes), dict(owners)
        self.states = {state: list(several) for state, several in states.items()}


def guesses(message: InboundMessage, book: Book) -> tuple[Guess, ...]:
    """The likeliest first."""
    sender = message.sender.casefold()
    subject = core(message.subject)
    words = f"{message.sender_name} {message.text[:20_000]}".casefold()
    found = []
    for institution, (worth, why) in _candidates(sender, book).items():
        its = book.letters.get(institution, ())
        letter, alike = _nearest(subject, [one for one in its if _after(message, one)] or its, book)
        score, reasons = worth + _SUBJECT * alike, [why]
        if alike >= 0.5:
            reasons.append(f"a subject like ours ({alike:.0%})")
        name = book.names.get(institution, "")
        if len(name) > 10 and name in words:
            score += _NAME
            reasons.append("its name")
        if letter is None or not _after(message, letter):
            score = min(score, 0.5)
            reasons.append("no letter had left to it by then")
        if score > _STATE:
            found.append(
                Guess(
                    institution=institution,
                    campaign=letter.campaign if letter else "",
                    dispatch=letter.dispatch if letter else "",
                    score=round(min(score, 0.99), 3),
                    why=", ".join(reasons),
                )
            )
    return tuple(sorted(found, key=lambda one: (-one.score, one.institution))[:MOST])


def attaches(ranked: Sequence[Guess]) -> bool:
    """Whether the first guess is sure enough, and far enough ahead."""
    if not ranked or ranked[0].score < ATTACH or not ranked[0].dispatch:
        return False
    return len(ranked) < 2 or ranked[0].score - ranked[1].score >= AHEAD


def likeliest(ranked: Sequence[Guess]) -> tuple[Guess, ...]:
    """The best guess, and those that it is not far enough ahead of."""
    best = max((one.score for one in ranked), default=0.0)
    return tuple(one for one in ranked if round(best - one.score, 3) < AHEAD)


def may_be_of(ranked: Sequence[Guess]) -> frozenset[str]:
    """The institutions of which a mail may be that waits for a person: nobody reminds them before it is settled."""
    return frozenset(one.institution for one in likeliest(ranked) if one.score >= MAY_BE)


def _candidates(sender: str, book: Book) -> dict[str, tuple[float, str]]:
    """Institutions that the sender's address speaks for: what that is worth, and why."""
    if not sender:
        return {}
    domain = domain_of(sender)
    found: dict[str, tuple[float, str]] = {}
    for institution in book.boxes.get(sender, ()):
        found[institution] = _ADDRESS, "its address"
    if sender in book.proposed:
        found.setdefault(book.proposed[sender], (_PROPOSED, "an address that waits for approval"))
    if not is_provider(domain):
        neighbours = book.owners.get(owner(domain), set())
        for institution in neighbours:
            alone = len(neighbours) == 1
            told = f"its domain {owner(domain)}" if alone else f"the domain {owner(domain)}, which others have too"
            found.setdefault(institution, (_DOMAIN if alone else _SHARED, told))
    if not found:
        for institution in book.states.get(state_of(domain), ())[:200]:
            found[institution] = _STATE, "a domain of its state"
    return found


def _nearest(subject: str, letters: Iterable[Written], book: Book) -> tuple[Written | None, float]:
    """The letter with the most alike subject; among equals the newest."""
    best: tuple[Written | None, float] = None, -1.0
    for one in letters:
        alike = likeness(subject, book.cores.get(one.subject, ""))
        if alike >= best[1]:
            best = one, alike
    return best[0], max(best[1], 0.0)


def _after(message: InboundMessage, letter: Written) -> bool:
    return letter.left_at is not None and (message.date is None or message.date >= letter.left_at - _EARLY)
