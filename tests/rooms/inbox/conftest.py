"""A mailbox that is opened for one test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from outreach.inbox import ImapMailbox
from outreach.inbox.connect import Patience
from servers.dovecot import Dovecot

QUICK = Patience(silence=3.0, whole=5.0, token=5.0, attempts=1)


@pytest.fixture
def mailbox(dovecot: Dovecot) -> Iterator[ImapMailbox]:
    with ImapMailbox(dovecot.place(), patience=QUICK) as opened:
        yield opened
