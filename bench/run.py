"""bench/run.sh [send|stage|plan|ingest|imap|help|profile|all] [--quick]."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

import sheet
import stage
import where
from compare import compare_letters
from contestants import OUTREACH, PEERS, PHASES, SENDERS, Workspace, make_templates
from imap import imap
from ingest import ingest
from measure import CACHE, Run, run
from sink import Sink
from tables import table

BASE = "mailmerge 2.3.0"
WHAT = ("send", "stage", "plan", "ingest", "imap", "help", "profile", "all")


def contacts(count: int) -> Path:
    """The sheet with so many institutions."""
    return sheet.write(CACHE / f"contacts-{count}.csv", sheet.rows(count))


def say(text: str) -> None:
    """Progress, beside the tables."""
    print(text, file=sys.stderr, flush=True)


def send(count: int, rounds: int) -> None:
    """From sheet to `accepted`: every sender in every round, so that whatever else the machine does hits all alike."""
    path = contacts(count)
    found: dict[str, list[list[Run]]] = {name: [] for name in SENDERS}
    wrong: dict[str, str] = {}
    for turn in range(rounds):
        names = list(SENDERS)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            with Sink() as sink:
                runs = SENDERS[name](path, sink.port)
                accepted = sink.accepted()
            whole = sum(runs[1:], runs[0])
            found[name].append(runs)
            if whole.failed or accepted != count:
                wrong[name] = f"WRONG COUNT: {accepted:,} of {count:,}"
            say(f"  {name:<18} {count:>7,} letters  {count / whole.wall:>7,.0f}/s  {whole.peak:.0f} MB {whole.failed}")
    walls_of = {name: [sum(one.wall for one in runs) for runs in runs_of] for name, runs_of in found.items()}
    rows = []
    for name, runs_of in found.items():
        walls = walls_of[name]
        # Round by round: both of a ratio have met the same weather.
        ratios = [base / wall for base, wall in zip(walls_of[BASE], walls, strict=True)]
        rows.append(
            [
                name,
                wrong.get(name, f"{count / statistics.median(walls):,.0f}"),
                f"{count / max(walls):,.0f} to {count / min(walls):,.0f}",
                f"{statistics.median(ratios):.2f}",
                _median(runs_of, "cpu") * 1000 / count,
                _median(runs_of, "peak"),
            ]
        )
    heads = ("sender", "letters/s", "range", "× mailmerge", "CPU s/1,000 letters", "peak MB")
    table(f"{count:,} letters from sheet to accepted, {_rounds(rounds)}", heads, rows)
    ours = found["outreach"]
    if all(len(runs) == len(PHASES) for runs in ours):
        phases = [
            [name, *(statistics.median(getattr(runs[at], kind) for runs in ours) for kind in ("wall", "cpu", "peak"))]
            for at, name in enumerate(PHASES)
        ]
        table(f"outreach, {count:,} letters, by command", ("command", "wall s", "CPU s", "peak MB"), phases)


def _median(those: Sequence[Sequence[Run]], kind: str) -> float:
    """Of rounds, each of which is commands in a row: they add up, and the peak is the largest's."""
    join = max if kind == "peak" else sum
    return statistics.median(join(getattr(one, kind) for one in runs) for runs in those)


def _rounds(count: int) -> str:
    return f"median of {count} rounds" if count > 1 else "1 round"


def plan(count: int, rounds: int) -> None:
    """A plan of a large sheet, every letter rendered and frozen; `check` looks at the same without writing."""
    path = contacts(count)
    found: dict[str, list[Run]] = {"plan": [], "check": []}
    for _ in range(rounds):
        workspace = Workspace(path, 9)
        for one in (workspace.verify(), checked := workspace.run("check", "bench", "--live"), workspace.phase("plan")):
            if one.failed:
                raise SystemExit(one.failed)
        found["check"].append(checked)
        found["plan"].append(one)
        say(f"  plan {count:,}: {one.wall:.1f} s, {one.peak:.0f} MB")
    rows = [
        [
            f"outreach {name}",
            statistics.median(one.wall for one in runs),
            statistics.median(one.wall for one in runs) * 1e6 / count,
            statistics.median(one.peak for one in runs),
        ]
        for name, runs in found.items()
    ]
    table(f"{count:,} contacts, {_rounds(rounds)}", ("command", "wall s", "µs/contact", "peak MB"), rows)


def help_(rounds: int) -> None:
    """How long a command takes that does nothing."""
    commands = {
        "python -c pass": [OUTREACH.with_name("python"), "-c", "pass"],
        "mailmerge --help": [PEERS / "mailmerge", "--help"],
        "outreach --help": [OUTREACH, "--help"],
        "outreach --version": [OUTREACH, "--version"],
        "outreach send --help": [OUTREACH, "send", "--help"],
    }
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            one = run(command, quiet=True)
            if one.failed:
                raise SystemExit(one.failed)
            if turn:  # the first compiles and warms up
                found[name].append(one)
    base = statistics.median(one.wall for one in found["mailmerge --help"])
    rows = []
    for name, runs in found.items():
        wall = statistics.median(one.wall for one in runs)
        rows.append([name, wall * 1000, f"{wall / base:.2f}", statistics.median(one.peak for one in runs)])
    table(f"Start-up, {_rounds(rounds)}", ("command", "ms", "× mailmerge --help", "peak MB"), rows)


def main() -> None:
    """Run what is asked for, and print its tables."""
    parser = argparse.ArgumentParser(prog="bench/run.sh", description="The tables of docs/benchmarks.md.")
    parser.add_argument("what", nargs="?", default="all", choices=WHAT)
    parser.add_argument("--quick", action="store_true", help="small figures, one round: does it run at all?")
    parser.add_argument("--letters", type=int, action="append", help="so many letters; again for more tables")
    parser.add_argument("--rounds", type=int, help="rounds of each table")
    asked = parser.parse_args()
    rounds = asked.rounds or (1 if asked.quick else 3)
    if asked.what in {"help", "all"}:
        help_(3 if asked.quick else 20)
    if asked.what in {"send", "all"}:
        make_templates()
        compare_letters(contacts(1))
        for count in asked.letters or ([200] if asked.quick else [2_000, 20_000]):
            send(count, rounds)
    if asked.what in {"stage", "all"}:
        many = asked.letters or ([200] if asked.quick else [2_000])
        for count in many:
            stage.stage(contacts(count), count, asked.rounds or (1 if asked.quick else 5))
        stage.distance(contacts(100), 100)
        large = 2_000 if asked.quick else 20_000
        stage.growth(contacts(many[0]), contacts(large), (many[0], large))
    if asked.what in {"plan", "all"}:
        for count in asked.letters or [2_000 if asked.quick else 100_000]:
            plan(count, asked.rounds or 1)
    if asked.what in {"ingest", "all"}:
        ingest(2_000 if asked.quick else 20_000, rounds)
    if asked.what in {"imap", "all"}:
        imap(2_000 if asked.quick else 20_000, rounds)
    if asked.what == "profile":
        for count in asked.letters or [2_000 if asked.quick else 20_000]:
            where.profile(contacts(count), count)


if __name__ == "__main__":
    main()
