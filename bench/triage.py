"""bench/run.sh triage: labelled return mail, read by outreach, by flufl.bounce and by forty lines, on the same rows.

The mail is other people's and no part of the project: it is looked for beside it, or where OUTREACH_CORPUS says.
"""

from __future__ import annotations

import json
import os
import re
import resource
import runpy
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import one_out
from measure import CACHE, PROJECT
from tables import table

from outreach.errors import OutreachError
from outreach.inbox import read_message
from outreach.runner.triage import book, triage_bytes

CORPUS = Path(os.environ.get("OUTREACH_CORPUS", PROJECT.parent / "shared" / "corpus"))
HERE = Path(__file__).parent
READERS = {
    "DSN reader, 40 lines": [sys.executable, HERE / "dsn_reader.py"],
    "flufl.bounce 6.0": [CACHE / "peers" / "bin" / "python", HERE / "flufl_reader.py"],
}
MEASURES = (
    "bounce: recall",
    "bounce: precision",
    "recipient right (all bounces with a known one)",
    "hard/soft right (of the detected)",
    "final/delayed right (of the detected)",
    "auto: recall",
    "false alarms on genuine mail",
    "reply text: exact",
    "reply text: lost a wanted line",
    "robustness: errors (all rows)",
)
SCORED = {"acknowledgement": "ack", "complaint": "arf"}
ROUNDS = 5


def ours(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found = {}
    for row in rows:
        verdict = triage_bytes((CORPUS / row["file"]).read_bytes(), bare=row["format"] == "text")
        kind = SCORED.get(verdict.kind.value, verdict.kind.value)
        more = {name: getattr(verdict, name) for name in ("recipient", "hard", "final", "reply_text")}
        found[row["id"]] = {"id": row["id"], "kind": kind, **more}
    return found


def theirs(command: list[Any], rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    lines = "".join(f"{row['id']}\t{CORPUS / row['file']}\n" for row in rows)
    done = subprocess.run(list(map(str, command)), input=lines, capture_output=True, text=True, check=True)
    return {one["id"]: one for one in map(json.loads, done.stdout.splitlines())}


def speed(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """Messages a second of CPU time, start-up not counted; and peak memory, MB."""
    raws = [(CORPUS / row["file"]).read_bytes() for row in rows if row["format"] != "text"]
    for raw in raws:
        triage_bytes(raw)
    begun = time.process_time()
    for _ in range(ROUNDS):
        for raw in raws:
            triage_bytes(raw)
    took = time.process_time() - begun
    return ROUNDS * len(raws) / took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    if not (CORPUS / "manifest.jsonl").exists():
        print(f"bench: SKIPPED: no labelled mail in {CORPUS}; name its folder in OUTREACH_CORPUS.", file=sys.stderr)
        return
    rows = [json.loads(line) for line in (CORPUS / "manifest.jsonl").read_text("utf-8").splitlines()]
    score: Callable[..., Any] = runpy.run_path(str(CORPUS / "score.py"))["score"]
    book()
    found = {"outreach": ours(rows)}
    for name, command in READERS.items():
        if Path(command[0]).exists():
            found[name] = theirs(command, rows)
    apart, taken = one_out.judged(rows, _texts(rows), ours)
    found["outreach, its source left out"] = apart
    for title, kept in (
        ("without the files of Sisimai and of flufl.bounce", lambda one: one["source"] not in {"sisimai", "flufl"}),
        ("without Sisimai's", lambda one: one["source"] != "sisimai"),
        ("Sisimai's alone", lambda one: one["source"] == "sisimai"),
    ):
        some = [one for one in rows if kept(one)]
        scores = {name: score(some, answers)[0] for name, answers in found.items()}
        lines = [[one, *(_short(by.get(one, "")) for by in scores.values())] for one in MEASURES]
        table(f"{len(some)} labelled mails, {title}", ("measure", *scores), lines)
    table("What outreach makes of each source, in counts", *_by_source(rows, found["outreach"]))
    lines = [[source, str(count)] for source, count in sorted(taken.items()) if count]
    table("What a source alone shows", ("source", "alternatives"), lines)
    per_second, peak = speed(rows)
    table("Speed", ("", "messages/s of CPU", "peak MB"), [["outreach, read and judged", per_second, peak]])


def _texts(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Source -> what its mails say, where the rules look for words."""
    texts: dict[str, list[str]] = {}
    for row in rows:
        several = texts.setdefault(row["source"], [])
        if row["format"] == "text":
            continue
        try:
            message = read_message((CORPUS / row["file"]).read_bytes())
        except OutreachError:
            continue
        codes = (one.fields.get("diagnostic-code", "") for one in message.report)
        several.append("\n".join((message.subject, message.text, *codes)))
    return texts


def _short(figure: str) -> str:
    return re.sub(r"\s+", " ", figure).strip() if "(0/0)" not in figure else "–"


def _by_source(
    rows: list[dict[str, Any]], answers: dict[str, dict[str, Any]]
) -> tuple[tuple[str, ...], list[list[str]]]:
    counts: dict[str, Counter[tuple[str, str]]] = {}
    for row in rows:
        wanted = row["kind"].partition("_")[0] if row["kind"].startswith("bounce") else row["kind"]
        got = answers[row["id"]]["kind"]
        counts.setdefault(row["source"], Counter())[
            wanted, got.partition("_")[0] if got.startswith("bounce") else got
        ] += 1
    lines = [
        [source, ", ".join(f"{wanted} → {got}: {count}" for (wanted, got), count in sorted(found.items()))]
        for source, found in sorted(counts.items())
    ]
    return ("source", "labelled → judged: how many"), lines


if __name__ == "__main__":
    main()
