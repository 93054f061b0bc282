"""outreach triage: what mails that came back are, file by file, without a workspace and without storing anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outreach.cli.app import app

if TYPE_CHECKING:
    from outreach.model.inbound import Triage

#: The scorer's words for two kinds.
_SCORED = {"acknowledgement": "ack", "complaint": "arf"}


@app.command()
def triage(
    files: Annotated[list[Path], typer.Argument(help="Mails (.eml); a .txt is the text of one, without its head.")],
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line, for programs.")] = False,
    root: Annotated[Path | None, typer.Option("--root", help="Ids are paths below this folder.")] = None,
) -> None:
    """Say of saved mails what they are: a bounce, an auto-reply, an acknowledgement, an answer.

    Stores nothing and needs no workspace. Exit 1 when a file cannot be read.
    """
    failed = False
    for path in files:
        row = _row(path, root)
        failed = failed or "error" in row
        print(json.dumps(row, ensure_ascii=False) if jsonl else _line(row))
    raise typer.Exit(1 if failed else 0)


def _row(path: Path, root: Path | None) -> dict[str, Any]:
    """A row for every file, whatever is in it."""
    from outreach.runner.triage import triage_bytes

    row: dict[str, Any] = {"id": _id(path, root)}
    try:
        verdict = triage_bytes(path.read_bytes(), bare=path.suffix.lower() == ".txt")
    except Exception as error:  # noqa: BLE001  one bad mail never stops a run
        return {**row, "kind": "none", "error": f"{type(error).__name__}: {error}"}
    return {**row, **_as_row(verdict)}


def _as_row(verdict: Triage) -> dict[str, Any]:
    return {
        "kind": _SCORED.get(verdict.kind.value, verdict.kind.value),
        "recipient": verdict.recipient or None,
        "hard": verdict.hard,
        "final": verdict.final,
        "reply_text": verdict.reply_text,
        "rule": verdict.rule,
        "findings": [{"kind": one.kind.value, "value": one.value, "words": one.words} for one in verdict.findings],
    }


def _id(path: Path, root: Path | None) -> str:
    try:
        below = path.resolve().relative_to(root.resolve()) if root else path
    except ValueError:
        below = path
    return below.with_suffix("").as_posix()


def _line(row: dict[str, Any]) -> str:
    from outreach.runner.triage import rule_words

    if "error" in row:
        return f"{row['id']}: not read: {row['error']}"
    about = row["recipient"] or " ".join(row["reply_text"].split())[:60]
    more = ", ".join(f"{one['kind']} {one['value']}".strip() for one in row["findings"])
    return f"{row['id']}: {row['kind']}  ({rule_words(row['rule'])})  {about}{'  [' + more + ']' if more else ''}"
