"""Who may send from a ledger in a file: one computer and path at a time. A database server is shared on purpose."""

from __future__ import annotations

import socket
from pathlib import Path

from sqlalchemy import bindparam, select, update

from outreach.errors import NotTheHolder, UnsettledBackup
from outreach.ledger.schema import backup, meta
from outreach.ledger.store import Tx
from outreach.ledger.times import moment
from outreach.model.ledger import Holder

_HELD = select(meta.c.host, meta.c.path, select(backup.c.made_at).scalar_subquery())
_PASS_ON = update(meta).values(host=bindparam("the_host"), path=bindparam("the_path"))


def place_of(file: Path | None, where: str) -> Holder:
    """This computer, and the file as it is called here without its links."""
    return Holder(host=socket.gethostname(), path=str(file.resolve()) if file else where)


def holder(tx: Tx) -> Holder:
    """Who holds the ledger, as it says itself."""
    host, path, _ = tx.one(_HELD) or ("", "", None)
    return Holder(host=host, path=path)


def same_place(one: Holder, here: Holder) -> bool:
    """Whether `one` is `here`; a link to the same file is the same path."""
    return one == here or (one.host == here.host and str(Path(one.path).resolve()) == here.path)


def pass_on(tx: Tx, to: Holder) -> None:
    """From now on `to` holds it."""
    tx.run(_PASS_ON, the_host=to.host, the_path=to.path)


def require(tx: Tx, here: Holder) -> None:
    """Raise UnsettledBackup or NotTheHolder where nothing may be sent or said."""
    host, path, made_at = tx.one(_HELD) or ("", "", None)
    if made_at is not None:
        raise UnsettledBackup(
            f"This is a backup of {moment(made_at):%Y-%m-%d %H:%M} UTC: letters that left later are unknown to it.",
            where=tx.where,
            todo="Run `outreach ledger restored --by NAME --why TEXT`: it puts what may have left in doubt.",
        )
    held = Holder(host=host, path=path)
    if not tx.server and not same_place(held, here):
        raise NotTheHolder(
            f"This ledger is held by {held}, and it lies at {here}: from a copy nothing is sent, and nobody hears "
            "there what is said in it.",
            where=tx.where,
            todo="Do it there. If it was moved, or nothing is sent from there any more, run "
            "`outreach ledger adopt --by NAME --why TEXT` here.",
        )
