"""A campaign on a ledger in a file, its moved clock, and real connections."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from servers.postgresql import PostgreSQL, start_postgresql
from support.moved_clock import Book
from support.real_lines import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    book = Book(f"sqlite:///{tmp_path}/ledger.db")
    yield Scene(book)
    book.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    server = start_postgresql()
    yield server
    server.remove()


@pytest.fixture(params=[True, False], ids=["pipelining", "one-by-one"])
def extensions(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """What the server offers: MAIL, RCPT and DATA go together, or each waits for its answer."""
    return ("PIPELINING", "SIZE 10000000", "8BITMIME") if request.param else ("SIZE 10000000", "8BITMIME")
