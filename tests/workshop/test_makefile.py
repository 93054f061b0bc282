"""make sets up what is missing, once, and anew when it has to; a stand-in for Python writes down what it is asked."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from support.repository import ROOT
from support.servers import needs_server

STAND_IN = """\
#!/bin/sh
case "$*" in
"-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && cp "$0" "$3/bin/outreach" && echo made >>"{log}" ;;
*" install "*" -e "*) echo outreach >>"{log}" ;;
*" install "*) for last; do :; done; echo "$last" >>"{log}"; [ ! -e "{log}.offline" ] ;;
*sys.executable*) echo "$0" ;;
demo) echo demo >>"{log}" ;;
"-m pytest"*) echo tests >>"{log}" ;;
esac
"""


class Workshop:
    """The Makefile of this repository, with a Python and a .venv that only pretend."""

    def __init__(self, folder: Path) -> None:
        self.venv = folder / "venv"
        self.log = folder / "log"
        self.python = folder / "python"
        self.python.write_text(STAND_IN.format(log=self.log))
        self.python.chmod(0o755)

    def make(self, *words: str) -> list[str]:
        """Run make; return what Python was asked to do."""
        self.log.write_text("")
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        self.run = subprocess.run(
            ["make", f"VENV={self.venv}", f"PYTHON={self.python}", *words],
            cwd=ROOT, env=environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return self.log.read_text().split()


@pytest.fixture
def workshop(tmp_path):
    """A workshop on a machine where nothing is set up."""
    needs_server("make", shutil.which("make"))
    return Workshop(tmp_path)


def test_the_first_demo_sets_up_and_the_second_does_not(workshop):
    """make demo makes the venv, installs from the lock and runs; from then on it only runs."""
    assert workshop.make("demo") == ["made", "requirements.lock", "outreach", "demo"]
    assert workshop.make("demo") == ["demo"]


def test_the_tests_extend_the_same_venv(workshop):
    """make test after make demo adds the development lock; make demo after make test adds nothing."""
    workshop.make("demo")
    assert workshop.make("test") == ["requirements-dev.lock", "outreach", "tests"]
    assert workshop.make("test") == ["tests"]
    assert workshop.make("demo") == ["demo"]


def test_tests_first_need_one_set_up(workshop):
    """make test from nothing installs the development lock alone: it holds the other."""
    assert workshop.make("test") == ["made", "requirements-dev.lock", "outreach", "tests"]
    assert workshop.make("demo") == ["demo"]


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml"])
def test_a_changed_lock_is_installed(workshop, changed):
    """What a pull brings is installed by the next make, into the same venv."""
    workshop.make("demo")
    assert workshop.make("-W", changed, "demo") == ["requirements.lock", "outreach", "demo"]


def test_a_moved_folder_gets_a_new_venv(workshop):
    """The scripts of a venv hold its path: in another folder it is made anew."""
    workshop.make("demo")
    (workshop.venv / "made-in").write_text("/elsewhere\n")
    assert workshop.make("demo") == ["made", "requirements.lock", "outreach", "demo"]


def test_a_venv_whose_python_is_gone_is_made_anew(workshop):
    """An upgrade of Python takes the interpreter away under the venv; make does not need to be told."""
    workshop.make("demo")
    (workshop.venv / "bin" / "python").unlink()
    (workshop.venv / "bin" / "python").symlink_to("/gone/python3")
    assert workshop.make("demo") == ["made", "requirements.lock", "outreach", "demo"]


def test_a_set_up_that_was_cut_off_is_taken_up_again(workshop):
    """Without a line the set-up says so and stops; the next make goes on where it was."""
    offline = Path(f"{workshop.log}.offline")
    offline.touch()
    assert workshop.make("demo") == ["made", "requirements.lock"]
    assert workshop.run.returncode
    assert "needs the network once" in workshop.run.stderr
    offline.unlink()
    assert workshop.make("demo") == ["requirements.lock", "outreach", "demo"]


def test_make_alone_lists_what_there_is(workshop):
    """Every target a person types is in the list, and the list sets nothing up."""
    assert workshop.make() == []
    for target in ("demo", "test", "torture", "season", "check", "docs", "bench", "lock", "hooks", "clean"):
        assert f"make {target} " in workshop.run.stdout
