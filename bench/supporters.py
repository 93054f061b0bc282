"""bench/run.sh supporters: copies by the hundred thousand in flat memory, and the page under many at once.

The copies go live, to smtp-sink on this machine. The page is a rehearsal's own server; each visitor has a network of
their own, as an `X-Forwarded-For` says, and the campaign takes more than a hundred an hour, as no real one does.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from measure import CACHE, PROJECT, Run, run
from sink import Sink
from tables import table

sys.path.insert(0, str(PROJECT / "tests"))  # for the visitors of the page

from outreach.ledger import engines
from outreach.model.action import Consent, Learns, NewAction, Origin
from outreach.model.campaign import Mode
from outreach.office import Office
from outreach.rules.identity import supporter_key
from outreach.runner.supporters.act import action_sha256, new_id
from support.public import Page, Person, confirmations, links, outbox, plain, read, until
from support.visitors import Visitor

OUTREACH = PROJECT / ".venv" / "bin" / "outreach"
TARGETS = ("qm-mfa-1", "qn-mfa-1", "qo-mfa-1")
CAMPAIGN = """title = "A benchmark"
contacts = ["contacts/bench.csv"]

[sender]
name = "Ada Bench"
organisation = "Bench"
email = "letters@bench.internal"
postal_address = ["1 Bench Street"]

[[demand]]
slug = "moratorium"
title = "A moratorium"
roles = ["mfa"]

[languages]
fallback = ["en"]

# As fast as the server takes them: an empty table has no limit.
[pace]

[supporters]
site = "https://act.bench.internal"
contact = "privacy@bench.internal"
proxies = ["127.0.0.0/8"]
per_day = 1000000
forms_per_hour = 100000

[supporters.text.en]
title = "A benchmark"
why = "Because."
suggestion = "I ask you to support a moratorium, and to tell me your position on it."
"""


class Place:
    """A workspace in which supporters may write, live or as a rehearsal."""

    def __init__(self, *, port: int = 0) -> None:
        self.root = CACHE / "supporters"
        self.live = ["--live"] if port else []
        shutil.rmtree(self.root, ignore_errors=True)
        _well(run([OUTREACH, "init", self.root]))
        (self.root / "campaigns/bench.toml").write_text(CAMPAIGN, encoding="utf-8")
        rows = [
            f"{one},{one[:2].upper()},State {one[:2]},mfa,Ministry {one[:2]},"
            f"office@{one[:2]}.example.org,invented,2026-11-02,en,UTC"
            for one in TARGETS
        ]
        head = "id,state,state_name,role,institution,email,email_source,email_source_date,languages,timezone"
        (self.root / "contacts/bench.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
        settings = f"OUTREACH_SMTP_HOST=127.0.0.1\nOUTREACH_SMTP_PORT={port}\nOUTREACH_SMTP_SECURITY=plain\n"
        settings += f"OUTREACH_SECRET={'0123456789abcdef' * 4}\n"
        (self.root / ".env").write_text(settings, encoding="utf-8")
        (self.root / ".env").chmod(0o600)
        by = ("--yes", "--by", "bench")
        on = datetime.now().astimezone().date().isoformat()
        self.run("contacts", "verify", "--all", "--sheet", "contacts/bench.csv", "--by", "bench", "--on", on)
        for words in (("plan", "bench"), ("approve", "bench", *by), ("send", "bench")):
            self.run(*words, *self.live)
        self.run("supporters", "approve", "bench", *by, *self.live)

    def run(self, *words: object) -> Run:
        return _well(run([OUTREACH, "--workspace", self.root, *words]))

    def confirmed(self, people: int) -> None:
        """So many people have confirmed a letter to each target. Not timed: this takes a campaign weeks."""
        engines._PRAGMAS = (*engines._PRAGMAS, "PRAGMA synchronous = OFF")  # noqa: SLF001  no power is cut here
        office = Office(root=self.root, environ={}, today=datetime.now().astimezone().date())
        with office.desk("bench", Mode.LIVE if self.live else Mode.REHEARSAL) as desk:
            it = office.supporters(desk)
            for number in range(people):
                name, email, words = (
                    f"Person {number}",
                    f"p{number}@home.example.org",
                    f"I ask you; letter {number}.",
                )
                it.book.take(
                    NewAction(
                        id=new_id(it),
                        campaign="bench",
                        supporter=supporter_key(desk.secret, email),
                        email=email,
                        name=name,
                        place="Town",
                        language="en",
                        words=words,
                        sha256=action_sha256(name=name, place="Town", words=words, targets=TARGETS),
                        similarity=0.5,
                        targets=TARGETS,
                        consent=Consent(text_sha256="0" * 64, at=it.now, purpose="bench"),
                        origin=Origin.IMPORT,
                        told=dict.fromkeys(TARGETS, Learns.NAMES),
                    ),
                    confirmation=False,
                )


def copies(count: int) -> list[str | float]:
    """Queue and send so many copies: a process that lets them flow and sends them, seen from outside."""
    with Sink() as sink:
        place = Place(port=sink.port)
        own = sink.accepted()
        place.confirmed(count // len(TARGETS))
        done = place.run("send", "bench", "--live")
        accepted = sink.accepted() - own
    wanted = count // len(TARGETS) * len(TARGETS)
    if accepted != wanted:
        raise SystemExit(f"{accepted:,} letters at the server, not {wanted:,}")
    print(f"  {wanted:,} copies {wanted / done.wall:,.0f}/s {done.peak:.0f} MB", file=sys.stderr, flush=True)
    return [f"{wanted:,}", done.wall, wanted / done.wall, done.cpu * 1000 / wanted, done.peak]


def written_by(number: int) -> Person:
    """One of those who write through the page."""
    return Person(
        name=f"Person N{number:05}Q",
        email=f"n{number}@home.example.org",
        words=f"I ask what you do about it: {number}.",
        targets=TARGETS,
    )


def letters_of(root: Path) -> Counter[str]:
    """How many letters of each of them are at the rehearsal server."""
    return Counter(
        name
        for one in outbox(root)
        if "letter from a member" in str(read(one)["Subject"]) and not links(one, "confirm")
        for name in set(re.findall(r"Person N\d{5}Q", " ".join(plain(one).split())))
    )


class Load:
    """Clients that look, write and confirm, each request timed."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.times: dict[str, list[float]] = {"form": [], "preview": [], "send": [], "confirm": []}
        self.errors: list[str] = []
        self.links: dict[str, str] = {}
        self.lock = threading.Lock()

    def timed(self, what: str, status: int, ask: Callable[[], object]) -> object:
        begin = time.perf_counter()
        try:
            got = ask()
        except OSError as error:
            self.errors.append(f"{what}: {error!r}")
            return None
        self.times[what].append(time.perf_counter() - begin)
        if got.status != status:  # type: ignore[attr-defined]
            self.errors.append(f"{what}: {got.status}")  # type: ignore[attr-defined]
        return got

    def write(self, numbers: Iterator[int]) -> None:
        for number in numbers:
            one = written_by(number)
            visitor = Visitor(self.page.port, campaign="bench")
            whence = {"X-Forwarded-For": f"10.{number // 250}.{number % 250}.1"}
            form = self.timed("form", 200, visitor.get)
            if form is None:
                continue
            given = {**one.form, "stamp": form.field("stamp")}  # type: ignore[attr-defined]
            self.timed("preview", 200, lambda v=visitor, g=given: v.post(fields={**g, "do": "preview"}))  # type: ignore[misc]
            self.timed("send", 303, lambda v=visitor, g=given, w=whence: v.post(fields=g, **w))  # type: ignore[misc]

    def confirm(self, several: Iterator[str]) -> None:
        for link in several:
            self.timed("confirm", 200, lambda one=link: self.page.follow(one))  # type: ignore[misc]


def page(clients: int, people: int) -> None:
    """So many clients at once; copies of those who have confirmed before are sent meanwhile."""
    place = Place()
    place.confirmed(people)
    log = CACHE / "serve.log"
    log.write_bytes(b"")
    command = [OUTREACH, "-w", str(place.root), "serve", "bench", "--port", "0"]
    with log.open("ab") as out, contextlib.ExitStack() as ends:
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, "PYTHONUNBUFFERED": "1"})
        ends.callback(process.wait, 30)
        ends.callback(process.terminate)
        found = until(lambda: re.search(rb"The page is at http://[^:]+:(\d+)", log.read_bytes()))
        load = Load(Page(place.root, process, int(found[1]), log))
        sender = subprocess.Popen(
            [OUTREACH, "-w", place.root, "send", "bench"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wrote, its = _timed(process, lambda: _together(clients, load.write, iter(range(people))))
        links_ = until(lambda: got if len(got := confirmations(place.root)) >= people else None, 600)
        confirmed, more = _timed(process, lambda: _together(clients, load.confirm, iter(links_)))
        spent, its = wrote + confirmed, its + more
        sender.wait(600)
    place.run("send", "bench")
    several = letters_of(place.root)
    wrong = {name: count for name, count in several.items() if count != len(TARGETS)}
    if load.errors or wrong or len(several) != people:
        raise SystemExit(f"{load.errors[:5]} {wrong} {len(several):,} of {people:,} people's letters")
    rows = [
        [what, f"{len(times):,}", 1000 * statistics.median(times), 1000 * statistics.quantiles(times, n=20)[-1]]
        for what, times in load.times.items()
    ]
    total = sum(map(len, load.times.values()))
    speed = (
        f"{total / spent:,.0f} requests/s, {1000 * its / total:.1f} ms of CPU each, with the mails and turns between"
    )
    table(
        f"The page, {clients} clients at once, {people:,} people, copies sent meanwhile: {speed}",
        ("request", "how many", "median ms", "95th percentile ms"),
        rows,
    )
    print("\nNo request failed; each person's letter is at each target once.", flush=True)


def _timed(process: subprocess.Popen[bytes], work: Callable[[], None]) -> tuple[float, float]:
    """Seconds that the work took, and of CPU that the process did meanwhile."""
    began, before = time.perf_counter(), _cpu(process.pid)
    work()
    return time.perf_counter() - began, _cpu(process.pid) - before


def _cpu(pid: int) -> float:
    """Seconds of CPU so far, user and system: proc(5), fields 14 and 15 of stat."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _together(clients: int, work: Callable[[Iterator], None], given: Iterator) -> None:  # type: ignore[type-arg]
    lock = threading.Lock()

    def shared() -> Iterator[object]:
        while True:
            with lock:
                one = next(given, None)
            if one is None:
                return
            yield one

    with ThreadPoolExecutor(clients) as pool:
        for one in [pool.submit(work, shared()) for _ in range(clients)]:
            one.result()


def _well(done: Run) -> Run:
    if done.failed:
        raise SystemExit(done.failed)
    return done


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="bench/run.sh supporters", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small figures: does it run at all?")
    parser.add_argument("--copies", type=int, action="append", help="so many copies; again for more rows")
    parser.add_argument("--clients", type=int, default=100, help="at once")
    parser.add_argument("--people", type=int, help="who write through the page; 0: without this table")
    parser.add_argument("--kills", type=int, default=0, help="kill the page so often meanwhile, instead of timing it")
    asked = parser.parse_args()
    several = asked.copies or ([300] if asked.quick else [10_000, 100_000])
    heads = ("copies", "wall s", "letters/s", "CPU s/1,000 letters", "peak MB")
    if any(several):
        table("Supporters' copies, queued and sent by one `outreach send`", heads, [copies(one) for one in several])
    people = asked.people if asked.people is not None else (50 if asked.quick else 1_000)
    if people and asked.kills:
        from kills import killed

        killed(asked.clients, people, asked.kills)
    elif people:
        page(asked.clients, people)


if __name__ == "__main__":
    main()
