"""The database's own guard: status changes only as the table says and never without its event; events stay.

Made from `model.status.TRANSITIONS`, so that a second program on the same database is held to the same table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

ILLEGAL = "illegal status change"  #: how the message of the first guard begins
APPEND_ONLY = "events are append-only"
DEEDS_STAY = "deeds are append-only"
POST_STAYS = "mail is append-only"
POSITIONS_STAY = "positions are append-only"
PROPOSALS_STAY = "proposals are append-only"

_EVENT = "INSERT INTO event (at, dispatch_n, kind, was, became, who, detail)"
_BEGUN = "VALUES (NEW.changed_at, NEW.n, NEW.kind, NULL, NEW.status, NEW.who, NEW.detail)"
_MOVED = "VALUES (NEW.changed_at, NEW.n, NEW.kind, OLD.status, NEW.status, NEW.who, NEW.detail)"

Transitions = Mapping[Any, Collection[str]]  #: from (None: not there yet) -> to


def create(dialect: str, transitions: Transitions) -> Iterator[str]:
    """The statements that make the guards on `dialect`."""
    return _postgresql(transitions) if dialect == "postgresql" else _sqlite(transitions)


def drop(dialect: str) -> Iterator[str]:
    """The statements that take the guards of `create` away, so that they can be made anew."""
    tables: dict[str, tuple[str, ...]] = {
        "dispatch": ("dispatch_begins", "dispatch_moves", "dispatch_begun", "dispatch_moved")
    }
    tables["event"] = (
        ("event_update", "event_delete") if dialect != "postgresql" else ("event_update", "event_truncate")
    )
    for table, names in tables.items():
        for name in names:
            yield f"DROP TRIGGER {name}" + (f" ON {table}" if dialect == "postgresql" else "")
    if dialect == "postgresql":
        for name in (*tables["dispatch"], "event_stays"):
            yield f"DROP FUNCTION {name}()"


def guard_deeds(dialect: str) -> Iterator[str]:
    """The statements that make deeds append-only."""
    return _append_only(dialect, "deed", DEEDS_STAY)


def guard_positions(dialect: str) -> Iterator[str]:
    """The statements that make positions append-only: a correction is another record."""
    return _append_only(dialect, "position", POSITIONS_STAY)


def guard_proposals(dialect: str) -> Iterator[str]:
    """The statements that make proposals, and what persons said of them, append-only."""
    yield from _append_only(dialect, "proposal", PROPOSALS_STAY)
    yield from _append_only(dialect, "ruling", PROPOSALS_STAY)


def _append_only(dialect: str, table: str, message: str) -> Iterator[str]:
    if dialect != "postgresql":
        for what in ("update", "delete"):
            yield (
                f"CREATE TRIGGER {table}_{what} BEFORE {what.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    stays = f"{table}_stays"
    yield _function(stays, _refuse(f"'{message}'"))
    yield f"CREATE TRIGGER {table}_update BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {stays}()"
    yield f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {stays}()"


def guard_post(dialect: str) -> Iterator[str]:
    """The statements that make raw mail, and what was made of it, append-only."""
    tables = ("raw_mail", "inbound_event")
    if dialect != "postgresql":
        for table in tables:
            for what in ("update", "delete"):
                yield (
                    f"CREATE TRIGGER {table}_{what} BEFORE {what.upper()} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{POST_STAYS}'); END"
                )
        return
    yield _function("post_stays", _refuse(f"'{POST_STAYS}'"))
    for table in tables:
        for name, when, each in (("update", "UPDATE OR DELETE", "ROW"), ("truncate", "TRUNCATE", "STATEMENT")):
            begin = f"CREATE TRIGGER {table}_{name} BEFORE {when} ON {table}"
            yield f"{begin} FOR EACH {each} EXECUTE FUNCTION post_stays()"


def let_erase(dialect: str) -> Iterator[str]:
    """The statements that give the guards their one exception: what erasing changes while a row stands in `erasing`.

    Rows still never go, but a raw mail's, in whose place its redacted copy comes.
    """
    if dialect != "postgresql":
        for table, message in _STAY.items():
            for what in ("update", "delete") if table == "raw_mail" else ("update",):
                yield f"DROP TRIGGER {table}_{what}"
                yield (
                    f"CREATE TRIGGER {table}_{what} BEFORE {what.upper()} ON {table} "
                    f"WHEN NOT {_ERASING} BEGIN SELECT RAISE(ABORT, '{message}'); END"
                )
        return
    lifted = "TG_OP = 'UPDATE' OR (TG_OP = 'DELETE' AND TG_TABLE_NAME = 'raw_mail')"
    for name, message in (
        ("event_stays", APPEND_ONLY),
        ("deed_stays", DEEDS_STAY),
        ("post_stays", POST_STAYS),
        ("position_stays", POSITIONS_STAY),
        ("proposal_stays", PROPOSALS_STAY),
        ("ruling_stays", PROPOSALS_STAY),
    ):
        excepted = f"IF ({lifted}) AND {_ERASING} THEN RETURN COALESCE(NEW, OLD); END IF; "
        refused = _refuse(f"'{message}'")
        yield _function(name, excepted + refused).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)


_ERASING = "EXISTS (SELECT 1 FROM erasing)"
_STAY = {
    "event": APPEND_ONLY,
    "deed": DEEDS_STAY,
    "raw_mail": POST_STAYS,
    "inbound_event": POST_STAYS,
    "position": POSITIONS_STAY,
    "proposal": PROPOSALS_STAY,
    "ruling": PROPOSALS_STAY,
}


def tell_of_copies(dialect: str) -> Iterator[str]:
    """The statements that note which copies and digests came to a status that changes a supporter's fate."""
    news = (
        "NEW.sender <> 'campaign' AND (NEW.status IN ('accepted', 'bounced', 'cancelled', 'draft', 'rejected', "
        "'suppressed') OR (NEW.status = 'queued' AND NOT NEW.planned))"
    )
    note = "INSERT INTO copy_news (dispatch_n) VALUES (NEW.n)"
    if dialect != "postgresql":
        yield f"CREATE TRIGGER dispatch_news AFTER UPDATE OF status ON dispatch WHEN {news} BEGIN {note}; END"
        return
    yield _function("dispatch_news", f"{note}; RETURN NULL;")
    yield (
        f"CREATE TRIGGER dispatch_news AFTER UPDATE OF status ON dispatch FOR EACH ROW WHEN ({news}) "
        "EXECUTE FUNCTION dispatch_news()"
    )


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
    for name, rule, was in (
        ("dispatch_begins", _begins(transitions), "'nothing'"),
        ("dispatch_moves", _moves(transitions), "OLD.status"),
    ):
        found = f"'{ILLEGAL}: ' || {was} || ' to ' || NEW.status"
        yield _function(name, f"IF NOT ({rule}) THEN {_refuse(found)} END IF; RETURN NEW;")
    yield _function("dispatch_begun", f"{_EVENT} {_BEGUN}; RETURN NULL;")
    yield _function("dispatch_moved", f"{_EVENT} {_MOVED}; RETURN NULL;")
    yield _function("event_stays", _refuse(f"'{APPEND_ONLY}'"))
    for when, name in (
        ("BEFORE INSERT", "dispatch_begins"),
        ("BEFORE UPDATE OF status", "dispatch_moves"),
        ("AFTER INSERT", "dispatch_begun"),
        ("AFTER UPDATE OF status", "dispatch_moved"),
    ):
        yield f"CREATE TRIGGER {name} {when} ON dispatch FOR EACH ROW EXECUTE FUNCTION {name}()"
    yield "CREATE TRIGGER event_update BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION event_stays()"
    yield "CREATE TRIGGER event_truncate BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION event_stays()"


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"


def _refuse(message: str) -> str:
    return f"RAISE EXCEPTION USING MESSAGE = {message}, ERRCODE = 'check_violation';"


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
