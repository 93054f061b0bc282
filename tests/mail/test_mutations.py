"""Mails made worse: none crashes the reader, none takes more than its share."""

import resource
import subprocess
import sys
from pathlib import Path

COMMAND = [sys.executable, Path(__file__).with_name("mutations.py")]
MEMORY = 1_000_000_000  #: bytes of address space that the whole process may have


def test_mutations_of_our_own_mails_are_judged_within_bounds() -> None:
    """Three hundred here; `python tests/mail/mutations.py 20,000` for all, with each one's bounds the same."""
    done = subprocess.run(
        [*COMMAND, "300", "7"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("300 mutations, seed 7: 0 crashes")
