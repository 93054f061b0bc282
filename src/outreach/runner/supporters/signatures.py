"""Import: signatures collected elsewhere come in by the same door, and through the same confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time

from outreach.errors import ApprovalError, UsageError
from outreach.model.action import Consent, NewAction, Origin
from outreach.model.form import FieldFault, Form
from outreach.model.problem import Problem, Severity
from outreach.model.signature import Signature
from outreach.model.supporter import Target
from outreach.rules.exposure import learns
from outreach.rules.identity import supporter_key
from outreach.rules.own_words import similarity, why_held
from outreach.rules.supporter_form import checked
from outreach.runner.supporters.act import PURPOSE, action_sha256, new_id
from outreach.runner.supporters.desk import SupporterDesk
from outreach.runner.supporters.frame import current_frame
from outreach.runner.supporters.page import consent_sha256
from outreach.states import find_state

_SAID = {
    FieldFault.MISSING: "is missing",
    FieldFault.TOO_LONG: "is too long",
    FieldFault.TOO_SHORT: "is too short",
    FieldFault.CONTROL: "holds a control character",
    FieldFault.LINK: "holds a link or an address",
    FieldFault.ADDRESS: "is no e-mail address",
    FieldFault.TARGET: "names no target of this campaign",
    FieldFault.TARGETS: "names too many targets",
    FieldFault.AGREE: "is missing",
}


@dataclass(slots=True)
class Imported:
    """What became of the rows: `taken + known + len(problems)` is their number."""

    taken: int = 0
    known: int = 0  #: of whom the campaign knows already, be it asked, confirmed, withdrawn or forgotten
    problems: list[Problem] = field(default_factory=list)


def import_signatures(
    it: SupporterDesk, rows: Sequence[Signature], *, without_confirmation: str = "", by: str = ""
) -> Imported:
    """Take every row that is right. `without_confirmation` is why, in the name of `by`, nobody is asked to confirm.

    A row's proof of consent is kept with it. Raises UsageError without a name, ApprovalError without a frame.
    """
    if without_confirmation and not (by.strip() and without_confirmation.strip()):
        raise UsageError(
            "Who says that nobody has to confirm, and why?", todo="Say both: they are recorded; --by NAME."
        )
    approved = current_frame(it)
    if approved is None:
        raise ApprovalError(
            "No frame is approved.",
            where=it.campaign.path,
            todo=f"Run `outreach supporters approve {it.campaign.slug}` first.",
        )
    done = Imported()
    targets = [one for one in approved.frame.targets if not one.suppressed]
    for row in rows:
        form = _form(it, row, targets)
        if isinstance(form, Problem):
            done.problems.append(form)
            continue
        new = _new(it, row, form, targets, f"{by.strip()}: {without_confirmation}" if without_confirmation else "")
        if not _is_known(it, new.supporter) and it.book.take(new, confirmation=not without_confirmation):
            done.taken += 1
        else:
            done.known += 1
    return done


def _is_known(it: SupporterDesk, supporter: str) -> bool:
    """Whether the campaign has asked this person before: nobody is asked again by a list, least who left."""
    return any(one.campaign == it.campaign.slug for one in it.book.of_person(supporter))


def _form(it: SupporterDesk, row: Signature, targets: Sequence[Target]) -> Form | Problem:
    language = row.language if row.language in it.terms.texts else next(iter(it.terms.texts))
    given = {
        "email": [row.email],
        "name": [row.name],
        "place": [row.place or "—"],
        "words": [row.words or it.terms.texts[language].suggestion],
        "targets": _chosen(row, targets),
        "language": [language],
        "agreed": ["yes"],
        "quote": ["yes"] if row.quote else [],
        "contact_again": ["yes"] if row.contact_again else [],
    }
    if row.agreed_on is not None and row.agreed_on > it.now.date():
        return Problem(
            severity=Severity.FAULT,
            code="bad-agreed_on",
            found=f"{row.agreed_on} has not come yet: nobody can have agreed on it.",
            todo="Mend the day and import the list again.",
            place=row.place_in_sheet,
        )
    found = checked(given, terms=it.terms, targets=[one.institution for one in targets], address=it.address)
    if isinstance(found, Form):
        return found
    name, fault = next(iter(found.items()))
    return Problem(
        severity=Severity.FAULT,
        code=f"bad-{name}",
        found=f"The {name} {_SAID[fault]}.",
        todo="Mend the row and import the list again: who is in already stays once.",
        place=row.place_in_sheet,
    )


def _chosen(row: Signature, targets: Sequence[Target]) -> list[str]:
    """What a row names: institutions by id, or all of a state."""
    chosen: dict[str, None] = {}
    for text in row.targets:
        state = find_state(text.strip())
        fits = [one.institution for one in targets if text.strip() == one.institution or one.state == state]
        chosen |= dict.fromkeys(fits or [text.strip()])
    return list(chosen)


def _new(it: SupporterDesk, row: Signature, form: Form, targets: Sequence[Target], why: str) -> NewAction:
    agreed = row.agreed_on
    at = datetime.combine(agreed, time.min, tzinfo=UTC) if agreed else it.now
    suggestion = it.terms.texts[form.language].suggestion
    new = NewAction(
        id=new_id(it),
        campaign=it.campaign.slug,
        supporter=supporter_key(it.desk.secret, form.email),
        email=form.email,
        name=form.name,
        place=form.place,
        language=form.language,
        words=form.words,
        sha256=action_sha256(name=form.name, place=form.place, words=form.words, targets=form.targets),
        similarity=similarity(form.words, suggestion),
        targets=form.targets,
        consent=Consent(
            text_sha256=consent_sha256(row.agreed_to),
            at=at,
            purpose=PURPOSE,
            quote=form.quote,
            contact_again=form.contact_again,
        ),
        origin=Origin.IMPORT,
        proof=row.proof,
        held=why_held(name=form.name, place=form.place, words=form.words, blocked=it.terms.blocked_words),
        told={one.institution: learns(one, it.terms.reply_to) for one in targets if one.institution in form.targets},
    )
    return replace(new, proof=f"{new.proof}; not asked to confirm, {why}") if why else new
