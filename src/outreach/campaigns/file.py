"""A campaign file in, a checked Campaign out, or every one of its faults at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from outreach.campaigns.placeholders import placeholder_keys
from outreach.campaigns.toml import TomlFile, read_toml
from outreach.campaigns.workspace import Workspace
from outreach.errors import CampaignError
from outreach.model.campaign import Campaign
from outreach.model.problem import Problem

if TYPE_CHECKING:
    from outreach.campaigns.tables import CampaignTable
    from outreach.campaigns.values import FindState


def load_campaign(root: Path, name: str, *, find_state: FindState) -> Campaign:
    """The campaign `name` of the workspace `root`: `moratorium`, `moratorium.toml` or `campaigns/moratorium.toml`.

    `find_state` gives a state's code for its code or name. Raises UsageError for a name that is not there,
    SettingsError for a folder that is no workspace, CampaignError with every fault of the file.
    """
    workspace = Workspace(root)
    file = workspace.campaign_file(name)
    toml = read_toml(file, f"campaigns/{file.name}")
    table, problems = _checked(toml, workspace.root, find_state)
    if table is None or problems:
        raise CampaignError(
            "The campaign file cannot be used.",
            where=toml.path,
            todo=f"{len(problems)} {'fault' if len(problems) == 1 else 'faults'} to correct.",
            problems=problems,
        )
    return _campaign(file.stem, table, toml)


def _checked(toml: TomlFile, root: Path, find_state: FindState) -> tuple[CampaignTable | None, list[Problem]]:
    from pydantic import ValidationError

    from outreach.campaigns.contradictions import contradictions
    from outreach.campaigns.faults import faults_of
    from outreach.campaigns.tables import CampaignTable
    from outreach.campaigns.values import Surroundings

    table, found = None, list(contradictions(toml.values, find_state))
    try:
        table = CampaignTable.model_validate(toml.values, context=Surroundings(root=root, find_state=find_state))
    except ValidationError as error:
        found += faults_of(error)
    problems = [toml.problem(one.key, code=one.code, found=one.found, todo=one.todo) for one in found]
    return table, sorted(problems, key=lambda one: one.place.row)


def _campaign(slug: str, table: CampaignTable, toml: TomlFile) -> Campaign:
    return Campaign(
        slug=slug,
        title=table.title,
        sender=table.sender.value(),
        contacts=tuple(table.contacts),
        demands=tuple(one.value() for one in table.demand),
        languages=table.languages.value(),
        pace=table.pace.value(),
        exclude=tuple(one.value() for one in table.exclude),
        chasers=table.chasers.value() if table.chasers else None,
        recess=tuple(one.value() for one in table.recess),
        columns=dict(table.columns),
        encoding=table.encoding,
        facts_as_of=table.facts_as_of,
        verified_within_months=table.verified_within_months,
        copies_folder=table.copies.folder if table.copies else "",
        html=table.html,
        supporters=table.supporters.value() if table.supporters else None,
        placeholders=tuple(toml.place(key) for key in placeholder_keys(toml.values)),
        path=toml.path,
    )
