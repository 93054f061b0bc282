"""kill -9 at random moments on PostgreSQL, with runners of two hosts: the same promises, held by another database."""

from collections.abc import Callable, Iterator

import pytest

from outreach.model.status import Status
from servers.postgresql import PostgreSQL, start_postgresql
from torture.reckoning import Reckoning


@pytest.fixture
def postgresql() -> Iterator[PostgreSQL]:
    """A server of our own."""
    server = start_postgresql()
    yield server
    server.remove()


@pytest.mark.server
def test_kills_on_two_hosts_double_nothing_and_lose_nothing(
    torture: Callable[..., Reckoning], postgresql: PostgreSQL
) -> None:
    """Sixty kills of two runners under different names: accepted and there once, or in doubt, and told."""
    found = torture(url=postgresql.database(), runners=2, hosts=2, kills=60, longest_life=0.6)
    assert not found.faults()
    assert set(found.counts) <= {Status.ACCEPTED, Status.IN_DOUBT}


@pytest.mark.server
@pytest.mark.timeout(600)
def test_without_the_mark_kills_double_letters_there_too(
    without_the_mark: Callable[..., None], postgresql: PostgreSQL
) -> None:
    """The check can fail on this database as well."""
    without_the_mark(postgresql.database, runners=2, hosts=2, kills=60, longest_life=0.6)
