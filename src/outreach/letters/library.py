"""The template files of a workspace, each read, checked and compiled once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import nodes

from outreach.letters import lint
from outreach.letters.days import long_date
from outreach.letters.grammar import CHASER_NAMES, DIGEST_NAMES, FRAME_NAMES, NAMES, SUPPORTER_NAMES, Flaw, parse
from outreach.letters.head import CHASER_KEYS, DEMAND_KEYS, FRAME_KEYS, Head, part
from outreach.letters.sandbox import Compiled, LetterEnvironment, compiled
from outreach.letters.values import TOKEN
from outreach.model.problem import Place, Problem, Severity

FOLDER = "templates/letters"
FRAME = "frame"
CHASER = "chaser"  #: the whole of a reminder; it stands where the frame stands in a first letter
SUPPORTER = "supporter"  #: the whole of a supporter's copy
DIGEST = "digest"  #: the whole of a letter for many supporters
_FRAMES = {
    FRAME: (FRAME_KEYS, FRAME_NAMES),
    CHASER: (CHASER_KEYS, CHASER_NAMES),
    SUPPORTER: (FRAME_KEYS, SUPPORTER_NAMES),
    DIGEST: (FRAME_KEYS, DIGEST_NAMES),
}
#: What a frame that carries supporters may not leave unsaid: who writes, what is asked, through whom it was sent.
_SAYS = {
    SUPPORTER: ("words", "supporter.name", "demands", "sender.organisation"),
    DIGEST: ("count", "demands", "sender.organisation"),
}
MAX_SOURCE = 64 * 1024
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}")  # BCP 47, without its rarest forms


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterTemplate:
    """One file of templates/letters, ready to render when it has no faults."""

    path: str  #: relative to the workspace
    language: str
    head: Head
    subject: Compiled | None
    body: Compiled | None
    sha256: str
    problems: tuple[Problem, ...]
    tree: nodes.Template | None = None

    @property
    def faults(self) -> tuple[Problem, ...]:
        """What forbids to render it."""
        return tuple(one for one in self.problems if one.severity is Severity.FAULT)


class Library:
    """Templates by demand and language. Nothing outside templates/letters is ever read."""

    def __init__(self, root: Path) -> None:
        self._folder = root / FOLDER
        self._environment = LetterEnvironment()
        self._known: dict[tuple[str, str], LetterTemplate] = {}

    def languages(self, name: str) -> frozenset[str]:
        """The languages in which a demand, or the frame, has a file."""
        if not _SLUG.fullmatch(name):
            return frozenset()
        return frozenset(path.stem for path in self._files(name) if _LANGUAGE.fullmatch(path.stem))

    def strangers(self, name: str) -> list[str]:
        """Files whose names are no language: perhaps a letter that nobody will get."""
        if not _SLUG.fullmatch(name):
            return []
        found = [path.name for path in self._files(name) if not _LANGUAGE.fullmatch(path.stem)]
        return sorted(one for one in found if one.casefold() != "readme.md")

    def _files(self, name: str) -> list[Path]:
        try:
            return [path for path in (self._folder / name).iterdir() if path.suffix == ".md" and path.is_file()]
        except OSError:
            return []

    def template(self, name: str, language: str) -> LetterTemplate:
        """A demand's template in a language, or the frame's, or the chaser's."""
        key = name, language
        if key not in self._known:
            self._known[key] = self._read(name, language)
        return self._known[key]

    def _read(self, name: str, language: str) -> LetterTemplate:
        path = f"{FOLDER}/{name}/{language}.md"
        source, flaw = self._source(name, language)
        if flaw is not None:
            return _broken(path, language, flaw)
        keys, names = _FRAMES.get(name, (DEMAND_KEYS, NAMES))
        parted = part(source, keys)
        flaws = list(parted.flaws)
        if reserved := TOKEN.search(source):
            line = source.count("\n", 0, reserved.start()) + 1
            flaws.append(Flaw(line, "reserved-word", f'"{reserved[0]}" is a word of our own.', "Write another word."))
        body, tree = self._compile(parted.body, path, names, flaws)
        line = parted.lines.get("subject", 1)
        subject, _ = self._compile("\n" * (line - 1) + parted.head.subject, f"{path} subject", names, flaws)
        if name in _FRAMES and not _writes_dates(parted.head.date_format, language):
            todo = 'Write "long", "medium" or a pattern such as "d MMMM y".'
            found = f'No date can be written with "{parted.head.date_format}" in "{language}".'
            flaws.append(Flaw(parted.lines.get("date_format", 1), "template-head", found, todo))
        if tree is not None:
            flaws += lint.flaws(tree, parted.head, parted.lines, language)
            flaws += [_left_out(one) for one in _SAYS.get(name, ()) if one not in _said(tree)]
        return LetterTemplate(
            path=path,
            language=language,
            head=parted.head,
            subject=subject,
            body=body,
            sha256=hashlib.sha256(source.encode()).hexdigest(),
            problems=tuple(_problem(path, one) for one in flaws),
            tree=tree,
        )

    def _source(self, name: str, language: str) -> tuple[str, Flaw | None]:
        if not _SLUG.fullmatch(name) or not _LANGUAGE.fullmatch(language):
            return "", Flaw(0, "template-name", "A template is named by its demand and its language.", _NAME_TODO)
        try:
            path = (self._folder / name / f"{language}.md").resolve(strict=True)
            if not path.is_relative_to(self._folder.resolve(strict=True)):
                return "", Flaw(
                    0, "template-outside", f"This file leads out of {FOLDER}.", "Put the file itself there."
                )
            with path.open("rb") as file:
                raw = file.read(MAX_SOURCE + 1)
        except OSError as error:
            todo = "Write it." if isinstance(error, FileNotFoundError) else "Look at its rights."
            return "", Flaw(0, "missing-template", f"This file cannot be read ({error.strerror}).", todo)
        if len(raw) > MAX_SOURCE:
            return "", Flaw(0, "template-size", "This template is larger than 64 kB.", "A letter is shorter.")
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            return "", Flaw(line, "template-encoding", "This template is not UTF-8.", "Save it as UTF-8.")
        return text.replace("\r\n", "\n").replace("\r", "\n"), None

    def _compile(
        self, source: str, path: str, names: Mapping[str, Any], flaws: list[Flaw]
    ) -> tuple[Compiled | None, nodes.Template | None]:
        tree, found = parse(self._environment, source, path, names)
        flaws += found
        if tree is None:
            return None, None
        try:
            return compiled(self._environment, tree, path), tree
        except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
            todo = "Nest fewer loops and conditions."
            found_out = f"This template cannot be compiled ({type(error).__name__})."
            flaws.append(Flaw(0, "template-syntax", found_out, todo))
            return None, tree


def _writes_dates(pattern: str, language: str) -> bool:
    """Whether days that differ look different: a misspelt pattern writes itself."""
    days = (date(2026, 1, 2), date(2026, 1, 3), date(2026, 2, 2), date(2025, 1, 2))
    try:
        return len({long_date(day, pattern, language) for day in days}) == len(days)
    except ValueError:
        return False


def _said(tree: nodes.Template) -> set[str]:
    """Every name, and every part of one, that a template uses."""
    parts = {f"{one.node.name}.{one.attr}" for one in tree.find_all(nodes.Getattr) if isinstance(one.node, nodes.Name)}
    return parts | {one.name for one in tree.find_all(nodes.Name)}


def _left_out(name: str) -> Flaw:
    return Flaw(1, "left-out", f"This letter never says `{name}`.", f"Write {{{{ {name} }}}}, or go through it.")


_NAME_TODO = "Use small letters, digits and hyphens, and a language such as en or pt-BR."


def _broken(path: str, language: str, flaw: Flaw) -> LetterTemplate:
    return LetterTemplate(
        path=path, language=language, head=Head(), subject=None, body=None, sha256="", problems=(_problem(path, flaw),)
    )


def _problem(path: str, flaw: Flaw) -> Problem:
    return Problem(
        severity=Severity.FAULT,
        code=flaw.code,
        found=flaw.found,
        todo=flaw.todo,
        place=Place(path=path, row=flaw.line),
    )
