"""Values that are not there: they remember how the template called them."""

from __future__ import annotations

from jinja2 import StrictUndefined, UndefinedError


class MissingValue(UndefinedError):
    """A value that is not there was used; `name` is how the template calls it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Missing(StrictUndefined):
    """A value that is not there: remembers how the template called it."""

    __slots__ = ()

    @classmethod
    def called(cls, name: str) -> Missing:
        """What `name` stands for."""
        return cls(hint=name, name=name, exc=MissingValue)

    @property
    def said(self) -> str:
        """How the template called it."""
        return str(self._undefined_hint or self._undefined_name)
