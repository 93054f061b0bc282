"""The small part of Jinja that a letter may use, in a sandbox whose loops and texts are bounded."""

from __future__ import annotations

import inspect
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, cast

from jinja2 import Template, TemplateRuntimeError, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from outreach.letters.filters import BOUNDED, FILTERS, JOINED, bounded, bounded_range, joined, short
from outreach.letters.missing import Missing
from outreach.letters.values import HARD_BREAK, INK, LOOK_FOR_LOOP, MAX_OUTPUT, Cell, Fields, Ink, Own, Refused, Trusted

_MAX_NUMBER = 10**12


class LetterEnvironment(ImmutableSandboxedEnvironment):
    """Jinja for letters: few words, bounded loops and texts, every written value a token."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self) -> None:
        super().__init__(
            undefined=Missing,
            finalize=written,
            autoescape=False,  # values never reach the HTML through Jinja: see values.py
            cache_size=0,
        )
        self.globals.clear()
        self.globals["range"] = bounded_range
        self.filters = {**FILTERS, BOUNDED: bounded, JOINED: joined}
        self.tests = {name: self.tests[name] for name in TESTS}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Look into a group of values; nothing else but a loop's own counters has attributes."""
        if type(obj) is Fields:
            value = obj.values.get(attribute)
            if value is None:
                return Missing.called(f"{obj.name}.{attribute}")
            return Cell.of(value, f"{obj.name}.{attribute}") if type(value) is str else value
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`row["first name"]`, or an item of a list."""
        if type(obj) is Fields:
            return self.getattr(obj, str(argument))
        value = super().getitem(obj, argument)
        return Cell.of(value, obj.name) if type(obj) is Cell and type(value) is str else value

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic on small numbers, and `+` on texts and lists, within bounds."""
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return joined((left, right))
        if operator == "+" and isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
            return short([*left, *right])
        if operator == "**" or not (_is_number(left) and _is_number(right)):
            raise SecurityError(f"`{operator}` is for numbers in a letter, and `+` also joins two texts or two lists")
        return super().call_binop(context, operator, left, right)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A template that can be rendered."""

    template: Template
    fixed: Trusted | None  #: its whole text, when it writes no value

    @property
    def name(self) -> str:
        """Its path, and for a subject one word more."""
        return self.template.name or ""

    def line(self, number: int) -> int:
        """The file's line of a line of the compiled code."""
        return self.template.get_corresponding_lineno(number)

    def render(self, values: dict[str, Any]) -> Trusted:
        """The text with its values as tokens. Raises one of PROVOKED."""
        if self.fixed is not None:
            return self.fixed
        out: list[str] = []
        size = 0
        context = self.template.new_context(values)
        chunks = cast("Generator[str, None, None]", self.template.root_render_func(context))
        for chunk in chunks:
            size += len(chunk)
            if size > MAX_OUTPUT:
                # Thrown where the template is, so that its line is known.
                chunks.throw(Refused("The letter grows beyond what a letter may hold.", todo=LOOK_FOR_LOOP))
            out.append(chunk)
        return Trusted("".join(out).strip())


def compiled(environment: LetterEnvironment, tree: nodes.Template, path: str) -> Compiled:
    """A template from a checked syntax tree."""
    code = environment.compile(tree, path, path)
    template = Template.from_code(environment, code, environment.make_globals(None))
    children = [child for output in tree.body for child in output.iter_child_nodes()]
    texts = [child.data for child in children if isinstance(child, nodes.TemplateData)]
    only_text = len(texts) == len(children) and all(isinstance(node, nodes.Output) for node in tree.body)
    return Compiled(template, Trusted("".join(texts).strip()) if only_text else None)


@pass_context
def written(context: Context, value: Any) -> str:
    """Write one value: template text as it is, a list as lines, everything else as a token."""
    ink: Ink = context.parent[INK]
    kind = type(value)
    if kind is Trusted:
        return str(value)
    if kind is list or kind is tuple:
        return HARD_BREAK.join([_token(context, ink, one) for one in value])
    return _token(context, ink, value)


def _token(context: Context, ink: Ink, value: Any) -> str:
    kind = type(value)
    if kind is Cell:
        if not value.strip():
            ink.missing.setdefault(value.name, _here(context))
            return ""
        ink.cells[value.name] = value
        value = str(value)
    elif kind is int or kind is float:
        value = str(value)
    elif kind is not str and not isinstance(value, Own):
        if isinstance(value, Missing):
            ink.missing.setdefault(value.said, _here(context))
        else:
            ink.unwritable.setdefault(getattr(value, "name", None) or kind.__name__, _here(context))
        return ""
    return value if ink.plain else ink.keep(value)


def _here(context: Context) -> tuple[str, int]:
    """The template and its line that is being written: the nearest frame of compiled template code."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_filename != context.name:
        frame = frame.f_back
    return context.name or "", 0 if frame is None else frame.f_lineno


def _is_number(value: Any) -> bool:
    return type(value) in {int, float} and abs(value) <= _MAX_NUMBER


TESTS = ("defined", "undefined", "none", "odd", "even", "divisibleby", "eq", "equalto", "==", "ne", "!=", "in")
PROVOKED = (
    Refused,
    TemplateRuntimeError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    RecursionError,
    MemoryError,
)  #: what a template can provoke while it is rendered
