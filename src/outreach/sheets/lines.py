"""The physical lines of a text file, counted as an editor counts them, with a place to put lines back."""

from __future__ import annotations

from collections import deque
from io import TextIOWrapper
from typing import BinaryIO

from outreach.sheets.door import refused
from outreach.sheets.limits import MAX_LINE, MAX_LINES


class Lines:
    """Lines without their ends; any of the three line ends counts, also in one file together."""

    def __init__(self, file: BinaryIO, encoding: str, path: str) -> None:
        self.number = 0  #: of the line given last
        self._text = TextIOWrapper(file, encoding=encoding, errors="strict", newline=None)  # all line ends are one
        self._path = path
        self._back: deque[str] = deque()

    def next(self) -> str | None:
        """The next line, or None at the end. Raises SheetError for a line that no sheet has."""
        self.number += 1
        if self._back:
            return self._back.popleft()
        line = self._text.readline(MAX_LINE + 1)
        if not line:
            self.number -= 1
            return None
        if self.number > MAX_LINES:
            raise refused(
                self._path,
                "too-many-rows",
                f"The file has more than {MAX_LINES:,} lines.",
                "Divide it into several sheets.",
                row=self.number,
            )
        if len(line) > MAX_LINE:
            raise refused(
                self._path,
                "long-line",
                f"Line {self.number} is longer than {MAX_LINE:,} characters.",
                "Save the sheet again: it lost its line ends, or it is no sheet.",
                row=self.number,
            )
        if "\0" in line:
            raise refused(
                self._path,
                "nul-byte",
                f"Line {self.number} holds a NUL, which no text has.",
                "The file is damaged, or in another encoding: save it again as UTF-8.",
                row=self.number,
            )
        return line.removesuffix("\n")

    def close(self) -> None:
        """Let go of the file without closing it: it is its opener's."""
        self._text.detach()

    def put_back(self, lines: list[str]) -> None:
        """Give these lines again, in this order."""
        self._back.extendleft(reversed(lines))
        self.number -= len(lines)
