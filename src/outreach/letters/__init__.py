"""Templates and a planned dispatch in, finished bytes out. The date is an argument.

The room reads templates/letters and nothing else; it writes nothing. jinja2 and the Markdown and HTML libraries load
with the rooms' classes, not with the package, so that commands without letters do not pay for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from outreach.letters.room import LetterRoom
    from outreach.letters.supporters import SupporterLetterRoom

__all__ = ["LetterRoom", "SupporterLetterRoom"]


def __getattr__(name: str) -> Any:
    if name == "LetterRoom":
        from outreach.letters.room import LetterRoom

        return LetterRoom
    if name == "SupporterLetterRoom":
        from outreach.letters.supporters import SupporterLetterRoom

        return SupporterLetterRoom
    raise AttributeError(name)
