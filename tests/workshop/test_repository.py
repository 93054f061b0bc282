"""The repository itself: addresses, machine paths, and what the workshop's own scripts say."""

import os
import pwd
import re
import runpy
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from support import servers
from support.repository import ROOT, files, texts

addresses = runpy.run_path(str(ROOT / ".ci" / "check_wheel.py"))["addresses"]
#: Only the sheets of authorities name real mailboxes.
WITHOUT_ADDRESSES = ("src/", "templates/", "campaigns/", "docs/", "bench/", "README", "CHANGELOG", "CONTRIBUTING")


def test_no_real_address_stands_outside_the_sheets():
    """Examples use names that RFC 2606 keeps free; real mailboxes are in contacts/ alone."""
    found = {name: addresses(text) for name, text in texts(files()).items() if name.startswith(WITHOUT_ADDRESSES)}
    assert not {name: wrong for name, wrong in found.items() if wrong}


def test_nothing_names_one_machine_or_a_package_index():
    """No file of the repository names a folder of somebody's machine or a registry's host."""
    machine = r"/work/|/root/\.|/home/(?!user|you)\w+/|/Users/(?!you)\w+/"
    index = r"pypi\.(org|python)|pythonhosted\.|registry\.npm"
    found = {
        name: match[0]
        for name, text in texts([path for path in files() if path != Path(__file__)]).items()
        if (match := re.search(f"{machine}|{index}", text))
    }
    assert not found


def test_a_wheel_with_a_real_address_is_refused(tmp_path):
    """The wheel check names what is missing, what is too much, and the address that could be somebody's."""
    wheel = tmp_path / "outreach-0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("outreach/__main__.py", "# ask a@ministry.example, not minister@" + "ministry.test.gov.zz")
        archive.writestr("tests/test_x.py", "")
    run = subprocess.run(
        [sys.executable, str(ROOT / ".ci" / "check_wheel.py"), str(wheel)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "somebody's address? minister@" in run.stdout
    assert "a@ministry.example" not in run.stdout
    assert "does not belong in a wheel: tests/test_x.py" in run.stdout
    assert r"missing: outreach/ledger/migrations" in run.stdout


@pytest.fixture
def find_python(tmp_path):
    """Run .ci/python where there are just these Pythons: name -> (version, with ensurepip), or None if it fails."""

    def find(**pythons):
        for name, python in pythons.items():
            file = tmp_path / name.replace("_", ".")
            version, whole = python or ("", False)
            file.write_text(
                f'#!/bin/sh\nversion={version}\n[ "$version" ] || exit 127\ncase "$2" in\n'
                f'*ensurepip*) exit {int(not whole)};;\n*"version_info <"*) [ "${{version#3.}}" -ge 11 ];;\n'
                f"*executable*) echo {name.replace('_', '.')};;\n*) echo {version};;\nesac\n"
            )
            file.chmod(file.stat().st_mode | stat.S_IXUSR)
        environ = {"PATH": str(tmp_path)}
        return subprocess.run(
            ["/bin/sh", str(ROOT / ".ci" / "python")], env=environ, capture_output=True, text=True, check=False
        )

    return find


def test_a_python_that_runs_is_found(find_python):
    """The newest tested one wins; a shim that cannot run and one without venv are passed over."""
    found = find_python(python3_13=None, python3_12=("3.12", False), python3_11=("3.11", True), python3=("3.9", True))
    assert (found.returncode, found.stdout.strip()) == (0, "python3.11")


def test_a_later_python_is_taken_when_no_tested_one_is_there(find_python):
    """A machine with nothing but a newer python3 is not sent away."""
    assert find_python(python3=("3.15", True)).stdout.strip() == "python3"


@pytest.mark.parametrize(
    ("pythons", "said"),
    [
        ({}, "none was found here"),
        ({"python3": ("3.9", True)}, "python3 is Python 3.9 here"),
        ({"python3": ("3.12", False)}, "sudo apt install python3.12-venv"),
    ],
    ids=["none", "too-old", "without-ensurepip"],
)
def test_what_is_missing_is_named_with_its_package(find_python, pythons, said):
    """Without a usable Python the set-up says what is missing and how to install it, on standard error."""
    found = find_python(**pythons)
    assert (found.returncode, found.stdout) == (1, "")
    assert said in found.stderr
    assert "sudo apt install" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_missing_server_skips_loudly_for_a_person_and_fails_in_ci(monkeypatch):
    """needs_server returns what was found; without it a person's run skips and CI fails."""
    assert servers.needs_server("here", "/bin/here") == "/bin/here"
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="Not on this machine: gone"):
        servers.needs_server("gone", None)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="Not on this machine: gone"):
        servers.needs_server("gone", None)


def test_a_test_has_a_clean_environment(home):
    """Nothing of the person at the machine is visible: no settings, a home of its own, a usual umask.

    The programs that tests start (SpamAssassin, Chromium) may write to that home.
    """
    assert not [name for name in os.environ if name.startswith("OUTREACH_")]
    assert Path.home() == home
    assert home != Path(pwd.getpwuid(os.getuid()).pw_dir)
    umask = os.umask(0o022)
    assert umask == 0o022
