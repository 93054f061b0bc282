"""Supporters of a campaign at one ledger: invented people of invented states, and what their verbs would hand over."""

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta

from outreach.model.action import Consent, Learns, NewAction, Purpose
from outreach.model.dispatch import Dispatch
from outreach.model.letter import Letter
from outreach.model.supporter import Delivery, Exposure, Frame, Target

NAMES = ("Zoë Ångström", "Иван Пример", "Δέσποινα Παραδείγματος", "سارة مثال")


def sha(*words):
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


@dataclass
class Crowd:
    """Supporters who write to the institutions of a desk's campaign."""

    desk: object

    @property
    def ledger(self):
        return self.desk.ledger

    def key(self, who):
        return sha("key", who)[:32]

    def action(self, who, *targets, number=1, **changed):
        """What the form gives for this person's first action, or another one."""
        name = NAMES[who % len(NAMES)] if isinstance(who, int) else who
        made = NewAction(
            id=sha("action", str(who), str(number), self.desk.campaign)[:26],
            campaign=self.desk.campaign,
            supporter=self.key(str(who)),
            email=f"person.{who}@home.example",
            name=name,
            place="Musterstadt",
            language="en",
            words=f"Please act. {name}",
            sha256=sha(str(who), *targets),
            similarity=0.25,
            targets=targets,
            consent=Consent(text_sha256=sha("consent"), at=self.desk.clock.now, purpose="to write", quote=True),
            told=dict.fromkeys(targets, Learns.ADDRESS),
        )
        return replace(made, **changed)

    def target(self, institution, **changed):
        its = self.desk.dispatch(institution)
        made = Target(
            institution=institution,
            name=its.institution_name,
            state=its.state,
            role=its.role,
            recipient=its.recipient,
            address_norm=its.address_norm,
            language="en",
            demands=its.demands,
            timezone=its.timezone,
            calendar="",
            exposure=Exposure.NAMES,
            delivery=Delivery.INDIVIDUAL,
            per_day=20,
        )
        return replace(made, **changed)

    def approve(self, *targets, digest="d1", by="Ada", plan=True):
        """The campaign's own letters are planned, and supporters may write to where they go."""
        several = tuple(one if isinstance(one, Target) else self.target(one) for one in targets)
        if plan:
            self.desk.plan(*(one.institution for one in several))
        self.ledger.approve_frame(Frame(campaign=self.desk.campaign, digest=digest, targets=several), by=by)
        return self.frame

    @property
    def frame(self):
        return self.ledger.frame(self.desk.campaign)

    def confirmed(self, who, *targets, number=1, **changed):
        """An action all the way through its confirmation."""
        new = self.action(who, *targets, number=number, **changed)
        assert self.ledger.take(new)
        token = self.token(new.id)
        assert self.ledger.confirm(token) is not None
        return new

    def token(self, action, purpose=Purpose.CONFIRM, word="a", **span):
        token = sha("token", action, purpose.value, word)
        until = self.desk.clock.now + timedelta(**(span or {"days": 7}))
        self.ledger.issue(token, action, purpose, until=until)
        return token

    def dispatch(self, institution, sender, **changed):
        """A copy or a digest as the runner makes it: the id is the same for the same sender and institution."""
        target = next(one for one in self.frame.frame.targets if one.institution == institution)
        made = Dispatch(
            id=sha(self.desk.campaign, institution, sender)[:26],
            campaign=self.desk.campaign,
            step=0,
            sender=sender,
            institution=institution,
            institution_name=target.name,
            state=target.state,
            role=target.role,
            recipient=target.recipient,
            address_norm=target.address_norm,
            demands=target.demands,
            languages=("en",),
            calendar=target.calendar,
            dated=self.desk.clock.now.date(),
        )
        return replace(made, **changed)

    def letter(self, dispatch, text):
        raw = f"To: {dispatch.recipient}\r\nSubject: A letter\r\n\r\n{text}\r\n".encode()
        return Letter(
            dispatch=dispatch.id,
            message_id=f"<{dispatch.id}@org.example>",
            subject="A letter",
            raw=raw,
            sha256=hashlib.sha256(raw).hexdigest(),
            template_sha="7" * 64,
            envelope_from="bounce@org.example",
        )

    def copy(self, new, institution, not_before=None, **changed):
        dispatch = self.dispatch(institution, f"supporter:{new.supporter}", **changed)
        return dispatch, self.letter(dispatch, f"{new.words}\r\n{new.name}, {new.place}"), not_before

    def flow(self, new, *copies, digests=(), dropped=(), frame=None):
        """Decide for an action; `copies` are institutions, or copies that were made before."""
        made = [self.copy(new, one) if isinstance(one, str) else one for one in copies]
        self.ledger.flow(
            new.id,
            copies=made,
            digests=dict.fromkeys(digests, "counts"),
            dropped=dict.fromkeys(dropped, "suppressed"),
            frame=frame or self.frame,
        )

    def flow_all(self, institution):
        """Whatever is undecided becomes a copy."""
        self.ledger.sent_copies(self.desk.campaign)
        for one, _ in self.ledger.to_flow(self.desk.campaign, 100):
            self.flow(one, institution)

    def digest(self, institution, *, frame=None, actions=None, day=None):
        """Queue the day's digest of those who wait for it."""
        several = self.ledger.for_digest(self.desk.campaign, institution) if actions is None else actions
        dispatch = self.dispatch(institution, f"digest:{day or self.desk.clock.now.date()}")
        names = "\r\n".join(one.name for one in several)
        letter = self.letter(dispatch, f"{len(several)} wrote:\r\n{names}")
        return self.ledger.digest(dispatch, letter, [one.id for one in several], frame or self.frame)

    def fates(self, new):
        return {one.institution: one.fate.value for one in self.ledger.targets_of(new.id)}

    def statuses(self):
        """(institution, status) of every copy and digest."""
        return [(one.dispatch.institution, one.status.value) for one in self.ledger.copies(self.desk.campaign)]

    def send(self, outcome=None, **given):
        """Claim once and let every claim end; whose letters they were."""
        claims = self.desk.turn(**given).claims
        for one in claims:
            self.ledger.mark(one)
            self.ledger.settle([outcome(one)])
        return claims
