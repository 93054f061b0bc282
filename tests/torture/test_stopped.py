"""A runner that is stopped past its lease and goes on later: the other has its letters, and it must notice."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from outreach.model.status import Status
from servers.scripted import Both, Script, ScriptedServer, Until
from torture.campaigns import CAMPAIGN, approved, opened
from torture.processes import Runner, until
from torture.reckoning import at, refolded

Start = Callable[..., Runner]
LEASE = 1.0
LETTERS = 6


def copies(server: ScriptedServer) -> Counter[str]:
    server.settle()
    return Counter(recipient for mail in server.mails for recipient in mail.recipients)


def everybody() -> dict[str, int]:
    return {f"office@{CAMPAIGN}-{number}.example": 1 for number in range(LETTERS)}


def folds(url: str) -> bool:
    with opened(url) as ledger:
        return not refolded(list(ledger.standings(CAMPAIGN)), ledger.events(CAMPAIGN))


@pytest.mark.parametrize("mark", [1, 3])
@pytest.mark.parametrize("singly", [False, True], ids=["batch", "one-by-one"])
def test_a_runner_stopped_before_its_mark_finds_its_fence_old(url: str, runner: Start, mark: int, singly: bool) -> None:
    """Its letters were taken over and sent; it closes without the dot, and each is at the server exactly once."""
    approved(url, LETTERS)
    with ScriptedServer() as server:
        first = runner(url, server.port, lease=LEASE, singly=singly, troubles={"stopped": {"mark": mark}})
        first.stopped()
        assert len(server.mails) == mark - 1

        def taken_over() -> bool:
            assert "error" not in runner(url, server.port, lease=LEASE, runner="other").end()
            return len(server.mails) == LETTERS

        until(taken_over)
        first.go_on()
        said = first.end()
        assert "error" not in said
        assert copies(server) == everybody()
        assert server.talks[0].received.count(b"\r\n.\r\n") == mark - 1
    with opened(url) as ledger:
        ledger.recover()
        assert at(ledger) == {Status.ACCEPTED: LETTERS}
    assert folds(url)


def test_a_runner_stopped_after_the_dot_settles_its_letter_by_its_own_late_answer(url: str, runner: Start) -> None:
    """Meanwhile the letter is in doubt and nobody sends it again; then it is accepted: one copy."""
    approved(url, LETTERS)
    answer = threading.Event()
    with ScriptedServer(Script(dot=Both(Until(answer), "250 2.0.0 Queued")), Script()) as server:
        first = runner(url, server.port, lease=LEASE)
        until(lambda: server.mails)
        first.stop()
        with opened(url, lease=LEASE) as ledger:
            until(lambda: ledger.recover() is not None and at(ledger)[Status.IN_DOUBT] == 1)
            assert "error" not in runner(url, server.port, runner="other").end()
            assert at(ledger) == {Status.IN_DOUBT: 1, Status.ACCEPTED: LETTERS - 1}
            assert len(server.mails) == LETTERS
            answer.set()
            first.go_on()
            assert "error" not in first.end()
            assert at(ledger) == {Status.ACCEPTED: LETTERS}
        assert copies(server) == everybody()
    assert folds(url)
