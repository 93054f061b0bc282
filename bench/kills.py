"""bench/run.sh supporters --kills N: the page is killed again and again (SIGKILL) under a hundred clients at once.

Whoever was told "confirmed" has a letter at each target, once; nobody has one who did not press the button.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from measure import CACHE
from supporters import OUTREACH, TARGETS, Place, letters_of, written_by
from tables import table

from support.public import confirmations, until
from support.visitors import Got, Visitor

NAMED = re.compile(r"Person N\d{5}Q")
PATIENCE = 600.0  #: seconds for anything at all


class Door:
    """The page's process: begun, killed, begun again at the same port."""

    def __init__(self, place: Place) -> None:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port: int = one.getsockname()[1]
        self._words = ["-w", str(place.root), "serve", "bench", "--port", str(self.port)]
        self.log = CACHE / "kills.log"
        self.kills = 0
        self.open()

    def open(self) -> None:
        env = {**os.environ, "PYTHONUNBUFFERED": "1"}
        with self.log.open("wb") as out:
            command = [OUTREACH, *self._words]
            self.process = subprocess.Popen(command, stdout=out, stderr=out, env=env)
        until(lambda: b"The page is at" in self.log.read_bytes(), 60)

    def killed(self) -> None:
        self.process.kill()
        self.process.wait(10)
        self.kills += 1
        self.open()

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(30)


class Crowd:
    """People who try again whenever the door is shut in their faces."""

    def __init__(self, place: Place, door: Door) -> None:
        self.root = place.root
        self.visitor = Visitor(door.port, campaign="bench")
        self.tries = count(1)
        self.pressed: set[str] = set()
        self.told: set[str] = set()
        self.wrong: list[str] = []

    def write(self, number: int) -> None:
        """From another network each time: a form that was cut off may have counted."""

        def once() -> Got:
            n = next(self.tries)
            form = {**written_by(number).form, "stamp": self.visitor.get().field("stamp")}
            return self.visitor.post(fields=form, **{"X-Forwarded-For": f"10.{n // 250}.{n % 250}.1"})

        self._expect(self._insist(once), 303)

    def confirm(self, link: str) -> None:
        path = "/" + link.split("/", 3)[3]
        shown = self._insist(lambda: self.visitor.get(path))
        if not self._expect(shown, 200):
            return
        name = NAMED.findall(shown.text)[0]
        self.pressed.add(name)
        tries = 0

        def once() -> Got:
            nonlocal tries
            tries += 1
            return self.visitor.post(path, {})

        got = self._insist(once)
        if self._expect(got, *((200,) if tries == 1 else (200, 404))) and got.status == 200:
            self.told.add(name)  # after one that was cut off, the button may have done its work: then the link is used

    def _insist(self, ask: Callable[[], Got]) -> Got:
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                return ask()
            except (OSError, http.client.HTTPException, AssertionError):
                if time.monotonic() > ends:
                    raise
            time.sleep(0.1)

    def _expect(self, got: Got, *statuses: int) -> bool:
        if got.status not in statuses:
            self.wrong.append(f"{got.status}: {got.text[:300]}")
        return got.status in statuses


def killed(clients: int, people: int, kills: int) -> None:
    """Half of the kills while people write, half while they confirm; copies are sent all the while."""
    chance = random.Random(5)
    place = Place()
    place.confirmed(people)
    door = Door(place)
    crowd = Crowd(place, door)
    over = threading.Event()
    sender = threading.Thread(target=_send, args=[place, over, crowd.wrong])
    sender.start()
    try:
        _under_fire(door, clients, crowd.write, range(people), kills // 2, chance)
        asked = _until_quiet(place)
        _under_fire(door, clients, crowd.confirm, asked, kills - kills // 2, chance)
    finally:
        over.set()
        sender.join()
        door.close()
    for _ in range(2):
        place.run("send", "bench")
    letters = letters_of(place.root)
    doubled = {name: many for name, many in letters.items() if many != len(TARGETS)}
    if crowd.wrong or doubled or not crowd.told <= set(letters) <= crowd.pressed:
        lost, uncalled = crowd.told - set(letters), set(letters) - crowd.pressed
        raise SystemExit(f"wrong {crowd.wrong[:3]}, doubled {doubled}, lost {lost}, uncalled for {uncalled}")
    figures = (door.kills, people, len(asked), len(crowd.told), len(letters), sum(letters.values()))
    heads = ("kills", "people who wrote", "asked to confirm", "told that they have", "have letters", "letters")
    table(f"The page killed under {clients} clients", heads, [[f"{one:,}" for one in figures]])
    print("\nNothing confirmed was lost, nothing doubled, nothing sent unconfirmed.", flush=True)


def _under_fire(
    door: Door, clients: int, work: Callable[..., None], given: Iterable[object], kills: int, chance: random.Random
) -> None:
    """All the work at once; the page is killed so often meanwhile, or a last time after it."""
    with ThreadPoolExecutor(clients) as pool:
        several = [pool.submit(work, one) for one in given]
        for _ in range(kills):
            time.sleep(chance.uniform(0.2, 2.0))
            door.killed()
        for one in several:
            one.result()


def _until_quiet(place: Place) -> list[str]:
    """The links of the mails that came; one that the page had in hand when it was killed does not come again."""
    found: list[str] = []
    while len(now := confirmations(place.root)) > len(found) or not now:
        found = now
        time.sleep(8)
    return found


def _send(place: Place, over: threading.Event, wrong: list[str]) -> None:
    """Somebody sends what has come so far, over and over."""
    while not over.wait(1.0):
        command = [OUTREACH, "-w", place.root, "send", "bench"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            wrong.append(done.stdout + done.stderr)
