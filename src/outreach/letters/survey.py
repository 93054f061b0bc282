"""What shows before any contact is read: missing templates, faulty ones, and those that nobody has reviewed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from outreach.letters import trial
from outreach.letters.library import CHASER, DIGEST, FOLDER, FRAME, SUPPORTER, Library
from outreach.model.campaign import Campaign
from outreach.model.problem import Place, Problem, Severity


def problems(library: Library, campaign: Campaign, *, step: int = 0) -> list[Problem]:
    """Every finding in the campaign's templates, worst first. Of chasers only where the campaign is to send some."""
    used = [*_used(library, campaign)]
    found = [*_missing(library, campaign), *_strangers(library, campaign)]
    if step or campaign.chasers:
        used += [(CHASER, tag) for tag in sorted(library.languages(CHASER))]
        found += _without_chaser(library, campaign)
    if campaign.supporters is not None:
        used += [(name, tag) for name in (SUPPORTER, DIGEST) for tag in sorted(library.languages(name))]
        found += _without_carrier(library, campaign)
        found += trial.problems(library, campaign)
    for name, tag in used:
        found += library.template(name, tag).problems
    found += _of_another_campaign(library, campaign, used)
    found += _not_reviewed(library, used)
    order = list(Severity)
    return sorted(dict.fromkeys(found), key=lambda one: order.index(one.severity))


def oldest_facts(library: Library, campaign: Campaign) -> date | None:
    """The day of the oldest facts in any template that a letter of the campaign may be made from."""
    days = [library.template(name, tag).head.facts_as_of for name, tag in _used(library, campaign)]
    return min((day for day in days if day is not None), default=None)


def _missing(library: Library, campaign: Campaign) -> Iterator[Problem]:
    frames = library.languages(FRAME)
    if not frames:
        yield _problem(
            Severity.FAULT,
            "missing-frame",
            "There is no frame: the address block, opening and closing of every letter.",
            f"Write {FOLDER}/{FRAME}/en.md; docs/letters.md shows one.",
            f"{FOLDER}/{FRAME}",
        )
    per_demand = {demand.slug: library.languages(demand.slug) for demand in campaign.demands}
    everywhere = frozenset[str]().union(*per_demand.values())
    for slug, languages in per_demand.items():
        if not languages:
            yield _problem(
                Severity.FAULT,
                "missing-template",
                f'The demand "{slug}" has no letter in any language.',
                f"Write {FOLDER}/{slug}/en.md, or take the demand out of {campaign.path or 'the campaign'}.",
                f"{FOLDER}/{slug}",
            )
        elif lacking := sorted((everywhere & frames) - languages):
            yield _problem(
                Severity.WARNING,
                "missing-language",
                f'The demand "{slug}" lacks {", ".join(lacking)}, which other demands have.',
                "A letter speaks one language throughout: letters with this demand fall back to another.",
                f"{FOLDER}/{slug}",
            )
    for tag in sorted(everywhere - frames):
        yield _problem(
            Severity.WARNING,
            "missing-frame",
            f"There are letters in {tag}, but no frame: nobody is written in {tag}.",
            f"Write {FOLDER}/{FRAME}/{tag}.md.",
            f"{FOLDER}/{FRAME}",
        )


def _without_chaser(library: Library, campaign: Campaign) -> Iterator[Problem]:
    """Reminders are wanted: in no language at all is a fault, a language that letters have and they lack a warning."""
    chasers = library.languages(CHASER)
    if not chasers:
        yield _problem(
            Severity.FAULT,
            "missing-template",
            "There is no reminder in any language.",
            f"Write {FOLDER}/{CHASER}/en.md; docs/letters.md shows one.",
            f"{FOLDER}/{CHASER}",
        )
        return
    written = [library.languages(demand.slug) for demand in campaign.demands]
    letters = frozenset.intersection(library.languages(FRAME), *written) if written else frozenset()
    if lacking := sorted(letters - chasers):
        yield _problem(
            Severity.WARNING,
            "missing-language",
            f"There are letters in {', '.join(lacking)}, but no reminder.",
            "Who was written in it is reminded in a fallback language.",
            f"{FOLDER}/{CHASER}",
        )
    yield from _misnamed(library, CHASER)


def supporter_languages(library: Library) -> frozenset[str]:
    """Languages in which supporters' letters can be written, one by one and together."""
    return library.languages(SUPPORTER) & library.languages(DIGEST)


def _without_carrier(library: Library, campaign: Campaign) -> Iterator[Problem]:
    """Supporters are to write: each of their frames must exist, best in every language that letters have."""
    written = [library.languages(demand.slug) for demand in campaign.demands]
    letters = frozenset.intersection(library.languages(FRAME), *written) if written else frozenset()
    for name, said in ((SUPPORTER, "letter of a supporter"), (DIGEST, "digest of supporters' letters")):
        own = library.languages(name)
        if not own:
            yield _problem(
                Severity.FAULT,
                "missing-template",
                f"There is no {said} in any language.",
                f"Write {FOLDER}/{name}/en.md; docs/letters.md shows one.",
                f"{FOLDER}/{name}",
            )
        elif lacking := sorted(letters - own):
            yield _problem(
                Severity.WARNING,
                "missing-language",
                f"There are letters in {', '.join(lacking)}, but no {said}.",
                "Supporters write in a fallback language to who was written in it.",
                f"{FOLDER}/{name}",
            )
        yield from _misnamed(library, name)


def _used(library: Library, campaign: Campaign) -> Iterator[tuple[str, str]]:
    """Every template that a letter of the campaign may be made from, once."""
    languages: set[str] = set()
    for demand in campaign.demands:
        own = library.languages(demand.slug)
        languages |= own
        yield from ((demand.slug, tag) for tag in sorted(own))
    yield from ((FRAME, tag) for tag in sorted(languages & library.languages(FRAME)))


def _strangers(library: Library, campaign: Campaign) -> Iterator[Problem]:
    for name in (FRAME, *(demand.slug for demand in campaign.demands)):
        yield from _misnamed(library, name)


def _misnamed(library: Library, name: str) -> Iterator[Problem]:
    for file in library.strangers(name):
        yield _problem(
            Severity.WARNING,
            "template-name",
            f'"{file}" is not named by a language, so nobody gets it.',
            "Name it by its language, such as en.md or pt-BR.md.",
            f"{FOLDER}/{name}/{file}",
        )


def _of_another_campaign(library: Library, campaign: Campaign, used: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """A frame opens every letter: one that speaks of surveillance embarrasses a letter about something else."""
    for tag in (tag for name, tag in used if name == FRAME):
        meant = library.template(FRAME, tag).head.written_for
        others = [f'"{one.slug}"' for one in campaign.demands if one.slug not in meant]
        if meant and others:
            yield _problem(
                Severity.WARNING,
                "frame-of-others",
                f"The words around the demands were not written for {', '.join(others)}.",
                "Read them, and write your own; then name your demands under `written_for` in the head.",
                f"{FOLDER}/{FRAME}/{tag}.md",
            )


def _not_reviewed(library: Library, used: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    waiting: dict[str, list[str]] = defaultdict(list)
    for name, tag in used:
        template = library.template(name, tag)
        if not template.faults and not template.head.reviewed_by:
            waiting[tag].append(name)
    for tag, names in sorted(waiting.items()):
        yield _problem(
            Severity.WARNING,
            "not-reviewed",
            f"No native speaker has reviewed the letters in {tag}: {', '.join(names)}.",
            "Let one read them and write the name into `reviewed_by`.",
            FOLDER,
        )


def _problem(severity: Severity, code: str, found: str, todo: str, path: str) -> Problem:
    return Problem(severity=severity, code=code, found=found, todo=todo, place=Place(path=path))
