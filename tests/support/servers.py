"""Servers and programs that a test needs and a machine may lack."""

import os
from typing import TypeVar

import pytest

MISSING = "Not on this machine: "

Found = TypeVar("Found")


def needs_server(name: str, found: Found | None) -> Found:
    """Return what was found; else skip with a clear sentence, or fail where CI=true: there nothing may be missing."""
    if found:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(
            f"{MISSING}{name}. In CI every server has to be there: add its package to .ci/packages.", pytrace=False
        )
    pytest.skip(f"{MISSING}{name}; this test did not run")
