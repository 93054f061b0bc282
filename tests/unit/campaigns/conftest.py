from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from outreach.campaigns.file import load_campaign
from outreach.errors import CampaignError
from outreach.model.campaign import Campaign
from outreach.model.problem import Problem

#: Every table and every key that a campaign file can have, each used rightly.
CLEAN = '''\
# A campaign of invented states.
title = "A test of everything"
facts_as_of = 2026-11-23
contacts = [
    "contacts/first.csv",  # a remark
    "contacts/second.xlsx",
]
verified_within_months = 6
html = false
encoding = "windows-1251"

[sender]
name = "Ada Example"
organisation = "Example Network"
email = "office@bücher.example"
postal_address = """
1 Example Street
Exampletown
"""
reply_to = "letters+{token}@ngo.example"
bounce_to = "bounces+{token}@ngo.example"
phone = "+00 000 000000"
website = "https://ngo.example/campaign"

[[demand]]
slug = "moratorium"
title = "Stop"
roles = ["mfa", "trade_ministry"]

[[demand]]
slug = "licence-review"
title = "Look"
states = ["Examplia", "QN"]
tags = ["at-risk"]
exclude = [
    { state = "QO", reason = "Has none." },
    { institution = "qn-mfa-1", reason = "Answered." },
]

[languages]
fallback = ["en", "FR"]
co_official = "all"
by_state = { Specimenia = ["pt-br"], "QO" = ["sr-latn"] }

[pace]
per_minute = 4
per_hour = 60
per_day = 200
per_domain_per_minute = 2
per_domain_per_hour = 30
per_domain_per_day = 100
per_institution_per_day = 1
office_hours = "09:00-17:30"
working_days = true
jitter = 0.3
connections = 2

[chasers]
after = [15, 10, 10]
very_overdue_after = 30
extend_on_acknowledgement = 5
second_contact = false

[copies]
folder = "Gesendet/Briefe"

[columns]
email = "Correo electrónico"
state = "País"

[[exclude]]
state = "Placeholdia"
reason = "Others write."

[[recess]]
state = "Fictivia"
from = 2026-07-20
to = 2026-08-31
reason = "Parliament and ministries rest."

[[recess]]
from = 2026-12-24
to = 2027-01-02
reason = "Between the years."

[supporters]
site = "https://act.ngo.example/write/"
contact = "data@ngo.example"
exposure = "names"
at_risk_tags = ["at-risk", "repressive"]
delivery = "drip"
per_day = 8
longest_queue = 20
reply_to = "supporter"
most_targets = 3
forms_per_hour = 2000
embed = ["https://partner.example"]
keep_days = 40
own_mail_days = 10
blocked_words = ["scoundrel"]
proxies = ["10.0.0.0/8"]

[supporters.text.en]
title = "Write to your ministry"
why = "Because it is asked.\\n\\nBecause it answers."
suggestion = "I ask you for your position."
hints = ["Say why it matters to you."]

[supporters.text.ar]
title = "اكتبوا"
why = "لأن السؤال مطروح."
suggestion = "أسألكم عن موقفكم."

[[supporters.target]]
states = ["Fictivia"]
roles = ["mfa"]
tags = ["exporter"]
institutions = ["qo-mfa-1"]
exposure = "counts"
delivery = "digest"
per_day = 1
suppressed = "Asked us to stop in May."
'''

STATES = {"examplia": "QM", "specimenia": "QN", "fictivia": "QO", "placeholdia": "QP"}


def find_state(text: str) -> str | None:
    """Four invented states, by name or code."""
    return STATES.get(text.casefold()) or (text if text in STATES.values() else None)


@pytest.fixture
def clean() -> str:
    return CLEAN


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for folder in ("campaigns", "contacts"):
        (tmp_path / folder).mkdir()
    for sheet in ("first.csv", "second.xlsx"):
        (tmp_path / "contacts" / sheet).write_text("state,email\n")
    return tmp_path


@pytest.fixture
def load(workspace: Path) -> Callable[..., Campaign]:
    """Write a campaign file into the workspace and load it."""

    def loaded(data: str | bytes, name: str = "trial") -> Campaign:
        file = workspace / "campaigns" / f"{name}.toml"
        file.write_bytes(data if isinstance(data, bytes) else data.encode())
        return load_campaign(workspace, name, find_state=find_state)

    return loaded


@pytest.fixture
def faults(load: Callable[..., Campaign]) -> Callable[[str | bytes], tuple[Problem, ...]]:
    """The faults of a campaign file; none for a clean one."""

    def found(data: str | bytes) -> tuple[Problem, ...]:
        try:
            load(data)
        except CampaignError as error:
            return error.problems
        return ()

    return found
