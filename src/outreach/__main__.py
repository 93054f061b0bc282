"""The door plate: `outreach` and `python -m outreach`."""

from __future__ import annotations

import gc
import os


def main() -> None:
    """Run the command line and exit."""
    # A command makes many values and few cycles: collecting as often as by default costs a tenth of a plan's time.
    gc.set_threshold(50_000, 20, 100)
    # pydantic looks for plugins among all that is installed before its first model: there are none of ours.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from outreach.cli.app import run

    run()


if __name__ == "__main__":
    main()
