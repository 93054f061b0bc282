"""A campaign on a ledger of its own, with a clock that the test moves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.moved_clock import Book, Postbox


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(f"sqlite:///{tmp_path}/ledger.db")
    yield made
    made.close()


@pytest.fixture
def postbox(book: Book) -> Postbox:
    return Postbox(book.clock)
