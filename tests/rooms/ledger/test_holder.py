"""One holder at a time: a ledger in a file sends from one computer and path, until a person moves it."""

import shutil
import socket
from datetime import UTC, datetime, timedelta

import pytest

from outreach.errors import LedgerBusy, LedgerError, NotTheHolder
from outreach.ledger import holder
from outreach.model.campaign import Mode
from outreach.model.ledger import Former
from outreach.model.problem import Severity
from outreach.model.status import Status

HOST = socket.gethostname()
SAID = {"by": "Ana", "why": "a new laptop"}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


@pytest.fixture
def live(opened):
    """Opens the live ledger of a folder."""
    return lambda folder, **given: opened(f"sqlite:///{folder}/live.db", mode=Mode.LIVE, **given)


@pytest.fixture
def copied(folder, live, desk_at, tmp_path):
    """A ledger with two letters on their way and one sent; it and its copy elsewhere, as desks."""
    desk = desk_at(live(folder))
    desk.send("at-mfa")
    desk.queue("bg-mfa", "cz-mfa")
    desk.ledger.close()
    there = tmp_path / "there"
    shutil.copytree(folder, there)
    return desk_at(live(folder)), desk_at(live(there))


@pytest.fixture
def on_host(monkeypatch):
    """Go on as another computer."""
    return lambda name: monkeypatch.setattr(holder.socket, "gethostname", lambda: name)


def kinds(ledger):
    return [one.kind for one in ledger.about().deeds]


def test_a_ledger_is_held_where_it_was_made(folder, live):
    """By this computer and path; nothing has been done to it."""
    facts = live(folder).about()
    assert (facts.holder.host, facts.holder.path) == (HOST, str((folder / "live.db").resolve()))
    assert facts.held_here
    assert not facts.shared
    assert facts.backup_of is None
    assert facts.deeds == ()
    assert len(facts.workspace) == 32


def test_a_copy_grants_nothing_and_says_where_the_holder_is(copied):
    """Neither asked before a run nor in the middle of one; planning and looking are free."""
    desk, copy = copied
    desk.ledger.require_holder()
    found = (
        rf"there/live\.db: This ledger is held by .*here/live\.db on {HOST}, and it lies at .*there/live\.db on {HOST}"
    )
    with pytest.raises(NotTheHolder, match=f"{found}.*outreach ledger adopt --by NAME --why TEXT"):
        copy.ledger.require_holder()
    with pytest.raises(NotTheHolder):
        copy.turn()
    copy.plan("at-mfa", "bg-mfa", "cz-mfa", "de-mfa")
    assert copy.counts()[Status.QUEUED] == 2
    (fault,) = copy.ledger.place_problems()
    assert (fault.severity, fault.code) == (Severity.FAULT, "not-the-holder")


def test_an_adopted_copy_sends_and_the_place_it_came_from_does_not(copied):
    """Both know it, and who said so; a run that began there before is granted nothing more."""
    desk, copy = copied
    done = copy.ledger.adopt(**SAID)
    assert done.former is Former.TOLD
    with pytest.raises(NotTheHolder, match=r"held by .*there/live\.db"):
        desk.turn()
    assert len(copy.turn().claims) == 2
    (deed,) = copy.ledger.about().deeds
    assert (deed.kind, deed.who, deed.detail["why"]) == ("adopted", "Ana", "a new laptop")
    assert (deed.detail["from"], deed.detail["to"]) == (str(done.was), str(done.now))
    assert kinds(desk.ledger) == ["given-up"]


def test_adopting_twice_changes_nothing(copied):
    """The holder is the holder."""
    _, copy = copied
    copy.ledger.adopt(**SAID)
    copy.ledger.adopt(**SAID)
    assert kinds(copy.ledger) == ["adopted"]


def test_a_place_that_has_sent_since_keeps_what_it_holds(copied):
    """The copy lacks what was sent after it was made and would send it again: it is told to be copied anew."""
    desk, copy = copied
    desk.accept(desk.claim("bg-mfa")["bg-mfa"])
    with pytest.raises(LedgerError, match=r"has sent since this copy was made \(turns missing here: 1\)"):
        copy.ledger.adopt(**SAID)
    desk.ledger.require_holder()
    assert kinds(desk.ledger) == kinds(copy.ledger) == []


def test_a_third_copy_is_measured_against_the_one_that_holds_it_now(copied, tmp_path, live, desk_at):
    """The place it was copied from passed it on: who holds it now is asked, and told."""
    desk, second = copied
    for name in ("third", "fourth"):
        shutil.copytree(tmp_path / "here", tmp_path / name)
    third, fourth = desk_at(live(tmp_path / "third")), desk_at(live(tmp_path / "fourth"))
    second.ledger.adopt(**SAID)
    assert third.ledger.adopt(**SAID).former is Former.TOLD
    for one in (desk, second, fourth):
        with pytest.raises(NotTheHolder):
            one.turn()
    third.accept(third.claim("bg-mfa")["bg-mfa"])
    with pytest.raises(LedgerError, match=r"The ledger at .*third/live\.db .* has sent since"):
        fourth.ledger.adopt(**SAID)


def test_a_letter_in_hand_there_is_waited_for(folder, live, desk_at, tmp_path, clock):
    """While a command has letters nobody takes over; when its lease ended it is too late for its mark."""
    clock.now = datetime.now(UTC)
    desk = desk_at(live(folder))
    desk.queue("bg-mfa")
    claim = desk.claim()["bg-mfa"]
    desk.ledger.close()
    shutil.copytree(folder, tmp_path / "there")
    copy = desk_at(live(tmp_path / "there"))
    with pytest.raises(LedgerError, match=r"in hand: 1\..*quarter of an hour"):
        copy.ledger.adopt(**SAID)
    stalled = desk_at(live(folder))
    with stalled.ledger._store.write() as tx:
        tx.driver.execute(f"UPDATE dispatch SET lease_until = {tx.now - 1}")
    assert copy.ledger.adopt(**SAID).former is Former.TOLD
    with pytest.raises(LedgerError):
        stalled.ledger.mark(claim)
    clock.now += timedelta(hours=1)
    assert copy.claim().keys() == {"bg-mfa"}


def test_a_place_that_is_busy_is_not_passed_over(copied, live, tmp_path):
    """It cannot be told now, and could send: nothing is adopted."""
    desk, _ = copied
    impatient = live(tmp_path / "there", busy_timeout=0.05)
    with desk.ledger._store.write(), pytest.raises(LedgerBusy):
        impatient.adopt(**SAID)
    desk.ledger.require_holder()


def test_a_moved_ledger_is_adopted_with_nobody_to_tell(folder, live, tmp_path):
    """Where it was there is nothing, or what another workspace put there."""
    live(folder).close()
    folder.rename(tmp_path / "moved")
    moved = live(tmp_path / "moved")
    with pytest.raises(NotTheHolder):
        moved.require_holder()
    folder.mkdir()
    other = live(folder)
    assert moved.adopt(**SAID).former is Former.GONE
    moved.require_holder()
    other.require_holder()
    assert kinds(other) == []


def test_a_link_to_the_same_file_is_the_same_path(folder, live, tmp_path):
    """Whichever way it was made and is opened; no adoption is needed, and none is written."""
    link = tmp_path / "link"
    link.symlink_to(folder)
    made = live(link)
    made.require_holder()
    live(folder).require_holder()
    (tmp_path / "one.db").symlink_to(folder / "live.db")
    made.adopt(**SAID)
    assert kinds(made) == []


def test_a_ledger_from_before_paths_were_followed_is_held_through_its_link(folder, live, tmp_path):
    """Its path was written with the link in it."""
    link = tmp_path / "link"
    link.symlink_to(folder)
    ledger = live(folder)
    with ledger._store.write() as tx:
        tx.driver.execute("UPDATE meta SET path = :path", {"path": f"{link}/live.db"})
    ledger.require_holder()


def test_another_computer_is_another_holder(folder, live, on_host):
    """The same path on another host is a copy; the other host cannot be told, and that is said."""
    live(folder).close()
    on_host("laptop-2")
    there = live(folder)
    with pytest.raises(NotTheHolder, match=rf"held by .* on {HOST}, and it lies at .* on laptop-2"):
        there.require_holder()
    assert there.adopt(**SAID).former is Former.AWAY
    there.require_holder()


def test_a_damaged_ledger_there_does_not_keep_its_copy_from_taking_over(copied, folder):
    """It cannot be told; why not is said."""
    desk, copy = copied
    desk.ledger.close()
    (folder / "live.db").write_bytes(b"Dear Minister,\n" * 1000)
    done = copy.ledger.adopt(**SAID)
    assert done.former is Former.AWAY
    assert "no SQLite database" in done.reason
    copy.ledger.require_holder()


def test_an_adoption_that_was_cut_off_is_taken_up_again(copied):
    """The former holder had given up, the new one had not yet taken over: neither sends, and adopting again works."""
    desk, copy = copied
    with desk.ledger._store.write() as tx:
        holder.pass_on(tx, copy.ledger.about().here)
    for one in (desk, copy):
        with pytest.raises(NotTheHolder):
            one.turn()
    assert copy.ledger.adopt(**SAID).former is Former.TOLD
    copy.ledger.require_holder()


def test_a_rehearsal_is_held_by_nobody(folder, opened, on_host):
    """It cannot reach anybody, wherever it is copied."""
    opened(f"sqlite:///{folder}/rehearsal.db").close()
    on_host("laptop-2")
    opened(f"sqlite:///{folder}/rehearsal.db").require_holder()


def test_a_database_server_is_shared_on_purpose(postgresql, opened, on_host, desk_at):
    """Every host sends; there is nothing to adopt."""
    url = postgresql.database()
    opened(url, mode=Mode.LIVE).close()
    on_host("laptop-2")
    desk = desk_at(opened(url, mode=Mode.LIVE))
    desk.send("bg-mfa")
    facts = desk.ledger.about()
    assert facts.shared
    assert facts.held_here
    with pytest.raises(LedgerError, match="shared by every computer"):
        desk.ledger.adopt(**SAID)
    assert desk.ledger.place_problems() == []
