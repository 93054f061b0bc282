"""What may import what, and what a quick command may not wait for."""

import ast
import importlib
import re
import subprocess
import sys

import pytest

from support.repository import ROOT

SOURCES = sorted((ROOT / "src").rglob("*.py"))
#: What a yagmail or smtplib object is called, at the end of an expression.
YAGMAIL = re.compile(r"(^|\.)_?(yag\w*|client|smtp)$")
HEAVY = {"pandas", "numpy", "sqlalchemy", "alembic", "yagmail", "jinja2", "babel", "holidays", "aiosmtpd", "lxml"}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["send", "--help"]], ids=" ".join)
def test_help_waits_for_no_heavy_library(arguments):
    """Asking for help imports none of the libraries that do the work."""
    code = (
        "import sys\nfrom outreach.__main__ import main\n"
        f"sys.argv = ['outreach', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "print('@', *{name.partition('.')[0] for name in sys.modules})"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(run.stdout.rpartition("@")[2].split())


def test_the_list_of_commands_loads_none_of_them():
    """`outreach --help` prints a table: no command's module and no model is imported for it."""
    code = (
        "import sys\nfrom outreach.__main__ import main\nsys.argv = ['outreach', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\nprint('@', *sorted(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name for name in run.stdout.rpartition("@")[2].split() if name.startswith("outreach.")}
    assert loaded == {f"outreach.{one}" for one in ("__main__", "cli", "cli.app", "cli.commands", "errors")}


def test_the_ledger_does_not_wait_for_triage():
    """Compiling what bounces say takes as long as opening a ledger; only who reads mails needs it."""
    code = "import sys, outreach.ledger\nprint(*(name for name in sys.modules if 'bounce' in name))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not run.stdout.split()


def test_every_command_is_in_the_table_and_each_of_the_table_is_there():
    """What the modules of the door register is what `--help` lists, each in one line of 80 columns."""
    from outreach.cli.app import app
    from outreach.cli.commands import COMMANDS

    for path in (ROOT / "src" / "outreach" / "cli").glob("[a-z]*.py"):
        importlib.import_module(f"outreach.cli.{path.stem}")
    made = [one.name or one.callback.__name__ for one in app.registered_commands]
    made += [one.name for one in app.registered_groups]
    assert sorted(made) == sorted(COMMANDS)
    width = max(map(len, COMMANDS)) + 4
    assert not [one.does for one in COMMANDS.values() if width + len(one.does) > 78]


def test_the_import_contracts_hold():
    """import-linter finds every floor and fence of pyproject.toml kept."""
    code = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT / "src").as_posix())
def test_nothing_reaches_smtplib_or_the_sending_of_yagmail(path):
    """yagmail connects and nothing else: no module names smtplib, its queue, or its own way of building and sending."""
    tree = ast.parse(path.read_text("utf-8"))
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules |= {node.module or "", *(alias.name for alias in node.names)}
    forbidden = {"smtplib", "send_unsent", "unsent", "_attempt_send", "AsyncClient"}
    if any(name.partition(".")[0] == "yagmail" for name in modules):
        forbidden |= {"sendmail", "send_message", "prepare_message", "sender"}
    assert not forbidden & (names | modules)
    sends = [node.value for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "send"]
    assert not [one for one in map(ast.unparse, sends) if YAGMAIL.search(one)]
