"""Passing on: an institution's answer as each of its readers gets it, without the names of the others."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from outreach.model.notice import NoticeTurn
from outreach.rules.passing_on import passed_on
from outreach.rules.redaction import Canaries
from outreach.runner.supporters.desk import SupporterDesk
from outreach.runner.triage import book

_Named = tuple[str, str]  # the supporter's key, and what the answer calls them


@dataclass(frozen=True, slots=True)
class Passing:
    """The answers of one round of mails. Whom an answer names is looked for once, however many read it."""

    it: SupporterDesk
    _named: dict[str, Sequence[_Named]] = field(default_factory=dict)

    def words(self, turn: NoticeTurn, text: str) -> str:
        """What of the answer's text goes to this reader."""
        words = passed_on(text, book().marks)
        if turn.key not in self._named:
            self._named[turn.key] = self._look(turn.key, words)
        return Canaries({said for who, said in self._named[turn.key] if who != turn.action.supporter}).text(words)

    def _look(self, key: str, words: str) -> Sequence[_Named]:
        """Readers whose whole name or address stands in it. What is a word of others' as well says nothing of them."""
        within = _flat(words)
        found = [
            (one, said)
            for one in self.it.book.readers(self.it.campaign.slug, key)
            for said in (one.name, one.email)
            if said and _flat(said) in within
        ]
        return [
            (one.supporter, said)
            for one, said in found
            if said == one.email or not self.it.book.is_commonplace(said, before=one.made_at)
        ]


def _flat(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
