"""A model's text made harmless: no markup, no images, no addresses but the paper's own. Pure.

Renderers escape what they print all the same; this keeps active content out of what is stored, and so out of
every output, JSON included. Text that only looks like markup (`a < b`, `$0<r<1$`) stays.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right

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
# What may be a tag, up to where it or the next one begins or ends: every later pattern looks at one of these only.
_CHUNK = re.compile(r"<[^<>]*>?")
_TAG = re.compile(rf"</?(?:{_NAMES})(?:[\s/][^<>]*)?>", re.IGNORECASE)
_UNCLOSED_TAG = re.compile(rf"<(?:{_NAMES})[\s/]+[\w:@-]+\s*=", re.IGNORECASE)
_HANDLER = re.compile(r"[\s/\"']on[a-z]+\s*=", re.IGNORECASE)
# What would still open a tag, a comment or an instruction somewhere: kept, but not as markup.
_OPENING = re.compile(rf"<(?=/?(?:{_NAMES})(?:[\s/>]|$)|[!?])", re.IGNORECASE)
_ELEMENT = re.compile(r"<(?=[a-z])", re.IGNORECASE)
_UNREAD = re.compile(r"<(script|style|iframe|noscript|template|textarea|title)\b", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|$)|<!\[CDATA\[|<!doctype[^<>]*>|<\?[a-z][^<>]*>", re.IGNORECASE | re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+[\"'][^\"']*[\"'])?\s*\)|\[[^\[\]]*\])")
_REFERENCE = re.compile(r"\n?^[^\S\n]*\[[^\]\n]+\]:[^\S\n]*(?:\n[^\S\n]*)?\S.*$", re.MULTILINE)
_AUTOLINK = re.compile(r"<[a-z][a-z0-9+.-]{1,20}:[^<>\s]*>|<[^<>\s@]+@[^<>\s@]+>", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]{1,20}://|www\.)[^\s<>()\[\]{}\"'，。；）]+", re.IGNORECASE)
_ACTIVE = re.compile(r"\b(?:javascript|vbscript|data|file)\s*:(?=\S)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,31});", re.IGNORECASE)
_ROUNDS = 4
_ADDRESSES_LIMIT = 100
"""Different addresses that are looked for in the source; more than that no summary repeats."""


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
    return _disarm(_OPENING.sub("< ", text))


def _once(text: str, source: str) -> str:
    text = _CHUNK.sub(lambda found: "" if _is_tag(found) else found[0], _without_unread(_COMMENT.sub("", text)))
    for pattern in (_AUTOLINK, _REFERENCE):
        text = pattern.sub("", text)
    text = _LINK.sub(r"\1", text)
    known: dict[str, bool] = {}

    def keep(found: re.Match[str]) -> str:
        address = found[0].rstrip(".,;:!?")
        if address not in known:
            known[address] = len(known) < _ADDRESSES_LIMIT and address in source
        return found[0] if known[address] else ""

    return visible(_ACTIVE.sub("", _ADDRESS.sub(keep, text)))


def _is_tag(found: re.Match[str]) -> bool:
    """Whether a chunk is a tag of HTML; one that is never closed, if it has an attribute; or one with an event handler."""
    chunk = found[0]
    is_last = found.end() == len(found.string)
    if not chunk.endswith(">") and not is_last:
        return False
    if chunk[1:2].isascii() and chunk[1:2].isalpha() and _HANDLER.search(chunk):
        return True
    return bool(_TAG.fullmatch(chunk) or (not chunk.endswith(">") and _UNCLOSED_TAG.match(chunk)))


def _without_unread(text: str) -> str:
    """Drop elements whose content nobody reads (scripts, styles), with that content."""
    kept, position = [], 0
    while found := _UNREAD.search(text, position):
        begins = text.find(">", found.end())
        if begins < 0:
            break
        kept.append(text[position : found.start()])
        end = re.compile(rf"</{found[1]}\s*>", re.IGNORECASE).search(text, begins + 1)
        position = end.end() if end else len(text)
    return "".join([*kept, text[position:]])


def _disarm(text: str) -> str:
    """Break up an element that has an event handler before its end, or what would be its end."""
    handlers = [found.start() for found in _HANDLER.finditer(text)]
    if not handlers:
        return text
    made, position, end = [], 0, -1
    for found in _ELEMENT.finditer(text):
        if end < found.start():
            end = text.find(">", found.start())
            end = len(text) if end < 0 else end
        place = bisect_right(handlers, found.start() + 1)
        if place < len(handlers) and handlers[place] < end:
            made.append(text[position : found.end()] + " ")
            position = found.end()
    return "".join([*made, text[position:]])
