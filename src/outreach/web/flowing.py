"""A letter's lines for a screen of any width: what a mail wraps after 72 characters, a page wraps by itself."""

from __future__ import annotations

WIDTH = 72  #: characters of a line of our letters (letters.skeleton)


def flowing(text: str) -> str:
    """The text with lines joined that were parted only because the next word did not fit."""
    lines: list[str] = []
    room: int | None = None  # left on the line before, as the mail has it; None = the next line stands by itself
    for line in text.strip().split("\n"):
        bare = line.strip()
        word = bare.split(" ")[0]
        if word and room is not None and len(word) + 1 > room:
            lines[-1] += f" {bare}"
        else:
            lines.append(line)
        room = WIDTH - len(line) if bare else None
    return "\n".join(lines)
