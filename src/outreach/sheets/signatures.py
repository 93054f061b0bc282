"""Lists of supporters: CSV, XLSX or ODS with a row for each person and the proof of their consent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

from outreach.model.problem import Place
from outreach.model.signature import Signature, SignatureRows
from outreach.sheets.door import FileKind, look, refused, resolve
from outreach.sheets.encodings import find_encoding
from outreach.sheets.findings import Findings, quoted
from outreach.sheets.grid import UNREADABLE, Row, Table
from outreach.sheets.limits import MAX_WORKBOOK_BYTES
from outreach.sheets.lines import Lines
from outreach.sheets.textsheet import TextTable
from outreach.sheets.vocabulary import squeeze, vocabulary
from outreach.sheets.workbook import worksheets

_FIELDS: Mapping[str, str] = {
    "email": "email, mail, email address, courriel, correo electrónico, البريد الإلكتروني, ηλεκτρονικό ταχυδρομείο",
    "name": "name, full name, nom, nombre, الاسم, όνομα",
    "place": "place, city, town, lieu, ville, ciudad, المكان, πόλη",
    "words": "words, message, comment, letter, texte, mensaje, نص, κείμενο",
    "language": "language, langue, idioma, اللغة, γλώσσα",
    "targets": "targets, target, institutions, states, destinataires",
    "agreed_on": "agreed on, consent date, consented on, signed on, date, date de consentement",
    "agreed_to": "agreed to, consent text, consent, texte de consentement",
    "proof": "proof, proof of consent, source, preuve",
    "quote": "quote, may quote, citer",
    "contact_again": "contact again, opt in, newsletter",
}
_KNOWN = {squeeze(word): field for field, words in _FIELDS.items() for word in words.split(",")}
_NEEDED = ("email", "name", "targets", "agreed_on", "agreed_to", "proof")
_TODO = "A list needs a header row with at least: email, name, targets, agreed on, agreed to, proof."


def read_signatures(root: Path, path: str) -> SignatureRows:
    """Read one list of the workspace. Raises SheetError when it cannot be read as one."""
    signatures: list[Signature] = []
    problems = []
    with _tables(root, path) as tables:
        for table, findings in tables:
            signatures += _Reader(path, table, findings).rows()
            problems += findings.all()
    return SignatureRows(path=path, signatures=tuple(signatures), problems=tuple(problems))


@contextmanager
def _tables(root: Path, path: str) -> Iterator[Iterator[tuple[Table, Findings]]]:
    try:
        with resolve(root, path).open("rb") as file:
            if look(file, path) is FileKind.ZIP:
                raw = file.read(MAX_WORKBOOK_BYTES + 1)
                yield (
                    (table, findings)
                    for _, table, findings in worksheets(raw, path)
                    if table is not None and table.head()
                )
                return
            findings = Findings(path)
            with closing(Lines(file, find_encoding(file, path, "").name, path)) as lines:
                yield iter([(TextTable(lines, path, {}, findings), findings)])
    except OSError as error:
        found = f"The file cannot be read: {error.strerror or error}."
        raise refused(path, "no-sheet", found, "Look at its rights.") from error


class _Reader:
    """The rows of one table."""

    def __init__(self, path: str, table: Table, findings: Findings) -> None:
        self._path = path
        self._table = table
        self._findings = findings
        self._columns: Mapping[str, int] = {}

    def rows(self) -> Iterator[Signature]:
        for at, row in enumerate(self._table.head()):
            columns = _columns(row.cells)
            if "email" in columns and len(columns) > 1:
                missing = [name.replace("_", " ") for name in _NEEDED if name not in columns]
                if missing:
                    raise refused(self._path, "no-column", f"There is no column for: {', '.join(missing)}.", _TODO)
                self._columns = columns
                self._findings.headers = list(row.cells)
                for each in self._table.body(at, len(row.cells)):
                    yield from self._row(each)
                return
        raise refused(self._path, "no-header", "No row looks like a header.", _TODO)

    def _row(self, row: Row) -> Iterator[Signature]:
        if row.comment or not any(cell.strip() for cell in row.cells):
            return
        broken = next((at for at, kind in row.kinds.items() if kind in UNREADABLE), None)
        if broken is not None:
            self._findings.fault(
                "unreadable-cell", "This cell has no value.", "Mend it.", row=row.number, column=broken
            )
            return
        for field in _NEEDED:
            if not self._cell(row, field):
                self._fault(
                    row, field, f"This row has no {field.replace('_', ' ')}.", "Without it nobody is written to."
                )
                return
        agreed_on = _day(self._cell(row, "agreed_on"))
        if agreed_on is None:
            found = f"{quoted(self._cell(row, 'agreed_on'))} is no day."
            self._fault(row, "agreed_on", found, "Write it as 2026-11-23.")
            return
        yield Signature(
            email=self._cell(row, "email"),
            name=self._cell(row, "name"),
            place=self._cell(row, "place"),
            words=self._cell(row, "words"),
            language=self._cell(row, "language"),
            targets=tuple(one for one in self._cell(row, "targets").replace(",", ";").split(";") if one.strip()),
            agreed_on=agreed_on,
            agreed_to=self._cell(row, "agreed_to"),
            proof=self._cell(row, "proof"),
            quote=squeeze(self._cell(row, "quote")) in vocabulary().yes,
            contact_again=squeeze(self._cell(row, "contact_again")) in vocabulary().yes,
            place_in_sheet=Place(path=self._path, row=row.number),
        )

    def _cell(self, row: Row, field: str) -> str:
        at = self._columns.get(field)
        return row.cells[at].strip() if at is not None and at < len(row.cells) else ""

    def _fault(self, row: Row, field: str, found: str, todo: str) -> None:
        self._findings.fault(f"no-{field}", found, todo, row=row.number, column=self._columns[field])


def _columns(cells: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        field = _KNOWN.get(squeeze(cell))
        if field is not None:
            found.setdefault(field, at)
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.partition(" ")[0].partition("T")[0])
    except ValueError:
        return None
