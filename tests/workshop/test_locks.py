"""The lock files hold what pyproject.toml asks for, for every Python and system, and nothing else."""

import re
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from support.repository import ROOT

LOCKS = {path.name: path.read_text("utf-8") for path in (ROOT / "requirements.lock", ROOT / "requirements-dev.lock")}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
GROUPS = PROJECT["dependency-groups"]
RUNTIME = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"], *GROUPS["build"]]
DEV = [
    *RUNTIME,
    *GROUPS["dev"],
    *(one for extra in PROJECT["project"]["optional-dependencies"].values() for one in extra),
]

#: Licences that a project under the MIT licence may ask its users to install; LGPL libraries come in through yagmail.
ALLOWED = re.compile(
    r"MIT(-0)?|MIT License|0BSD|(BSD|BSD[ -][23]-Clause)( License)?|ISC( License)?( \(ISCL\))?|Zlib|CC0-1\.0"
    r"|Apache-2\.0|Apache Software License|Unlicense|The Unlicense \(Unlicense\)|PSF-2\.0"
    r"|Python Software Foundation License|MPL-2\.0|Mozilla Public License 2\.0 \(MPL 2\.0\)|LGPL-3\.0-or-later"
)


def pins(lock: str) -> dict[str, list[Requirement]]:
    """Return the pinned versions of a lock by name; more than one where they differ by Python."""
    found: dict[str, list[Requirement]] = {}
    for line in LOCKS[lock].splitlines():
        if "==" in line and not line.startswith((" ", "#")):
            pin = Requirement(line.removesuffix("\\").strip())
            found.setdefault(canonicalize_name(pin.name), []).append(pin)
    return found


def _version(pin: Requirement) -> str:
    return next(iter(pin.specifier)).version


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [("requirements.lock", one) for one in RUNTIME] + [("requirements-dev.lock", one) for one in DEV],
    ids=lambda value: value.partition(".lock")[0].partition(">=")[0],
)
def test_a_lock_satisfies_pyproject(lock, wanted):
    """Each requirement is pinned, at versions that it allows."""
    requirement = Requirement(wanted)
    found = pins(lock).get(canonicalize_name(requirement.name), [])
    assert found, f"{wanted} is not in {lock}: run `make lock`"
    assert all(_version(pin) in requirement.specifier for pin in found), f"{wanted}: run `make lock`"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock):
    """Versions and hashes only: no index, no host, no file of one machine."""
    lines = [line for line in LOCKS[lock].splitlines() if not line.startswith("    --hash=sha256:")]
    assert not [
        line for line in lines if re.search(r"://|--(extra-)?index|--find-links|--trusted|\.(org|com|io)\b| @ ", line)
    ]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes(lock):
    """Nothing can be installed whose bytes were not seen when the lock was made."""
    parts = re.split(r"^(?=[a-z0-9])", LOCKS[lock], flags=re.MULTILINE | re.IGNORECASE)[1:]
    assert parts
    assert not [part.splitlines()[0] for part in parts if "--hash=sha256:" not in part]


def test_the_development_lock_holds_the_same_versions():
    """What is tested is what is installed."""
    development = pins("requirements-dev.lock")
    assert not {name: pin for name, pin in pins("requirements.lock").items() if development.get(name) != pin}


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, found in pins("requirements.lock").items()
        if any(not p.marker or p.marker.evaluate() for p in found)
    ],
)
def test_the_licence_of_a_dependency_is_known_and_allowed(name):
    """Each package that users install says a licence, and each licence it says is on the list."""
    about = metadata.metadata(name)
    expression = about.get("License-Expression")
    said = re.split(r" (?:AND|OR) ", expression) if expression else []
    if not said:
        named = [one.split(" :: ")[-1] for one in about.get_all("Classifier", []) if one.startswith("License ::")]
        said = [one for one in named if one != "OSI Approved"] or [about.get("License") or "nothing"]
    assert not [one for one in said if not ALLOWED.fullmatch(one)]
