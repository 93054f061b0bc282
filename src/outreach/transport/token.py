"""An OAuth2 access token from the operator's own command."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from outreach.errors import Unavailable
from outreach.model.receipt import Phase
from outreach.model.server import Secret

LONGEST = 8_000  #: characters; RFC 4954 4.3.3 allows an AUTH line of 12,288 octets, and Base64 adds a third


def access_token(command: Sequence[str], *, seconds: float) -> Secret:
    """What the command prints, run without a shell. What it prints is never shown: stderr may hold the token too."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise _no_token(f"did not end within {seconds:g} s") from None  # the exception holds its output
    except (OSError, ValueError) as error:
        raise _no_token(f"could not be started ({getattr(error, 'strerror', None) or 'not a command'})") from None
    if done.returncode != 0:
        raise _no_token(f"ended with {done.returncode}")
    token = done.stdout.strip()
    if not token.isascii() or not token.decode("ascii").isprintable() or b" " in token or len(token) > LONGEST:
        raise _no_token("printed something that is no access token")
    if not token:
        raise _no_token("printed nothing")
    return Secret(token.decode("ascii"))


def _no_token(what: str) -> Unavailable:
    return Unavailable(
        f"The command {what}.",
        where="OUTREACH_SMTP_TOKEN_COMMAND",
        todo="Run it by hand: it must print one access token and end with 0.",
        phase=Phase.LOGIN,
    )
