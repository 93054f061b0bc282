"""The database's own guard: status changes only as the table says and never without its event; events stay.

Made from `model.status.TRANSITIONS`, so that a second program on the same database is held to the same table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

ILLEGAL = "illegal status change"  #: how the message of the first guard begins
APPEND_ONLY = "events are append-only"

_EVENT = "INSERT INTO event (at, dispatch_n, kind, was, became, who, detail)"
_BEGUN = "VALUES (NEW.changed_at, NEW.n, NEW.kind, NULL, NEW.status, NEW.who, NEW.detail)"
_MOVED = "VALUES (NEW.changed_at, NEW.n, NEW.kind, OLD.status, NEW.status, NEW.who, NEW.detail)"

Transitions = Mapping[Any, Collection[str]]  #: from (None: not there yet) -> to


def create(dialect: str, transitions: Transitions) -> Iterator[str]:
    """The statements that make the guards on `dialect`."""
    return _postgresql(transitions) if dialect == "postgresql" else _sqlite(transitions)


def _sqlite(transitions: Transitions) -> Iterator[str]:
    yield (
        f"CREATE TRIGGER dispatch_begins BEFORE INSERT ON dispatch WHEN NOT ({_begins(transitions)}) "
        f"BEGIN SELECT RAISE(ABORT, '{ILLEGAL}'); END"
    )
    yield (
        f"CREATE TRIGGER dispatch_moves BEFORE UPDATE OF status ON dispatch WHEN NOT ({_moves(transitions)}) "
        f"BEGIN SELECT RAISE(ABORT, '{ILLEGAL}'); END"
    )
    yield f"CREATE TRIGGER dispatch_begun AFTER INSERT ON dispatch BEGIN {_EVENT} {_BEGUN}; END"
    yield f"CREATE TRIGGER dispatch_moved AFTER UPDATE OF status ON dispatch BEGIN {_EVENT} {_MOVED}; END"
    for what in ("update", "delete"):
        yield (
            f"CREATE TRIGGER event_{what} BEFORE {what.upper()} ON event "
            f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
        )


def _postgresql(transitions: Transitions) -> Iterator[str]:
    for name, rule, found in (
        ("dispatch_begins", _begins(transitions), "NULL"),
        ("dispatch_moves", _moves(transitions), "OLD.status"),
    ):
        yield (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT ({rule}) THEN "
            f"RAISE EXCEPTION '{ILLEGAL}: % -> %', {found}, NEW.status USING ERRCODE = 'check_violation'; "
            "END IF; RETURN NEW; END $$"
        )
    for name, values in (("dispatch_begun", _BEGUN), ("dispatch_moved", _MOVED)):
        yield (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN {_EVENT} {values}; RETURN NULL; END $$"
        )
    yield (
        "CREATE FUNCTION event_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{APPEND_ONLY}' USING ERRCODE = 'check_violation'; END $$"
    )
    yield "CREATE TRIGGER dispatch_begins BEFORE INSERT ON dispatch FOR EACH ROW EXECUTE FUNCTION dispatch_begins()"
    yield (
        "CREATE TRIGGER dispatch_moves BEFORE UPDATE OF status ON dispatch "
        "FOR EACH ROW EXECUTE FUNCTION dispatch_moves()"
    )
    yield "CREATE TRIGGER dispatch_begun AFTER INSERT ON dispatch FOR EACH ROW EXECUTE FUNCTION dispatch_begun()"
    yield (
        "CREATE TRIGGER dispatch_moved AFTER UPDATE OF status ON dispatch "
        "FOR EACH ROW EXECUTE FUNCTION dispatch_moved()"
    )
    yield "CREATE TRIGGER event_update BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION event_stays()"
    yield "CREATE TRIGGER event_truncate BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION event_stays()"


def _begins(transitions: Transitions) -> str:
    return f"NEW.status IN ({_words(transitions[None])})"


def _moves(transitions: Transitions) -> str:
    return " OR ".join(
        f"(OLD.status = '{was}' AND NEW.status IN ({_words(then)}))"
        for was, then in transitions.items()
        if was is not None and then
    )


def _words(statuses: Collection[str]) -> str:
    return ", ".join(f"'{status}'" for status in sorted(statuses))
