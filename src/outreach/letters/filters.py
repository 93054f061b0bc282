"""What a letter may do to its values: each within bounds, none losing the name of a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context, Undefined

from outreach.letters.missing import Missing
from outreach.letters.values import INK, MAX_STEPS, Cell, Refused

BOUNDED = " bounded"  #: filters that the room puts in itself; no template can name them
JOINED = " joined"
_MAX_TEXT = 64 * 1024
_MAX_ITEMS = 1_000


def short(items: list[Any]) -> list[Any]:
    """The list, if it is not too long."""
    if len(items) > _MAX_ITEMS:
        raise Refused(f"A list in the letter has more than {_MAX_ITEMS} items.", todo="Shorten it.")
    return items


def bounded_range(*bounds: int) -> range:
    """`range` as Jinja has it, of at most 10,000 numbers."""
    numbers = range(*bounds)
    if len(numbers) > MAX_STEPS:
        raise Refused(f"A range in the letter has more than {MAX_STEPS} numbers.", todo="Shorten it.")
    return numbers


@pass_context
def bounded(context: Context, items: Any) -> Any:
    """What a loop goes through; its turns are counted before it starts."""
    if isinstance(items, Undefined) or not hasattr(items, "__len__"):
        iter(items)  # raises what Jinja would
        raise TypeError("a loop needs a list")
    context.parent[INK].spend(len(items))
    return items


def joined(parts: Iterable[Any], between: str = "") -> str:
    """Texts put together; with a named value among them the result has its name, and is empty if that is."""
    texts: list[str] = []
    cell: Cell | None = None
    for part in parts:
        if isinstance(part, Cell) and (cell is None or not part.strip()):
            cell = part
        texts.append(str(part))
    if sum(map(len, texts)) + len(between) * len(texts) > _MAX_TEXT:
        raise Refused("A text in the letter is too long.", todo="Look for a text that is put together again and again.")
    text = between.join(texts)
    if cell is None:
        return text
    return Cell.of(text if cell.strip() else "", cell.name)


def _on_text(change: Callable[[str], str]) -> Callable[[Any], Any]:
    def apply(value: Any) -> Any:
        changed = change(str(value))
        return Cell.of(changed, value.name) if type(value) is Cell else changed

    return apply


def _default(value: Any, instead: Any = "", _also_empty: bool = True) -> Any:
    """The value, or something else where it is missing or empty."""
    if isinstance(value, Undefined) or (isinstance(value, str) and not value.strip()):
        return instead
    return value


def _lines(value: Any) -> list[Any]:
    """The filled lines of a list, or of a cell with several lines."""
    if isinstance(value, str):
        name = value.name if isinstance(value, Cell) else None
        value = [line if name is None else Cell.of(line, name) for line in str(value).splitlines()]
    return [line for line in value if str(line).strip()]


def _replace(value: Any, old: str, new: str) -> Any:
    if not old or str(value).count(old) * len(new) > _MAX_TEXT:
        raise Refused("`replace` would make a text that is too long.", todo="Replace something longer than nothing.")
    return _on_text(lambda text: text.replace(old, new))(value)


def _first(value: Sequence[Any]) -> Any:
    return value[0] if len(value) else Missing.called("the first of an empty list")


def _last(value: Sequence[Any]) -> Any:
    return value[-1] if len(value) else Missing.called("the last of an empty list")


def _join(value: Iterable[Any], between: str = "") -> str:
    return joined(value, between)


FILTERS: dict[str, Callable[..., Any]] = {
    "capitalize": _on_text(str.capitalize),
    "count": len,
    "d": _default,
    "default": _default,
    "first": _first,
    "join": _join,
    "last": _last,
    "length": len,
    "lines": _lines,
    "lower": _on_text(str.lower),
    "replace": _replace,
    "title": _on_text(str.title),
    "trim": _on_text(str.strip),
    "upper": _on_text(str.upper),
}
