"""Act: a supporter looks at their letters, and submits them. What is said does not tell whether an address is known."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from outreach.model.action import Action, ActionStatus, Consent, NewAction, Origin
from outreach.model.form import FieldFault, Form
from outreach.model.supporter import ApprovedFrame, Exposure, Target
from outreach.rules.exposure import learns
from outreach.rules.identity import network_key, supporter_key
from outreach.rules.own_words import similarity, why_held
from outreach.rules.quoting import Unquoted
from outreach.rules.supporter_form import Given, checked
from outreach.rules.supporter_limits import PER_ADDRESS, PER_NETWORK, TURNED_AWAY, UNSOLVED, Quota, per_campaign
from outreach.runner.supporters.desk import SupporterDesk
from outreach.runner.supporters.frame import current_frame
from outreach.runner.supporters.letters import letter_of, unquoted
from outreach.runner.supporters.own_mailbox import OwnLetter, own_letter
from outreach.runner.supporters.page import consent_sha256
from outreach.states import state_name

PURPOSE = "letters to the chosen institutions in this campaign"
MANY = "many letters from one network"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewLetter:
    """One letter as it would go, or what a target that learns no names is told."""

    institution: str
    name: str
    state: str
    state_name: str
    exposure: Exposure
    own_state: bool  #: the supporter's own state, where it is at risk or must not learn names
    text: str
    unquoted: Unquoted | None  #: why the own words are not in what a target that learns no names is told
    own: OwnLetter | None  #: the same from the supporter's own mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would be sent, or what is wrong with the form."""

    faults: Mapping[str, FieldFault] = field(default_factory=dict)
    letters: tuple[PreviewLetter, ...] = ()
    similarity: float = 0.0
    held: str = ""  #: why a person will look at it first


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How a form was sent."""

    form: str  #: the id of the form's stamp: it counts once
    until: datetime  #: when the stamp is too old
    network: str  #: the visitor's address
    solved: bool  #: the form's challenge
    frame: str = ""  #: the digest of the frame under which the form was shown; "" where it does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The form was taken, or is wrong. Nothing here depends on who has written before."""

    faults: Mapping[str, FieldFault] = field(default_factory=dict)
    changed: bool = False  #: another frame was approved since the form was shown: nothing was kept
    again: bool = False  #: this very form was sent before: nothing was kept
    busy: bool = False  #: too much at once from this network or in all: nothing was kept


def preview(it: SupporterDesk, given: Given) -> Preview:
    """Check the form and write its letters, without keeping anything."""
    targets = _open(current_frame(it))
    form = checked(given, terms=it.terms, targets=list(targets), address=it.address)
    if not isinstance(form, Form):
        return Preview(faults=form)
    action = _as_action(_new(it, form, targets, "0" * 64))
    return Preview(
        letters=tuple(_previewed(it, targets[one], action, form) for one in form.targets),
        similarity=action.similarity,
        held=_held(it, form),
    )


def act(it: SupporterDesk, given: Given, sent: Sent, *, consent: str) -> Taken:
    """Keep a submitted form and want its confirmation mailed. `consent` is the text beside the button.

    What it counts and what it keeps is one transaction: one wait for the disk, and the same one whoever is known.
    """
    approved = current_frame(it)
    targets = _open(approved)
    form = checked(given, terms=it.terms, targets=list(targets), address=it.address)
    if not isinstance(form, Form):
        return Taken(faults=form)
    if approved and sent.frame not in {"", approved.frame.digest}:
        return Taken(changed=True)
    new = _new(it, form, targets, consent_sha256(consent), held=_held(it, form))
    with it.book.at_once():
        if not it.book.spend_once(f"form {sent.form}", until=sent.until):
            return Taken(again=True)
        room, held = _room(it, sent.network, solved=sent.solved)
        if not room:
            return Taken(busy=True)
        if _spend(it, PER_ADDRESS, f"{it.campaign.slug} {new.supporter}"):
            it.book.take(replace(new, held=new.held or held))
    return Taken()


def action_sha256(*, name: str, place: str, words: str, targets: tuple[str, ...]) -> str:
    """What a confirmation is bound to: all that the institutions will read."""
    return hashlib.sha256("\0".join((name, place, words, *targets)).encode()).hexdigest()


def new_id(it: SupporterDesk) -> str:
    """A random id of 26 letters and digits."""
    return base64.b32encode(it.random(17)).decode()[:26].lower()


def _open(approved: ApprovedFrame | None) -> dict[str, Target]:
    return {one.institution: one for one in approved.frame.targets if not one.suppressed} if approved else {}


def _room(it: SupporterDesk, network: str, *, solved: bool) -> tuple[bool, str]:
    """Whether there is room for one more, and why a person has to look at it.

    Without a solved challenge (no JavaScript) the quota is tighter, and what is beyond it is moderated, not refused.
    """
    key = network_key(it.desk.secret, network)
    held = "" if solved or _spend(it, UNSOLVED, key) else MANY
    return _spend(it, PER_NETWORK, key) and _in_campaign(it), held


def _in_campaign(it: SupporterDesk) -> bool:
    """Whether the campaign's hour has room; who finds none is counted, so that the organisers learn of it."""
    if _spend(it, per_campaign(it.terms.forms_per_hour), it.campaign.slug):
        return True
    _spend(it, TURNED_AWAY, it.campaign.slug)
    return False


def _spend(it: SupporterDesk, quota: Quota, key: str) -> bool:
    return it.book.spend(quota.name, key, most=quota.most, within=quota.within)


def _previewed(it: SupporterDesk, target: Target, action: Action, form: Form) -> PreviewLetter:
    letter = letter_of(it, target, action)
    text = it.desk.letters.text(letter.raw)
    return PreviewLetter(
        institution=target.institution,
        name=target.name,
        state=target.state,
        state_name=state_name(target.state, form.language),
        exposure=target.exposure,
        own_state=target.state == form.state and target.harms_its_own,
        text=text,
        unquoted=unquoted(target, action),
        own=own_letter(it, target, action, subject=letter.subject, text=text),
    )


def _held(it: SupporterDesk, form: Form) -> str:
    return why_held(name=form.name, place=form.place, words=form.words, blocked=it.terms.blocked_words)


def _new(it: SupporterDesk, form: Form, targets: Mapping[str, Target], consent: str, *, held: str = "") -> NewAction:
    return NewAction(
        id=new_id(it),
        campaign=it.campaign.slug,
        supporter=supporter_key(it.desk.secret, form.email),
        email=form.email,
        name=form.name,
        place=form.place,
        language=form.language,
        words=form.words,
        sha256=action_sha256(name=form.name, place=form.place, words=form.words, targets=form.targets),
        similarity=similarity(form.words, it.terms.texts[form.language].suggestion),
        targets=form.targets,
        consent=Consent(
            text_sha256=consent, at=it.now, purpose=PURPOSE, quote=form.quote, contact_again=form.contact_again
        ),
        origin=Origin.PAGE,
        held=held,
        told={one: learns(targets[one], it.terms.reply_to) for one in form.targets},
    )


def _as_action(new: NewAction, made_at: datetime | None = None) -> Action:
    """What the ledger would have of it."""
    return Action(
        id=new.id,
        campaign=new.campaign,
        supporter=new.supporter,
        email=new.email,
        name=new.name,
        place=new.place,
        language=new.language,
        words=new.words,
        sha256=new.sha256,
        similarity=new.similarity,
        targets=new.targets,
        consent=new.consent,
        origin=new.origin,
        status=ActionStatus.PENDING,
        held=new.held,
        made_at=made_at or new.consent.at,
        confirmed_at=None,
        told=new.told,
    )
