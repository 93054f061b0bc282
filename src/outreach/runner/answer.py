"""Answer: the authorities' side of a rehearsal reads the letters in the outbox and writes back, as real mail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from outreach.errors import UsageError
from outreach.model.campaign import Mode
from outreach.model.collected import Bookmark
from outreach.model.dispatch import Dispatch
from outreach.model.inbound import InboundKind
from outreach.model.simulated import Reached, Repertoire, Simulated
from outreach.rules.authorities import answers
from outreach.runner.answer_ports import Interpreter, Postman, Source
from outreach.runner.desk import Desk
from outreach.states import official_languages


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the other side did: `letters` were read, and these mails came of them."""

    letters: int
    mails: tuple[Simulated, ...]

    @property
    def kinds(self) -> Mapping[InboundKind, int]:
        """How many mails of each kind."""
        return Counter(one.kind for one in self.mails)

    @property
    def silent(self) -> int:
        """Letters that nothing came of."""
        return self.letters - len({one.institution for one in self.mails})


def answer(
    desk: Desk, outbox: Source, interpreter: Interpreter, repertoire: Repertoire, postman: Postman, *, at: datetime
) -> Answered:
    """Answer the first letters in the outbox, dated `at`. Raises UsageError outside of a rehearsal."""
    if desk.mode is not Mode.REHEARSAL:
        raise UsageError("Nobody answers for an authority but in a rehearsal.", todo="Take --live out.")
    letters = list(_reached(desk, outbox, interpreter))
    mails = [mail for letter in letters for mail in answers(letter, repertoire, at=at)]
    postman.deliver(mails)
    return Answered(letters=len(letters), mails=tuple(mails))


def _reached(desk: Desk, outbox: Source, interpreter: Interpreter) -> Iterator[Reached]:
    """The letters that lie in the outbox, by whom they were written to."""
    boxes = {one.dispatch.recipient: one.dispatch for one in desk.ledger.standings(desk.campaign.slug, 0)}
    for batch in outbox.read(Bookmark()):
        for mail in batch.mails:
            message = interpreter.read(mail.raw)
            box = next((one for one in message.recipients if one in boxes), "")
            if box:
                answer_to = next(iter(message.headers.get("reply-to", ())), "") or message.sender
                yield _letter(boxes[box], box, answer_to, message.subject, message.message_id, mail.raw)


def _letter(to: Dispatch, box: str, answer_to: str, subject: str, message_id: str, raw: bytes) -> Reached:
    return Reached(
        institution=to.institution,
        state=to.state,
        languages=tuple(official_languages(to.state)),
        demands=frozenset(to.demands),
        box=box,
        answer_to=answer_to,
        subject=subject,
        message_id=message_id,
        head=raw.partition(b"\r\n\r\n")[0],
    )
