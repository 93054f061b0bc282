"""The letter of the benchmark: our templates for it, and from the letter they make, the other tools' templates."""

from __future__ import annotations

from pathlib import Path

import sheet

DEMAND = """+++
subject = "Surveillance exports: three questions — and a file of ours"
title = "An independent review of licences"
reviewed_by = "Bench"
sources = ["invented for the benchmark"]
facts_as_of = 2026-01-01
+++

We write about {{ row.product }}, a system for the surveillance of telephones that {{ row.vendor }} has sold to
authorities in {{ state.name }} since {{ row.since }}. Our file {{ row.reference }} holds {{ row.cases }} cases in which
it was used against reporters, lawyers and the families of missing persons. None of them has been heard.

What we found in {{ row.city }} and elsewhere:

- {{ row.finding_a }}.
- {{ row.finding_b }}.
- {{ row.finding_c }}.

We therefore ask {{ institution.name }}

1. to have every licence for {{ row.product }} reviewed by a body that neither granted nor asked for it;
2. to suspend deliveries by {{ row.vendor }} until that review has been published;
3. to tell each of the {{ row.cases }} people concerned what was collected about them, and where it is kept.

A rule that nobody outside can see being kept protects nobody, neither the people of {{ row.city }} nor the officials
who must answer for it. Others have answered us by sending their report — a few pages were enough.

May we hear from you by the end of next month? We publish every answer as it was given.
"""

FRAME = """+++
subject = "Surveillance exports"
neutral_salutation = "Dear Sir or Madam"
salutation_mark = ","
reviewed_by = "Bench"
+++

{{ institution.name }}\\
{{ row.city }}\\
{{ state.name }}

{{ date }}

For the attention of {{ row.reader }}

{{ salutation }}

{% for demand in demands %}
{{ demand.body }}

{% endfor %}

Yours faithfully,

{{ sender.name }}\\
{{ sender.organisation }}

---

{{ sender.organisation }}, 1 Example Street, 12345 Exampletown. You may answer this letter at any time.
"""

#: The sender is in .internal, which is reserved and resolves nowhere: a live approval refuses example.org.
CAMPAIGN = """title = "Benchmark"
facts_as_of = 2026-01-01
contacts = ["contacts/bench.csv"]

[sender]
name = "Ada Bench, campaign coordinator"
organisation = "Bench Organisation"
email = "letters@bench.internal"
postal_address = "1 Example Street\\n12345 Exampletown"

[[demand]]
slug = "bench"
title = "A review"

# As fast as the server takes them: an empty table has no limit.
[pace]
"""

#: What stands in the one row from whose letter the other tools' templates are made.
MARKED = "BG"
BOUNDARY = "=====bench-5c1e="


def write_ours(workspace: Path, *, connections: int = 1) -> None:
    """The campaign and its templates, in a workspace."""
    for name, text in {
        "campaigns/bench.toml": f"{CAMPAIGN}connections = {connections}\n",
        "templates/letters/bench/en.md": DEMAND,
        "templates/letters/frame/en.md": FRAME,
    }.items():
        path = workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def marked_row() -> dict[str, str]:
    """A row of the sheet in which each value names its column."""
    row = {name: f"Mark{name.replace('_', '').title()}Here" for name in sheet.HEADERS}
    return {
        **row,
        "id": "marked",
        "state": MARKED,
        "state_name": sheet.STATES[MARKED],
        "role": "mfa",
        "email": "marked@example.org",
    }


def write_theirs(folder: Path, *, subject: str, text: str, html: str) -> None:
    """The templates of mailmerge and of the yagmail loop, from our letter to the marked row: one letter for all."""
    row = marked_row()

    def as_template(said: str) -> str:
        assert "{{" not in said, "the letter itself may not look like a template"
        for name in ("institution", *sheet.PERSONAL, "state_name"):
            said = said.replace(row[name], f"{{{{{name}}}}}")
        assert "Mark" not in said, "a value of the row was not found again"
        return said.replace("\r\n", "\n").strip() + "\n"

    subject, text, html = (as_template(one) for one in (subject, text, html))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "subject.txt").write_text(subject.strip(), encoding="utf-8")
    (folder / "letter.txt").write_text(text, encoding="utf-8")
    (folder / "letter.html").write_text(html, encoding="utf-8")
    (folder / "mailmerge.txt").write_text(
        "TO: {{email}}\n"
        f"SUBJECT: {subject.strip()}\n"
        "FROM: Ada Bench <letters@bench.internal>\n"
        "MIME-Version: 1.0\n"
        f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"\n\n'
        f"--{BOUNDARY}\nContent-Type: text/plain\n\n{text}\n"
        f"--{BOUNDARY}\nContent-Type: text/html\n\n{html}\n"
        f"--{BOUNDARY}--\n",
        encoding="utf-8",
    )
