"""What the steps of the demo share: whose campaign it is, the number of the step, and short tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from outreach.cli.app import called
from outreach.cli.show import banner, print_table
from outreach.rules.positions import invented

if TYPE_CHECKING:
    from outreach.office import Office
    from outreach.reports import TextTable
    from outreach.runner.desk import Desk

FEW = 6  #: rows of a table that the demo shows


@dataclass
class Walk:
    """A demo on its way."""

    place: Office
    own: Desk  #: the campaign as its file has it
    desk: Desk  #: the same with the demo's invented states, unless its sheets hold some already
    number: int = field(default=0, init=False)

    @property
    def name(self) -> str:
        """The campaign's."""
        return self.desk.campaign.slug

    @property
    def joined(self) -> bool:
        """Whether invented states were added, and are to be told apart."""
        return self.desk is not self.own

    def ours(self, state: str) -> bool:
        """Whether a state is one of the campaign's own sheets."""
        return not (self.joined and invented(state))

    def theirs(self, state: str) -> bool:
        """Whether a state was added by the demo."""
        return not self.ours(state)

    def step(self, command: str) -> None:
        """Say what a person would type now."""
        self.number += 1
        print(f"\n{self.number}. {called()} {command}\n", flush=True)

    def counted(self, ours: int, theirs: int) -> str:
        """Where a count comes from, as a sentence of its own; "" where nothing was added."""
        return f"Of these {ours:,} are for your own sheets, {theirs:,} for the demo's states." if self.joined else ""

    def apart(self, tell: Callable[[Callable[[str], bool]], str]) -> None:
        """Say a total, and that of the demo's states below it; `tell` words one for the states that it is given."""
        print(tell(self.ours))
        if self.joined:
            print(f"The demo's invented states beside them: {tell(self.theirs).partition('. ')[2]}")

    def few(self, title: str, table: TextTable, *, command: str) -> None:
        """The first rows of a table without its empty columns, how many more there are, and what shows them."""
        rows = table.rows[:FEW]
        shown = [at for at in range(len(table.head)) if any(row[at] for row in rows)]
        print_table(
            f"{banner(self.desk.mode)}. {title}",
            [table.head[at] for at in shown],
            [[row[at] for at in shown] for row in rows],
            right=[number for number, at in enumerate(shown) if at in table.right],
        )
        if (more := len(table.rows) - FEW) > 0:
            print(f"… {more:,} more; `{called()} {command}` shows them.\n")


def from_here(path: Path) -> str:
    """A path as it can be typed where the command was."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
