"""The repository that these tests are part of, and what its documents show."""

import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

_FENCE = re.compile(
    r"^(?:<!--\s*not run:\s*(?P<why>[^>]*?)\s*-->\n+)?"
    r"^(?P<indent> *)```(?P<kind>\w*)[^\n]*\n(?P<body>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command line of a document and the output shown below it."""

    line: str
    shown: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block of commands."""

    where: str
    why_not_run: str | None  #: from `<!-- not run: reason -->` above the fence
    commands: tuple[Command, ...]


def blocks(document: Path) -> list[Block]:
    """Return the console and shell blocks of a Markdown file, in order."""
    text = document.read_text("utf-8")
    found = []
    for match in _FENCE.finditer(text):
        if match["kind"] in {"console", "sh", "bash", "shell"}:
            line = text.count("\n", 0, match.start("kind")) + 1
            commands = tuple(_commands(match["body"], prompted=match["kind"] == "console"))
            found.append(Block(where=f"{document.name}:{line}", why_not_run=match["why"], commands=commands))
    return found


def _commands(body: str, *, prompted: bool):
    """Yield the lines after `$ ` with their output in a console block; every line of a shell block."""
    line, shown = None, []
    for raw in body.replace("\\\n", "").splitlines():
        text = raw.strip()
        if prompted and not text.startswith("$ "):
            shown.append(text)
            continue
        if line:
            yield Command(line=line, shown=tuple(filter(None, shown)))
        line, shown = text.removeprefix("$ ") if text and not text.startswith("#") else None, []
    if line:
        yield Command(line=line, shown=tuple(filter(None, shown)))


def outreach_lines(document: Path) -> list[list[str]]:
    """Return every `outreach …` that a document shows, in a block or in a code span, as words."""
    lines = [command.line for block in blocks(document) for command in block.commands]
    lines += re.findall(r"`(outreach [^`\n]+)`", _FENCE.sub("", document.read_text("utf-8")))
    words = [shlex.split(line, comments=True) for line in lines]
    return [one[1:] for one in words if one[:1] == ["outreach"] and one[1:]]


def files() -> list[Path]:
    """Return every file of the repository that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def texts(paths: list[Path]) -> dict[str, str]:
    """Return the text files among `paths`, by their path in the repository."""
    found = {}
    for path in paths:
        data = path.read_bytes()
        if b"\0" not in data:
            found[path.relative_to(ROOT).as_posix()] = data.decode("utf-8", "replace")
    return found
