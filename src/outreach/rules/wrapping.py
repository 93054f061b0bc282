"""Plain text in lines as wide as a mail's, and back to paragraphs for a page or a mail that wraps by itself."""

from __future__ import annotations

WIDTH = 72  #: characters of a line of plain text


def wrap(text: str, first: str, rest: str, *, width: int = WIDTH) -> str:
    """Lines of at most `width` characters where words allow it; the text's own line ends stay."""
    out: list[str] = []
    mark = first
    for line in text.split("\n"):
        room = width - len(rest)
        start = 0
        while len(line) - start > room:
            cut = line.rfind(" ", start, start + room + 1)
            if cut <= start:
                cut = line.find(" ", start + room)
                if cut < 0:
                    break
            out.append(mark + line[start:cut])
            mark = rest
            start = cut + 1
        out.append(mark + line[start:])
        mark = rest
    return "\r\n".join(out)


def unwrapped(text: str) -> str:
    """The text before `wrap`: a line is joined to the next where that one's first word had no room left on it."""
    lines: list[str] = []
    last = ""
    for line in text.split("\n"):
        first, _, _ = line.strip().partition(" ")
        if last and first and len(last) + 1 + len(first) > WIDTH:
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line)
        last = line if line.strip() else ""
    return "\n".join(lines)
