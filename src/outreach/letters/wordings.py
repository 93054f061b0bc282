"""What each mail to a supporter says, block by block. Every text is looked up in the language's catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from gettext import NullTranslations

from outreach.letters.days import long_date
from outreach.letters.refusals import in_words
from outreach.model.notice import LETTER_TO, OVERDUE, NoticeKind
from outreach.rules.wrapping import unwrapped

CONFIRM, MANAGE = "confirm", "manage"  #: keys of the links
_DAYS = {"en": "d MMMM y"}  # CLDR's own is American


@dataclass(frozen=True, slots=True)
class Said:
    """A paragraph of ours."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link of ours, shown as it is."""

    url: str


@dataclass(frozen=True, slots=True)
class Listed:
    """Names, one a line."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quoted:
    """What somebody wrote: set apart, and nothing but text."""

    text: str


Block = Said | Link | Listed | Quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What a notice is about."""

    campaign: str  #: title, in the reader's language where the campaign has it
    organisation: str
    contact: str
    letters: int  #: how many institutions the person chose
    language: str  #: of the mail
    days: int  #: so long a link to confirm works
    links: Mapping[str, str]
    said: Mapping[str, str]  #: see docs/letters.md

    def lines(self, key: str) -> tuple[str, ...]:
        """The filled lines of something said."""
        return _lines(self.said.get(key, ""))

    def letters_to(self) -> list[tuple[tuple[str, ...], str]]:
        """The letters that have left: to whom, and the text. One that was erased meanwhile has none."""
        several = ((key.removeprefix(LETTER_TO), text) for key, text in self.said.items() if key.startswith(LETTER_TO))
        return [(_lines(names), text) for names, text in several if text]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A mail's words."""

    subject: str
    blocks: tuple[Block, ...]


def wording(kind: NoticeKind, matter: Matter, texts: NullTranslations) -> Wording:
    """The words of one mail. KeyError for a link or a saying that it cannot do without."""
    return _WORDINGS[kind](matter, texts)


def _confirmation(it: Matter, texts: NullTranslations) -> Wording:
    say = texts.gettext
    return Wording(subject=say("Please confirm your letter"), blocks=(*_asked(it, texts), *_how_to_confirm(it, texts)))


def _reminder(it: Matter, texts: NullTranslations) -> Wording:
    say = texts.gettext
    once = Said(say("This is the only reminder. Without your confirmation nothing is sent."))
    return Wording(
        subject=say("Reminder: please confirm your letter"),
        blocks=(*_asked(it, texts), *_how_to_confirm(it, texts), once),
    )


def _asked(it: Matter, texts: NullTranslations) -> tuple[Block, ...]:
    """Nothing here was typed by whoever filled in the form: the address may be another person's."""
    say, many = texts.gettext, texts.ngettext
    number = many(
        "Somebody entered this address on our page to send a letter to %(count)d institution.",
        "Somebody entered this address on our page to send a letter to %(count)d institutions.",
        it.letters,
    )
    campaign = say("The campaign is “%(campaign)s” by %(organisation)s.")
    named = it.lines("institution")
    return (
        Said(number % {"count": it.letters}),
        *((Listed(named),) if named else ()),
        Said(campaign % {"campaign": it.campaign, "organisation": it.organisation}),
    )


def _how_to_confirm(it: Matter, texts: NullTranslations) -> tuple[Block, ...]:
    say, many = texts.gettext, texts.ngettext
    days = many(
        "The link works for %(days)d day. After that we erase what was filled in.",
        "The link works for %(days)d days. After that we erase what was filled in.",
        it.days,
    )
    return (
        Said(
            say(
                "If it was you, open this page: it shows the letter and has a button. Pressing the button confirms the"
                " letter, and we send it. Nothing is sent before."
            )
        ),
        Link(it.links[CONFIRM]),
        Said(days % {"days": it.days}),
        Said(say("If it was not you, do nothing: no letter is sent, and this address is forgotten.")),
    )


def _receipt(it: Matter, texts: NullTranslations) -> Wording:
    """Their own letters name the person, and what counts them does not: which institution got which is told apart."""
    say = texts.gettext
    named, counted, waiting = it.lines("institution"), it.lines("counted"), it.lines("waiting")
    letters, day = it.letters_to(), {"day": _day(it)}
    if not named and not counted:
        raise KeyError("institution")
    blocks: list[Block] = []
    if named:
        blocks += [Said(say("Your letter has left on %(day)s. It went to:") % day), Listed(named)]
    if counted:
        told = say("You were counted in a letter that left on %(day)s for everybody who wrote. It went to:")
        blocks += [Said(told % day), Listed(counted)]
    if waiting:
        blocks += [Said(say("Still to be sent:")), Listed(waiting)]
    if len(letters) == 1:
        blocks += [Said(say("This is the whole letter:")), Quoted(unwrapped(letters[0][1]))]
    elif letters:
        blocks += [Said(say("These are the whole letters, each under the names of those to whom it went:"))]
        blocks += [block for names, text in letters for block in (Listed(names), Quoted(unwrapped(text)))]
    return Wording(subject=say("Your letter has been sent"), blocks=(*blocks, *_manage(it, texts)))


def _failure(it: Matter, texts: NullTranslations) -> Wording:
    say = texts.gettext
    server = it.said.get("server", "")
    quoted = (Said(say("In the words of its mail server:")), Quoted(server)) if server else ()
    return Wording(
        subject=say("Your letter could not be delivered"),
        blocks=(
            Said(say("Your letter could not be delivered to:")),
            Listed(_named(it)),
            Said(in_words(it.said.get("status", ""), texts)),
            *quoted,
            Said(say("The organisers see this too. You need not do anything.")),
            *_manage(it, texts),
        ),
    )


def _answer(it: Matter, texts: NullTranslations) -> Wording:
    say = texts.gettext
    answer = it.said["answer"]
    whole = say("Attachments and quoted letters are left out here. To read the whole answer, write to %(contact)s.")
    return Wording(
        subject=say("There is an answer to your letter"),
        blocks=(
            Said(say("There is an answer from:")),
            Listed(_named(it)),
            *((Said(say("It says:")), Quoted(answer)) if answer else ()),
            Said(whole % {"contact": it.contact}),
            *_manage(it, texts),
        ),
    )


def _data(it: Matter, texts: NullTranslations) -> Wording:
    say = texts.gettext
    return Wording(
        subject=say("What we hold about you"),
        blocks=(
            Said(say("Somebody asked on our page for a link to what we hold about this address.")),
            Said(say("On this page you can see it, take it along, or have it erased:")),
            Link(it.links[MANAGE]),
            Said(say("If it was not you, do nothing.")),
        ),
    )


def _withdrawn(it: Matter, texts: NullTranslations) -> Wording:
    say = texts.gettext
    kept, left = it.lines("withdrawn"), it.lines("sent")
    why = say("You have taken your letter back.")
    if it.said.get("why") == OVERDUE:
        why = say("Your letter did not leave within half a year after you confirmed it. We do not send it any more.")
    blocks: list[Block] = [Said(why)]
    if kept:
        blocks += [Said(say("It is not sent to:")), Listed(kept)]
    if left:
        blocks += [Said(say("It had left before, and cannot be called back from:")), Listed(left)]
    return Wording(subject=say("Your letter is withdrawn"), blocks=(*blocks, *_manage(it, texts)))


def _manage(it: Matter, texts: NullTranslations) -> tuple[Block, ...]:
    if MANAGE not in it.links:
        return ()
    say = texts.gettext
    return (
        Said(say("On this page you can take back what has not left yet, and see or erase what we hold about you:")),
        Link(it.links[MANAGE]),
    )


def footer(it: Matter, texts: NullTranslations) -> str:
    """Who sent the mail, and whom to ask."""
    said = texts.gettext("This mail was sent automatically by %(organisation)s. Questions: %(contact)s")
    return said % {"organisation": it.organisation, "contact": it.contact}


def _named(it: Matter) -> tuple[str, ...]:
    names = it.lines("institution")
    if not names:
        raise KeyError("institution")
    return names


def _lines(text: str) -> tuple[str, ...]:
    return tuple(one for one in (row.strip() for row in text.splitlines()) if one)


def _day(it: Matter) -> str:
    return long_date(date.fromisoformat(it.said["day"]), _DAYS.get(it.language, "long"), it.language)


_WORDINGS: Mapping[NoticeKind, Callable[[Matter, NullTranslations], Wording]] = {
    NoticeKind.CONFIRMATION: _confirmation,
    NoticeKind.REMINDER: _reminder,
    NoticeKind.RECEIPT: _receipt,
    NoticeKind.FAILURE: _failure,
    NoticeKind.ANSWER: _answer,
    NoticeKind.DATA: _data,
    NoticeKind.WITHDRAWN: _withdrawn,
}
