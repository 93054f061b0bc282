"""The templates of one set of demands in one set of languages: what many letters are printed from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from outreach.letters import layout
from outreach.letters.library import FRAME, LetterTemplate, Library
from outreach.model.problem import Problem
from outreach.states import text_direction


@dataclass(frozen=True, slots=True)
class Part:
    """One language of a letter: its frame and the templates of its demands, in order."""

    language: str
    direction: str
    frame: LetterTemplate
    demands: tuple[tuple[str, LetterTemplate], ...]

    @property
    def templates(self) -> tuple[LetterTemplate, ...]:
        """Every file of the part."""
        return (self.frame, *(template for _, template in self.demands))


@dataclass(frozen=True, slots=True)
class Edition:
    """The parts of a letter, and what is known of all its templates."""

    parts: tuple[Part, ...]
    sha256: str  #: of every template's bytes and of the layout
    faults: tuple[Problem, ...]
    facts_as_of: date | None  #: of the oldest facts in it


def make_edition(
    library: Library, demands: tuple[str, ...], languages: tuple[str, ...], *, frame: str = FRAME
) -> Edition:
    """Read what is needed; nothing is read twice. A chaser has a frame of its own."""
    parts = tuple(
        Part(
            language=tag,
            direction=text_direction(tag),
            frame=library.template(frame, tag),
            demands=tuple((slug, library.template(slug, tag)) for slug in demands),
        )
        for tag in languages
    )
    templates = [template for part in parts for template in part.templates]
    digest = hashlib.sha256(layout.VERSION.encode())
    for template in templates:
        digest.update(f"\0{template.path}\0{template.sha256}".encode())
    days = [template.head.facts_as_of for template in templates if template.head.facts_as_of is not None]
    return Edition(
        parts=parts,
        sha256=digest.hexdigest(),
        faults=tuple(fault for template in templates for fault in template.faults),
        facts_as_of=min(days, default=None),
    )
