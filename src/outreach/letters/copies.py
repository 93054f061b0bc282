"""A supporter's letter: from the campaign's address, in the supporter's name and words."""

from __future__ import annotations

from outreach.letters import own
from outreach.letters.library import SUPPORTER
from outreach.letters.relay import HERE, Relay, Written
from outreach.letters.values import Fields, Words
from outreach.model.action import Action, Learns
from outreach.model.dispatch import Dispatch
from outreach.model.letter import Letter
from outreach.model.supporter import Exposure, ReplyTo, Target
from outreach.rules.exposure import as_told


def copy(relay: Relay, dispatch: Dispatch, target: Target, action: Action) -> Letter:
    """The letter. From is in the campaign's own domain, so that its DMARC record holds (RFC 7489 3.1)."""
    target = as_told(target, action.told)
    written = _written(relay, target, dispatch.id, action.name, action.place, own.words(action.words, action.language))
    via = relay.campaign.sender.organisation or relay.campaign.title
    terms = relay.campaign.supporters
    told = action.told[target.institution] is Learns.ADDRESS
    shows_address = told and terms is not None and terms.reply_to is ReplyTo.SUPPORTER
    return relay.seal(
        dispatch,
        target,
        written,
        display=f"{own.line(action.name)} via {via}",
        reply_to=action.email if shows_address else relay.head.reply_to(dispatch.id),
    )


def around_words(relay: Relay, target: Target, *, name: str, place: str) -> tuple[str, str]:
    """What stands before and after the words, as plain text. It is the same whatever the letter's id."""
    written = _written(relay, target, "", name, place, own.words(HERE, target.language))
    before, _, after = written.plain.partition(HERE)
    return before.strip(), after.strip()


def _written(relay: Relay, target: Target, dispatch: str, name: str, place: str, words: Words) -> Written:
    if target.exposure is not Exposure.NAMES:
        raise ValueError(f"{target.institution} must not learn who writes: its supporters are in a digest")
    given = {
        "supporter": Fields("supporter", {"name": own.line(name), "place": own.line(place)}),
        "words": words,
    }
    return relay.write(SUPPORTER, target, dispatch, given, day=None)
