"""What the README shows is what happens."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.repository import ROOT, Block, Command, blocks

#: What make does after its set-up; the set-up itself is done in earnest by .ci/run.
BEHIND_MAKE = {"make demo": "outreach demo"}
BLOCKS = blocks(ROOT / "README.md")
MARK = "@@@"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of what a newcomer's clone has beside the program."""
    folder = tmp_path_factory.mktemp("readme") / "outreach"
    skip = shutil.ignore_patterns(
        ".git", ".venv*", ".outreach", ".env", "src", "tests", "bench", "__pycache__", ".*_cache"
    )
    shutil.copytree(ROOT, folder, ignore=skip)
    return folder


def test_the_readme_shows_the_two_commands():
    """A newcomer finds make demo and make test, and at least one block that is run here."""
    text = (ROOT / "README.md").read_text("utf-8")
    assert "make demo" in text
    assert "make test" in text
    assert any(not block.why_not_run for block in BLOCKS)


def test_make_demo_is_the_command_run_here():
    """BEHIND_MAKE says what the Makefile says."""
    recipe = re.search(r"^demo:.*\n\t@?(.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert recipe
    assert recipe[1] == "$(VENV)/bin/" + BEHIND_MAKE["make demo"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("block", BLOCKS, ids=[block.where for block in BLOCKS])
def test_a_block_of_the_readme_works_and_prints_what_it_shows(block: Block, checkout: Path):
    """Its commands succeed one after the other; each line of output shown is there, `…` meaning anything."""
    if block.why_not_run:
        pytest.skip(f"{block.where} says: {block.why_not_run}")
    script = "".join(f"echo; echo {MARK}\n{BEHIND_MAKE.get(one.line, one.line)}\n" for one in block.commands)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    run = subprocess.run(
        ["sh", "-e", "-u"], input=script, cwd=checkout, env=os.environ | {"PATH": path, "COLUMNS": "120"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    outputs = run.stdout.split(f"{MARK}\n")[1:]
    assert run.returncode == 0, f"{block.where}: {block.commands[len(outputs) - 1].line}\n{outputs[-1]}"
    for command, output in zip(block.commands, outputs, strict=True):
        assert not missing(command, output), f"{block.where}: {command.line} does not print this; it prints\n{output}"


def missing(command: Command, output: str) -> list[str]:
    """Return the shown lines from the first that the output does not have after the one before."""
    lines = iter(" ".join(line.split()) for line in output.splitlines())
    for position, shown in enumerate(command.shown):
        pattern = ".*".join(re.escape(" ".join(part.split())) for part in shown.split("…"))
        if not any(re.search(pattern.replace(r"\ .*", ".*").replace(r".*\ ", ".*"), line) for line in lines):
            return list(command.shown[position:])
    return []


@pytest.mark.parametrize(
    ("shown", "unprinted"),
    [
        (("one", "two"), []),
        (("o… two", "…3"), []),
        (("two", "one"), ["one"]),
        (("three",), ["three"]),
        (("one   two", "two", "end"), ["end"]),
    ],
    ids=["in-order", "dots", "out-of-order", "not-there", "to-the-end"],
)
def test_output_that_is_shown_and_not_printed_is_noticed(shown, unprinted):
    """The README can leave lines out, and parts of lines with dots, and can say nothing else."""
    assert missing(Command(line="", shown=shown), "one\n\n  one  two\ntwo 3\n") == unprinted
