"""A model's text made harmless: no markup, no images, no addresses but the paper's own. Pure.

Renderers escape what they print all the same; this keeps active content out of what is stored, and so out of
every output, JSON included. Text that only looks like markup (`a < b`, `$0<r<1$`) stays.
"""

from __future__ import annotations

import html
import re

from digest.text.characters import visible

_TAGS = (
    "a abbr address applet area article aside audio b base bdi bdo blink blockquote body br button canvas caption center cite "
    "code col data dd del details dfn dialog div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 "
    "h3 h4 h5 h6 head header hr html i iframe img input ins kbd label legend li link main map mark marquee math menu meta meter nav "
    "noembed noframes noscript object ol optgroup option output p param picture plaintext pre progress q rp rt ruby s samp script "
    "section select slot small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead "
    "time title tr track tt u ul var video wbr xml xmp"
)
_NAMES = "|".join(_TAGS.split())
# A tag of HTML; one that is never closed, if it has an attribute; any element with an event handler.
_TAG = re.compile(
    rf"</?(?:{_NAMES})(?:[\s/]+[^<>]*)?>|<(?:{_NAMES})[\s/]+[\w:@-]+\s*=[^<>]*$|<[a-z][^<>]*[\s/\"']on[a-z]+\s*=[^<>]*(?:>|$)",
    re.IGNORECASE,
)
# What would still open a tag, a comment or an instruction somewhere: kept, but not as markup.
_OPENING = re.compile(
    rf"<(?=/?(?:{_NAMES})(?:[\s/>]|$)|[a-z][^>]*[\s/\"']on[a-z]+\s*=|[!?])",
    re.IGNORECASE,
)
_UNREAD = re.compile(
    r"<(script|style|iframe|noscript|template|textarea|title)\b[^>]*>.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL
)
_COMMENT = re.compile(r"<!--.*?(?:-->|$)|<!\[CDATA\[|<!doctype[^>]*>|<\?[a-z]+[^>]*>", re.IGNORECASE | re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+[\"'][^\"']*[\"'])?\s*\)|\[[^\[\]]*\])")
_REFERENCE = re.compile(r"^\s*\[[^\]]+\]:\s*\S+.*$", re.MULTILINE)
_AUTOLINK = re.compile(r"<[a-z][a-z0-9+.-]{1,20}:[^<>\s]*>|<[^<>\s@]+@[^<>\s@]+>", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]{1,20}://|www\.)[^\s<>()\[\]{}\"'，。；）]+", re.IGNORECASE)
_ACTIVE = re.compile(r"\b(?:javascript|vbscript|data|file)\s*:(?=\S)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,31});", re.IGNORECASE)
_ROUNDS = 4


def defang(text: str, source: str) -> str:
    """Return *text* without markup, images, links and foreign addresses; line breaks stay.

    Args:
        text: What the model wrote.
        source: What it read: addresses that occur there may be repeated.
    """
    text = visible(text)
    for _ in range(_ROUNDS):
        # One removal may bring together what the next must remove: <scr<b>ipt>, &lt;img&gt;.
        before, text = text, _once(_ENTITY.sub(lambda found: html.unescape(found[0]), text), source)
        if text == before:
            break
    else:
        text = _ENTITY.sub("", text)
    return _OPENING.sub("< ", text)


def _once(text: str, source: str) -> str:
    for pattern in (_COMMENT, _UNREAD, _TAG, _AUTOLINK, _REFERENCE):
        text = pattern.sub("", text)
    text = _LINK.sub(r"\1", text)
    text = _ADDRESS.sub(lambda found: found[0] if found[0].rstrip(".,;:!?") in source else "", text)
    return visible(_ACTIVE.sub("", text))
