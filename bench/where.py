"""Where our own time goes: each command under cProfile, and what its start imports."""

from __future__ import annotations

import pstats
from pathlib import Path

from contestants import OUTREACH, PHASES, Workspace
from measure import CACHE, PROJECT, run
from sink import Sink
from tables import table

SHOWN = 25
PACKAGES = 20
PYTHON = OUTREACH.with_name("python")


def profile(contacts: Path, count: int) -> None:
    """Print, for plan, approve and send, where the time is spent; profiling itself slows every call down."""
    starts: dict[str, dict[str, float]] = {"--help": _imports("--help")}
    with Sink() as sink:
        workspace = Workspace(contacts, sink.port)
        workspace.verify()
        for name in PHASES:
            _profile(workspace, name, count)
            starts[name] = _imports(*workspace.words(name))  # again, when there is nothing left to do
    names = sorted({name for one in starts.values() for name in one}, key=lambda name: -starts["plan"].get(name, 0))
    rows = [[f"`{name}`", *(f"{one.get(name, 0):.0f}" for one in starts.values())] for name in names[:PACKAGES]]
    rows.append(["all", *(f"{sum(one.values()):.0f}" for one in starts.values())])
    table("Imports, ms by package (slowed down by their being timed)", ("package", *starts), rows)


def _profile(workspace: Workspace, name: str, count: int) -> None:
    figures = CACHE / f"{name}.prof"
    start = "import sys; sys.argv[0] = 'outreach'; from outreach.__main__ import main; main()"
    words = [*workspace.words(name)]
    program = (
        "import cProfile, sys\n"
        f"sys.argv = ['outreach', *{[str(word) for word in words]!r}]\n"
        "one = cProfile.Profile()\n"
        "try:\n"
        f"    one.runcall(exec, {start!r}, {{}})\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end\n"
        f"one.dump_stats({str(figures)!r})\n"
    )
    done = run([PYTHON, "-c", program])
    if done.failed:
        raise SystemExit(done.failed)
    stats = pstats.Stats(str(figures)).stats  # type: ignore[attr-defined]
    whole = sum(own for _, _, own, _, _ in stats.values())
    ours = {function: figures for function, figures in stats.items() if f"{PROJECT}/src/" in function[0]}
    for title, at, those in (("own time", 2, stats), ("ours with what they call", 3, ours)):
        most = sorted(those.items(), key=lambda one: -one[1][at])[:SHOWN]
        rows = [
            [_where(function), figures[at], f"{figures[at] / whole:.0%}", figures[at] * 1e6 / count, figures[1]]
            for function, figures in most
        ]
        heads = ("function", "s", "share", "µs/letter", "calls")
        table(f"outreach {name}, {count:,} letters, {whole:.1f} s under cProfile: {title}", heads, rows)


def _where(function: tuple[str, int, str]) -> str:
    path, line, name = function
    for start, end in ((f"{PROJECT}/src/", ""), ("site-packages/", "")):
        if start in path:
            path = path.partition(start)[2] or end
    return f"`{path}:{line} {name}`" if line else f"`{name}`".replace("|", "/")


def _imports(*words: object) -> dict[str, float]:
    """Package -> ms of its modules' own code."""
    done = run([PYTHON, "-X", "importtime", OUTREACH, *words])
    found: dict[str, float] = {}
    for line in done.printed.splitlines():
        own, _, rest = line.removeprefix("import time:").partition("|")
        if line.startswith("import time:") and own.strip().isdigit():
            package = rest.rpartition("|")[2].strip().partition(".")[0]
            found[package] = found.get(package, 0) + int(own) / 1000
    return found
