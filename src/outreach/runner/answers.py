"""What came back, as positions, pages and the correspondence ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from outreach.model.dossier import HeardMail
from outreach.model.heard import Heard
from outreach.runner.answer_ports import Interpreter
from outreach.runner.ports import Ledger


class NoAnswers:
    """`runner.answer_ports.Answers` of a ledger without mail."""

    def heard(self, campaign: str) -> Sequence[Heard]:  # noqa: ARG002
        """Nothing."""
        return ()

    def mail(self, campaign: str, identifier: int) -> HeardMail | None:  # noqa: ARG002
        """None."""
        return None

    def mails(self, campaign: str, state: str) -> Sequence[HeardMail]:  # noqa: ARG002
        """None."""
        return ()

    def hashes(self, campaign: str) -> Mapping[int, frozenset[str]]:  # noqa: ARG002
        """None."""
        return {}


@dataclass(frozen=True, slots=True)
class Collected:
    """`runner.answer_ports.Answers` of a ledger into which mail is collected."""

    ledger: Ledger
    interpreter: Interpreter

    def heard(self, campaign: str) -> Sequence[Heard]:
        """All that was heard from the campaign's institutions, the oldest first."""
        return self.ledger.heard(campaign)

    def mail(self, campaign: str, identifier: int) -> HeardMail | None:
        """One of them with its words."""
        found = [one for one in self.heard(campaign) if one.id == identifier]
        return next(iter(self._read(found)), None)

    def mails(self, campaign: str, state: str) -> Sequence[HeardMail]:
        """Those of one state's institutions with their words, the oldest first."""
        return list(self._read([one for one in self.heard(campaign) if one.id and one.state == state]))

    def _read(self, several: Sequence[Heard]) -> Iterator[HeardMail]:
        for one in several:
            mail = self.ledger.judged(one.id)
            raw = self.ledger.raw_mail(mail.sha256)
            if raw is not None:
                text = self.interpreter.read(raw).text
                yield HeardMail(heard=one, sha256=mail.sha256, text=text, verdicts=mail.verdicts)

    def hashes(self, campaign: str) -> Mapping[int, frozenset[str]]:
        """Mail -> every hash that its raw bytes have or had, of every mail that is kept."""
        return self.ledger.mail_hashes(campaign)
