"""The page itself: read, write, look at the letters, send. A form that is wrong comes back as it was, and says why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from outreach.model.form import FieldFault
from outreach.rules.supporter_form import LONGEST_WORDS, Given
from outreach.rules.supporter_limits import PER_NETWORK
from outreach.runner.supporters.act import Sent, act
from outreach.runner.supporters.act import preview as look
from outreach.runner.supporters.desk import SupporterDesk
from outreach.runner.supporters.page import Page
from outreach.runner.supporters.page import page as page_of
from outreach.web.asked import Asked
from outreach.web.challenge import is_solved, new_challenge
from outreach.web.choices import grouped, homes
from outreach.web.consent import boxes
from outreach.web.own_mailbox import mail_file, mail_link
from outreach.web.render import redirected, rendered
from outreach.web.stamp import Stamp, new_stamp, read_stamp

FIELDS = ("targets", "state", "email", "name", "place", "words", "agreed", "quote", "contact_again", "language")
_SWITCH = "language:"  #: the button that shows the same form in another language
_FILE = "file:"  #: the button that gives a letter to an institution as a file for one's own mail program
#: Faults in the order of the page.
ORDER = ("targets", "email", "name", "place", "words", "agreed")


def show(it: SupporterDesk, asked: Asked) -> Response:
    """The empty form."""
    return _form(it, page_of(it, asked.language), {"language": [asked.language]})


def submit(it: SupporterDesk, asked: Asked) -> Response:
    """Do what the pressed button says."""
    given = {name: asked.given[name] for name in FIELDS if name in asked.given}
    do, language = asked.one("do"), asked.one("language")
    if language not in it.terms.texts:
        language = asked.language
    given["language"] = [language]
    if do.startswith(_SWITCH):
        return _switched(it, given, language, do.removeprefix(_SWITCH), asked)
    if do == "send":
        return _send(it, given, asked)
    if do == "preview":
        return _preview(it, given, asked)
    if do.startswith(_FILE):
        return _file(it, given, do.removeprefix(_FILE), asked)
    return _form(it, page_of(it, language), given, kept=asked)


def thanks(it: SupporterDesk, asked: Asked) -> Response:
    """The same for everybody: look into your mailbox."""
    return rendered(it, "thanks.html", asked.language, closed=False)


def _send(it: SupporterDesk, given: Given, asked: Asked) -> Response:
    language = given["language"][0]
    stamp = _stamp(it, asked)
    if stamp is None:
        return _form(it, page_of(it, language), given, status=409, said="old")
    consent = boxes(language, it.campaign.sender.organisation).text
    solved = is_solved(it.desk.secret, stamp.id, asked.one("altcha"))
    sent = Sent(form=stamp.id, until=stamp.until, network=asked.network, solved=solved, frame=asked.one("frame"))
    taken = act(it, given, sent, consent=consent)
    if taken.faults:
        return _form(it, page_of(it, language), given, faults=taken.faults, status=422, kept=asked)
    if taken.changed:
        return _form(it, page_of(it, language), given, status=409, said="changed", kept=asked)
    if taken.again:
        return _form(it, page_of(it, language), given, status=409, said="again")
    if taken.busy:
        return _busy(it, page_of(it, language), given)
    return redirected(it, "thanks", lang=language)


def _busy(it: SupporterDesk, page: Page, given: Given) -> Response:
    """The form with its words, and when to come back: a limit's hour has passed by then (RFC 6585 4)."""
    answer = _form(it, page, given, status=429, said="busy")
    answer.headers["Retry-After"] = str(int(PER_NETWORK.within.total_seconds()))
    return answer


def _preview(it: SupporterDesk, given: Given, asked: Asked) -> Response:
    page = page_of(it, given["language"][0])
    found = look(it, given)
    if found.faults:
        return _form(it, page, given, faults=found.faults, status=422, kept=asked)
    return rendered(
        it,
        "preview.html",
        page.language,
        closed=False,
        page=page,
        letters=found.letters,
        mailable=[(one, mail_link(one.own)) for one in found.letters if one.own],
        own_state=[one for one in found.letters if one.own_state],
        own_words=round(100 * (1 - found.similarity)),
        held=bool(found.held),
        hidden=[(name, value) for name in FIELDS for value in given.get(name, ())],
        boxes=boxes(page.language, page.organisation),
        ticked={name: given.get(name) == ["yes"] for name in ("agreed", "quote", "contact_again")},
        **_stamped(it, asked),
    )


def _file(it: SupporterDesk, given: Given, institution: str, asked: Asked) -> Response:
    found = look(it, given)
    letter = next((one.own for one in found.letters if one.institution == institution), None)
    return mail_file(letter, institution) if letter else _preview(it, given, asked)


def _switched(it: SupporterDesk, given: dict[str, Any], before: str, after: str, asked: Asked) -> Response:
    """The same form in another language; a suggestion that nobody has touched is in that language, too."""
    page = page_of(it, after)
    if _plain(given.get("words", [""])[0]) == _plain(it.terms.texts[before].suggestion):
        given = {name: value for name, value in given.items() if name != "words"}
    return _form(it, page, {**given, "language": [page.language]}, kept=asked)


def _form(
    it: SupporterDesk,
    page: Page,
    given: Given,
    *,
    faults: Mapping[str, FieldFault] | None = None,
    status: int = 200,
    said: str = "",
    kept: Asked | None = None,
) -> Response:
    home = (given.get("state") or [""])[0]
    words = given.get("words") or [page.text.suggestion.strip()]
    return rendered(
        it,
        "form.html",
        page.language,
        status=status,
        closed=False,
        page=page,
        groups=grouped(page.targets, set(given.get("targets", ())), home),
        states=homes(page.targets, page.language),
        home=home,
        value={name: (given.get(name) or [""])[0] for name in ("email", "name", "place")} | {"words": words[0]},
        ticked={name: given.get(name) == ["yes"] for name in ("agreed", "quote", "contact_again")},
        faults={name: faults[name] for name in ORDER if name in faults} if faults else {},
        said=said,
        boxes=boxes(page.language, page.organisation),
        longest=LONGEST_WORDS,
        **_stamped(it, kept),
    )


def _stamp(it: SupporterDesk, asked: Asked) -> Stamp | None:
    return read_stamp(it.desk.secret, it.campaign.slug, asked.one("stamp"), now=it.now)


def _stamped(it: SupporterDesk, kept: Asked | None) -> Mapping[str, Any]:
    """The stamp and the challenge of a form: the ones that came with it while they hold, else new ones."""
    secret = it.desk.secret
    stamp = _stamp(it, kept) if kept else None
    if kept is not None and stamp is not None:
        solution = kept.one("altcha") if is_solved(secret, stamp.id, kept.one("altcha")) else ""
        text = kept.one("stamp")
    else:
        text = new_stamp(secret, it.campaign.slug, now=it.now, random=it.random(16))
        stamp, solution = read_stamp(secret, it.campaign.slug, text, now=it.now), ""
    if stamp is None:
        raise ValueError("a new stamp holds")
    return {"stamp": text, "solution": solution, "challenge": "" if solution else new_challenge(secret, stamp.id)}


def _plain(text: str) -> str:
    return " ".join(text.split())
