"""When a mail was received: as our own server says, whatever it calls UTC."""

from datetime import UTC, datetime

import pytest

from outreach.model.inbound import InboundMessage
from outreach.runner.interpret import received_at

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("received", "at"),
    [
        (("from a by mx.example; Mon, 02 Mar 2026 12:00:00 +0000", "by b; Sun, 01 Mar 2026 12:00:00 +0000"), NOON),
        (("by mx.example; Mon, 02 Mar 2026 14:00:00 +0200 (EET)",), NOON),
        (("by mx.example; Mon, 02 Mar 2026 12:00:00 -0000",), NOON),
        (("by mx.example; Mon, 02 Mar 2026 12:00:00",), NOON),
        (("by mx.example; yesterday", "by b; Sun, 01 Mar 2026 12:00:00 +0000"), None),
        ((), None),
    ],
)
def test_the_first_received_line_says_when_and_no_zone_is_utc(received, at):
    """RFC 5322 3.3: -0000 is UTC, and says nothing of the place; 4.3: so is a zone that is not known."""
    message = InboundMessage(sha256="", size=0, headers={"received": received})
    assert received_at(message) == at
