"""Finding the header, and what each of its columns is for us."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from outreach.sheets.findings import Findings, quoted
from outreach.sheets.grid import Row
from outreach.sheets.values import DEFAULT_ROLE
from outreach.sheets.vocabulary import MANY, known_field, squeeze, vocabulary

HEADER_FIELDS = 2  #: one word that we know may stand anywhere, two in a row make a header
_LONGEST_HEADER = 100  #: no longer text is a header
NEEDED = (
    "A sheet needs a header row with at least a column for the state and one for the institution, such as "
    '"state,institution,email", or say in the campaign file which is which: [columns] state = "…".'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A header row understood."""

    row: int
    headers: tuple[str, ...]  #: as the sheet shows them, up to the last that is not empty
    index: Mapping[str, int]  #: normalised header -> column, every column once
    columns: Mapping[str, int]  #: our field -> column, for fields a row has once
    emails: tuple[int, ...]  #: columns of addresses, in order
    states: tuple[int, ...]  #: further columns that name the state: they must agree


def recognised(cells: Sequence[str], columns: Mapping[str, str]) -> int:
    """How many of our fields a row would name if it were the header."""
    mapped = {squeeze(header) for header in columns.values()}
    short = [cell for cell in cells if 0 < len(cell) <= _LONGEST_HEADER]
    fields = {found[0] for cell in short if (found := known_field(cell))}
    return len(fields) + (sum(1 for cell in short if squeeze(cell) in mapped) if mapped else 0)


def find_header(head: Sequence[Row], columns: Mapping[str, str], findings: Findings) -> tuple[int, Layout] | None:
    """The header's place in `head` and what it says; None, with a fault said, when the sheet cannot be read by it."""
    wanted = _wanted(columns, findings)
    if wanted is None:
        return None
    at = _best(head, wanted)
    if at is None:
        _say_missing(head, findings)
        return None
    row = head[at]
    headers = _without_empty_end(_shown(row))
    findings.headers = headers
    layout = _understand(row.number, headers, wanted, findings)
    if layout is not None:
        _say_title(head[:at], findings)
    return (at, layout) if layout is not None else None


def _wanted(columns: Mapping[str, str], findings: Findings) -> dict[str, str] | None:
    """The campaign's columns by our own field names."""
    wanted = {}
    for key, header in columns.items():
        field = known_field(key)
        if field is None:
            known = ", ".join(vocabulary().names)
            findings.fault(
                "unknown-field", f"The campaign file maps {quoted(key)}: no such field.", f"There are: {known}."
            )
            return None
        wanted[field[0]] = header
    return wanted


def _best(head: Sequence[Row], wanted: Mapping[str, str]) -> int | None:
    """The row that names most fields, the first of equals; a commented row only when no other is a header."""
    for comment in (False, True):
        scores = [(recognised(_shown(row), wanted), -at) for at, row in enumerate(head) if row.comment is comment]
        score, at = max(scores, default=(0, 0))
        if score >= HEADER_FIELDS:
            return -at
    return None


def _shown(row: Row) -> tuple[str, ...]:
    cells = [_plain(cell) for cell in row.cells]
    if row.comment and cells:
        cells[0] = cells[0].lstrip("# ")
    return tuple(cells)


def _without_empty_end(cells: tuple[str, ...]) -> tuple[str, ...]:
    return cells[: max((at for at, cell in enumerate(cells) if cell), default=-1) + 1]


def _plain(cell: str) -> str:
    text = unicodedata.normalize("NFC", cell)
    return " ".join("".join(one for one in text if one.isprintable() or one.isspace()).split())


def _say_missing(head: Sequence[Row], findings: Findings) -> None:
    first = next((row for row in head if not row.comment), None)
    if first is None:
        findings.fault("empty-sheet", "The sheet is empty.", NEEDED)
        return
    cells = ", ".join(quoted(cell) for cell in first.cells[:6] if cell.strip())
    findings.fault("no-header", f"No header was found. The first row has {cells}.", NEEDED, row=first.number)


def _say_title(above: Sequence[Row], findings: Findings) -> None:
    for row in above:
        if row.comment:
            continue
        text = quoted(" ".join(cell for cell in row.cells if cell.strip()))
        if any("@" in cell for cell in row.cells):
            found = f"The row stands above the header and is not read: {text}."
            findings.warning("title-row", found, "Move it below the header if it is a contact.", row=row.number)
        else:
            findings.note("title-row", f"Above the header, taken as a title: {text}.", row=row.number)


def _understand(row: int, headers: tuple[str, ...], wanted: Mapping[str, str], findings: Findings) -> Layout | None:
    columns, emails, states = _by_words(headers)
    for field, header in wanted.items():
        at = next((at for at, shown in enumerate(headers) if shown and squeeze(shown) == squeeze(header)), None)
        if at is None:
            found = f"The campaign file says that {field} is the column {quoted(header)}: there is none."
            findings.fault("missing-column", found, f"There are: {_listed(headers)}.", row=row)
            return None
        # A person said which column it is: no other column is that field, and this one is no other field.
        columns = {name: column for name, column in columns.items() if column != at}
        emails = [column for column in emails if column != at]
        states = [] if field == "state" else [column for column in states if column != at]
        if field in MANY:
            emails = [at]
        else:
            columns[field] = at
    if "name" not in columns and "name_local" in columns:
        columns["name"] = columns["name_local"]
    missing = [what for field, what in (("state", "the state"), ("name", "the institution")) if field not in columns]
    if missing:
        found = f"No column for {' and '.join(missing)} was found. There are: {_listed(headers)}."
        findings.fault("missing-column", found, NEEDED, row=row)
        return None
    layout = Layout(
        row=row,
        headers=headers,
        index=_names(headers, set(emails), row, findings),
        columns=columns,
        emails=tuple(emails),
        states=tuple(at for at in states if at != columns["state"]),
    )
    _say_columns(layout, findings)
    return layout


def _by_words(headers: Sequence[str]) -> tuple[dict[str, int], list[int], list[int]]:
    best: dict[str, tuple[int, int]] = {}
    emails: list[int] = []
    states: list[int] = []
    for at, header in enumerate(headers):
        found = known_field(header) if header else None
        if found is None:
            continue
        field, rank = found
        if field in MANY:
            emails.append(at)
            continue
        if field == "state":
            states.append(at)
        if field not in best or rank < best[field][0]:
            best[field] = (rank, at)
    return {field: at for field, (_, at) in best.items()}, emails, states


def _names(headers: Sequence[str], emails: set[int], row: int, findings: Findings) -> dict[str, int]:
    """Every column under a name of its own, as templates write it."""
    index: dict[str, int] = {}
    for at, header in enumerate(headers):
        stem = normalised(header) or f"column_{at + 1}"
        name, count = stem, 1
        while name in index:
            count += 1
            name = f"{stem}_{count}"
        index[name] = at
        if count > 1 and header:
            say = findings.note if at in emails else findings.warning
            found = f"The header {quoted(header)} stands more than once; here it is called {name}."
            say("duplicate-header", found, "" if at in emails else "Rename one of them.", row=row, column=at)
    return index


def normalised(header: str) -> str:
    """A header as templates write it: lower case, everything but letters and digits an underscore."""
    return re.sub(r"[\W_]+", "_", header.lower()).strip("_")


def _say_columns(layout: Layout, findings: Findings) -> None:
    for at, header in enumerate(layout.headers):
        found = known_field(header) if header else None
        if found is None or at in layout.emails or at in layout.states or at in layout.columns.values():
            continue
        field = found[0]
        if field in layout.columns and squeeze(layout.headers[layout.columns[field]]) != squeeze(header):
            other = quoted(layout.headers[layout.columns[field]])
            findings.note(
                "second-column",
                f"The column {quoted(header)} is not read as {field}, since {other} is.",
                row=layout.row,
                column=at,
            )
    _say_roles(layout, findings)
    if "verified_on" in layout.columns:
        findings.note(
            "verified-on",
            "A verification is never taken from a sheet.",
            "Whoever checked the addresses says so with `outreach contacts verify`.",
            row=layout.row,
            column=layout.columns["verified_on"],
        )


def _say_roles(layout: Layout, findings: Findings) -> None:
    """Roles under a header that we do not know would leave people out of demands, or in, unseen."""
    ours = {*layout.columns.values(), *layout.emails}
    unread = [one for at, one in enumerate(layout.headers) if one and at not in ours and known_field(one) is None]
    if unread and "role" not in layout.columns:
        findings.note(
            "no-role-column",
            f'No column for the role was found: "{DEFAULT_ROLE}" is taken in every row.',
            f"If a column holds roles, say so in the campaign file: [columns] role = …. Not read: {_listed(unread)}.",
            row=layout.row,
        )


def _listed(headers: Sequence[str]) -> str:
    return ", ".join(quoted(header) for header in headers[:20] if header)
