"""A Dovecot for the whole run, emptied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from outreach.inbox import ImapMailbox
from outreach.inbox.connect import Patience
from servers.certificates import Authority
from servers.dovecot import Dovecot
from support.servers import needs_server

QUICK = Patience(silence=3.0, whole=5.0, token=5.0, attempts=1)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def running(authority: Authority) -> Iterator[Dovecot]:
    program = needs_server("Dovecot (dovecot-imapd)", shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin"))
    with Dovecot(program, authority.certificate(), authority.pem) as server:
        yield server


@pytest.fixture
def dovecot(running: Dovecot) -> Dovecot:
    running.empty()
    return running


@pytest.fixture
def mailbox(dovecot: Dovecot) -> Iterator[ImapMailbox]:
    with ImapMailbox(dovecot.place(), patience=QUICK) as opened:
        yield opened
