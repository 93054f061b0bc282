"""Supporters in the ledger: from the form to a confirmed action, links, limits and notices."""

import contextlib
import sqlite3
from datetime import timedelta

import pytest

from outreach.errors import LedgerError
from outreach.model.action import ActionStatus, Fate, Purpose
from outreach.model.notice import OVERDUE, NoticeEnd, NoticeKind
from outreach.model.status import Status
from support.supporters import Crowd, sha

HOUR = timedelta(hours=1)


@pytest.fixture
def crowd(desk):
    made = Crowd(desk)
    made.approve("qm-1", "qm-2")
    return made


def notices(ledger, campaign="spring"):
    """Every notice that is due, sent."""
    found = []
    while turn := ledger.next_notice(campaign):
        ledger.settle_notice(turn.number, NoticeEnd.SENT)
        found.append((turn.kind, turn.key, turn.action.id))
    return found


def test_a_frame_is_read_back_as_it_was_approved(crowd):
    """Every field of every target, in order; approved again, the new one stands alone."""
    first = crowd.frame
    assert [one.institution for one in first.frame.targets] == ["qm-1", "qm-2"]
    assert (first.by, first.at, first.frame.targets[0]) == ("Ada", crowd.desk.clock.now, crowd.target("qm-1"))
    second = crowd.target("qm-2", per_day=3, suppressed="they asked us to", at_risk=True)
    crowd.approve(second, digest="d2", by="Ben", plan=False)
    again = crowd.frame
    assert (again.by, again.frame.digest) == ("Ben", "d2")
    assert again.frame.targets == (second,)
    assert crowd.ledger.frame("autumn") is None


def test_what_the_form_gave_is_read_back(crowd):
    """Every field, with the order of the targets."""
    new = crowd.action(1, "qm-2", "qm-1", held="a link")
    assert crowd.ledger.take(new)
    (one,) = crowd.ledger.actions("spring")
    for name in ("id", "supporter", "email", "name", "place", "words", "sha256", "similarity", "targets", "consent"):
        assert getattr(one, name) == getattr(new, name), name
    assert (one.status, one.held, one.made_at) == (ActionStatus.PENDING, "a link", crowd.desk.clock.now)
    assert [target.institution for target in crowd.ledger.targets_of(new.id)] == ["qm-2", "qm-1"]
    assert crowd.ledger.of_person(new.supporter) == [one]


def test_one_action_of_a_supporter_waits_to_be_confirmed(crowd):
    """A second one is not kept while the first is pending; another person's, or another campaign's, is."""
    first = crowd.action(1, "qm-1")
    assert crowd.ledger.take(first)
    assert not crowd.ledger.take(crowd.action(1, "qm-2", number=2))
    assert crowd.ledger.take(crowd.action(2, "qm-2"))
    assert crowd.ledger.take(crowd.action(1, "qm-1", number=3, campaign="autumn"))
    crowd.ledger.confirm(crowd.token(first.id))
    assert crowd.ledger.take(crowd.action(1, "qm-2", number=2))


class TestAtOnce:
    def test_what_is_done_at_once_is_undone_at_once(self, crowd):
        """Counted, used up, kept: where the last of it fails nothing was."""
        new = crowd.action(1, "qm-1")
        until = crowd.desk.clock.now + HOUR

        def all_of_it(end):
            with crowd.ledger.at_once():
                assert crowd.ledger.spend("network", "k", most=1, within=HOUR)
                assert crowd.ledger.spend_once("form 1", until=until)
                assert crowd.ledger.take(new)
                end()

        with pytest.raises(IndexError):
            all_of_it([].pop)
        assert list(crowd.ledger.actions("spring")) == []
        all_of_it(list)
        assert not crowd.ledger.spend_once("form 1", until=until)
        assert [one.id for one in crowd.ledger.actions("spring")] == [new.id]

    def test_nobody_sees_half_of_it(self, crowd, opened, place):
        """Within, a verb sees what was done before it; another command sees it when the block has ended."""
        other = opened(place)
        new = crowd.action(1, "qm-1")
        with crowd.ledger.at_once():
            crowd.ledger.take(new)
            assert [one.id for one in crowd.ledger.of_person(new.supporter)] == [new.id]
            assert other.of_person(new.supporter) == []
        assert [one.id for one in other.of_person(new.supporter)] == [new.id]

    def test_a_part_that_failed_takes_the_rest_with_it(self, crowd):
        """Also where somebody caught its error: half of a thing that is done at once is never kept."""
        until = crowd.desk.clock.now + HOUR

        def go_on():
            with crowd.ledger.at_once():
                crowd.ledger.take(crowd.action(1, "qm-1"))
                with contextlib.suppress(LedgerError):
                    crowd.ledger.issue("0" * 64, "no such action", Purpose.CONFIRM, until=until)

        with pytest.raises(RuntimeError):
            go_on()
        assert list(crowd.ledger.actions("spring")) == []
        with crowd.ledger.at_once():
            crowd.ledger.take(crowd.action(1, "qm-1"))
        assert len(list(crowd.ledger.actions("spring"))) == 1


def test_who_has_not_confirmed_in_time_is_reminded_once(crowd):
    """Nobody who has confirmed, nobody who came later, and nobody of another campaign."""
    late, done = crowd.action(1, "qm-1"), crowd.confirmed(2, "qm-1")
    crowd.ledger.take(late)
    crowd.ledger.take(crowd.action(3, "qm-1", campaign="autumn"))
    since = crowd.desk.clock.now
    crowd.desk.clock.now += HOUR
    crowd.ledger.take(crowd.action(4, "qm-1"))
    assert crowd.ledger.want_reminders("spring", before=since - HOUR) == 0
    assert crowd.ledger.want_reminders("spring", before=since) == 1
    assert crowd.ledger.want_reminders("spring", before=since) == 0
    reminded = [action for kind, _, action in notices(crowd.ledger) if kind is NoticeKind.REMINDER]
    assert reminded == [late.id]
    assert done.id not in reminded


def test_the_confirmation_is_wanted_with_the_action(crowd):
    """In the same transaction; where a person has recorded why none is asked for, there is none."""
    first, other = crowd.action(1, "qm-1"), crowd.action(2, "qm-1")
    crowd.ledger.take(first)
    crowd.ledger.take(other, confirmation=False)
    assert notices(crowd.ledger) == [(NoticeKind.CONFIRMATION, "", first.id)]
    assert [one.status for one in crowd.ledger.actions("spring")] == [ActionStatus.PENDING, ActionStatus.CONFIRMED]


class TestTokens:
    def test_a_token_confirms_once(self, crowd):
        """Seen as often as one likes, used once."""
        new = crowd.action(1, "qm-1")
        crowd.ledger.take(new)
        token = crowd.token(new.id)
        assert crowd.ledger.find(token, Purpose.CONFIRM).id == new.id
        assert crowd.ledger.find(token, Purpose.CONFIRM).status is ActionStatus.PENDING
        assert crowd.ledger.confirm(token).status is ActionStatus.CONFIRMED
        assert crowd.ledger.confirm(token) is None
        assert crowd.ledger.find(token, Purpose.CONFIRM) is None
        (one,) = crowd.ledger.actions("spring", status=ActionStatus.CONFIRMED)
        assert one.confirmed_at == crowd.desk.clock.now

    def test_a_token_is_for_its_purpose_and_its_time(self, crowd):
        """Unknown, of the other purpose, too old: none is found."""
        new = crowd.action(1, "qm-1")
        crowd.ledger.take(new)
        token = crowd.token(new.id, days=7)
        assert crowd.ledger.find(sha("another"), Purpose.CONFIRM) is None
        assert crowd.ledger.find(token, Purpose.MANAGE) is None
        assert crowd.ledger.confirm(crowd.token(new.id, Purpose.MANAGE)) is None
        crowd.desk.clock.tick(days=7)
        assert crowd.ledger.find(token, Purpose.CONFIRM) is None
        assert crowd.ledger.confirm(token) is None

    def test_what_a_person_has_to_look_at_is_held(self, crowd):
        """Released it is confirmed; refused nothing of it is written; a second word changes nothing."""
        held = [crowd.confirmed(one, "qm-1", held="a link") for one in range(2)]
        assert [one.status for one in crowd.ledger.actions("spring")] == [ActionStatus.HELD] * 2
        assert crowd.ledger.to_flow("spring", 10) == []
        assert crowd.ledger.moderate(held[0].id, release=True, by="Ada")
        assert crowd.ledger.moderate(held[1].id, release=False, by="Ada", why="insults")
        assert not crowd.ledger.moderate(held[1].id, release=True, by="Ben")
        assert [one.status.value for one in crowd.ledger.actions("spring")] == ["confirmed", "refused"]
        assert [crowd.fates(one)["qm-1"] for one in held] == ["waiting", "dropped"]
        assert [one.id for one, _ in crowd.ledger.to_flow("spring", 10)] == [held[0].id]

    def test_a_link_to_what_is_gone_is_not_issued(self, crowd):
        """A clear error instead of a link to nowhere."""
        with pytest.raises(LedgerError, match="gone"):
            crowd.token("nobody")


class TestQuotas:
    def test_a_window_slides(self, crowd):
        """So many within the time, each key for itself; what was refused is not counted."""
        spend = crowd.ledger.spend
        assert [spend("form", "a", most=2, within=HOUR) for _ in range(4)] == [True, True, False, False]
        assert spend("form", "b", most=2, within=HOUR)
        assert spend("mail", "a", most=2, within=HOUR)
        crowd.desk.clock.tick(minutes=59)
        assert not spend("form", "a", most=2, within=HOUR)
        crowd.desk.clock.tick(minutes=1)
        assert spend("form", "a", most=2, within=HOUR)

    def test_a_challenge_counts_once(self, crowd):
        """Until it is forgotten."""
        until = crowd.desk.clock.now + HOUR
        assert crowd.ledger.spend_once("a", until=until)
        assert not crowd.ledger.spend_once("a", until=until)
        crowd.desk.clock.tick(hours=1)
        assert crowd.ledger.spend_once("a", until=until + HOUR)

    def test_what_was_counted_is_known(self, crowd):
        """Of this limit and this key, in this span; looking counts nothing."""
        for key in ("a", "a", "b"):
            crowd.ledger.spend("form", key, most=9, within=HOUR)
        crowd.ledger.spend("link", "a", most=9, within=HOUR)
        crowd.desk.clock.tick(minutes=30)
        crowd.ledger.spend("form", "a", most=9, within=HOUR)
        assert [crowd.ledger.spent("form", one, within=HOUR) for one in "aabc"] == [3, 3, 1, 0]
        assert crowd.ledger.spent("form", "a", within=HOUR / 2) == 1


class TestNotices:
    def test_each_is_wanted_once_and_taken_once(self, crowd):
        """Two commands never have the same; what was settled is not wanted again."""
        new = crowd.confirmed(1, "qm-1")
        assert crowd.ledger.want(NoticeKind.DATA, new.id)
        assert not crowd.ledger.want(NoticeKind.DATA, new.id)
        assert crowd.ledger.want(NoticeKind.DATA, new.id, "again")
        assert not crowd.ledger.want(NoticeKind.DATA, "nobody")
        first, second = crowd.ledger.next_notice("spring"), crowd.ledger.next_notice("spring")
        assert [first.key, second.key] == ["", "again"]
        assert crowd.ledger.next_notice("spring") is None
        crowd.ledger.settle_notice(first.number, NoticeEnd.SENT)
        assert not crowd.ledger.want(NoticeKind.DATA, new.id)

    def test_later_comes_again_when_it_is_time(self, crowd):
        """With one try more; failed and unknown do not."""
        new = crowd.confirmed(1, "qm-1")
        crowd.ledger.want(NoticeKind.DATA, new.id)
        turn = crowd.ledger.next_notice("spring")
        at = crowd.desk.clock.now + HOUR
        crowd.ledger.settle_notice(turn.number, NoticeEnd.LATER, retry_at=at, text="421 busy")
        assert crowd.ledger.next_notice("spring") is None
        crowd.desk.clock.tick(hours=1)
        again = crowd.ledger.next_notice("spring")
        assert (again.number, again.tries) == (turn.number, 1)
        crowd.ledger.settle_notice(again.number, NoticeEnd.FAILED)
        crowd.desk.clock.tick(days=1)
        assert crowd.ledger.next_notice("spring") is None

    def test_what_a_command_ended_with_is_not_sent_again(self, crowd, place, opened):
        """It may have left. After an hour it is settled as unknown; a late word of that command changes nothing."""
        crowd.ledger.want(NoticeKind.DATA, crowd.confirmed(1, "qm-1").id)
        turn = crowd.ledger.next_notice("spring")
        other = opened(place)
        assert other.next_notice("spring") is None
        crowd.desk.clock.tick(hours=1)
        assert other.next_notice("spring") is None
        crowd.ledger.settle_notice(turn.number, NoticeEnd.LATER, retry_at=crowd.desk.clock.now)
        assert other.next_notice("spring") is None

    @pytest.mark.parametrize("busy", [False, True])
    def test_a_confirmation_that_a_command_ended_with_is_sent_once_more(self, crowd, place, opened, busy):
        """After five minutes, and never a third time, also if the server asks for patience in between."""
        crowd.ledger.take(crowd.action(1, "qm-1"))
        first = crowd.ledger.next_notice("spring")
        other = opened(place)
        crowd.desk.clock.tick(minutes=5, microseconds=-1)
        assert other.next_notice("spring") is None
        crowd.desk.clock.tick(microseconds=1)
        again = other.next_notice("spring")
        assert (again.number, again.tries) == (first.number, 1)
        if busy:
            other.settle_notice(again.number, NoticeEnd.LATER, retry_at=crowd.desk.clock.now, text="421 busy")
            assert other.next_notice("spring").tries == 2
        for _ in range(3):
            crowd.desk.clock.tick(hours=1)
            assert crowd.ledger.next_notice("spring") is None

    def test_a_confirmation_whose_answer_was_lost_is_sent_once_more(self, crowd):
        """As if the command had ended there, and not at once: the line is down."""
        crowd.ledger.take(crowd.action(1, "qm-1"))
        for _ in range(2):
            crowd.ledger.settle_notice(crowd.ledger.next_notice("spring").number, NoticeEnd.UNKNOWN)
            assert crowd.ledger.next_notice("spring") is None
            crowd.desk.clock.tick(minutes=5)
        crowd.desk.clock.tick(days=1)
        assert crowd.ledger.next_notice("spring") is None

    def test_who_confirmed_by_the_first_is_not_sent_the_second(self, crowd):
        """It had arrived; and either of two links is good until one is used."""
        new = crowd.action(1, "qm-1")
        crowd.ledger.take(new)
        crowd.ledger.next_notice("spring")
        first, second = crowd.token(new.id), crowd.token(new.id, word="b")
        assert crowd.ledger.confirm(first) is not None
        crowd.desk.clock.tick(minutes=5)
        assert crowd.ledger.next_notice("spring") is None
        assert crowd.ledger.confirm(second) is None

    def test_who_has_confirmed_is_not_asked_again(self, crowd):
        """The reminder that was wanted for day 3 is taken back, and so is a confirmation that had not left."""
        new = crowd.action(1, "qm-1")
        crowd.ledger.take(new)
        crowd.ledger.want(NoticeKind.REMINDER, new.id, not_before=crowd.desk.clock.now + timedelta(days=3))
        crowd.ledger.confirm(crowd.token(new.id))
        crowd.desk.clock.tick(days=3)
        assert notices(crowd.ledger) == []


class TestExpiry:
    def expire(self, crowd, **given):
        spans = {"unconfirmed": timedelta(days=7), "overdue": timedelta(days=183), "keep": timedelta(days=28)} | given
        return crowd.ledger.expire("spring", now=crowd.desk.clock.now, **spans)

    def test_who_did_not_confirm_is_gone_without_a_trace(self, crowd):
        """Action, targets, link and notices; who confirmed stays."""
        gone, stays = crowd.action(1, "qm-1"), crowd.confirmed(2, "qm-1")
        crowd.ledger.take(gone)
        crowd.token(gone.id)
        crowd.desk.clock.tick(days=7, microseconds=-1)
        assert self.expire(crowd) == 0
        crowd.desk.clock.tick(microseconds=1)
        assert self.expire(crowd) == 1
        assert [one.id for one in crowd.ledger.actions("spring")] == [stays.id]
        assert crowd.ledger.targets_of(gone.id) == []
        assert crowd.ledger.of_person(gone.supporter) == []

    def test_more_than_one_transaction_takes(self, crowd, monkeypatch):
        """All of them, however many."""
        for who in range(450):
            crowd.ledger.take(crowd.action(who, "qm-1"))
        crowd.desk.clock.tick(days=7)
        assert self.expire(crowd) == 450
        assert list(crowd.ledger.actions("spring")) == []

    def test_who_is_done_with_is_forgotten_after_a_while(self, crowd, outcome):
        """So long after the last letter; not while one waits. The letter's bytes go too, the count stays."""
        new, waits = crowd.confirmed(1, "qm-1"), crowd.confirmed(2, "qm-1", "qm-2")
        crowd.flow(new, "qm-1")
        crowd.flow(waits, "qm-1")
        crowd.desk.clock.tick(days=2)
        assert len(crowd.send(outcome)) == 2
        crowd.ledger.sent_copies("spring")
        crowd.desk.clock.tick(days=27)
        assert self.expire(crowd) == 0
        crowd.desk.clock.tick(days=1)
        assert self.expire(crowd) == 1
        found = {one.id: one for one in crowd.ledger.actions("spring")}
        assert (found[new.id].status, found[new.id].name, found[new.id].email) == (ActionStatus.ERASED, "", "")
        assert found[waits.id].name == waits.name
        (sent,) = [one for one in crowd.ledger.targets_of(new.id) if one.fate is Fate.SENT]
        assert crowd.ledger.letter(sent.dispatch).raw == b""
        assert crowd.ledger.crowds("spring")["qm-1"].sent == 2
        assert crowd.ledger.crowds("spring")["qm-2"].waiting == 1

    @pytest.mark.parametrize("stands", ["held", "undecided", "queued", "digest"])
    def test_what_has_not_left_in_time_is_taken_back_and_its_person_told(self, crowd, stands):
        """As if the person had withdrawn it; then the usual time runs, so that the mail can still go."""
        new = crowd.confirmed(1, "qm-1", held="a link" if stands == "held" else "")
        if stands == "queued":
            crowd.flow(new, "qm-1")
        if stands == "digest":
            crowd.flow(new, digests=["qm-1"])
            assert crowd.digest("qm-1")
        crowd.desk.clock.tick(days=183, microseconds=-1)
        assert self.expire(crowd) == 0
        assert crowd.fates(new) != {"qm-1": "withdrawn"}
        crowd.desk.clock.tick(microseconds=1)
        assert self.expire(crowd) == 0
        assert crowd.fates(new) == {"qm-1": "withdrawn"}
        assert {status for _, status in crowd.statuses()} <= {"cancelled"}
        assert (NoticeKind.WITHDRAWN, OVERDUE, new.id) in notices(crowd.ledger)
        crowd.desk.clock.tick(days=28, microseconds=-1)
        assert self.expire(crowd) == 0
        crowd.desk.clock.tick(microseconds=1)
        assert self.expire(crowd) == 1
        (left,) = crowd.ledger.actions("spring")
        assert (left.status, left.email, left.name) == (ActionStatus.ERASED, "", "")

    @pytest.mark.parametrize("way", ["copy", "digest"])
    @pytest.mark.parametrize("seen", ["claimed", "committed", "in_doubt"])
    def test_nothing_is_taken_back_while_a_letter_may_be_on_its_way(self, crowd, outcome, way, seen):
        """Not to the other institution, either: what the person is told has to be true."""
        new = crowd.confirmed(1, "qm-1", "qm-2")
        if way == "copy":
            crowd.flow(new, "qm-1")
        else:
            crowd.flow(new, digests=["qm-1"])
            assert crowd.digest("qm-1")
        (claim,) = crowd.desk.turn().claims
        if seen != "claimed":
            crowd.ledger.mark(claim)
        if seen == "in_doubt":
            crowd.ledger.settle([outcome(claim, status=Status.IN_DOUBT, code=None)])
        assert [status for _, status in crowd.statuses()] == [seen]
        crowd.desk.clock.tick(days=200)
        before = crowd.fates(new)
        assert self.expire(crowd) == 0
        assert crowd.fates(new) == before
        assert NoticeKind.WITHDRAWN not in {kind for kind, *_ in notices(crowd.ledger)}

    def test_whoever_takes_a_letter_back_late_is_told_before_they_are_forgotten(self, crowd):
        """The time of what is done with begins when it is done with."""
        new = crowd.confirmed(1, "qm-1")
        crowd.desk.clock.tick(days=40)
        crowd.ledger.withdraw(new.id)
        assert self.expire(crowd) == 0
        crowd.desk.clock.tick(days=28)
        assert self.expire(crowd) == 1


def test_what_was_spent_is_forgotten(place, opened, desk_at):
    """Rows vanish when their time is up."""
    crowd = Crowd(desk_at(opened(place)))
    crowd.ledger.spend("form", "a", most=2, within=HOUR)
    crowd.ledger.spend_once("b", until=crowd.desk.clock.now + HOUR)
    crowd.desk.clock.tick(hours=1)
    crowd.ledger.expire("spring", now=crowd.desk.clock.now, unconfirmed=HOUR, overdue=HOUR, keep=HOUR)
    with crowd.ledger._store.read() as tx:
        assert tx.driver.execute("SELECT count(*) FROM quota").fetchone() == (0,)
        assert tx.driver.execute("SELECT count(*) FROM spent").fetchone() == (0,)


def test_the_database_itself_holds_that_one_is_pending(crowd):
    """A second pending row of one supporter is refused, whoever writes it."""
    crowd.ledger.take(crowd.action(1, "qm-1"))
    with (
        pytest.raises((sqlite3.IntegrityError, LedgerError, Exception), match=r"(?i)unique"),
        crowd.ledger._store.write() as tx,
    ):
        tx.driver.execute(
            "INSERT INTO action SELECT n + 1, id || 'x', campaign, supporter, email, name, place, words, proof, held, "
            "decided_why, language, sha256, similarity, targets, consent_sha256, consent_at, consent_purpose, "
            "consent_quote, consent_contact, origin, status, made_at, confirmed_at, decided_by, decided_at FROM action"
        )
