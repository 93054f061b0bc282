"""What came back, as positions, pages and the correspondence ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from outreach.model.dossier import HeardMail
from outreach.model.heard import Heard
from outreach.runner.ports import Interpreter, Ledger


class NoAnswers:
    """`runner.ports.Answers` of a ledger without mail."""

    def heard(self, campaign: str) -> Sequence[Heard]:  # noqa: ARG002
        """Nothing."""
        return ()

    def mail(self, campaign: str, identifier: int) -> HeardMail | None:  # noqa: ARG002
        """None."""
        return None

    def hashes(self, campaign: str) -> Mapping[int, str]:  # noqa: ARG002
        """None."""
        return {}


@dataclass(frozen=True, slots=True)
class Collected:
    """`runner.ports.Answers` of a ledger into which mail is collected."""

    ledger: Ledger
    interpreter: Interpreter

    def heard(self, campaign: str) -> Sequence[Heard]:
        """Every mail of the campaign's institutions, the oldest first."""
        return self.ledger.heard(campaign)

    def mail(self, campaign: str, identifier: int) -> HeardMail | None:
        """One of them with its words."""
        found = next((one for one in self.heard(campaign) if one.id == identifier), None)
        sha256 = self.hashes(campaign).get(identifier, "")
        raw = self.ledger.raw_mail(sha256) if found else None
        if found is None or raw is None:
            return None
        return HeardMail(heard=found, sha256=sha256, text=self.interpreter.read(raw).text)

    def hashes(self, campaign: str) -> Mapping[int, str]:
        """Mail -> hash of its raw bytes, of every mail that is kept."""
        return self.ledger.mail_hashes(campaign)
