"""The generated data file and its sources agree."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files

import babel

from outreach.states import find_state
from outreach.states.build import build
from outreach.states.data import data


def test_names_json_is_what_the_build_makes() -> None:
    """Byte for byte with the babel it was made with; with another babel, all but a few names in a thousand."""
    stored = files("outreach.states").joinpath("names.json").read_text(encoding="utf-8")
    fresh = build()
    if data().babel == babel.__version__:
        assert fresh == stored, "run `python -m outreach.states.build`"
        return
    names = {name for line in json.loads(fresh)["names"].values() for name in line.split("|")}
    assert len(names & data().index.keys()) > 0.97 * len(data().index)


def test_no_name_stands_with_two_states() -> None:
    """The index was made from lists without a common name."""
    raw = json.loads(files("outreach.states").joinpath("names.json").read_text(encoding="utf-8"))
    names = [name for line in raw["names"].values() for name in line.split("|")]
    assert len(names) == len(set(names)) == len(data().index)
    assert {find_state(name) for name in ("congo", "korea")} == {None}


def test_the_room_opens_without_the_heavy_libraries() -> None:
    """Looking up a state imports neither babel nor holidays."""
    code = (
        "import sys; from outreach.states import find_state, official_languages, state_name\n"
        "assert find_state('Turkey') == 'TR' and state_name('TR') and official_languages('TR')\n"
        "sys.exit(len({'babel', 'holidays', 'pandas'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
