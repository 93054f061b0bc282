"""Supporters' letters written to nobody: what of their frames shows only when they are filled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from outreach.errors import LetterError
from outreach.letters import own
from outreach.letters.library import DIGEST, SUPPORTER, Library
from outreach.letters.relay import Relay
from outreach.letters.values import Fields
from outreach.model.campaign import Campaign
from outreach.model.problem import Problem
from outreach.model.supporter import Delivery, Exposure, Target

_DAY = date(2026, 1, 1)  #: any: it is seen by nobody


def problems(library: Library, campaign: Campaign) -> Iterator[Problem]:
    """What stops a copy or a digest in each language that has one, each fault once."""
    relay = Relay(library, campaign)
    for frame in (SUPPORTER, DIGEST):
        for tag in sorted(library.languages(frame)):
            target = _target(library, campaign, tag)
            if library.template(frame, tag).faults or not target.demands:
                continue
            for given in _FILLED[frame]:
                try:
                    relay.write(frame, target, "", given, day=_DAY)
                except LetterError as error:
                    yield from error.problems


def _target(library: Library, campaign: Campaign, language: str) -> Target:
    """Nobody, asked for everything that exists in the language without a fault of its own."""
    slugs = [demand.slug for demand in campaign.demands if language in library.languages(demand.slug)]
    return Target(
        institution="qm-mfa-1",
        name="…",
        state="QM",
        role="mfa",
        recipient="",
        address_norm="",
        language=language,
        demands=tuple(slug for slug in slugs if not library.template(slug, language).faults),
        timezone="UTC",
        calendar="",
        exposure=Exposure.NAMES,
        delivery=Delivery.INDIVIDUAL,
        per_day=1,
    )


def _person(called: str, place: str) -> Fields:
    return Fields(called, {"name": own.line("…"), "place": own.line(place)})


def _crowd(count: int, *, named: bool) -> dict[str, Any]:
    signers = [_person("signer", "…"), _person("signer", "")] if named else []
    quotes = [own.words("…", "en")] if count > 1 else []
    return {"count": count, "total": count + named, "quotes": quotes, "signers": signers, "more": int(named)}


_FILLED: dict[str, tuple[dict[str, Any], ...]] = {
    SUPPORTER: tuple({"supporter": _person("supporter", place), "words": own.words("…", "en")} for place in ("…", "")),
    DIGEST: (_crowd(1, named=False), _crowd(3, named=True)),
}
