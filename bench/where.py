"""Where our own time goes: each command under cProfile, and the imports of a start."""

from __future__ import annotations

import pstats
from pathlib import Path

from contestants import OUTREACH, PHASES, Workspace
from measure import CACHE, PROJECT, run
from sink import Sink
from tables import table

SHOWN = 25
PYTHON = OUTREACH.with_name("python")


def profile(contacts: Path, count: int) -> None:
    """Print, for plan, approve and send, the functions in which the time is spent; profiling itself slows all down."""
    with Sink() as sink:
        workspace = Workspace(contacts, sink.port)
        workspace.verify()
        for name in PHASES:
            _profile(workspace, name, count)
    _imports()


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
    for title, at in (("own time", 2), ("with what it calls", 3)):
        most = sorted(stats.items(), key=lambda one: -one[1][at])[:SHOWN]
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


def _imports() -> None:
    done = run([PYTHON, "-X", "importtime", OUTREACH, "--help"])
    found = []
    for line in done.printed.splitlines():
        own, _, rest = line.removeprefix("import time:").partition("|")
        if line.startswith("import time:") and own.strip().isdigit():
            whole, _, name = rest.partition("|")
            found.append((name.strip(), int(own) / 1000, int(whole) / 1000))
    rows = sorted(found, key=lambda one: -one[1])[:SHOWN]
    table("Imports of outreach --help", ("module", "own ms", "with its own imports ms"), rows)
