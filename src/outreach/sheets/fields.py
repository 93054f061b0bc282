"""All cells of a row, kept small: a hundred thousand rows stay in memory while a plan is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

SEPARATOR = "\x1f"  #: a control character, so no accepted value holds it


class RowFields(Mapping[str, str]):
    """The cells of one row by normalised header: one string a row, one index a sheet."""

    __slots__ = ("_index", "_joined")

    def __init__(self, index: Mapping[str, int], values: Sequence[str]) -> None:
        self._index = index
        self._joined = SEPARATOR.join(values).encode()  # half the size of a text that is not all Latin

    def __getitem__(self, name: str) -> str:
        return self._joined.decode().split(SEPARATOR)[self._index[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)

    def __repr__(self) -> str:
        return f"RowFields({dict(self)!r})"
