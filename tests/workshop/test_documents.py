"""The documents and the command line speak of the same commands, and links lead somewhere."""

import re

import pytest
import typer

from outreach.cli.app import app
from outreach.model.log import ToDo
from support.repository import DOCUMENTS, ROOT, outreach_lines

GROUP = typer.main.get_command(app)
for each in [*GROUP.commands]:
    GROUP.get_command(typer.Context(GROUP), each)
#: Words that stand for something else in a sentence, not for a command.
PLACEHOLDERS = {"…", "...", "COMMAND"}


def _options(command) -> set[str]:
    return {name for option in command.params for name in (*option.opts, *option.secondary_opts)} | {"--help", "-h"}


def _faults(words: list[str]) -> list[str]:
    """Return what of one shown command line the program does not have."""
    command, known, faults = GROUP, _options(GROUP), []
    for word in words:
        name = word.partition("=")[0]
        if name.startswith("--"):
            faults += [] if name in known else [name]
        elif word in getattr(command, "commands", {}):
            command = command.commands[word]
            known |= _options(command)
        elif command is GROUP and re.fullmatch(r"[a-z][a-z-]*", word) and word not in PLACEHOLDERS:
            return [word]
    return faults


def _all_commands(group=GROUP, before: tuple[str, ...] = ()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _all_commands(command, (*before, name))
        elif not command.hidden:
            yield (*before, name)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_in_a_document_exists(document):
    """No document shows a command or an option that the program does not know."""
    wrong = {" ".join(words): faults for words in outreach_lines(document) if (faults := _faults(words))}
    assert not wrong


def test_every_command_is_documented():
    """Each command of the program is shown in the README or in docs/."""
    shown = [words for document in DOCUMENTS for words in outreach_lines(document)]
    unsaid = [
        " ".join(path)
        for path in _all_commands()
        if not any(set(path) <= set(words[: len(path) + 2]) for words in shown)
    ]
    assert not unsaid


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_file_leads_there(document):
    """A relative link of a document names a file of the repository."""
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text("utf-8"))
    dead = [
        one
        for one in targets
        if "://" not in one and not one.startswith("mailto:") and not (document.parent / one).exists()
    ]
    assert not dead


def test_every_kind_of_next_step_is_documented_in_its_order():
    """Scripts look for these names, and a person reads there which of two things comes first."""
    page = next(one.read_text("utf-8") for one in DOCUMENTS if one.name == "organiser.md")
    (told,) = re.findall(r"`kind` of a next step is one of ((?:`\w+`\s*)+)", page)
    assert re.findall(r"`(\w+)`", told) == [one.value for one in ToDo]


def test_the_changelog_speaks_of_this_version():
    """CHANGELOG.md has an entry for __version__, or for what is not released yet."""
    from outreach import __version__

    heads = re.findall(r"^## \[?v?([^\]\s]+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert heads
    assert heads[0] in {"Unreleased", __version__}


def test_every_test_that_reliability_names_exists():
    """A promise that points at a test that is gone is no promise."""
    file = ""
    named = re.findall(r"`(tests/[\w/]+(?:\.py)?/?)?((?:::\w+)*)`", (ROOT / "docs" / "reliability.md").read_text())
    shown = [(path, names) for path, names in named if path or names]
    assert len(shown) > 20
    for path, names in shown:
        file = path or file
        assert (ROOT / file).exists(), file
        if names:
            text = (ROOT / file).read_text(encoding="utf-8")
            for name in names.split("::")[1:]:
                assert re.search(rf"^\s*(def|class) {name}\b", text, re.MULTILINE), f"{file} has no {name}"
