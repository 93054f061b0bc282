"""Cells that no spreadsheet takes for a formula, whatever a sheet or a server put into them."""

from __future__ import annotations

import re
from datetime import date, datetime

Cell = str | int | date | datetime | None

#: Control characters, line and paragraph separators, lone surrogates, and what XML cannot hold.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")
_BREAKS = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")

#: What a spreadsheet may skip before it looks for a formula: white space of any kind, quotes, separators, marks
#: without width.
_SKIPPED = "[\\s\"'`“”„‘’«»;,|\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*"
#: `=`, `+`, `-`, `@`, their full-width and small forms (Excel in East Asian languages takes them), and the minus sign.
_BEGINS = "[=+\\-@＝＋－＠﹦﹢﹣﹫−]"
_FORMULA = re.compile(_SKIPPED + _BEGINS)
#: A spreadsheet whose list separator is `;` (most of Europe) splits there, even inside quotes that stand mid-line.
_AFTER_SEMICOLON = re.compile(f"(;{_SKIPPED})({_BEGINS})")


def clean(text: str) -> str:
    """`text` on one line, without control characters."""
    return _CONTROL.sub("", _BREAKS.sub(" ", text))


def looks_like_formula(text: str) -> bool:
    """Whether some spreadsheet may take the cell for a formula."""
    return _FORMULA.match(text) is not None


def csv_cell(value: Cell) -> str:
    """A value as CSV text; a `'` stands before what could be a formula (CWE-1236)."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    text = clean(value)
    if looks_like_formula(text):
        text = f"'{text}"
    return _AFTER_SEMICOLON.sub(r"\1'\2", text)
