"""The day's letter for many supporters: how many they are, some of their words, and names where they may be known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from outreach.letters import own
from outreach.letters.library import DIGEST
from outreach.letters.relay import HERE, Relay
from outreach.letters.values import Fields
from outreach.model.action import Action
from outreach.model.dispatch import Dispatch
from outreach.model.letter import Letter
from outreach.model.supporter import Exposure, Target
from outreach.rules.exposure import as_told
from outreach.rules.quoting import quotes

MOST_NAMES = 500


def digest(relay: Relay, dispatch: Dispatch, target: Target, actions: Sequence[Action], total: int) -> Letter:
    """The letter, from the campaign itself. `total`: how many have written to this target so far, these included."""
    if target.exposure is Exposure.NONE or not actions:
        raise ValueError(f"there is no digest to {target.institution}: nobody writes to it")
    named = [one for one in actions if as_told(target, one.told).exposure is Exposure.NAMES][:MOST_NAMES]
    given: dict[str, Any] = {
        "count": len(actions),
        "total": total,
        "quotes": [own.words(one, target.language) for one in quotes(actions)],
        "signers": [_signer(one) for one in named],
        "more": len(actions) - len(named) if named else 0,
    }
    written = relay.write(DIGEST, target, dispatch.id, given, day=dispatch.dated)
    return relay.seal(dispatch, target, written, display=relay.head.display, reply_to=relay.head.reply_to(dispatch.id))


def around_words(relay: Relay, target: Target) -> tuple[str, str]:
    """What stands before and after one supporter's words in a digest, as plain text, its day and its address open."""
    quoted = [own.words(HERE, target.language)]
    given = {"count": 1, "total": 1, "quotes": quoted, "signers": [], "more": 0, "date": "…"}
    before, _, after = relay.write(DIGEST, target, "…", given, day=None).plain.partition(HERE)
    return before.strip("> \n"), after.strip()


def _signer(action: Action) -> Fields:
    return Fields("signer", {"name": own.line(action.name), "place": own.line(action.place)})
