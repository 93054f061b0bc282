"""What a template provoked while it was written: in words, and at its line."""

from __future__ import annotations

from types import TracebackType

from jinja2 import UndefinedError

from outreach.letters.sandbox import Compiled
from outreach.letters.values import Refused


def complaint(error: Exception) -> tuple[str, str, str]:
    """Code, what was found and what to do of something that a template provoked."""
    if isinstance(error, Refused):
        return "template-refused", error.found, error.todo
    if isinstance(error, UndefinedError):
        return "undefined", f"{error.message}.", "See docs/letters.md for what a letter knows."
    found = f"The template cannot be rendered ({type(error).__name__}: {str(error)[:200]})."
    return "template-error", found, "See docs/letters.md for what a letter may use."


def line_in(trace: TracebackType | None, template: Compiled) -> int:
    """The template's line that was being written; 0 when none was."""
    line = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == template.name:
            line = template.line(trace.tb_lineno)
        trace = trace.tb_next
    return line
