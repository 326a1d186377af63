"""Characters that must not travel: controls, invisible marks, what XML or a terminal can't hold.

What is dropped, and what looks similar but stays:

* control characters and non-characters go; tabs and other blanks become a space;
* bidi embeddings, overrides and isolates go ("Trojan Source"); Arabic and Hebrew need none of them.
  Directional marks stay only in text that holds right-to-left letters;
* zero-width characters go, except joiners between emoji and inside scripts that write with them;
* one variation selector stays after a visible character; tag characters stay only in flags.

Source: https://www.unicode.org/reports/tr9/ (bidi), https://www.unicode.org/reports/tr31/ (default ignorables);
XML 1.0, https://www.w3.org/TR/xml/#charsets.
"""

from __future__ import annotations

import re
import unicodedata

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

# Everything that `visible` looks at; text without any of it is returned as it is.
_SUSPECT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\u034f\u061c\u1680\u180b-\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    "\u3000\ud800-\udfff\ufe00-\ufe0f\ufeff\ufff0-\ufffb\ufffe\uffff"
    "\U0001fffe\U0001ffff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_BLANK = re.compile("[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_HIDDEN = re.compile(
    "(\U0001f3f4[\U000e0020-\U000e007e]{1,6}\U000e007f)"  # the flags of England, Scotland, Wales
    "|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u180b-\u180e\u200b\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff0-\ufffb\ufffe\uffff\U0001fffe\U0001ffff"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff\U000f0000-\U0010ffff]"
)
_MARKS = re.compile("[\u200e\u200f\u061c]+")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff]")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_JOINERS = re.compile("[\u200c\u200d]+")
# Scripts whose spelling needs joiners: Arabic and its kin, the scripts of India and its neighbours, Mongolian.
_JOINING = re.compile("[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc]")
_PICTURE = re.compile("[\u2190-\u2bff\U0001f000-\U0001faff]")

# What XML 1.0 excludes, and Unicode's other noncharacters, which are an error in HTML
# (https://html.spec.whatwg.org/multipage/parsing.html#preprocessing-the-input-stream).
_NONCHARACTERS = "".join(chr(plane << 16 | last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF))
_NOT_XML = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff{_NONCHARACTERS}]")
_NOT_TERMINAL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """Drop what nobody can see or what would disturb its surroundings; compose letters (NFC).

    Blanks of all kinds become plain spaces; line breaks and tabs stay. Characters of the private
    planes 15 and 16 go too: nothing displays them. Idempotent.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return _CONTROL.sub("", text)
    if _SUSPECT.search(text):
        text = _BLANK.sub(" ", text)
        text = _HIDDEN.sub(lambda found: found[1] or "", text)
        if not _RIGHT_TO_LEFT.search(text):
            text = _MARKS.sub("", text)
        text = _SELECTORS.sub(_first_selector, text)
        text = _JOINERS.sub(_useful_joiner, text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _first_selector(found: re.Match[str]) -> str:
    before = found.string[found.start() - 1 : found.start()]
    if not before.strip() or _JOINERS.match(before) or _MARKS.match(before):
        return ""
    selector = found[0][0]
    ideograph = "\u3400" <= before <= "\u9fff" or "\U00020000" <= before <= "\U000323af"
    return selector if selector <= "\ufe0f" or ideograph else ""


def _useful_joiner(found: re.Match[str]) -> str:
    before = found.string[found.start() - 1 : found.start()]
    after = found.string[found.end() : found.end() + 1]
    joins = _JOINING.match(before) and _JOINING.match(after)
    pictures = (_PICTURE.match(before) or before == "\ufe0f") and _PICTURE.match(after)
    return found[0][0] if joins or (pictures and found[0][0] == "\u200d") else ""


def xml_safe(text: str) -> str:
    """Return *text* without the characters that XML 1.0 can't hold, not even as references, and noncharacters."""
    return _NOT_XML.sub("", text)


def terminal_safe(text: str) -> str:
    """Return *text* without what makes a terminal do something: escapes, controls, bidi and zero-width marks.

    Line breaks and tabs stay; joiners in emoji and Indic words stay.
    """
    return _NOT_TERMINAL.sub("", text)
