"""Collecting from an IMAP server (Dovecot, TLS, this machine), beside imap-tools that only fetches the same mails."""

from __future__ import annotations

import random
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from ingest import OUTREACH, check, mail
from measure import CACHE, PROJECT, Run, run
from tables import table

sys.path.append(str(PROJECT / "tests"))

from servers.certificates import Authority
from servers.dovecot import HOST, PASSWORD, USER, Dovecot

#: What its manual shows for many mails: a hundred at once, none marked as seen.
ALONE = """
import ssl, sys
from imap_tools import MailBox
host, port, user, password, authority = sys.argv[1:]
context = ssl.create_default_context(cafile=authority)
with MailBox(host, int(port), ssl_context=context).login(user, password) as box:
    print(sum(1 for _ in box.fetch(mark_seen=False, bulk=100)))
"""


def imap(count: int, rounds: int) -> None:
    """The mails of `ingest`; nothing was sent, so every one is read, kept, judged and in the tray."""
    program = shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if program is None:
        raise SystemExit("bench imap needs Dovecot (Debian: dovecot-imapd)")
    found: dict[str, list[Run]] = {"imap-tools, fetch alone": [], "outreach collect": [], "the same again": []}
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        with Dovecot(program, authority.certificate(), authority.pem) as server:
            _fill(server, count)
            for _ in range(rounds):
                for name, one in zip(found, _round(server, count), strict=True):
                    found[name].append(one)
                    print(f"  {name} {count / one.wall:,.0f}/s {one.peak:.0f} MB", file=sys.stderr, flush=True)
    rows = []
    for name, runs in found.items():
        wall = statistics.median(one.wall for one in runs)
        rows.append([name, wall, count / wall, statistics.median(one.peak for one in runs)])
    times = rounds if rounds > 1 else "one"
    title = f"outreach collect, an IMAP folder of {count:,} mails, median of {times}"
    table(title, ("", "wall s", "mails/s", "peak MB"), rows)


def _fill(server: Dovecot, count: int) -> None:
    rng = random.Random(7)
    for number in range(count):
        server.put(mail(number, rng, ["<letter@ngo.example>"]).encode())


def _round(server: Dovecot, count: int) -> tuple[Run, Run, Run]:
    """In a new workspace, whose live ledger has no mail yet."""
    place = CACHE / "imap"
    shutil.rmtree(place, ignore_errors=True)
    made = run([OUTREACH, "init", place])
    there = (HOST, str(server.direct), USER, PASSWORD, server.ca_file)
    names = ("HOST", "PORT", "USER", "PASSWORD", "CA_FILE")
    env = {f"OUTREACH_IMAP_{name}": value for name, value in zip(names, there, strict=True)}
    collect = [OUTREACH, "-w", place, "collect", "--live"]
    alone = run([sys.executable, "-c", ALONE, *there])
    first, second = run(collect, env=env), run(collect, env=env)
    for one in (made, alone, first, second):
        if one.failed:
            raise SystemExit(one.failed)
    if int(alone.printed) != count:
        raise SystemExit(f"WRONG COUNT: imap-tools read {alone.printed}")
    check(first, count)
    check(second, 0)
    return alone, first, second
