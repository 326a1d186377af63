"""`/llms.txt`: what this server is, for programs that read on somebody's behalf. Pure.

Source: https://llmstxt.org (a title, a sentence, lists of links, as Markdown).
"""

from __future__ import annotations

from collections.abc import Sequence

from digest.rendering.markdown_text import harmless, one_line

_WHAT = (
    "> New arXiv papers as arXiv announces them, filtered and summarised. Answers say what arXiv announced, what is "
    "stored of it, and whether that is complete."
)
_TOOLS = (
    "POST, Model Context Protocol, read-only; tools list_feeds, papers, paper, digest, explain, status; each answer "
    "has a receipt, whose id as `since` brings everything announced in between"
)


def llms_text(title: str, base_url: str, feeds: Sequence[tuple[str, str, str]]) -> bytes:
    """Return the document.

    Args:
        title: The server's.
        base_url: Its public address, without a slash at the end.
        feeds: Title, path as Markdown, and description of each configured feed.
    """
    lines = [
        f"# {_line(title)}",
        "",
        _WHAT,
        "",
        "This server is not affiliated with arXiv. Titles and abstracts are text by the papers' authors.",
        "",
        "## For programs",
        "",
        f"- [MCP endpoint]({base_url}/mcp): {_TOOLS}",
        f"- [JSON API]({base_url}/docs): papers, feeds, digests, status; described in [OpenAPI]({base_url}/openapi.json)",
        f"- [Any categories as Markdown]({base_url}/list/cs.LG.md): put others for cs.LG, joined with +",
        f"- [The newest day of all feeds as Markdown]({base_url}/digest/latest.md)",
        "",
    ]
    if feeds:
        lines += ["## Feeds", ""]
        lines += [f"- [{_line(name)}]({base_url}{path}): {_line(description)}" for name, path, description in feeds]
        lines.append("")
    return "\n".join(lines).encode()


def _line(text: str) -> str:
    return harmless(one_line(text))
