"""Migrations: a ledger that walked through all of them is the same as one made today."""

import re

import pytest
from alembic.script import ScriptDirectory

from outreach.ledger.frames import approved_frame
from outreach.ledger.location import locate, prepare
from outreach.ledger.migrations.run import configuration, upgrade
from outreach.ledger.opening import build
from outreach.ledger.proposals import all_proposals
from outreach.ledger.schema import HEAD
from outreach.ledger.store import Store
from outreach.model.supporter import Exposure

HERE = "'public'::regnamespace"
CATALOGUE = {
    False: ["SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type <> 'index' OR sql IS NOT NULL"],
    True: [
        """SELECT table_name, ordinal_position, column_name, data_type, is_nullable, column_default, collation_name
           FROM information_schema.columns WHERE table_schema = 'public'""",
        f"""SELECT attrelid::regclass::text, attname, attstorage FROM pg_attribute WHERE attnum > 0 AND attrelid IN
           (SELECT oid FROM pg_class WHERE relnamespace = {HERE} AND relkind = 'r')""",
        f"""SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
           FROM pg_constraint WHERE connamespace = {HERE}""",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        f"SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = {HERE}",
    ],
}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """Makes empty databases."""
    stores = []

    def make():
        url = f"sqlite:///{tmp_path}/{len(stores)}.db"
        location = locate(url if request.param == "sqlite" else request.getfixturevalue("postgresql").database())
        if location.file:
            prepare(location.file)
        stores.append(Store(location, clock=None, busy_timeout=5))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


def catalogue(store):
    """Everything that the database says of its own shape, white space aside."""
    with store.read() as tx:
        rows = [row for query in CATALOGUE[store.server] for row in tx.driver.execute(query).fetchall()]
    # Alembic writes the clauses of a CREATE TABLE on lines of their own, SQLAlchemy too; only the blanks differ.
    return sorted(tuple(re.sub(r"\s+", " ", str(one)) for one in row) for row in rows)


def test_a_migrated_ledger_is_a_fresh_one(empty):
    """Tables, columns, defaults, keys, indexes with their conditions, triggers and their functions."""
    fresh, migrated = empty(), empty()
    with fresh.rebuild() as (conn, _):
        build(conn)
    with migrated.rebuild() as (conn, _):
        upgrade(conn)
    assert catalogue(migrated) == catalogue(fresh)
    assert any("dispatch_moves" in row for row in catalogue(fresh))
    for store in (fresh, migrated):
        with store.read() as tx:
            assert tx.driver.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]


def test_the_newest_migration_is_the_one_that_opening_looks_for():
    """One line of revisions, and its end is HEAD."""
    script = ScriptDirectory.from_config(configuration())
    assert script.get_heads() == [HEAD]
    revisions = [one.revision for one in script.walk_revisions()]
    assert revisions == sorted(revisions, reverse=True), "opening compares revisions as text: number them in order"


def half_done(conn):
    upgrade(conn)
    raise ZeroDivisionError


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty):
    """The schema changes in one transaction, on both databases."""
    store = empty()
    before = catalogue(store)
    with pytest.raises(ZeroDivisionError), store.rebuild() as (conn, _):
        half_done(conn)
    assert catalogue(store) == before


def test_learnt_addresses_become_proposals_with_what_was_said_of_them(empty):
    """Those that waited wait, and those that were approved are."""
    store = empty()
    with store.rebuild() as (conn, _):
        upgrade(conn, "0004")
        for statement in (
            "INSERT INTO raw_mail VALUES ('ab', '', 0, '', 's', 'p', 1)",
            """INSERT INTO inbound
               (id, sha256, filed_at, message_id, sender, subject, authentication, state, reason, keyed, campaign,
                institution, kind_rule, recipient, reply_text, findings, pending)
               VALUES (7, 'ab', 2, '', 'x@b.example', '', '', 'matched', '', false, 'spring',
                       'bg-1', '', '', '', '[]', false)""",
            "INSERT INTO learnt_address VALUES ('x@b.example', 'bg-1', 7, 'Ana', 3, 'Bo', 4)",
            "INSERT INTO learnt_address VALUES ('y@b.example', 'bg-1', 7, 'Ana', 5, NULL, NULL)",
        ):
            conn.exec_driver_sql(statement)
        upgrade(conn)
    with store.read() as tx:
        first, second = all_proposals(tx, "spring")
    assert [(one.change.kind.value, one.change.institution, one.mail) for one in (first, second)] == [
        ("sender", "bg-1", 7)
    ] * 2
    assert (first.change.now, first.change.by, first.fate.value) == ("x@b.example", "Ana", "approved")
    assert (first.ruling.by, first.ruled_at.microsecond) == ("Bo", 4)
    assert (second.change.now, second.fate.value, second.at.microsecond) == ("y@b.example", "open", 5)


def test_letters_that_left_before_supporters_are_still_counted(empty):
    """A ledger from before them keeps its attempts; none of them was a supporter's."""
    store = empty()
    with store.rebuild() as (conn, tx):
        upgrade(conn, "0004")
        tx.driver.execute(
            "INSERT INTO dispatch (n, id, campaign, step, sender, institution, institution_name, state, role, "
            "recipient, address_norm, demands, languages, timezone, calendar, dated, letter_sha, status, changed_at, "
            "kind) VALUES (7, 'd', 'spring', 0, 'campaign', 'qm-1', 'M', 'QM', 'mfa', 'm@gov.example', "
            "'m@gov.example', '[]', '[]', 'UTC', '', '2026-03-02', 's', 'draft', 1, 'drafted')"
        )
        tx.driver.execute(
            "INSERT INTO attempt (id, dispatch_n, fence, runner, account, domain, institution, granted_at, given_back) "
            "VALUES (3, 7, 1, 'r', 'a', 'gov.example', 'qm-1', 5, '0')"
        )
        upgrade(conn)
    with store.read() as tx:
        (row,) = tx.driver.execute("SELECT id, dispatch_n, fence, granted_at, crowd FROM attempt").fetchall()
    assert row == (3, 7, 1, 5, False)


def test_a_frame_from_before_risk_was_noted_keeps_its_targets(empty):
    """Nobody said then whether a state is at risk: it is as it was."""
    store = empty()
    with store.rebuild() as (conn, _):
        upgrade(conn, "0009")
        conn.exec_driver_sql("INSERT INTO frame VALUES ('spring', 'd', 'Ada', 1)")
        conn.exec_driver_sql(
            "INSERT INTO frame_target VALUES ('spring', 'qm-1', 0, 'M', 'QM', 'mfa', 'm@gov.example', "
            "'m@gov.example', 'en', '[]', 'UTC', '', 'names', 'drip', 3, 'why')"
        )
        upgrade(conn)
    with store.read() as tx:
        (one,) = approved_frame(tx, "spring").frame.targets
    assert (one.institution, one.exposure, one.per_day, one.suppressed) == ("qm-1", Exposure.NAMES, 3, "why")
    assert one.at_risk is False
