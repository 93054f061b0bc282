"""What states say: records that stay, sources that are kept once, on both databases."""

import hashlib
import zlib
from dataclasses import replace
from datetime import date

import pytest

from outreach.errors import LedgerError
from outreach.ledger.triggers import POSITIONS_STAY
from outreach.model.position import NewPosition, Position, Source, SourceKind

SCAN = b"%PDF-1.4 a letter of Examplia" * 100
LETTER = Source(
    kind=SourceKind.POST, taken_on=date(2026, 2, 3), sha256=hashlib.sha256(SCAN).hexdigest(), name="scan.pdf"
)


def new(**changed):
    made = NewPosition(
        campaign="spring",
        state="QM",
        demand="moratorium",
        position=Position.SUPPORTS,
        quote="Examplia supports a moratorium.",
        source=LETTER,
        by="Ana",
        due_on=date(2026, 6, 1),
        note="from the minister",
    )
    return replace(made, **changed)


def sql(ledger, text):
    with ledger._store.read() as tx:
        return tx.driver.execute(text).fetchall()


def test_a_record_comes_back_as_it_was_written(ledger, clock):
    """Every field, with its number and the ledger's own time."""
    number = ledger.record_position(new(), SCAN)
    (one,) = ledger.positions("spring")
    assert (one.id, one.at, one.due_on, one.note, one.by) == (
        number,
        clock.now,
        date(2026, 6, 1),
        "from the minister",
        "Ana",
    )
    assert (one.state, one.demand, one.position, one.quote) == (
        "QM",
        "moratorium",
        Position.SUPPORTS,
        "Examplia supports a moratorium.",
    )
    assert one.source == replace(LETTER, id=one.source.id, kept=True)
    assert ledger.positions("autumn") == []


def test_a_correction_is_another_record(ledger, clock):
    """The history keeps both, the oldest first; none needs no source."""
    ledger.record_position(new(), SCAN)
    clock.tick(days=1)
    ledger.record_position(new(position=Position.NONE, quote="", source=None, due_on=None, note="a mistake"))
    first, second = ledger.positions("spring")
    assert (first.position, second.position, second.source) == (Position.SUPPORTS, Position.NONE, None)


@pytest.mark.parametrize("statement", ["UPDATE position SET quote = 'x'", "DELETE FROM position"])
def test_the_database_itself_keeps_the_history(ledger, statement):
    """No program that shares the database changes a record."""
    ledger.record_position(new(), SCAN)
    with pytest.raises(LedgerError, match=POSITIONS_STAY), ledger._store.write() as tx:
        tx.driver.execute(statement)
    assert len(ledger.positions("spring")) == 1


def test_one_letter_that_answers_two_demands_is_kept_once_and_compressed(ledger):
    """The same file, day and kind are the same source; another day is another."""
    ledger.record_position(new(), SCAN)
    ledger.record_position(new(demand="investigation"), SCAN)
    first, second = ledger.positions("spring")
    assert first.source == second.source
    (stored,) = sql(ledger, "SELECT content FROM source")
    assert len(bytes(stored[0])) < len(SCAN) / 10
    assert ledger.source_file(first.source.id) == ("scan.pdf", SCAN)
    ledger.record_position(new(source=replace(LETTER, taken_on=date(2026, 2, 4))), SCAN)
    assert sql(ledger, "SELECT count(*) FROM source") == [(2,)]


def test_calls_without_a_document_of_one_day_are_one_source_and_have_no_file(ledger):
    """A telephone call has a day, and nothing to keep."""
    call = Source(kind=SourceKind.PHONE, taken_on=date(2026, 2, 3))
    ledger.record_position(new(source=call))
    ledger.record_position(new(source=call, demand="investigation"))
    first, second = ledger.positions("spring")
    assert first.source == second.source
    assert not first.source.kept
    assert ledger.source_file(first.source.id) is None
    assert ledger.source_file(99) is None


def test_an_erased_file_leaves_its_hash_and_comes_back_with_the_same_file(ledger):
    """The record stays and says that its source is gone; the same file handed in again is kept again."""
    ledger.record_position(new(), SCAN)
    source = ledger.positions("spring")[0].source
    assert ledger.erase_source_file(source.id)
    assert not ledger.erase_source_file(source.id)
    (one,) = ledger.positions("spring")
    assert (one.source.kept, one.source.sha256) == (False, LETTER.sha256)
    assert ledger.source_file(source.id) is None
    ledger.record_position(new(), SCAN)
    assert [each.source for each in ledger.positions("spring")] == [source, source]


@pytest.mark.parametrize("bad", [b"x\x9c broken", zlib.compress(b"another file")])
def test_a_file_that_is_not_the_one_put_in_is_told(ledger, bad):
    """The hash is looked at whenever the file is taken out."""
    ledger.record_position(new(), SCAN)
    with ledger._store.write() as tx:
        mark = "%s" if tx.server else "?"
        tx.driver.execute(f"UPDATE source SET content = {mark}", (bad,))
    with pytest.raises(LedgerError, match="not the one that was put in"):
        ledger.source_file(ledger.positions("spring")[0].source.id)


@pytest.mark.parametrize("content", [b"another", b"x" * 10_000_001], ids=["hash", "size"])
def test_a_file_that_is_not_of_its_hash_or_too_large_is_never_kept(ledger, content):
    """A mistake of the caller; nothing of the record is written."""
    with pytest.raises(ValueError, match="the hash"):
        ledger.record_position(new(), content)
    assert ledger.positions("spring") == []
    assert sql(ledger, "SELECT count(*) FROM source") == [(0,)]
