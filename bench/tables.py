"""Figures as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def figure(value: float) -> str:
    """Three digits that mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str | float]]) -> None:
    """Print one."""
    lines = [f"\n### {title}\n", _line(heads), _line(["---"] + ["---:"] * (len(heads) - 1))]
    lines += [_line([one if isinstance(one, str) else figure(one) for one in row]) for row in rows]
    print("\n".join(lines), flush=True)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
