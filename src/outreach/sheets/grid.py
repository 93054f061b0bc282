"""What every kind of file becomes first: numbered rows of text cells, with a word about cells that were no text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType
from typing import Protocol

_NO_KINDS: Mapping[int, Kind] = MappingProxyType({})


class Kind(Enum):
    """What a workbook's cell was before it became text."""

    NUMBER = auto()
    DATE = auto()
    MERGED = auto()  #: its value is that of the merged cell above
    ERROR = auto()  #: such as #REF!
    UNCOMPUTED = auto()  #: a formula whose result was not stored
    BROKEN = auto()  #: text with a line break that the reader cannot give


#: Cells whose value is not known, whatever text stands in the row.
UNREADABLE = frozenset({Kind.ERROR, Kind.UNCOMPUTED, Kind.BROKEN})


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it stands in the file."""

    number: int  #: 1-based; for text files the line on which it begins
    cells: Sequence[str]
    kinds: Mapping[int, Kind] = field(default_factory=lambda: _NO_KINDS)
    comment: bool = False  #: begins with "#"
    gap: bool = False  #: an empty row, a comment or a row that cannot be read stands before it


class Table(Protocol):
    """A text file or one worksheet, before anything in it is understood."""

    def head(self) -> Sequence[Row]:
        """The first rows that are not empty, comments included: the header is among them or nowhere."""

    def body(self, header: int, named: int) -> Iterator[Row]:
        """The rows after `head()[header]` that can be read; `named` columns have a header.

        Rows that cannot be read are reported and counted in `broken`; all rows have the same number of cells.
        """

    @property
    def broken(self) -> int:
        """Rows reported instead of given."""
