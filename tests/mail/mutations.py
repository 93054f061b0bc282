"""The project's own mails made worse, and judged: nothing may crash, and each in bounded time and memory.

    python tests/mail/mutations.py [HOW MANY, 20,000] [SEED]

It prints how many there were, how many went into quarantine, and the slowest and the hungriest. A crash ends it with
the number of the mutation; the same seed makes the same mail again.
"""

import random
import resource
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from outreach.errors import QuarantinedMail
from outreach.runner.triage import triage_bytes

HERE = Path(__file__).parent
SECONDS, MEGABYTES = 20, 200  #: no mail may take more, of processor time and of memory
PIECES = (
    b"",
    b"\r\n",
    b"\n\n",
    b"--",
    b'"',
    b"=?utf-8?b?",
    b"=?",
    b";",
    b"(((((",
    b"<>",
    b"\x00",
    b"\xff\xfe",
    b"charset=rot13",
)
LINES = (
    b"Content-Type: multipart/mixed; boundary=B\r\n",
    b"Content-Type: multipart/report; report-type=delivery-status\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
    b"Content-Type: text/html\r\n",
    b"Auto-Submitted: auto-replied\r\n",
    b"Return-Path: <>\r\n",
    b"From: MAILER-DAEMON\r\n",
)


def mutations(seed: int) -> Iterator[bytes]:
    """Endless: bytes flipped, cut out, repeated and moved, header lines added, two mails spliced."""
    dice = random.Random(seed)
    mails = [file.read_bytes() for file in sorted(HERE.rglob("*.eml"))]
    while True:
        raw = bytearray(dice.choice(mails))
        for _ in range(dice.randint(1, 8)):
            at, to = sorted(dice.randrange(len(raw) + 1) for _ in range(2))
            match dice.randrange(6):
                case 0:
                    raw[at : at + 1] = bytes([dice.randrange(256)])
                case 1:
                    raw[at:to] = dice.choice(PIECES)
                case 2:
                    raw[at:to] = raw[at:to] * dice.choice((2, 2, 3, 50))
                case 3:
                    raw[:0] = dice.choice(LINES) * dice.choice((1, 1, 2, 400))
                case 4:
                    raw[at:] = dice.choice(mails)[at:]
                case _:
                    raw[at:at] = dice.choice(PIECES) * dice.choice((1, 10, 3_000))
            del raw[2_000_000:]
        yield bytes(raw)


def main(count: int, seed: int) -> int:
    triage_bytes(b"\n")  # the phrases are compiled once
    tracemalloc.start()
    worst_time = worst_memory = 0.0
    quarantined = 0
    for number, raw in zip(range(count), mutations(seed), strict=False):
        tracemalloc.reset_peak()
        before, begun = tracemalloc.get_traced_memory()[0], time.process_time()
        try:
            triage_bytes(raw)
        except QuarantinedMail:
            quarantined += 1
        except Exception as error:
            print(f"mutation {number:,} of seed {seed}: {type(error).__name__}: {error}")
            raise
        took, used = time.process_time() - begun, (tracemalloc.get_traced_memory()[1] - before) / 1e6
        worst_time, worst_memory = max(worst_time, took), max(worst_memory, used)
        if took > SECONDS or used > MEGABYTES:
            print(f"mutation {number:,} of seed {seed}: {took:.1f} s, {used:.0f} MB, {len(raw):,} bytes")
            return 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{count:,} mutations, seed {seed}: 0 crashes, {quarantined:,} quarantined; the slowest {worst_time:.2f} s of"
        f" processor time (while every allocation is traced), the hungriest {worst_memory:.0f} MB, all {peak:.0f} MB"
    )
    return 0


if __name__ == "__main__":
    numbers = [int(one.replace(",", "")) for one in sys.argv[1:]]
    sys.exit(main(numbers[0] if numbers else 20_000, numbers[1] if len(numbers) > 1 else 1))
