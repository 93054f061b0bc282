"""Asking a person before something that cannot be taken back."""

from __future__ import annotations

import typer


def agreed(question: str) -> bool:
    """Whether somebody answered yes; where nobody can answer, it is said how a script does."""
    try:
        return typer.confirm(question)
    except typer.Abort:
        print("\nNobody answered. Answer y, or say --yes --by NAME in a script.")
        return False
