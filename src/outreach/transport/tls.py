"""Verified TLS: the context, and what to do when a server cannot be trusted."""

from __future__ import annotations

import ssl

from outreach.errors import SettingsError, Unavailable
from outreach.model.receipt import Phase
from outreach.model.server import Security, Server

_OTHER = {
    Security.SSL: "A server that begins in plain text (usually port 587) wants OUTREACH_SMTP_SECURITY=starttls.",
    Security.STARTTLS: "A server that begins with TLS (usually port 465) wants OUTREACH_SMTP_SECURITY=ssl.",
    Security.PLAIN: "",
}


def verifying_context(server: Server) -> ssl.SSLContext:
    """The system's authorities and `server.ca_file`; certificate and name are always verified.

    yagmail's own default verifies nothing (kootenpv/yagmail#120).
    """
    context = ssl.create_default_context()
    if server.ca_file:
        try:
            context.load_verify_locations(cafile=server.ca_file)
        except (OSError, ValueError) as error:  # SSLError is an OSError
            raise SettingsError(
                f'The certificate authority "{server.ca_file}" cannot be read.',
                where="OUTREACH_SMTP_CA_FILE",
                todo="It must be a PEM file (-----BEGIN CERTIFICATE-----).",
            ) from error
    return context


def distrusted(server: Server, error: ssl.SSLError) -> Unavailable:
    """The refusal to go on, said so that a person can act. There is no switch to go on all the same."""
    where = f"{server.host}:{server.port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unavailable(
            f"The server's certificate is not to be trusted: {error.verify_message.rstrip('.')}.",
            where=where,
            todo="Check OUTREACH_SMTP_HOST. For a server of your own name its authority in OUTREACH_SMTP_CA_FILE.",
            phase=Phase.CONNECT,
        )
    return Unavailable(
        f"No TLS connection came about ({(error.reason or 'closed early').replace('_', ' ').lower()}).",
        where=where,
        todo=other_security(server),
        phase=Phase.CONNECT,
    )


def other_security(server: Server) -> str:
    """The mix-up that looks like a silent or babbling server."""
    return _OTHER[server.security]
