"""The door plate: `outreach` and `python -m outreach`."""

from __future__ import annotations


def main() -> None:
    """Run the command line and exit."""
    from outreach.cli.app import run

    run()


if __name__ == "__main__":
    main()
