"""An authority of our own, made anew for each test run, and the certificates it issues."""

import ssl
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import trustme


class Authority:
    """Issues server certificates; `pem` is what a client has to trust."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self.pem = str(folder / "authority.pem")
        self._ca.cert_pem.write_to_path(self.pem)
        self.context = cache(self.context)

    def certificate(self, host: str = "127.0.0.1") -> trustme.LeafCert:
        """A certificate with its key, for a server that is another program."""
        return self._ca.issue_cert(host)

    def context(self, host: str = "127.0.0.1", *, expired: bool = False) -> ssl.SSLContext:
        """A server's context for this host name or address."""
        ended = {"not_after": datetime.now(UTC) - timedelta(days=1)} if expired else {}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(host, **ended).configure_cert(context)
        return context
