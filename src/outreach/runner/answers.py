"""Where nothing has been collected: no mail was heard from anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from outreach.model.dossier import HeardMail
from outreach.model.heard import Heard


class NoAnswers:
    """`runner.ports.Answers` of a ledger without mail."""

    def heard(self, campaign: str) -> Sequence[Heard]:  # noqa: ARG002
        """Nothing."""
        return ()

    def mail(self, identifier: int) -> HeardMail | None:  # noqa: ARG002
        """None."""
        return None

    def hashes(self, campaign: str) -> Mapping[int, str]:  # noqa: ARG002
        """None."""
        return {}
