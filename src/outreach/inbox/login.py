"""The login to a mailbox: one mechanism, one try; no error holds a secret."""

from __future__ import annotations

import imaplib
import subprocess
from collections.abc import Sequence

from outreach.errors import InboxError
from outreach.inbox.words import fit
from outreach.model.server import Secret, Server

LONGEST_TOKEN = 8_000  #: characters


def access_token(command: Sequence[str], *, seconds: float) -> Secret:
    """What the operator's command prints, run without a shell. Its output is never shown: it may hold the token."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise _no_token(f"did not end within {seconds:g} s") from None  # the exception holds its output
    except (OSError, ValueError) as error:
        raise _no_token(f"could not be started ({getattr(error, 'strerror', None) or 'not a command'})") from None
    token = done.stdout.strip()
    if done.returncode != 0:
        raise _no_token(f"ended with {done.returncode}")
    if not token or not token.isascii() or not token.decode("ascii").isprintable() or len(token) > LONGEST_TOKEN:
        raise _no_token("printed something that is no access token")
    return Secret(token.decode("ascii"))


def log_in(client: imaplib.IMAP4, server: Server, token: Secret | None, *, where: str) -> None:
    """Authenticate over the open connection. Raises InboxError; a lost connection raises as imaplib has it.

    SASL where it is offered (RFC 4616, XOAUTH2): its Base64 carries every password, and no line can be broken out of.
    """
    password = server.password.reveal() if server.password else ""
    offered = {str(one).upper() for one in client.capabilities}
    both = ""
    try:
        if token is not None:
            both = f"user={server.user}\x01auth=Bearer {token.reveal()}\x01\x01"
            # A challenge carries the error; the empty line after it asks for the refusal.
            client.authenticate("XOAUTH2", lambda challenge: b"" if challenge else both.encode())
        elif "AUTH=PLAIN" in offered:
            both = f"\0{server.user}\0{password}"
            client.authenticate("PLAIN", lambda _: both.encode())
        elif "LOGINDISABLED" in offered or not _plain_words(server.user, password):
            raise InboxError(
                "The mailbox takes no login that we can use: it does not offer AUTH=PLAIN.",
                where=where,
                todo="Check OUTREACH_IMAP_SECURITY and OUTREACH_IMAP_PORT with the provider's instructions.",
            )
        else:
            client.login(_quoted(server.user), password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        hide = [password, both, token.reveal() if token else ""]
        raise _refused(server, fit(_text(error), hide=hide), where) from None  # imaplib's error may quote the command


def _plain_words(*words: str) -> bool:
    return all(word.isascii() and word.isprintable() for word in words)


def _quoted(user: str) -> str:
    return '"' + user.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _refused(server: Server, text: str, where: str) -> InboxError:
    what = "TOKEN_COMMAND" if server.token_command else "PASSWORD"
    return InboxError(
        f'The mailbox refused the login: "{text}".',
        where=where,
        todo=f"Fix OUTREACH_IMAP_USER or OUTREACH_IMAP_{what} (where they are not set, those of OUTREACH_SMTP count).",
    )


def _no_token(what: str) -> InboxError:
    return InboxError(
        f"The command {what}.",
        where="OUTREACH_IMAP_TOKEN_COMMAND",
        todo="Run it by hand: it must print one access token and end with 0. "
        "Where it is not set, OUTREACH_SMTP_TOKEN_COMMAND counts.",
    )
