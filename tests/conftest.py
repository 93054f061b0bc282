"""What holds for every test: no way beyond loopback, a clean environment, a home of its own."""

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

HERE = Path(__file__).parent
GUARD = HERE / "support" / "guard"
sys.path[:0] = [str(HERE), str(GUARD)]

import loopback_only  # noqa: E402

from support import servers  # noqa: E402

#: A busy machine is no fault; all else is as hypothesis has it here or in CI.
settings.register_profile("untimed", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

pytest_plugins = ["support.browser", "support.mailboxes"]


def pytest_configure(config):
    """Guard this process and, by PYTHONPATH, every Python that a test starts."""
    handle, log = tempfile.mkstemp(prefix="loopback-only-")
    os.close(handle)
    config.add_cleanup(lambda: Path(log).unlink(missing_ok=True))
    os.environ[loopback_only.LOG] = log
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(GUARD), os.environ.get("PYTHONPATH")]))
    loopback_only.install()


def _stays_here():
    """What was refused fails the test, even when the code under test swallowed the exception or a child met it."""
    try:
        result = yield
    except BaseException as error:
        if refused := loopback_only.forget():
            error.add_note("Refused on the way: " + "; ".join(refused))
        raise
    if refused := loopback_only.forget():
        pytest.fail("This test tried to leave the machine: " + "; ".join(refused), pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    """Hold the guard over the set-up."""
    return (yield from _stays_here())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Hold the guard over the test itself."""
    return (yield from _stays_here())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    """Hold the guard over the teardown."""
    return (yield from _stays_here())


def pytest_terminal_summary(terminalreporter):
    """Say loudly which servers were missing: a skipped test proves nothing."""
    reasons = (report.longrepr[2] for report in terminalreporter.stats.get("skipped", ()))
    missing = Counter(
        reason.partition(servers.MISSING)[2].partition(";")[0] for reason in reasons if servers.MISSING in reason
    )
    if missing:
        terminalreporter.section("missing servers and programs")
        for name, count in sorted(missing.items()):
            terminalreporter.line(f"{name}: {count} test{'s' * (count > 1)} did not run")


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """An empty home, so that no test reads or writes the one of the person who runs it."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def clean_environ(home):
    """No setting of the person at the machine reaches a test, and none that a test made outlives it."""
    umask = os.umask(0o022)
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("OUTREACH_", "XDG_")) or name in {"COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR"}:
                patch.delenv(name)
        patch.setenv("HOME", str(home))
        yield
        left = [name for name in os.environ if name.startswith("OUTREACH_")]
        for name in left:
            del os.environ[name]
    os.umask(umask)
    assert not left, f"left in the environment: {left}; set it with monkeypatch.setenv"


@pytest.fixture
def needs_server():
    """The function of that name in tests/support/servers.py."""
    return servers.needs_server
