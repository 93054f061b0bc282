"""Every command of the command line, and the module that holds it.

A module is loaded when its command is called. `outreach --help` loads none: it prints this table, and is there before
anybody waits for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup


class Entry(NamedTuple):
    """Where a command is, and what it does, in one line of a terminal with 80 columns."""

    module: str
    does: str


COMMANDS = {
    "init": Entry("init", "Make a folder with a working campaign."),
    "demo": Entry("demo", "Go the whole way as a rehearsal."),
    "check": Entry("check", "Find every fault before anything is sent."),
    "plan": Entry("plan", "Freeze every letter as a draft."),
    "preview": Entry("preview", "Show letters as they will be sent."),
    "approve": Entry("approve", "Let the drafts go, by name."),
    "send": Entry("send", "Send what is approved."),
    "pause": Entry("pause", "Stop a campaign, or one state."),
    "go": Entry("pause", "Let a campaign go on."),
    "log": Entry("log", "Say where each state stands."),
    "collect": Entry("collect", "Read what came back, for all campaigns at once."),
    "tray": Entry("tray", "Show mail that waits for a person; say where it belongs."),
    "proposals": Entry("proposals", "List what mails make us think should change; decide."),
    "verdict": Entry("verdict", "Show what a mail was taken for, or say what it is."),
    "triage": Entry("triage", "Say of saved mails what they are."),
    "due": Entry("due", "Say who owes an answer."),
    "chase": Entry("chase", "Prepare reminders to the silent."),
    "resolve": Entry("resolve", "Settle letters in doubt, by evidence or by your word."),
    "position": Entry("position", "Write down what a state says about a demand."),
    "positions": Entry("positions", "Say what each state says about each demand."),
    "report": Entry("report", "Write one page for organisers."),
    "show": Entry("correspondence", "Tell the whole correspondence with one state."),
    "contacts": Entry("contacts", "Verify addresses; settle renamed institutions."),
    "ledger": Entry("ledger", "Where the ledger is and who holds it; backups, moves."),
    "supporters": Entry("supporters", "Approve what supporters may send; see how many have."),
    "serve": Entry("serve", "Serve the supporters' page and send its mails."),
    "moderate": Entry("moderate", "Look at supporters' letters that the rules hold."),
    "person": Entry("person", "Take out or forget what is held of a supporter."),
}


class Commands(TyperGroup):
    """The commands of the table, each loaded when it is asked for."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        loaded = self.commands
        self.commands = {name: loaded.get(name, _Unloaded(name, help=one.does)) for name, one in COMMANDS.items()}

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  its caller's name for it
        """Return the command, its module loaded by now, or nothing for a word that is none."""
        if isinstance(self.commands.get(cmd_name), _Unloaded):
            from outreach.cli.app import app

            import_module(f"outreach.cli.{COMMANDS[cmd_name].module}")
            self.commands.update(_registered(app))
        return self.commands.get(cmd_name)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what it cannot take is told in plain words."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            from outreach.cli.usage import put_plainly

            put_plainly(error)
            raise

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Print the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.does) for name, one in COMMANDS.items()])


class _Unloaded(TyperCommand):
    """A command known by its name alone."""


def _registered(app: typer.Typer) -> dict[str, Any]:
    commands = typer.main.get_group(app).commands
    return {name: one for name, one in commands.items() if not isinstance(one, _Unloaded)}
