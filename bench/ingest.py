"""Collecting 20,000 mails from a Maildir: first reading and second, with a ledger that knows the letters."""

from __future__ import annotations

import os
import random
import re
import shutil
import statistics
import sys
from pathlib import Path

from measure import CACHE, Run, run
from tables import table

OUTREACH = Path(sys.executable).with_name("outreach")
PDF = 60_000  #: bytes of Base64 in every twentieth mail
COUNTED = re.compile(r"([\d,]+) read = ([\d,]+) known \+ ([\d,]+) matched \+ ([\d,]+) tray \+ ([\d,]+) quarantined")


def ingest(count: int, rounds: int) -> None:
    """Three in ten are reports, two automatic answers, five answers; one in a hundred belongs to nobody."""
    found: dict[str, list[Run]] = {"first reading": [], "second reading": []}
    for _ in range(rounds):
        place = _sent()
        box = _maildir(place, count)
        for name, runs in found.items():
            one = run([OUTREACH, "-w", place, "collect", "--maildir", box])
            if one.failed:
                raise SystemExit(one.failed)
            check(one, count if name == "first reading" else 0)
            runs.append(one)
            print(f"  {name} {count / one.wall:,.0f}/s {one.peak:.0f} MB", file=sys.stderr, flush=True)
    rows = []
    for name, runs in found.items():
        wall = statistics.median(one.wall for one in runs)
        cpu = statistics.median(one.cpu for one in runs)
        rows.append([name, wall, count / wall, cpu * 1000 / count, statistics.median(one.peak for one in runs)])
    times = rounds if rounds > 1 else "one"
    table(
        f"outreach collect, a Maildir of {count:,} mails, median of {times}",
        ("", "wall s", "mails/s", "CPU s/1,000 mails", "peak MB"),
        rows,
    )


def check(one: Run, read: int) -> None:
    lines = list(COUNTED.finditer(one.printed))
    if not lines:
        raise SystemExit(f"nothing was counted: {one.printed}")
    counted = lines[-1]  # the others are progress
    seen, *parts = (int(each.replace(",", "")) for each in counted.groups())
    if seen != read or seen != sum(parts):
        raise SystemExit(f"WRONG COUNT: {counted[0]}, and there are {read:,}")


def _sent() -> Path:
    """A workspace whose rehearsal has been sent: its letters are what the mails answer."""
    place = CACHE / "ingest"
    shutil.rmtree(place, ignore_errors=True)
    for words in (
        ["init", place],
        ["-w", place, "plan", "moratorium"],
        ["-w", place, "approve", "moratorium", "--yes", "--by", "Ana"],
        ["-w", place, "send", "moratorium"],
    ):
        done = run([OUTREACH, *words])
        if done.failed:
            raise SystemExit(done.failed)
    return place


def _maildir(place: Path, count: int) -> Path:
    box = place / "box"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    letters = [one.read_text("utf-8") for one in (place / ".outreach/rehearsal/outbox/new").iterdir()]
    ids = [found[1] for one in letters if (found := re.search(r"(?m)^Message-ID: (<[^>]+>)", one))]
    rng = random.Random(7)
    for number in range(count):
        (box / "new" / f"{1_700_000_000 + number}.M{number}.bench").write_text(mail(number, rng, ids), "utf-8")
    os.sync()
    return box


def mail(number: int, rng: random.Random, ids: list[str]) -> str:
    ours = rng.choice(ids) if rng.random() > 0.01 else f"<{number}@elsewhere.example>"
    head = (
        f"Received: from mx by mx.ngo.example; Fri, 01 Jan 2027 10:00:00 +0000\nDate: Fri, 01 Jan 2027 09:59:00 +0000\n"
        f"Message-ID: <{number}.{rng.random()}@gov.example>\nTo: letters@ngo.example\nMIME-Version: 1.0\n"
    )
    words = "\n".join(
        "We have read what you wrote to us, and it will be looked into by those in charge." for _ in range(25)
    )
    kind = number % 10
    if kind < 3:
        return (
            f"From: MAILER-DAEMON@mx.gov.example\nSubject: Undelivered Mail Returned to Sender\n{head}"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
            f"--b\nContent-Type: text/plain\n\n{words}\n--b\nContent-Type: message/delivery-status\n\n"
            "Reporting-MTA: dns; mx.gov.example\n\nFinal-Recipient: rfc822; nobody@gov.example\nAction: failed\n"
            "Status: 4.2.2\nDiagnostic-Code: smtp; 452 mailbox full\n\n"
            f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {ours}\nSubject: A letter\n\n--b--\n"
        )
    answer = f"From: Clerk <clerk{number % 97}@gov.example>\nSubject: Re: A letter\nIn-Reply-To: {ours}\n{head}"
    if kind < 5:
        answer += "Auto-Submitted: auto-replied\n"
    if number % 20 == 7:
        pdf = "\n".join("QUJD" * 19 for _ in range(PDF // 77))
        return (
            f'{answer}Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\n{words}\n'
            f"--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n{pdf}\n--b--\n"
        )
    quoted = "\n".join(f"> {line}" for line in words.splitlines())
    return f"{answer}Content-Type: text/plain; charset=utf-8\n\n{words}\n\nOn Friday you wrote:\n{quoted}\n"
