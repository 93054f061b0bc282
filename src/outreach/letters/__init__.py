"""Templates and a planned dispatch in, finished bytes out. The date is an argument.

The room reads templates/letters and nothing else; it writes nothing. jinja2 and the Markdown and HTML libraries load
with `LetterRoom`, not with the package, so that commands without letters do not pay for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from outreach.letters.room import LetterRoom

__all__ = ["LetterRoom"]


def __getattr__(name: str) -> Any:
    if name == "LetterRoom":
        from outreach.letters.room import LetterRoom

        return LetterRoom
    raise AttributeError(name)
