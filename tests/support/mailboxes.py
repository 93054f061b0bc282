"""Fixtures: who signs the servers' certificates, and a Dovecot for the whole run, emptied for each test."""

import shutil
from collections.abc import Iterator

import pytest

from servers.certificates import Authority
from servers.dovecot import Dovecot
from support.servers import needs_server


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def one_dovecot(authority: Authority) -> Iterator[Dovecot]:
    program = needs_server("Dovecot (dovecot-imapd)", shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin"))
    with Dovecot(program, authority.certificate(), authority.pem) as server:
        yield server


@pytest.fixture
def dovecot(one_dovecot: Dovecot) -> Dovecot:
    one_dovecot.empty()
    return one_dovecot
