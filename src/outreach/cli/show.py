"""Printing: problems, tables, the word REHEARSAL. Plain text, coloured when it is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Literal, TextIO

from outreach.model.campaign import Mode
from outreach.model.problem import Problem, Severity

if TYPE_CHECKING:
    from rich.console import Console

PIPED_WIDTH = 220  #: of a table that no terminal shows: wide enough to be searched line by line
LONGEST_WORD = 24  #: of a cell that is never broken, however narrow the terminal
BETWEEN = 2  #: columns of a terminal between two of a table
SHOWN = 30  #: problems of one severity that are printed before the rest is only counted

_COLOURS = {Severity.FAULT: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}
_BANNERS = {
    Mode.REHEARSAL: "REHEARSAL: nothing leaves this machine",
    Mode.TO_ME: "TO ME: every letter goes to your own box",
    Mode.LIVE: "LIVE",
}


def console(to: TextIO | None = None) -> Console:
    """A console that never guesses: no markup, no highlighting of what people wrote."""
    from rich.console import Console

    out = to or sys.stdout
    return Console(file=out, markup=False, highlight=False, emoji=False, width=None if out.isatty() else PIPED_WIDTH)


def banner(mode: Mode) -> str:
    """The words that stand over every table."""
    return _BANNERS[mode]


def print_table(
    title: str, headers: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()
) -> None:
    """One table; `right` are the columns that hold numbers."""
    from rich import box
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False, expand=False)
    shown = [[clean(cell) for cell in row] for row in rows]
    out = console()
    columns = [[header, *(row[index] for row in shown)] for index, header in enumerate(headers)]
    widths = _fitted(columns, out.width - BETWEEN * (len(columns) - 1), cell_len)
    for index, (header, width) in enumerate(zip(headers, widths, strict=True)):
        justify: Literal["left", "right"] = "right" if index in right else "left"
        table.add_column(header, justify=justify, overflow="fold", width=width)
    for row in shown:
        table.add_row(*(Text(cell) for cell in row))
    out.print(Text(clean(title), style="bold"), soft_wrap=True)
    out.print()
    # A terminal too narrow for the longest words wraps whole lines: better than columns of three letters each.
    out.width = max(out.width, sum(widths) + BETWEEN * (len(widths) - 1))
    out.print(table, crop=False)
    out.print()


def _fitted(columns: Sequence[Sequence[str]], room: int, size: Callable[[str], int]) -> list[int]:
    """How wide each column is: the widest give way first, none to less than its longest word.

    Rich lets them give way below that, and takes it back when it prints: the table is too wide then.
    """
    words = [max((size(word) for cell in column for word in cell.split()), default=0) for column in columns]
    least = [max(1, min(longest, LONGEST_WORD)) for longest in words]
    widths = [max(lowest, *map(size, column)) for lowest, column in zip(least, columns, strict=True)]
    while sum(widths) > room:
        wide = [index for index, width in enumerate(widths) if width > least[index]]
        if not wide:
            break
        widths[max(wide, key=widths.__getitem__)] -= 1
    return widths


def print_list(title: str, pairs: Sequence[tuple[str, str]]) -> None:
    """Names and what they stand for, each on a line of its own: a path is never broken, so that it can be copied."""
    from rich.text import Text

    out = console()
    out.print(Text(clean(title), style="bold"), soft_wrap=True)
    out.print()
    width = max(len(name) for name, _ in pairs)
    for name, said in pairs:
        out.print(Text(f"{name:<{width}}  {clean(said)}"), soft_wrap=True)
    out.print()


def wrapped(line: str, hang: int = 0) -> list[str]:
    """The line in as many as the terminal's width asks for, no word broken; all but the first are indented.

    By `hang` columns; 0 = by four more than the line itself.
    """
    import textwrap

    hang = hang or len(line) - len(line.lstrip(" ")) + 4
    return textwrap.wrap(
        clean(line),
        width=console().width,
        subsequent_indent=" " * hang,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


def typed(*, absolute: bool = False) -> str:
    """How this program is called from here: by its name where the shell finds it, else by its path."""
    import shlex
    import shutil
    from pathlib import Path

    called = Path(sys.argv[0])
    if called.name != "outreach" or not called.is_file():  # python -m outreach
        return "outreach"
    found = shutil.which("outreach")
    if found and Path(found).samefile(called):
        return "outreach"
    return shlex.quote(str(called.absolute() if absolute else called))


def print_problems(problems: Iterable[Problem], *, to: TextIO | None = None, every: bool = False) -> None:
    """Faults first, each at its place; long lists are cut and counted unless `every`."""
    from rich.text import Text

    out = console(to)
    groups: dict[Severity, list[Problem]] = {severity: [] for severity in Severity}
    for one in problems:
        groups[one.severity].append(one)
    for severity, found in groups.items():
        shown = found if every else found[:SHOWN]
        for one in shown:
            line = Text()
            line.append(f"{severity.value:<8}", style=_COLOURS[severity])
            line.append(clean(str(one)))
            out.print(line, soft_wrap=True)
        if len(found) > len(shown):
            more = plural(len(found) - len(shown), f"more {severity.value}")
            out.print(f"…       {more}; --all shows all.", soft_wrap=True)


def clean(text: str) -> str:
    """Text without control characters: what stood in a sheet must not drive the terminal."""
    return "".join(char if char >= " " and not "\x7f" <= char <= "\x9f" else "·" for char in text)


def plural(count: int, one: str, many: str = "") -> str:
    """`1 letter`, `2 letters`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
