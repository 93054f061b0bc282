"""The command line: its options for every command, and how errors are told."""

from __future__ import annotations

import errno
import io
import os
import shlex
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outreach import __version__
from outreach.cli.commands import Commands
from outreach.errors import OutreachError, UsageError

if TYPE_CHECKING:
    from outreach.office import Office

_FULL = {errno.ENOSPC, errno.EDQUOT}
INTERRUPTED = 130  #: the exit code after Ctrl-C; typer turns it into one, too

app = typer.Typer(
    name="outreach",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Write to governments, letter by letter, and hold them to their answers.",
    epilog="Nothing leaves this machine without --live. Begin with `outreach init DIR`, or look at `outreach demo`.",
)


@dataclass
class Options:
    """What was said before the command."""

    workspace: Path = Path()
    named: bool = False  #: by -w, and not by OUTREACH_WORKSPACE, which holds for the next command as well
    debug: bool = False


options = Options()


def office() -> Office:
    """The office of the chosen workspace, today."""
    from datetime import datetime

    from outreach.office import Office

    return Office(root=options.workspace, environ=os.environ, today=datetime.now().astimezone().date())


def called(program: str = "outreach") -> str:
    """How the next command begins, ready for a shell: the program, with `-w DIR` where this one was told so."""
    return f"{program} -w {shlex.quote(str(options.workspace))}" if options.named else program


def _version(wanted: bool) -> None:
    if wanted:
        print(f"outreach {__version__}")
        raise typer.Exit


@app.callback()
def everywhere(
    context: typer.Context,
    workspace: Annotated[
        Path,
        typer.Option(
            "--workspace", "-w", envvar="OUTREACH_WORKSPACE", help="The folder with campaigns/ and contacts/."
        ),
    ] = Path(),
    debug: Annotated[bool, typer.Option("--debug", help="Show the trace of an error.")] = False,
    version: Annotated[  # noqa: ARG001  told by its callback
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Take the options that hold for every command."""
    options.workspace = workspace
    source = context.get_parameter_source("workspace")
    options.named = source is not None and source.name == "COMMANDLINE"
    options.debug = debug


def run() -> None:
    """Run the command line; every error becomes one clear message and an exit code.

    0 = done, 1 = faults found or not everything went well, 2 = wrong usage, 130 = interrupted.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without UTF-8 shows \u0411 for Б, and goes on
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except OutreachError as error:
        _tell(error)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except (KeyboardInterrupt, SystemExit) as end:
        if isinstance(end, SystemExit) and end.code != INTERRUPTED:
            raise
        print("Interrupted. Nothing is sent twice: run the same command again to go on.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if options.debug:
            raise
        if isinstance(error, OSError) and error.errno in _FULL:
            print(
                f"{error.strerror}. Make room, then run the same command again: nothing is sent twice.", file=sys.stderr
            )
            sys.exit(1)
        print(
            f"outreach met something it did not expect: {type(error).__name__}: {error}\n"
            "Nothing is sent twice by running the command again. Please report what `outreach --debug …` shows.",
            file=sys.stderr,
        )
        sys.exit(1)


def _tell(error: OutreachError) -> None:
    if options.debug:
        traceback.print_exception(error)
    from outreach.cli.show import print_problems

    problems = getattr(error, "problems", ())
    if problems:
        print_problems(problems, to=sys.stderr)
    if all(one.found != error.found for one in problems):
        print(str(error).replace("`outreach ", f"`{called()} "), file=sys.stderr)
