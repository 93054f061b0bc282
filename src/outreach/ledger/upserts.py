"""Rows that may be there already: `INSERT … ON CONFLICT DO UPDATE`, which each database has in its own dialect."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, Select, Table, bindparam


@lru_cache(maxsize=16)
def upsert(table: Table, key: str, first: tuple[str, ...], again: tuple[str, ...], *, server: bool) -> Executable:
    """Insert the columns `first`; where `key` is there already, set the columns `again` instead."""
    insert: Any
    if server:
        from sqlalchemy.dialects.postgresql import insert  # 30 ms that SQLite need not pay
    else:
        from sqlalchemy.dialects.sqlite import insert
    statement = insert(table).values({name: bindparam(name) for name in first})
    changed: dict[str, Any] = {name: bindparam(name) for name in again}
    made: Executable = statement.on_conflict_do_update(index_elements=[key], set_=changed).inline()
    return made


@lru_cache(maxsize=16)
def insert_new(table: Table, names: tuple[str, ...], *, server: bool) -> Executable:
    """Insert these columns; a row that is there already stays as it is."""
    insert: Any
    if server:
        from sqlalchemy.dialects.postgresql import insert  # 30 ms that SQLite need not pay
    else:
        from sqlalchemy.dialects.sqlite import insert
    statement = insert(table).values({name: bindparam(name) for name in names})
    made: Executable = statement.on_conflict_do_nothing().inline()
    return made


def insert_new_from(
    table: Table, names: tuple[str, ...], rows: Select[*tuple[Any, ...]], *, server: bool
) -> Executable:
    """Insert what a query with a condition finds; rows that are there already stay as they are."""
    insert: Any
    if server:
        from sqlalchemy.dialects.postgresql import insert  # 30 ms that SQLite need not pay
    else:
        from sqlalchemy.dialects.sqlite import insert
    made: Executable = insert(table).from_select(names, rows).on_conflict_do_nothing().inline()
    return made
