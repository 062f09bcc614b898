"""The organiser's Markdown as HTML that is safe to put on a page."""

from __future__ import annotations

import hashlib
from functools import lru_cache

__all__ = ["as_html", "version"]

_TAGS = {
    *("h1", "h2", "h3", "h4", "p", "br", "hr", "ul", "ol", "li", "blockquote"),
    *("strong", "em", "del", "code", "pre", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}}
_SCHEMES = {"http", "https", "mailto"}


@lru_cache(maxsize=32)
def as_html(markdown: str) -> str:
    r"""The text as HTML without scripts, styles, pictures or forms.

    Args:
        markdown: CommonMark with tables and struck-out words; HTML in it is shown as text.

    Example:
        >>> as_html("Draw a **box**. <script>alert(1)</script>")
        '<p>Draw a <strong>box</strong>. &lt;script&gt;alert(1)&lt;/script&gt;</p>\n'
        >>> as_html("[go](javascript:alert(1))")
        '<p>[go](javascript:alert(1))</p>\n'
    """
    import nh3
    from markdown_it import MarkdownIt

    # Not typed HTML but a renderer's passes the second guard, which does not trust the first.
    rendered = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    html = rendered.render(markdown).replace("<s>", "<del>").replace("</s>", "</del>")
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
