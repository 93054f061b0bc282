"""Runners that are killed at random moments, again and again, until so many are dead; then the living finish the work.

`python -m torture.killing '{…}'`, with `Orders` as JSON: imports are done once, and everybody is forked from here. The
letters come in waves, each a campaign of its own in the one ledger. What came of it is read from outside: reckoning.py.
"""

import contextlib
import json
import math
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from outreach.model.status import Status
from torture import troubles
from torture.campaigns import approved, opened, take_up_again
from torture.life import live
from torture.mailbox import Mailbox, listening
from torture.reckoning import at

AT_ONCE = 60  #: letters of a wave
PATIENCE = 90.0  #: seconds for the living to finish
FINAL = {Status.ACCEPTED, Status.IN_DOUBT}


@dataclass(frozen=True, kw_only=True)
class Orders:
    """What to do."""

    folder: str  #: for the server's file and for what went wrong
    url: str  #: the ledger
    kills: int
    runners: int  #: at once
    seed: int
    longest_life: float = 0.0  #: seconds from birth to SIGKILL, at the most; 0 = longer the more there are
    lease: float = 1.0  #: seconds
    dawdle: float = 0.006  #: seconds; see mailbox.py
    troubles: dict[str, Any] = field(default_factory=dict)  #: for every runner; see troubles.py
    hosts: int = 1  #: under so many names the runners go
    connections: int = 1  #: of each runner


class Torture:
    """The one process that forks; it never opens the ledger itself and has one thread."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.chance = random.Random(orders.seed)
        self.folder = Path(orders.folder)
        self.longest_life = orders.longest_life or 0.14 + 0.1 * orders.runners
        self.living: dict[int, float] = {}  #: process -> when it dies
        self.waves: list[str] = []
        self.open: list[str] = []  #: waves with letters to send, as far as we know
        self.kills = self.births = 0
        listener = listening()
        self.port = listener.getsockname()[1]
        alive, self.alive = os.pipe()  # ours: its end is our end
        box = Mailbox(listener, self.folder / "kept", seed=orders.seed, dawdle=orders.dawdle, alive=alive)
        self.server = self._fork(box.serve)
        listener.close()
        os.close(alive)

    def run(self) -> dict[str, Any]:
        """All of it; the numbers that only we know."""
        began = time.monotonic()
        try:
            while self.kills < self.orders.kills:
                self._kill()
                time.sleep(0.001)
            self._finish()
        finally:
            for one in self.living:
                os.kill(one, signal.SIGKILL)
            os.kill(self.server, signal.SIGTERM)
        assert self._end_of(self.server) == 0
        return {"kills": self.kills, "waves": self.waves, "seconds": round(time.monotonic() - began, 1)}

    def _kill(self) -> None:
        """Who is due dies; who has ended, or died, has a successor."""
        for one, death in list(self.living.items()):
            if not self._ended(one) and time.monotonic() >= death:
                os.kill(one, signal.SIGKILL)
                self._ended(one, os.WEXITED)
        while len(self.living) < self.orders.runners:
            if not self.open:
                self.open = self._apart(self._with_work) or [self._next_wave()]
            self._bear(self.open[0], self.chance.uniform(0, self.longest_life))

    def _finish(self) -> None:
        """Nobody dies any more: what the dead had is recovered when their leases have run out, and sent or in doubt."""
        deadline = time.monotonic() + PATIENCE
        self.living = dict.fromkeys(self.living, math.inf)
        while (left := self._apart(self._unfinished)) or self.living:
            assert time.monotonic() < deadline, f"unfinished: {left}, alive: {self.living}"
            for one in list(self.living):
                self._ended(one)
            for wave in left[: self.orders.runners - len(self.living)]:
                self._bear(wave, math.inf)
            time.sleep(0.05)

    def _next_wave(self) -> str:
        wave = f"wave-{len(self.waves)}"
        self._apart(lambda: approved(self.orders.url, AT_ONCE, campaign=wave))
        self.waves.append(wave)
        return wave

    def _bear(self, wave: str, life: float) -> None:
        """A runner that sends this wave, or some of it, and dies so many seconds later unless it has ended by then."""
        self.births += 1
        runner = f"host-{self.births % self.orders.hosts}"
        singly = self.chance.random() < 0.5
        limit = None if life == math.inf else self.chance.choice((4, 12, AT_ONCE))

        def run() -> None:
            for name, given in self.orders.troubles.items():
                getattr(troubles, name)(**given)
            live(
                self.orders.url,
                self.port,
                campaign=wave,
                runner=runner,
                lease=self.orders.lease,
                singly=singly,
                connections=self.orders.connections,
                limit=limit,
            )

        self.living[self._fork(run)] = time.monotonic() + life

    def _with_work(self) -> list[str]:
        """The waves of which letters wait for a runner."""
        with opened(self.orders.url) as ledger:
            ledger.recover()
            return [wave for wave in self.waves if at(ledger, wave)[Status.QUEUED]]

    def _unfinished(self) -> list[str]:
        """The waves with letters that are not final; a letter that cost three runners is looked at and let go."""
        found = []
        with opened(self.orders.url) as ledger:
            for wave in self.waves:
                held = [one.dispatch.id for one in ledger.standings(wave) if one.status is Status.HELD]
                if held:
                    take_up_again(ledger, wave, held)
                if not at(ledger, wave).keys() <= FINAL:
                    found.append(wave)
        return found

    def _ended(self, pid: int, how: int = os.WEXITED | os.WNOHANG) -> bool:
        """Whether a runner has ended: killed, which is counted, or by itself and well."""
        end = os.waitid(os.P_PID, pid, how)
        if end is None:
            return False
        del self.living[pid]
        if end.si_code == os.CLD_KILLED and end.si_status == signal.SIGKILL:
            self.kills += 1
            return True
        assert (end.si_code, end.si_status) == (os.CLD_EXITED, 0), f"a runner ended badly: see {self.folder}/wrong"
        self.open = []  # perhaps because nothing is left to do there
        return True

    def _apart(self, work: Callable[[], Any]) -> Any:
        """What `work` returns, done in a process of its own: a connection must not be there when we fork."""
        read, write = os.pipe()
        pid = self._fork(lambda: os.write(write, json.dumps(work()).encode()))
        os.close(write)
        with os.fdopen(read, "rb") as said:
            text = said.read()
        assert self._end_of(pid) == 0, f"see {self.folder}/wrong"
        return json.loads(text)

    def _end_of(self, pid: int) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def _fork(self, work: Callable[[], object]) -> int:
        pid = os.fork()
        if pid:
            return pid
        code = 1
        os.close(self.alive)
        try:
            work()
            code = 0
        except BaseException:
            with contextlib.suppress(OSError), (self.folder / "wrong").open("a") as wrong:
                traceback.print_exc(file=wrong)
        os._exit(code)


if __name__ == "__main__":
    orders = Orders(**json.loads(sys.argv[1]))
    if orders.url.startswith("postgresql"):
        import psycopg  # noqa: F401  once, not by everybody who is born
    print(json.dumps({**asdict(orders), **Torture(orders).run()}))
