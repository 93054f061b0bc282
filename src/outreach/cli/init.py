"""outreach init: a working campaign in a new folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from outreach.cli.app import app
from outreach.cli.show import plural, typed


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to make it; made when it is not there.")],
) -> None:
    """Make a folder with a working campaign.

    Nothing that is there is overwritten.
    """
    import secrets
    import shlex

    from outreach.campaigns.starter import create_workspace

    created = create_workspace(folder, random_hex=secrets.token_hex)
    for path in created.kept:
        print(f"kept     {path}")
    for path in created.written:
        print(f"written  {path}")
    for line in created.advice:
        print(f"mind     {line}")
    print(f"\n{plural(len(created.written), 'file')} written, {len(created.kept)} kept. Next:\n")
    if created.target != Path.cwd():
        print(f"  cd {shlex.quote(str(folder))}")
    command = typed(absolute=True)
    print(f"  {command} demo              the whole way, as a rehearsal")
    print(f"  {command} check moratorium  every fault, at its row")
