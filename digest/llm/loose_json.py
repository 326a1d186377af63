r"""JSON as language models write it: found in prose and fences, mended where it is broken. Pure.

Strict JSON comes out as it is, with one exception: `"\frac"` is valid JSON for a form feed and `rac`, but
nobody writes form feeds, so backslashes that start a LaTeX command are taken literally everywhere.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

TEXT_LIMIT = 200_000
"""Characters of an answer that are looked at."""

_STARTS_LIMIT = 60
_DEPTH_LIMIT = 8
_DECODER = json.JSONDecoder(strict=False)

_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|(?s:.)|$)")
_LATEX_N = re.compile(
    r"\\n(?:abla|e(?:q|g|arrow|xists)?|earrow|u|ot(?:in)?|warrow|mid|onumber|parallel|less|subseteq)(?![A-Za-z])"
)
_LETTER = re.compile(r"[A-Za-z]")
_BLANK_OR_COMMENT = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_BARE_KEY = re.compile(r"[\w][\w .;-]{0,40}?(?=\s*:)")
_BARE_VALUE = re.compile(
    r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|None|True|False|NaN|-?Infinity|undefined", re.IGNORECASE
)
_SMALL_NUMBER = re.compile(r"-?\d{1,9}")
_CLOSING = {'"': '"', "'": "'", "“": "”", "‘": "’", "”": "”"}
# What may follow the end of a text; any other quote belongs to the text.
_AFTER_TEXT = re.compile(
    r"""\s*(?:[:}\]]|$|//|/\*|["'“][^"'“”\n]{1,40}["'”]\s*:|,\s*(?:["'“‘}\]\[{/\d-]|[A-Za-z_]+\s*:|true|false|null|None|$))"""
)


@dataclass(frozen=True, slots=True)
class FoundObject:
    """One JSON object; `complete` is False where the text ended inside it, its last member may then be cut."""

    members: dict[str, Any]
    complete: bool


def find_objects(text: str) -> list[FoundObject]:
    """Return the JSON objects in *text*, in order, those inside others not counted.

    A text that is one JSON string holding JSON is unwrapped. Of lists the objects in them are returned.
    """
    text = _unwrap(text[:TEXT_LIMIT].strip().removeprefix("\ufeff"))
    mended = mend_backslashes(text)
    found: list[FoundObject] = []
    position = mended.find("{")
    for _ in range(_STARTS_LIMIT):
        if position < 0:
            break
        result = _strict(mended, position) or _loose(mended, position)
        if result:
            found.append(result[0])
        position = mended.find("{", result[1] if result else position + 1)
    return found


def mend_backslashes(text: str) -> str:
    r"""Double each backslash that starts a LaTeX command or no JSON escape at all.

    Tabs, form feeds, backspaces and carriage returns before a letter are always LaTeX (`\theta`, `\frac`,
    `\beta`, `\rho`); line feeds only where a command's name follows (`\nabla`, but `\nNew line`).
    """

    def mend(found: re.Match[str]) -> str:
        escape = found[0]
        kind = escape[1:2]
        if kind == "'":
            return "'"
        if (kind in {'"', "\\", "/"} and kind) or len(escape) == 6:
            return escape
        if kind == "n" and not _LATEX_N.match(text, found.start()):
            return escape
        if kind and kind in "tbfr" and not _LETTER.match(text, found.end()):
            return escape
        return "\\" + escape

    return _ESCAPE.sub(mend, text)


def _unwrap(text: str) -> str:
    if not text.startswith('"'):
        return text
    try:
        inner = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return text
    return inner if isinstance(inner, str) and "{" in inner else text


def _strict(text: str, position: int) -> tuple[FoundObject, int] | None:
    try:
        value, end = _DECODER.raw_decode(text, position)
    except (ValueError, RecursionError):
        return None
    return (FoundObject(value, complete=True), end) if value else None


def _loose(text: str, position: int) -> tuple[FoundObject, int] | None:
    reader = _Reader(text, position)
    try:
        members = reader.read_object(depth=0)
    except _NotJsonError:
        return None
    return (FoundObject(members, complete=not reader.is_cut), reader.position) if members else None


class _NotJsonError(Exception):
    """It can't be read even with indulgence."""


class _Reader:
    """A forgiving recursive reader; at the end of the text it gives what it has."""

    def __init__(self, text: str, position: int) -> None:
        self._text = text
        self.position = position
        self.is_cut = False

    def read_object(self, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        self.position += 1
        while not self._closes("}"):
            key = self._read_key()
            if self._ended():
                break
            if self._text[self.position] != ":":
                raise _NotJsonError
            self.position += 1
            members[key] = self._read_value(depth)
        return members

    def _read_list(self, depth: int) -> list[Any]:
        values: list[Any] = []
        self.position += 1
        while not self._closes("]"):
            values.append(self._read_value(depth))
        return values

    def _read_key(self) -> str:
        if self._text[self.position] in _CLOSING:
            return self._read_text(_key_end)
        found = _BARE_KEY.match(self._text, self.position)
        if not found:
            raise _NotJsonError
        self.position = found.end()
        return found[0]

    def _read_value(self, depth: int) -> Any:
        if self._ended():
            return None
        character = self._text[self.position]
        if depth >= _DEPTH_LIMIT:
            raise _NotJsonError
        if character == "{":
            return self.read_object(depth + 1)
        if character == "[":
            return self._read_list(depth + 1)
        if character in _CLOSING:
            return self._read_text(_value_end)
        found = _BARE_VALUE.match(self._text, self.position)
        if not found:
            raise _NotJsonError
        self.position = found.end()
        return int(found[0]) if _SMALL_NUMBER.fullmatch(found[0]) else None

    def _read_text(self, is_end: Any) -> str:
        """Read a quoted text; the quote that ends it is the first one that *is_end* believes."""
        closing = _CLOSING[self._text[self.position]]
        start = self.position = self.position + 1
        while True:
            end = self._text.find(closing, self.position)
            if closing == "”" and end < 0:
                end = self._text.find('"', self.position)
            if end < 0:
                self.is_cut = True
                self.position = len(self._text)
                return _decoded(self._text[start:])
            self.position = end + 1
            if not _is_escaped(self._text, end) and is_end(self._text, self.position):
                return _decoded(self._text[start:end])

    def _closes(self, bracket: str) -> bool:
        """Skip blanks, comments and commas; True if the bracket was there, or the text ended."""
        while not self._ended() and self._text[self.position] == ",":
            self.position += 1
        if self.is_cut:
            return True
        if self._text[self.position] == bracket:
            self.position += 1
            return True
        return False

    def _ended(self) -> bool:
        found = _BLANK_OR_COMMENT.match(self._text, self.position)
        if found:
            self.position = found.end()
        if self.position >= len(self._text):
            self.is_cut = True
        return self.is_cut


def _key_end(text: str, position: int) -> bool:
    return text[position : position + 40].lstrip().startswith(":") or position >= len(text)


def _value_end(text: str, position: int) -> bool:
    return _AFTER_TEXT.match(text, position) is not None


def _is_escaped(text: str, position: int) -> bool:
    count = 0
    while text[position - 1 - count] == "\\":
        count += 1
    return count % 2 == 1


def _decoded(raw: str) -> str:
    """Resolve the escapes of a text; a cut one at the end goes."""
    quoted = re.sub(r'(?<!\\)((?:\\\\)*)"', r'\1\\"', raw)
    for text in (quoted, quoted.rsplit("\\", 1)[0]):
        try:
            value = json.loads(f'"{text}"', strict=False)
        except ValueError:
            continue
        return value if isinstance(value, str) else ""
    return ""
