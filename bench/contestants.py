"""Who sends: each from the sheet to the last accepted letter, start-up included."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import letter
import sheet
from measure import CACHE, PROJECT, Run, run

OUTREACH = PROJECT / ".venv" / "bin" / "outreach"
PEERS = CACHE / "peers" / "bin"
TEMPLATES = CACHE / "templates"
PHASES = ("plan", "approve", "send")

Send = Callable[[Path, int], list[Run]]


def mailmerge(contacts: Path, port: int) -> list[Run]:
    """mailmerge, from the command line."""
    settings = CACHE / "mailmerge.conf"
    settings.write_text(f"[smtp_server]\nhost = 127.0.0.1\nport = {port}\n", encoding="utf-8")
    command = [PEERS / "mailmerge", "--no-dry-run", "--no-limit", "--template", TEMPLATES / "mailmerge.txt"]
    return [run([*command, "--database", contacts, "--config", settings], quiet=True)]


def yagmail(contacts: Path, port: int) -> list[Run]:
    """yagmail, in a loop."""
    loop = Path(__file__).with_name("yagmail_loop.py")
    return [run([PEERS / "python", loop, contacts, TEMPLATES, port], quiet=True)]


class Workspace:
    """A workspace of ours for one run: its campaign, templates, sheet and settings."""

    def __init__(self, contacts: Path, port: int, *, connections: int = 1) -> None:
        self.root = CACHE / "workspace"
        shutil.rmtree(self.root, ignore_errors=True)
        letter.write_ours(self.root, connections=connections)
        (self.root / "contacts").mkdir()
        shutil.copyfile(contacts, self.root / "contacts" / "bench.csv")
        settings = self.root / ".env"
        settings.touch(mode=0o600)
        settings.write_text(
            f"OUTREACH_SMTP_HOST=127.0.0.1\nOUTREACH_SMTP_PORT={port}\nOUTREACH_SMTP_SECURITY=plain\n"
            f"OUTREACH_SECRET={'0123456789abcdef' * 4}\n",
            encoding="utf-8",
        )

    def run(self, *words: object) -> Run:
        """One command of ours."""
        return run([OUTREACH, "--workspace", self.root, *words])

    def verify(self) -> Run:
        """A person has checked every address: live letters need that. Not timed: it is done once, not per campaign."""
        on = date.today().isoformat()  # noqa: DTZ011  the day of the machine, as the command line takes it
        return self.run("contacts", "verify", "--all", "--sheet", "contacts/bench.csv", "--by", "bench", "--on", on)

    def words(self, phase: str) -> list[object]:
        """What is said to plan, approve or send."""
        words = {
            "plan": ["plan", "bench", "--live", "--quiet"],
            "approve": ["approve", "bench", "--live", "--yes", "--by", "bench"],
            "send": ["send", "bench", "--live"],
        }
        return ["--workspace", self.root, *words[phase]]

    def phase(self, name: str) -> Run:
        """Plan, approve or send."""
        return run([OUTREACH, *self.words(name)])


def outreach(contacts: Path, port: int) -> list[Run]:
    """Ours, live: planned, approved by a person, sent; each letter durable in the ledger before and after."""
    workspace = Workspace(contacts, port)
    if (verified := workspace.verify()).failed:
        return [verified]
    runs: list[Run] = []
    for name in PHASES:
        runs.append(workspace.phase(name))
        if runs[-1].failed:
            break
    return runs


SENDERS: dict[str, Send] = {"outreach": outreach, "mailmerge 2.3.0": mailmerge, "yagmail 0.16 loop": yagmail}


def make_templates() -> None:
    """The other tools' templates, from the letter that ours makes for the marked row."""
    contacts = CACHE / "marked.csv"
    sheet.write(contacts, [letter.marked_row()])
    workspace = Workspace(contacts, 9)
    for made in (workspace.verify(), workspace.phase("plan")):
        if made.failed:
            raise SystemExit(made.failed)
    shown = {form: workspace.run("preview", "bench", "--live", "--format", form) for form in ("text", "html")}
    for made in shown.values():
        if made.failed:
            raise SystemExit(made.failed)
    _, _, said = shown["text"].printed.partition("Subject: ")
    subject, _, text = said.partition("\n\n")
    text, _, _ = text.rpartition("\n── ")
    letter.write_theirs(TEMPLATES, subject=subject, text=text, html=shown["html"].printed)
