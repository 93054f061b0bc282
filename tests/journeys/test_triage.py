"""`outreach triage`: without a workspace, a row for every file, whatever is in it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def _triage(*args: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "outreach", "triage", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False, encoding="utf-8")


def test_every_file_has_its_row(tmp_path: Path) -> None:
    """Ids below the root, the scorer's words, a bare body, a broken mail and a missing file beside the good ones."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ack.eml").write_text(
        "Auto-Submitted: auto-replied\nSubject: x\n\nWe have received your letter.\n"
    )
    (tmp_path / "in" / "body.txt").write_text("Yes.\n\n> Will you?\n")
    (tmp_path / "in" / "broken.eml").write_bytes(b"\xff\x00" * 500)
    files = [tmp_path / "in" / name for name in ("ack.eml", "body.txt", "broken.eml", "missing.eml")]
    run = _triage("--jsonl", "--root", tmp_path, *files, cwd=tmp_path)
    rows = {row["id"]: row for row in map(json.loads, run.stdout.splitlines())}
    assert run.returncode == 1, run.stderr
    assert [rows[f"in/{name}"]["kind"] for name in ("ack", "body", "broken", "missing")] == [
        "ack",
        "reply",
        "reply",
        "none",
    ]
    assert rows["in/body"]["reply_text"] == "Yes."
    assert "FileNotFoundError" in rows["in/missing"]["error"]
    assert set(rows["in/ack"]) == {"id", "kind", "recipient", "hard", "final", "reply_text", "rule", "findings"}


def test_a_person_reads_lines(tmp_path: Path) -> None:
    """Without --jsonl: what it is, by which rule, and what it says."""
    (tmp_path / "a.eml").write_text("Subject: Re: x\n\nOur reference: AB-12/26. We support it.\n")
    run = _triage("a.eml", cwd=tmp_path)
    assert run.stdout == "a: reply  (reply)  Our reference: AB-12/26. We support it.  [reference AB-12/26]\n", (
        run.stderr
    )


def test_a_phrase_is_named_with_its_language_and_who_has_looked_at_it(tmp_path: Path) -> None:
    """Nobody yet, in any language."""
    (tmp_path / "a.eml").write_text("Subject: x\n\nNous avons bien reçu votre lettre.\n", encoding="utf-8")
    run = _triage("a.eml", cwd=tmp_path)
    assert run.stdout.startswith("a: ack  (fr.acknowledgement."), run.stderr
    assert "(fr, not reviewed by a native speaker))" in run.stdout
