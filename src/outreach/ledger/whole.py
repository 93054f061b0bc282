"""The verbs for a ledger as a whole: what it is, who holds it, its backups. `SqlLedger` has them beside its own."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from sqlalchemy import select

from outreach.errors import NotTheHolder, UnsettledBackup
from outreach.ledger import adoption, backups, deeds, holder, restoring
from outreach.ledger.schema import HEAD, backup, meta
from outreach.ledger.store import Store, Tx
from outreach.ledger.synced import synced_by
from outreach.ledger.times import moment
from outreach.model.campaign import Mode
from outreach.model.ledger import Adopted, Holder, LedgerFacts, Restored
from outreach.model.problem import Place, Problem, Severity

SHOWN_DEEDS = 10

_WHAT = select(meta.c.workspace, meta.c.made_at, select(backup.c.made_at).scalar_subquery())


class WholeLedger:
    """One database, seen from outside its letters."""

    mode: Mode
    file: Path | None = None  #: where it lies, or would
    _store: Store

    @cached_property
    def _here(self) -> Holder:
        return holder.place_of(self._store.file, self._store.where)

    def about(self) -> LedgerFacts:
        """Where it is, who holds it, and what people did to it last."""
        store = self._store
        with store.read() as tx:
            workspace, made_at, backup_of = tx.one(_WHAT) or ("", 0, None)
            held = holder.holder(tx)
            return LedgerFacts(
                mode=self.mode,
                where=store.where,
                shared=store.server,
                workspace=workspace,
                holder=held,
                here=self._here,
                held_here=store.server or holder.same_place(held, self._here),
                schema=HEAD,
                made_at=moment(made_at),
                backup_of=None if backup_of is None else moment(backup_of),
                deeds=deeds.latest(tx, SHOWN_DEEDS),
            )

    def require_holder(self) -> None:
        """Raise NotTheHolder or UnsettledBackup where nothing may be sent or settled. Only a live ledger is held."""
        with self._store.read() as tx:
            self._require_holder(tx)

    def _require_holder(self, tx: Tx) -> None:
        if self.mode is Mode.LIVE:
            holder.require(tx, self._here)

    def place_problems(self) -> list[Problem]:
        """What about the place where a live ledger lies keeps it from sending, or should worry a person."""
        if self.mode is not Mode.LIVE:
            return []
        found = []
        try:
            self.require_holder()
        except (NotTheHolder, UnsettledBackup) as error:
            code = "not-the-holder" if isinstance(error, NotTheHolder) else "unsettled-backup"
            found.append(_problem(Severity.FAULT, code, error.found, error.todo, self._store.where))
        file = self.file
        if file is not None and (program := synced_by(file)):
            said = f"The live ledger lies in a folder that {program} seems to sync: its copies could send, too."
            todo = "Move the workspace to a folder that is not synced; back it up with `outreach ledger backup FILE`."
            found.append(_problem(Severity.WARNING, "synced-folder", said, todo, self._store.where))
        return found

    def adopt(self, *, by: str, why: str) -> Adopted:
        """Make this computer and path the one holder. Raises LedgerError where the former one has gone on since."""
        return adoption.adopt(self._store, self._here, by=by, why=why)

    def restored(self, *, by: str, why: str) -> Restored:
        """A backup was put back: what may have left after it is in doubt, and every campaign is paused."""
        with self._store.write() as tx:
            return restoring.restored(tx, by=by, why=why)

    def back_up(self, to: Path) -> int:
        """Write a copy that is one moment's view to a new file, while others send; how many bytes it has."""
        return backups.back_up(self._store, to)


def _problem(severity: Severity, code: str, found: str, todo: str, where: str) -> Problem:
    return Problem(severity=severity, code=code, found=found, todo=todo, place=Place(path=where))
