r"""Other people's words inside our Markdown: folded to one line, or made harmless between HTML tags.

A digest's `<details>` blocks are HTML in Markdown, so text between them passes two parsers:
the Markdown one decides which parts are HTML, the browser's decides what that HTML does. `harmless` changes
only what would make either of them miss our own end tags; everything else, `$0<r<1$` and `<sub>` included, stays.

Sources: CommonMark, https://spec.commonmark.org/0.31.2/#html-blocks and #fenced-code-blocks; HTML Living Standard,
https://html.spec.whatwg.org/multipage/parsing.html.
"""

from __future__ import annotations

import re

_LINE_BREAKS = re.compile("(?:\r\n|[\n\r\v\f\x85\u2028\u2029])+")

# Elements that end our block, swallow what follows as raw text, or are a scope that `</details>` can't look out of.
_DANGEROUS = re.compile(
    r"""<(?= /?(?: details | summary
             | script | style | textarea | title | xmp | iframe | noembed | noframes | noscript | plaintext | listing | pre
             | template | select | table | caption | col | colgroup | tbody | thead | tfoot | tr | td | th
             | object | applet | marquee | embed | svg | math | html | head | body | frame | frameset | base | meta | link
             ) (?![\w-])
           | \? | !(?!--) )""",
    re.VERBOSE | re.IGNORECASE,
)
_COMMENT = "<!--"
_TAG_START = re.compile(r"<[a-z/]", re.IGNORECASE)
_TAG = re.compile(
    r"""</?[a-z][a-z0-9-]*
        (?: [ \t\n]+ [a-z_:][a-z0-9_.:-]* (?: [ \t\n]*=[ \t\n]* (?: "[^"\n]*" | '[^'\n]*' | [^\s"'=<>`]+ ) )? )*
        [ \t\n]*/?>""",
    re.VERBOSE | re.IGNORECASE,
)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_TAG_END = re.compile(rf">|{_BLANK_LINE.pattern}")
_OPEN_QUOTE = re.compile(r"""=\s*["']""")
_HTML_LINE = re.compile(r"^ {0,3}<[a-z/!]", re.IGNORECASE | re.MULTILINE)
_FENCE = re.compile(r"(?P<indent> {0,3})(?P<fence>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)")


def one_line(text: str) -> str:
    """Fold each run of line breaks to one space; everything else stays, runs of spaces too."""
    return _LINE_BREAKS.sub(" ", text)


def harmless(text: str, *, starts_line: bool = False, in_html: bool = False) -> str:
    r"""Make *text* unable to close, hide or swallow the HTML around it; line breaks become `\n`.

    What would do so keeps its letters: its `<` becomes `&lt;`, or the fence of a code block that
    never ends gets a backslash. Text without such things comes back as it was.

    Args:
        text: A whole field: what it opens, it must close itself.
        starts_line: The document puts the text at the start of a line, where Markdown's blocks begin.
        in_html: The document puts the text into a raw HTML block, which lasts until a blank line.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "<" in text:
        text = _escape_unclosed_tags(_escape_unclosed_comments(_DANGEROUS.sub("&lt;", text)))
    if "```" in text or "~~~" in text:
        text = _escape_unclosed_fences(text, starts_line=starts_line, in_html=in_html)
    return text


def escape_tags(text: str) -> str:
    """Leave no `<` in text that has no business with HTML at all, such as a name inside a tag."""
    return text.replace("<", "&lt;").replace("'", "&#39;")


def _escape_unclosed_comments(text: str) -> str:
    start = text.find(_COMMENT)
    while start >= 0:
        # `<!-->` is a whole comment, hence the search inside the opening.
        end = text.find("-->", start + 2)
        if end < 0:
            return text[:start] + text[start:].replace(_COMMENT, "&lt;!--")
        start = text.find(_COMMENT, end + 3)
    return text


def _escape_unclosed_tags(text: str) -> str:
    """Escape all tags from the first one on that would run on into what follows the field.

    In a paragraph Markdown takes an unfinished tag for text. In a raw HTML block, which a blank line ends,
    the browser reads on to the next `>`, and from an open quote to the next quote, however far away.
    """
    raw = _HTML_LINE.search(text) is not None
    position = 0
    while start := _TAG_START.search(text, position):
        tag = _TAG.match(text, start.start())
        if tag and not _BLANK_LINE.search(tag[0]):
            position = tag.end()
            continue
        end = _TAG_END.search(text, start.start())
        position = end.end() if end else len(text)
        unfinished = raw and not (end and end[0] == ">")
        if unfinished or _OPEN_QUOTE.search(text, start.start(), position):
            return text[: start.start()] + text[start.start() :].replace("<", "&lt;")
    return text


def _escape_unclosed_fences(text: str, *, starts_line: bool, in_html: bool) -> str:
    """Put a backslash before the fences from the first one on that isn't surely closed inside the text.

    Surely closed: by a fence of its kind, nothing between them less indented (a list item would end),
    and not where raw HTML hides one of the two. A fence too many escaped costs a code block its looks.
    """
    lines = text.split("\n")
    opened: re.Match[str] | None = None
    opened_at = 0
    in_html = in_html or _COMMENT in text
    for number, line in enumerate(lines):
        fence = _FENCE.match(line) if number or starts_line or in_html else None
        if opened is None:
            in_html = (in_html and (bool(line.strip()) or _COMMENT in text)) or bool(_HTML_LINE.match(line))
            if fence is None:
                continue
            opened, opened_at = fence, number
            if in_html:
                break
        elif line.strip() and len(line) - len(line.lstrip(" ")) < len(opened["indent"]):
            break
        elif fence and fence["fence"].startswith(opened["fence"]) and not fence["info"].strip(" \t"):
            opened = None
    if opened is None:
        return text
    for number in range(opened_at, len(lines)):
        if fence := _FENCE.match(lines[number]):
            lines[number] = f"{fence['indent']}\\{lines[number][fence.end('indent') :]}"
    return "\n".join(lines)
