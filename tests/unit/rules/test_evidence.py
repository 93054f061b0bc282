"""The ladder of evidence, row by row: what proves that a letter was taken, what that it was not, and what nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from outreach.model.dispatch import Dispatch, Standing
from outreach.model.evidence import (
    Doubt,
    Evidence,
    FolderLook,
    LogLine,
    LogLook,
    LogState,
    MailKind,
    MailSeen,
    Neighbour,
    Says,
)
from outreach.model.status import Status
from outreach.rules.evidence import of_folders, of_log, of_mail, settlement

ID = "k5rv2mzt3yqhd7k5rv2mzt3yqh"
IT, BEFORE, AFTER, FAR = (f"<o.spring.{name}@org.example>" for name in (ID, "before", "after", "far"))
AT = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=15)
OWN = {"Campaign@org.example"}


def near(message_id: str, **span: float) -> Neighbour:
    return Neighbour(message_id=message_id, at=AT + timedelta(**span))


def doubt(*, marked_at: datetime | None = AT, restored: bool = False, neighbours: tuple[Neighbour, ...] = ()) -> Doubt:
    dispatch = Dispatch(
        id=ID, campaign="spring", step=0, sender="campaign", institution="xa-mfa-1", institution_name="Ministry",
        state="XA", role="mfa", recipient="office@mfa.example", address_norm="office@mfa.example", demands=("a",),
        languages=("en",), dated=date(2026, 3, 4),
    )  # fmt: skip
    standing = Standing(dispatch=dispatch, status=Status.IN_DOUBT)
    return Doubt(
        standing=standing, message_id=IT, fence=1, marked_at=marked_at, restored=restored, neighbours=neighbours
    )


def look(*theirs: str, ours: tuple[str, ...] = (), folder: str = "Sent") -> FolderLook:
    return FolderLook(folder=folder, theirs=frozenset(theirs), ours=frozenset(ours))


NEAR = (near(BEFORE, seconds=-20), near(AFTER, seconds=20))
EDGES = (near(BEFORE, minutes=-2), near(AFTER, minutes=2))

FOLDERS = [
    # what, the doubt, the folder, when it is looked into, what that says
    ("there", doubt(), look(IT), AT, Says.TAKEN),
    ("there-beside-our-copy", doubt(), look(IT, ours=(IT,)), AT, Says.TAKEN),
    ("there-without-an-attempt", doubt(marked_at=None), look(IT), AT, Says.TAKEN),
    ("gone-neighbours-there", doubt(neighbours=NEAR), look(BEFORE, AFTER), LATER, Says.NOT_TAKEN),
    ("gone-one-neighbour", doubt(neighbours=NEAR[:1]), look(BEFORE), LATER, Says.NOT_TAKEN),
    ("gone-neighbours-at-two-minutes", doubt(neighbours=EDGES), look(BEFORE, AFTER), LATER, Says.NOT_TAKEN),
    ("gone-too-soon", doubt(neighbours=NEAR), look(BEFORE, AFTER), LATER - timedelta(seconds=1), Says.NOTHING),
    ("gone-no-neighbour", doubt(), look(), LATER, Says.NOTHING),
    ("gone-neighbour-too-far", doubt(neighbours=(near(FAR, minutes=2, seconds=1),)), look(FAR), LATER, Says.NOTHING),
    ("gone-neighbours-gone-too", doubt(neighbours=NEAR), look(), LATER, Says.NOTHING),
    ("gone-one-neighbour-gone-too", doubt(neighbours=NEAR), look(BEFORE), LATER, Says.NOTHING),
    ("gone-neighbours-are-our-copies", doubt(neighbours=NEAR), look(ours=(BEFORE, AFTER)), LATER, Says.NOTHING),
    ("only-our-copy", doubt(neighbours=NEAR), look(BEFORE, AFTER, ours=(IT,)), LATER, Says.NOTHING),
    ("gone-no-attempt", doubt(marked_at=None, neighbours=NEAR), look(BEFORE, AFTER), LATER, Says.NOTHING),
    ("gone-from-a-backup", doubt(restored=True, neighbours=NEAR), look(BEFORE, AFTER), LATER, Says.NOTHING),
]


@pytest.mark.parametrize(("it", "folder", "now", "says"), [row[1:] for row in FOLDERS], ids=[row[0] for row in FOLDERS])
def test_a_folder(it: Doubt, folder: FolderLook, now: datetime, says: Says) -> None:
    """Presence proves; absence only beside the letters that left with it, a quarter of an hour later."""
    (found,) = of_folders(it, [folder], now=now)
    assert found.says is says, found
    assert found.source == "folder Sent"


def test_a_letter_in_one_folder_need_not_be_in_another() -> None:
    """Absence counts when it is in none of them."""
    it = doubt(neighbours=NEAR)
    looks = [look(BEFORE, AFTER), look(IT, BEFORE, AFTER, folder="Journal")]
    assert [one.says for one in of_folders(it, looks, now=LATER)] == [Says.NOTHING, Says.TAKEN]


def log(*files: tuple[str, ...], state: LogState | None = None) -> LogLook:
    letters = {} if state is None else {IT: LogLine(state=state, words="250 Ok")}
    return LogLook(name="mail.log", letters=letters, files=files)


HOURS = (near(BEFORE, hours=-3), near(AFTER, hours=5))
LOGS = [
    ("sent", doubt(), log(state=LogState.SENT), AT, Says.TAKEN),
    ("deferred", doubt(), log(state=LogState.DEFERRED), AT, Says.TAKEN),
    ("bounced-was-taken", doubt(), log(state=LogState.BOUNCED), AT, Says.TAKEN),
    ("arrived", doubt(), log(state=LogState.ARRIVED), AT, Says.TAKEN),
    ("only-seen", doubt(neighbours=NEAR), log((BEFORE, IT, AFTER), state=LogState.SEEN), LATER, Says.NOTHING),
    ("gone-whole-log", doubt(neighbours=NEAR), log((BEFORE, AFTER)), LATER, Says.NOT_TAKEN),
    ("gone-slow-campaign", doubt(neighbours=HOURS), log((BEFORE, AFTER)), LATER, Says.NOT_TAKEN),
    ("gone-one-file-whole", doubt(neighbours=NEAR), log((FAR,), (BEFORE, AFTER)), LATER, Says.NOT_TAKEN),
    ("gone-too-soon", doubt(neighbours=NEAR), log((BEFORE, AFTER)), LATER - timedelta(seconds=1), Says.NOTHING),
    ("gone-log-ends", doubt(neighbours=NEAR), log((BEFORE,)), LATER, Says.NOTHING),
    ("gone-log-begins-later", doubt(neighbours=NEAR), log((AFTER,)), LATER, Says.NOTHING),
    ("gone-a-file-may-be-missing", doubt(neighbours=NEAR), log((BEFORE,), (AFTER,)), LATER, Says.NOTHING),
    ("gone-nothing-after", doubt(neighbours=NEAR[:1]), log((BEFORE,)), LATER, Says.NOTHING),
    ("gone-another-servers-log", doubt(neighbours=NEAR), log(()), LATER, Says.NOTHING),
    ("gone-no-attempt", doubt(marked_at=None, neighbours=NEAR), log((BEFORE, AFTER)), LATER, Says.NOTHING),
    ("gone-from-a-backup", doubt(restored=True, neighbours=NEAR), log((BEFORE, AFTER)), LATER, Says.NOTHING),
]


@pytest.mark.parametrize(("it", "lines", "now", "says"), [row[1:] for row in LOGS], ids=[row[0] for row in LOGS])
def test_a_servers_log(it: Doubt, lines: LogLook, now: datetime, says: Says) -> None:
    """Whatever became of a letter that was taken; absence only in a file that is whole around the attempt."""
    found = of_log(it, lines, now=now)
    assert found.says is says, found


def mail(kind: MailKind, **more: object) -> MailSeen:
    known = {"where": "INBOX", "names": frozenset({ID}), "message_id": "<7@mfa.example>", "subject": "Your letter"}
    return MailSeen(kind=kind, **{"sender": "office@mfa.example", **known, **more})


IN_THREAD = {"threaded": frozenset({ID})}
RETURNED = {"returned": frozenset({ID})}
MAILS = [
    ("report", mail(MailKind.BOUNCE, sender="mailer-daemon@org.example", **RETURNED), Says.TAKEN),
    ("report-to-the-letters-own-address", mail(MailKind.BOUNCE, **IN_THREAD), Says.TAKEN),
    ("report-about-a-mail-that-names-it", mail(MailKind.BOUNCE), Says.NOTHING),
    ("automatic-answer", mail(MailKind.AUTO_REPLY, **IN_THREAD), Says.TAKEN),
    ("read-receipt", mail(MailKind.AUTO_REPLY, **RETURNED), Says.TAKEN),
    ("ticket-of-a-provider-we-asked", mail(MailKind.AUTO_REPLY), Says.NOTHING),
    ("answer", mail(MailKind.REPLY, **IN_THREAD), Says.TAKEN),
    ("answer-of-a-provider-we-asked", mail(MailKind.REPLY), Says.NOTHING),
    ("forwarded-by-somebody", mail(MailKind.REPLY, **RETURNED), Says.NOTHING),
    ("letter-that-a-server-handled", mail(MailKind.LETTER, received=True), Says.TAKEN),
    ("letter-as-a-file", mail(MailKind.LETTER), Says.NOTHING),
    ("our-copy", mail(MailKind.LETTER, ours=True, received=True), Says.NOTHING),
    ("the-copy-to-me", mail(MailKind.REPLY, to_me=True, received=True), Says.NOTHING),
    ("answer-to-the-copy-to-me", mail(MailKind.REPLY, to_me=True, **IN_THREAD), Says.NOTHING),
    ("we-wrote-it", mail(MailKind.REPLY, sender="campaign@ORG.example", **IN_THREAD), Says.NOTHING),
    ("a-colleague-wrote-about-it", mail(MailKind.REPLY, sender="ben@org.example"), Says.NOTHING),
    ("a-colleague-answered-it", mail(MailKind.REPLY, sender="ben@org.example", **IN_THREAD), Says.TAKEN),
    ("about-another-letter", mail(MailKind.BOUNCE, names=frozenset({"x" * 26})), None),
]


@pytest.mark.parametrize(("seen", "says"), [row[1:] for row in MAILS], ids=[row[0] for row in MAILS])
def test_a_mail(seen: MailSeen, says: Says | None) -> None:
    """What answers, returns or reports about the letter proves that it was taken; what merely names it does not."""
    found = of_mail(doubt(), seen, own=OWN)
    assert (found.says if found else None) is says


def test_no_mail_is_ever_proof_that_a_letter_was_not_taken() -> None:
    """Whatever kind it is and whatever it says of itself."""
    for kind in MailKind:
        for more in ({}, IN_THREAD, RETURNED, {"ours": True}, {"to_me": True}, {"received": True}):
            found = of_mail(doubt(), mail(kind, **more), own=OWN)
            assert found is not None
            assert found.says is not Says.NOT_TAKEN


def found(source: str, says: Says) -> Evidence:
    return Evidence(source=source, says=says, words="…")


T, N, O = Says.TAKEN, Says.NOT_TAKEN, Says.NOTHING  # noqa: E741
SUMS = [
    ("nothing", [], None, "nothing found yet"),
    ("nothing-that-proves", [found("a", O)], None, "proves"),
    ("taken", [found("a", O), found("b", T)], Status.ACCEPTED, ""),
    ("taken-twice", [found("a", T), found("b", T)], Status.ACCEPTED, ""),
    ("not-taken", [found("a", O), found("b", N)], Status.QUEUED, ""),
    ("contradiction", [found("a", T), found("b", N)], None, "contradictory: taken by a; not taken by b"),
    ("seen-again", [found("a", N), found("b", O), found("a", T)], Status.ACCEPTED, ""),
    ("seen-no-more", [found("a", T), found("a", O)], None, "proves"),
]


@pytest.mark.parametrize(("evidence", "status", "why"), [row[1:] for row in SUMS], ids=[row[0] for row in SUMS])
def test_what_evidence_adds_up_to(evidence: list[Evidence], status: Status | None, why: str) -> None:
    """One proof settles; proofs against each other settle nothing, and it is said which."""
    where, said = settlement(evidence)
    assert where is status
    assert why in said
