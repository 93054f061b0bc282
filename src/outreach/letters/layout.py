"""How a letter looks in HTML: one column of 600 pixels in a serif, a letter and not a newsletter. Nothing is remote."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING

from outreach.letters.own import direction
from outreach.letters.values import Words
from outreach.states import text_direction

if TYPE_CHECKING:
    from css_inline import CSSInliner

VERSION = "2"  #: counts changes of what a letter looks like: part of every letter's template_sha

_STYLE = """
body { margin: 0; padding: 0; background: #ffffff; }
table { border-collapse: collapse; }
.page { width: 100%; max-width: 600px; }
.sheet { padding: 32px 20px 40px; text-align: left; }
.part { color: #1c1c1c; font-family: Georgia, "Times New Roman", Times, serif; font-size: 16px; line-height: 1.55; }
.part { overflow-wrap: anywhere; word-break: break-word; }
.part[dir=rtl] { text-align: right; font-family: "Times New Roman", "Noto Naskh Arabic", serif; font-size: 17px; }
p { margin: 0 0 16px; }
.own { margin: 0 0 16px; }
blockquote .own { margin: 0; }
h1, h2, h3, h4 { margin: 26px 0 9px; font-size: 16px; line-height: 1.4; font-weight: bold; }
ul, ol { margin: 0 0 16px; padding: 0 24px; }
li { margin: 0 0 8px; }
li p { margin: 0 0 8px; }
blockquote { margin: 0 0 16px; padding: 0 18px; border-left: 3px solid #bbbbbb; }
[dir=rtl] blockquote { border-left: 0; border-right: 3px solid #bbbbbb; }
a { color: #1a3f7a; text-decoration: underline; }
hr { margin: 30px 0 18px; border: 0; border-top: 1px solid #b5b5b5; height: 1px; }
hr ~ p { margin: 0 0 10px; font-size: 14px; line-height: 1.45; color: #4a4a4a; }
.between { margin: 44px 0; border: 0; border-top: 3px double #8a8a8a; height: 3px; }
"""

_PAGE = """<!DOCTYPE html>
<html lang="{lang}" dir="{dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tr><td align="center">
<table role="presentation" class="page" width="600" cellpadding="0" cellspacing="0" border="0">
<tr><td class="sheet">
{parts}
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
"""
_PART = '<div class="part" lang="{lang}" dir="{dir}">\n{body}</div>'
_BETWEEN = '\n<hr class="between">\n'


def page(parts: Sequence[tuple[str, str, str]], *, title: str) -> str:
    """The whole HTML of (language, direction, sanitised body) parts, its styles on the elements."""
    first_language, first_direction, _ = parts[0]
    bodies = [_PART.format(lang=escape(language), dir=direction, body=body) for language, direction, body in parts]
    html = _PAGE.format(
        lang=escape(first_language), dir=first_direction, title=title, style=_STYLE, parts=_BETWEEN.join(bodies)
    )
    return _inliner().inline(html)


def paragraphs(words: Words) -> str:
    """A person's paragraphs, escaped, each in the direction in which it is written: it may not be the letter's."""
    around = direction(words) or text_direction(words.language)
    return "".join(_paragraph(one, words.language, around) for one in words.split("\n\n"))


def _paragraph(text: str, language: str, around: str) -> str:
    way = direction(text) or around
    # The page's language is a guess about the words: it is said only where the script bears it out.
    tongue = f' lang="{escape(language)}"' if way == text_direction(language) else ""
    side = "right" if way == "rtl" else "left"
    lines = escape(text).replace("\n", "<br>")
    return f'<p{tongue} dir="{way}" style="margin: 0 0 16px; text-align: {side};">{lines}</p>'


@cache
def _inliner() -> CSSInliner:
    import css_inline

    return css_inline.CSSInliner(load_remote_stylesheets=False, inline_style_tags=True, keep_style_tags=False)
