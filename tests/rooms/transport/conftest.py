"""Letters, channels with short deadlines, and an authority for certificates."""

from contextlib import ExitStack
from dataclasses import replace

import pytest

from outreach.model.receipt import Claim
from outreach.transport.channel import SmtpChannel
from outreach.transport.timing import Retry, Timeouts

QUICK = Timeouts(connect=3.0, token=5.0, mail=3.0, rcpt=3.0, data=3.0, body=3.0, dot=3.0, quit=0.5)
ONCE = Retry(attempts=1)
TEXT = b"Date: Mon, 02 Mar 2026 09:00:00 +0000\r\nSubject: A moratorium\r\n\r\nYour Excellency,\r\n.\r\n..and so on\r\n"


@pytest.fixture
def claim():
    """A claim on a letter, with anything in it changed."""
    plain = Claim(
        dispatch="k5rv2mzt3yqhd7",
        institution="xa-mfa-1",
        state="XA",
        fence=1,
        attempt=1,
        tries=0,
        recipient="minister@mfa.example",
        envelope_from="campaign@ngo.example",
        message_id="<o.abcd.k5rv2mzt3yqhd7@ngo.example>",
        raw=b"",
    )
    return lambda **changes: replace(plain, **changes)


@pytest.fixture
def channel():
    """Make a channel that is closed when the test ends; without retries, and quick to give up."""
    with ExitStack() as stack:

        def make(server, **settings):
            made = SmtpChannel(server, **{"timeouts": QUICK, "retry": ONCE} | settings)
            stack.callback(made.close)
            return made

        yield make


@pytest.fixture
def quick():
    """Deadlines that a slow server is made to miss."""
    return lambda **changes: replace(QUICK, **changes)


@pytest.fixture
def text():
    """A letter's bytes as they leave, with lines that begin with dots."""
    return TEXT
