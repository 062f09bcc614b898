"""The organiser's Markdown as HTML that is safe to put on a page."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

__all__ = ["as_html", "version"]

_TAGS = {
    *("h2", "h3", "h4", "p", "br", "hr", "ul", "ol", "li", "blockquote"),
    *("strong", "em", "del", "code", "pre", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}}
_SCHEMES = {"http", "https", "mailto"}
_LOWEST_HEADING = 4


@lru_cache(maxsize=32)
def as_html(markdown: str) -> str:
    r"""The text as HTML without scripts, styles, pictures or forms.

    A page has one title, which is not in the text: the text's highest headings become ``h2``.

    Args:
        markdown: CommonMark with tables and struck-out words; HTML in it is shown as text.

    Example:
        >>> as_html("Draw a **box**. <script>alert(1)</script>")
        '<p>Draw a <strong>box</strong>. &lt;script&gt;alert(1)&lt;/script&gt;</p>\n'
        >>> as_html("[go](javascript:alert(1))")
        '<p>[go](javascript:alert(1))</p>\n'
        >>> as_html("# Before you start")
        '<h2>Before you start</h2>\n'
    """
    import nh3
    from markdown_it import MarkdownIt

    # Not typed HTML but a renderer's passes the second guard, which does not trust the first.
    rendered = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    tokens = rendered.parse(markdown)
    _lower_headings(tokens)
    html = rendered.renderer.render(tokens, rendered.options, {})
    html = html.replace("<s>", "<del>").replace("</s>", "</del>")
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    )


def version(text: str) -> str:
    """What tells one text from another: SHA-256, 64 hexadecimal digits; empty for no text.

    >>> version("")
    ''
    >>> len(version("I agree."))
    64
    """
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def _lower_headings(tokens: list[Token]) -> None:
    """Makes the highest headings ``h2`` and those below them follow, without a step left out."""
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    levels = sorted({token.tag for token in headings})
    for token in headings:
        token.tag = f"h{min(2 + levels.index(token.tag), _LOWEST_HEADING)}"
