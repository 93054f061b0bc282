"""The organisers' page: one file that asks nothing of anybody, without a script, safe for any name in it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from outreach.model.campaign import Mode
from outreach.model.log import Group, Log, StateRow
from outreach.model.matrix import Deadline, Tally
from outreach.model.report import Report, Track
from outreach.reports import chart
from outreach.reports.cells import clean
from outreach.reports.columns import GROUP_HEADERS, NOTES, OWN_LETTERS, counted
from outreach.reports.files import new_file
from outreach.rules.positions import WORDS, invented
from outreach.rules.sources import web_address
from outreach.rules.story import day, position_words, source_words

if TYPE_CHECKING:
    from jinja2 import Template

HERE = Path(__file__).parent / "pages"

#: Beside word and colour; none of them is an emoji, which would bring colours of its own.
SYMBOLS: Mapping[Tally, str] = {
    Tally.SUPPORTS: "✓",
    Tally.PARTLY_SUPPORTS: "◐",
    Tally.ALREADY_DONE: "●",
    Tally.NONCOMMITTAL: "~",
    Tally.OPPOSES: "✕",
    Tally.NOT_COMPETENT: "→",
    Tally.DECLINED: "⊘",
    Tally.NONE: "·",
    Tally.UNSUPPORTED: "?",
    Tally.NOT_ASKED: "–",
}
MEANS: Mapping[Tally, str] = {
    Tally.SUPPORTS: "says yes to the demand",
    Tally.PARTLY_SUPPORTS: "says yes to a part of it",
    Tally.ALREADY_DONE: "says that it has been done",
    Tally.NONCOMMITTAL: "answers, and says neither yes nor no",
    Tally.OPPOSES: "says no",
    Tally.NOT_COMPETENT: "says that somebody else decides",
    Tally.DECLINED: "says that it will not answer",
    Tally.NONE: "was asked; nothing is known",
    Tally.UNSUPPORTED: "a position is on record, and its source is gone",
    Tally.NOT_ASKED: "no letter makes the demand",
}
MODES = {Mode.REHEARSAL: "rehearsal", Mode.TO_ME: "to the organiser's own box", Mode.LIVE: "live"}

#: Marks that turn the direction of what follows: a name must not rearrange the page around it.
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def write_page(report: Report, path: Path, *, overwrite: bool = False) -> None:
    """Write a new file at `path`, whole or not at all. Raises OutreachError when it exists or cannot be written."""
    content = page(report).encode()
    with new_file(path, overwrite=overwrite) as fh:
        fh.write(content)


def page(report: Report) -> str:
    """The page; the same report gives the same page."""
    from markupsafe import Markup

    css = (HERE / "report.css").read_text("utf-8")
    made = _template().render(
        css=Markup(css),  # noqa: S704  our own file; a `<` in it fails a test
        css_hash=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
        **_values(report),
    )
    return "\n".join(line for line in made.splitlines() if line.strip()) + "\n"


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(day=day, counted=counted)
    return environment.get_template("report.html")


def shown(value: object) -> object:
    """A text as it may stand on the page: one line, no controls, nothing that turns the direction of its neighbours."""
    return _TURNS.sub("", clean(value)) if type(value) is str else value


def _invented(log: Log) -> list[StateRow]:
    """The invented states of a rehearsal, where they stand among others."""
    found = [one for one in log.states if one.institutions and invented(one.state)]
    return found if log.mode is Mode.REHEARSAL and len(found) < log.states_planned else []


def _values(report: Report) -> dict[str, Any]:
    log, matrix = report.log, report.log.matrix
    slug = {one.slug: one.title for one in matrix.demands}
    return {
        "report": report,
        "log": log,
        "matrix": matrix,
        "note": NOTES[log.mode],
        "mode": MODES[log.mode],
        "own_letters": OWN_LETTERS,
        "organisation": "" if report.organisation.startswith("REPLACE ME") else report.organisation,
        "groups": [(GROUP_HEADERS.get(group, group.value), count) for group, count in log.counts.items() if count],
        "accepted": Group.ACCEPTED,
        "bounced": Group.BOUNCED,
        "tallies": [(one, WORDS[one], SYMBOLS[one], MEANS[one]) for one in Tally],
        "words": WORDS,
        "symbols": SYMBOLS,
        "titles": slug,
        "unsupported": Tally.UNSUPPORTED,
        "open": Deadline.OPEN,
        "overdue": Deadline.OVERDUE,
        "recorded": [(row, cells) for row in matrix.rows if (cells := [one for one in row.cells if one.stated])],
        "invented": _invented(log),
        "strips": chart.strips(report.weeks),
        "width": chart.WIDTH,
        "height": chart.HEIGHT,
        "tracks": list(Track),
        "position_words": position_words,
        "source_words": lambda source: source_words(source, hashed=False),
        "web_address": web_address,
    }
