"""What a letter may say in Jinja, found before anything is rendered: each fault with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from jinja2 import TemplateSyntaxError, meta, nodes

from outreach.letters.filters import BOUNDED, FILTERS, JOINED
from outreach.letters.sandbox import TESTS, LetterEnvironment

#: Every name of a letter, and what can be asked of it; None = a plain value, () = anything (the sheet's columns).
NAMES: Mapping[str, tuple[str, ...] | None] = {
    "state": ("code", "name"),
    "institution": ("name", "name_local", "city", "role"),
    "row": (),
    "sender": ("name", "organisation", "email", "reply_to", "postal_address", "phone", "website"),
    "campaign": ("title",),
    "date": None,
    "facts_as_of": None,
    "salutation": None,
    "step": None,
}
#: What only a frame can name, because the demands are made first.
FRAME_NAMES: Mapping[str, tuple[str, ...] | None] = {
    **NAMES,
    "demands": None,
    "subject": None,
    "salutation_words": None,
}
#: What only a chaser can name: the letters before it.
CHASER_NAMES: Mapping[str, tuple[str, ...] | None] = {**FRAME_NAMES, "first": ("date", "subject"), "last": ("date",)}
_CARRIED: Mapping[str, tuple[str, ...] | None] = {
    **{name: parts for name, parts in FRAME_NAMES.items() if name not in {"row", "step"}},
    "institution": ("name", "role"),
}
#: What a supporter's copy can name. No date and no address to answer to: what stands around
#: the words is the same before the letter is written.
SUPPORTER_NAMES: Mapping[str, tuple[str, ...] | None] = {
    **{name: parts for name, parts in _CARRIED.items() if name != "date"},
    "sender": tuple(part for part in NAMES["sender"] or () if part != "reply_to"),
    "supporter": ("name", "place"),
    "words": None,
}
#: What a digest can name.
DIGEST_NAMES: Mapping[str, tuple[str, ...] | None] = {
    **_CARRIED,
    "count": None,
    "total": None,
    "quotes": None,
    "signers": None,
    "more": None,
}
DEMAND_PARTS = ("slug", "title", "body")
_LOOP = ("index", "index0", "revindex", "revindex0", "first", "last", "length", "cycle", "changed")
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.For,
    nodes.If,
    nodes.Assign,
    nodes.Name,
    nodes.Const,
    nodes.List,
    nodes.Tuple,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Filter,
    nodes.Test,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.CondExpr,
    nodes.Concat,
    nodes.Add,
    nodes.Sub,
    nodes.Mul,
    nodes.FloorDiv,
    nodes.Mod,
    nodes.Neg,
    nodes.Call,
)
_MAX_DEPTH = 40
#: A line of nothing but tags leaves no line in the letter. (Jinja's trim_blocks would also glue a line that ends in
#: `{% endif %}` to the next one.)
_ONLY_TAGS = re.compile(r"^[ \t]*((?:\{%(?:(?!%\}).)*%\}[ \t]*|\{#(?:(?!#\}).)*#\}[ \t]*)+)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Flaw:
    """A fault of a template: its line, a short code, what was found, what to do."""

    line: int
    code: str
    found: str
    todo: str = ""


def parse(
    environment: LetterEnvironment, source: str, path: str, names: Mapping[str, tuple[str, ...] | None]
) -> tuple[nodes.Template | None, list[Flaw]]:
    """The syntax tree, ready to compile, or the flaws that forbid it."""
    try:
        tree = environment.parse(_ONLY_TAGS.sub(_without_line, source), path, path)
    except TemplateSyntaxError as error:
        said = error.message or "This is not Jinja"
        return None, [Flaw(error.lineno, "template-syntax", f"{said[:1].upper()}{said[1:].rstrip('.')}.", _SYNTAX_TODO)]
    except (RecursionError, ValueError, MemoryError) as error:
        found = f"Jinja cannot read this template ({type(error).__name__})."
        return None, [Flaw(0, "template-syntax", found, _SYNTAX_TODO)]
    flaws = list(_forbidden(tree))
    if flaws:
        return None, flaws
    flaws = list(_unknown(tree, names))
    return _bound(tree, environment), flaws


def _without_line(found: re.Match[str]) -> str:
    """The same tags with the line end inside the last one, so that lines keep their numbers."""
    tags = found[1].rstrip()
    end = 3 if tags[-3] in "-+" else 2
    return f"{tags[:-end]}\n{tags[-end:]}"


_SYNTAX_TODO = "Compare the braces and tags with docs/letters.md."


def _forbidden(node: nodes.Node, depth: int = 0) -> Iterator[Flaw]:
    if depth > _MAX_DEPTH:
        yield Flaw(node.lineno, "template-word", "The template is nested too deeply.", "Make it simpler.")
        return
    said = _refusal(node)
    if said:
        yield Flaw(node.lineno, "template-word", f"{said} may not be used in a letter.", _WORD_TODO)
        return
    for child in node.iter_child_nodes():
        yield from _forbidden(child, depth + 1)


_WORD_TODO = "See docs/letters.md for what a letter may use."


def _refusal(node: nodes.Node) -> str:
    """What is wrong with this node itself, in words, or an empty string."""
    if not isinstance(node, _ALLOWED):
        return f"`{type(node).__name__.casefold()}`"
    if isinstance(node, nodes.For) and node.recursive:
        return "A recursive loop"
    if isinstance(node, nodes.Filter) and (node.name not in FILTERS or node.node is None):
        return f"The filter `{node.name}`"
    if isinstance(node, nodes.Test) and node.name not in TESTS:
        return f"The test `{node.name}`"
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        return f"`{node.attr}`"
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and str(node.arg.value).startswith("_"):
        return f"`{node.arg.value}`"
    if isinstance(node, nodes.Call) and not _is_call(node):
        return "A call"
    if isinstance(node, nodes.Name) and node.name.startswith("_"):
        return f"`{node.name}`"
    return ""


def _is_call(node: nodes.Call) -> bool:
    target = node.node
    if node.kwargs or node.dyn_args or node.dyn_kwargs:
        return False
    if isinstance(target, nodes.Getattr) and isinstance(target.node, nodes.Name):
        return target.node.name == "loop" and target.attr in {"cycle", "changed"}
    return isinstance(target, nodes.Name) and target.name == "range"


def _unknown(tree: nodes.Template, names: Mapping[str, tuple[str, ...] | None]) -> Iterator[Flaw]:
    missing = meta.find_undeclared_variables(tree) - names.keys() - {"range"}
    own = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "store"}
    demand_names = {name for loop in tree.find_all(nodes.For) if (name := _name_of_demand(loop))}
    for node in tree.find_all(nodes.Name):
        if node.name in missing and node.ctx == "load":
            yield Flaw(node.lineno, "undefined", f"`{node.name}` is not known in a letter.", _hint(node.name, names))
    for look in tree.find_all(nodes.Getattr):
        if not isinstance(look.node, nodes.Name):
            continue
        name = look.node.name
        parts = DEMAND_PARTS if name in demand_names else _LOOP if name == "loop" else names.get(name)
        if name in own and name not in demand_names:
            continue
        if parts is None and name in names:
            yield Flaw(look.lineno, "undefined", f"`{name}` has no parts; `.{look.attr}` is not known.", "")
        elif parts and look.attr not in parts:
            wanted = f"`{name}` has {', '.join(parts)}."
            yield Flaw(look.lineno, "undefined", f"`{name}.{look.attr}` is not known in a letter.", wanted)


def _name_of_demand(loop: nodes.For) -> str:
    """How a loop over the demands calls each of them; "" for another loop."""
    if isinstance(loop.iter, nodes.Name) and loop.iter.name == "demands" and isinstance(loop.target, nodes.Name):
        return loop.target.name
    return ""


def _hint(name: str, names: Mapping[str, tuple[str, ...] | None]) -> str:
    known = sorted({*names, *(f"{name}.{part}" for name, parts in names.items() for part in parts or ())})
    found = [one for one in known if one.endswith(f".{name}")] or get_close_matches(name, known, n=1, cutoff=0.75)
    if found:
        return f"Did you mean `{found[0]}`?"
    return f"A column of the sheet is `row.{name}`; the other names are {', '.join(sorted(names))}."


def _bound(tree: nodes.Template, environment: LetterEnvironment) -> nodes.Template:
    """Count the turns of every loop, and measure every text that `~` puts together."""
    for loop in tree.find_all(nodes.For):
        loop.iter = nodes.Filter(loop.iter, BOUNDED, [], [], None, None, lineno=loop.lineno)
    _measure(tree)
    tree.set_environment(environment)
    return tree


def _measure(node: nodes.Node) -> None:
    for name, value in node.iter_fields():
        if isinstance(value, nodes.Node):
            setattr(node, name, _measured(value))
        elif isinstance(value, list):
            setattr(node, name, [_measured(one) if isinstance(one, nodes.Node) else one for one in value])


def _measured(node: nodes.Node) -> nodes.Node:
    _measure(node)
    if isinstance(node, nodes.Concat):
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, JOINED, [], [], None, None, lineno=node.lineno)
    return node
