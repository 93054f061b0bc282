"""bench/run.sh words: what is made of the project's own synthetic mails, language by language.

The first set was written by somebody who had not read the rules, and the rules have been corrected by it since. The
second set, what offices write, and the short answers are of the hand that wrote the phrases: their figures flatter. The
two unseen sets are from writers who had not read the rules or the other sets; docs/triage.md tells their first runs.
"""

from __future__ import annotations

import runpy
import tomllib
from collections import Counter
from collections.abc import Iterable

from measure import PROJECT
from tables import table

from outreach.runner.triage import triage_bytes

MAILS = PROJECT / "tests" / "mail"
MACHINES = {"auto_reply", "acknowledgement", "challenge"}


def main() -> None:
    second = runpy.run_path(str(MAILS / "second.py"))
    unseen = runpy.run_path(str(MAILS / "unseen.py"))
    first = []
    for file in sorted(MAILS.rglob("*.eml")):
        said = tomllib.loads(file.with_suffix(".toml").read_text("utf-8"))
        first.append((said["language"], said.get("expect") or said["kind"], file.read_bytes()))
    report("319 synthetic mails by a writer who had not read the rules", first)
    report("the second set", [(one.language, one.kind, one.raw) for one in second["second"]()])
    report("the unseen set", [(one.language, one.kind, one.raw) for one in unseen["unseen"]()])
    report("the unseen set, once more", [(one.language, one.kind, one.raw) for one in unseen["unseen_again"]()])
    report("as offices word it", [(one.language, one.kind, one.raw) for one in unseen["offices"]()])
    people = [*second["people"](), *second["people"](MAILS / "offices" / "people.toml")]
    report("short answers, each with six heads", [(one.language, one.kind, one.raw) for one in people])


def report(title: str, mails: Iterable[tuple[str, str, bytes]]) -> None:
    """How many of each kind were called so, and how many people a machine."""
    found: Counter[tuple[str, str, str]] = Counter()
    for language, kind, raw in mails:
        found[language, kind, triage_bytes(raw).kind.value] += 1
    languages = sorted({language for language, _, _ in found})
    rows = [_row(one, {one}, found) for one in languages] + [_row("all", set(languages), found)]
    table(title, ("language", "auto-replies", "acknowledgements", "people called a machine"), rows)


def _row(name: str, languages: set[str], found: Counter[tuple[str, str, str]]) -> list[str]:
    some = Counter({(was, now): 0 for _, was, now in found})
    for (language, was, now), count in found.items():
        some[was, now] += count * (language in languages)
    cells = [name, *(f"{some[kind, kind]} of {_of(some, kind)}" for kind in ("auto_reply", "acknowledgement"))]
    wrong = sum(count for (was, now), count in some.items() if was == "reply" and now in MACHINES)
    return [*cells, f"{wrong} of {_of(some, 'reply')}"]


def _of(some: Counter[tuple[str, str]], kind: str) -> int:
    return sum(count for (was, _), count in some.items() if was == kind)


if __name__ == "__main__":
    main()
