"""A runner's life: the real ledger, the real channel and the real `send`. As a program it is one process:

`python -m torture.life '{"url": …, "port": …}'` prints what `send` returned or raised, as JSON.
"""

import json
import os
import sys
import threading
from dataclasses import asdict
from typing import Any

from outreach.errors import OutreachError
from outreach.model.campaign import Pace, Window
from outreach.model.server import Security, Server
from outreach.runner.send import Sent, send
from outreach.transport.channel import SmtpChannel
from torture import troubles
from torture.campaigns import CAMPAIGN, desk, opened
from torture.mailbox import HOST

BATCHES = Pace()
#: No limit that is ever met, but one: letters are claimed one by one.
SINGLY = Pace(institution=(Window(count=1_000_000, seconds=1),))


def live(
    url: str,
    port: int,
    *,
    campaign: str = CAMPAIGN,
    runner: str = "here",
    lease: float = 900.0,
    busy_timeout: float = 30.0,
    singly: bool = False,
    connections: int = 1,
    limit: int | None = None,
) -> Sent:
    """Send what there is to send, then end."""
    with opened(url, lease=lease, busy_timeout=busy_timeout) as ledger:
        server = Server(host=HOST, port=port, security=Security.PLAIN)
        return send(
            desk(ledger, campaign),
            SmtpChannel(server),
            more=[SmtpChannel(server) for _ in range(connections - 1)],
            runner=f"{runner}:{os.getpid()}",
            pace=SINGLY if singly else BATCHES,
            stop=threading.Event(),
            limit=limit,
        )


def main(orders: dict[str, Any]) -> int:
    """One life with the troubles that were ordered; 1 when it ended in an error that a person would be shown."""
    for name, given in orders.pop("troubles", {}).items():
        getattr(troubles, name)(**given)
    try:
        sent = asdict(live(**orders))
    except OutreachError as error:
        print(json.dumps({"error": type(error).__name__, "says": str(error), "todo": error.todo}))
        return 1
    print(json.dumps({"accepted": sent["accepted"], "in_doubt": sent["in_doubt"], "reason": sent["reason"]}))
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
