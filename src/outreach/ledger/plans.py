"""A plan being written: every letter a draft, what left untouched, what is no longer planned cancelled."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from typing import Any, NoReturn

from sqlalchemy import bindparam, delete, insert, select

from outreach.errors import LedgerError
from outreach.ledger.approvals import drafts_digest
from outreach.ledger.boxes import Boxes, Wanted
from outreach.ledger.changes import AFRESH, Move, begin, correct, move, note
from outreach.ledger.fates import Fate, fate, old_rows
from outreach.ledger.frozen import freeze, freeze_again, name_template
from outreach.ledger.rows import FACTS, STANDING, facts, standing
from outreach.ledger.schema import OURS, dispatch, plan, skipped
from outreach.ledger.store import Tx
from outreach.model.dispatch import CAMPAIGN_SENDER, Dispatch, PlanTotals, Skipped, Standing
from outreach.model.event import EventKind
from outreach.model.letter import Letter
from outreach.model.status import GONE, Status

CHUNK = 200  #: letters held in memory at once

_KNOWN = select(dispatch.c.id, dispatch.c.n, dispatch.c.status).where(
    dispatch.c.campaign == bindparam("campaign"), dispatch.c.step == bindparam("step"), OURS
)
_LOCK = (
    select(dispatch.c.n)
    .where(
        dispatch.c.campaign == bindparam("campaign"),
        dispatch.c.step == bindparam("step"),
        OURS,
        dispatch.c.status.not_in([status.value for status in GONE]),
    )
    .order_by(dispatch.c.n)
    .with_for_update()
)
_ONE = select(*STANDING).where(dispatch.c.id == bindparam("id"))
_FORGET_SKIPPED = delete(skipped).where(
    skipped.c.campaign == bindparam("campaign"), skipped.c.step == bindparam("step")
)
_SKIP = insert(skipped).values({column.name: bindparam(column.name) for column in skipped.columns}).inline()
_PLAN = insert(plan).values({c.name: bindparam(c.name) for c in plan.columns if c.name != "id"}).inline()

_TOTALS = tuple(one.name for one in fields(PlanTotals) if one.name != "digest")

_New = list[tuple[dict[str, Any], Letter]]
_Changed = list[tuple[Any, dict[str, Any], Letter]]


class SqlPlanBook:
    """The plan of one campaign and step, in one transaction; a few hundred letters are in memory at once."""

    def __init__(self, tx: Tx, campaign: str, step: int, *, redraft: bool) -> None:
        self._tx = tx
        self._campaign = campaign
        self._step = step
        self._redraft = redraft
        self._boxes = Boxes(tx, campaign, step, redraft=redraft)
        self._waiting: dict[str, tuple[Dispatch, Letter]] = {}
        self._planned: set[str] = set()
        self._skipped = 0
        self._totals: dict[str, list[str]] = {name: [] for name in _TOTALS}
        here = {"campaign": campaign, "step": step}
        if tx.server:
            tx.all(_LOCK, **here)  # a runner skips locked letters: none is claimed while the plan may change it
        words: dict[str, str] = {}
        self._known = {
            identifier: (n, words.setdefault(status, status)) for identifier, n, status in tx.each(_KNOWN, **here)
        }
        tx.run(_FORGET_SKIPPED, **here)
        self.finished = False

    def standing(self, dispatch: str) -> Standing | None:
        """What the ledger has for this dispatch id."""
        if dispatch in self._waiting:
            self._write()
        if dispatch not in self._known and dispatch not in self._planned:
            return None
        row = self._tx.one(_ONE, id=dispatch)
        return None if row is None else standing(row)

    def draft(self, letters: Iterable[tuple[Dispatch, Letter]]) -> None:
        """Take planned letters. What becomes of one that is already there, `fates.fate` says."""
        for one in letters:
            if (one[0].campaign, one[0].step, one[0].sender) != (self._campaign, self._step, CAMPAIGN_SENDER):
                raise ValueError(f"{one[0].id} is of another plan")
            if one[0].id in self._waiting:
                self._twice(one[0].id)
            self._waiting[one[0].id] = one
            if len(self._waiting) >= CHUNK:
                self._write()

    def keep(self, dispatches: Iterable[str]) -> None:
        """Planned again, but its letter is gone or approved: nothing to render."""
        for identifier in dispatches:
            known = self._known.get(identifier)
            if known is None:
                raise LedgerError(f"There is no letter {identifier} to keep.", where=self._tx.where)
            n, status = known
            self._name(identifier)
            self._totals[_KEPT.get(Status(status), "gone")].append(identifier)
            if status == Status.QUEUED.value:
                correct(self._tx, [(n, {"planned": True})])

    def skip(self, skipped: Iterable[Skipped]) -> None:
        """Institutions that get no letter in this plan, in its order."""
        rows = []
        for one in skipped:
            self._skipped += 1
            rows.append(
                {
                    "campaign": self._campaign,
                    "step": self._step,
                    "n": self._skipped,
                    "institution": one.institution,
                    "institution_name": one.institution_name,
                    "state": one.state,
                    "role": one.role,
                    "reason": one.reason.name,
                    "detail": one.detail,
                    "post": one.post,
                    "form": one.form,
                }
            )
        self._tx.many(_SKIP, rows)

    def finish(self) -> PlanTotals:
        """Cancel the drafts that are no longer planned, mark the approved ones, and close the plan."""
        self._write()
        self._boxes.settle()
        self._let_vanish()
        digest = drafts_digest(self._tx, self._campaign, self._step)
        counts = {name: len(ids) for name, ids in self._totals.items()} | {"skipped": self._skipped}
        self._tx.run(
            _PLAN, campaign=self._campaign, step=self._step, at=self._tx.now, digest=digest, counts=json.dumps(counts)
        )
        self.finished = True
        return PlanTotals(**{name: tuple(ids) for name, ids in self._totals.items()}, digest=digest)

    def _name(self, identifier: str) -> None:
        if identifier in self._planned:
            self._twice(identifier)
        self._planned.add(identifier)

    def _twice(self, identifier: str) -> NoReturn:
        raise LedgerError(f"The letter {identifier} is planned twice.", where=self._tx.where)

    def _write(self) -> None:
        chunk = list(self._waiting.values())
        self._waiting.clear()
        if not chunk:
            return
        known = [self._known[one.id][0] for one, _ in chunk if one.id in self._known]
        old = old_rows(self._tx, known)
        new: _New = []
        changed: dict[Fate, _Changed] = {one: [] for one in Fate}
        wanted: list[Wanted] = []
        for one, its_letter in chunk:
            self._name(one.id)
            now = facts(one, its_letter.sha256)
            row = old.get(one.id)
            if row is None:
                new.append((_identity(one) | now, its_letter))
                self._totals["drafted"].append(one.id)
            else:
                what = fate(row, now, its_letter, redraft=self._redraft)
                changed[what].append((row, now, its_letter))
                self._totals[_counted_as(what, row)].append(one.id)
                if what not in _WRITTEN and not (what is Fate.SAME and row.address_norm != one.address_norm):
                    continue
            wanted.append(
                Wanted(id=one.id, institution=one.institution, sender=one.sender, address_norm=one.address_norm)
            )
        self._boxes.take(wanted, self._planned)
        self._change(changed)
        self._begin(new)

    def _begin(self, new: _New) -> None:
        begin(self._tx, [row for row, _ in new])
        freeze(self._tx, [one for _, one in new])

    def _change(self, changed: dict[Fate, _Changed]) -> None:
        tx = self._tx
        again = changed[Fate.REDRAFT]
        correct(tx, [(row.n, now) for row, now, _ in again])
        for row, _, one in again:
            note(tx, row.n, Status.DRAFT, EventKind.REDRAFTED, _letters(row, one))
        back = changed[Fate.RETURN]
        move(
            tx,
            [
                Move(
                    n=row.n,
                    was=Status(row.status),
                    now=Status.DRAFT,
                    kind=EventKind.RETURNED,
                    detail={"why": "planned again", **_letters(row, one)},
                    also={**AFRESH, **now},
                )
                for row, now, one in back
            ],
        )
        freeze_again(tx, [(row.n, one) for row, _, one in (*again, *back)])
        same = changed[Fate.SAME]
        correct(tx, [(row.n, {**now, "planned": True}) for row, now, _ in same if _differs(row, now)])
        name_template(tx, [(row.n, one) for row, _, one in same if row.template_sha != one.template_sha])
        stays = changed[Fate.STAYS_APPROVED]
        correct(tx, [(row.n, {"planned": True}) for row, _, _ in stays if not row.planned])

    def _let_vanish(self) -> None:
        """A plan speaks for the campaign's own letters: supporters' do not vanish with it."""
        drafts, queued = self._totals["vanished_drafts"], self._totals["vanished_queued"]
        moves: list[Move] = []
        unplanned: list[tuple[int, dict[str, Any]]] = []
        for identifier, (n, status) in self._known.items():
            if identifier in self._planned:
                continue
            if status == Status.DRAFT.value:
                drafts.append(identifier)
                moves.append(
                    Move(
                        n=n,
                        was=Status.DRAFT,
                        now=Status.CANCELLED,
                        kind=EventKind.CANCELLED,
                        detail={"why": "no longer planned"},
                    )
                )
            elif status == Status.QUEUED.value:
                queued.append(identifier)
                unplanned.append((n, {"planned": False}))
        move(self._tx, moves)
        correct(self._tx, unplanned)


_KEPT = {Status.DRAFT: "unchanged", Status.QUEUED: "unchanged", Status.HELD: "held"}
_WRITTEN = frozenset({Fate.REDRAFT, Fate.RETURN})
_COUNTS = {
    Fate.REDRAFT: "redrafted",
    Fate.SAME: "unchanged",
    Fate.STAYS_APPROVED: "changed_since_approval",
    Fate.STAYS_HELD: "held",
    Fate.GONE: "gone",
}


def _counted_as(what: Fate, row: Any) -> str:
    if what is Fate.RETURN:
        return "redrafted" if row.status == Status.QUEUED.value else "drafted"
    return _COUNTS[what]


def _identity(one: Dispatch) -> dict[str, Any]:
    return {
        "id": one.id,
        "campaign": one.campaign,
        "step": one.step,
        "sender": one.sender,
        "institution": one.institution,
    }


def _letters(row: Any, one: Letter) -> dict[str, object]:
    return {"was_letter": row.letter_sha, "letter": one.sha256}


def _differs(row: Any, now: dict[str, Any]) -> bool:
    return not row.planned or any(getattr(row, name) != now[name] for name in FACTS)
