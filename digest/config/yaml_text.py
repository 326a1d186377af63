"""The YAML of `config.yaml`: text to plain data and the line of each setting, with messages for people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from digest.errors import ConfigError

if TYPE_CHECKING:
    import yaml

KeyPath = tuple[str, ...]
"""Where a setting is: `("feeds", "machine-learning", "limit")`."""

LENGTH_LIMIT = 200_000
"""Characters; a feed takes about three hundred."""
_ENTRIES_LIMIT = 50_000
"""Keys and items, each counted as often as aliases repeat it: ten lines of those can stand for a billion."""

_NUMBERS = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})
_DIGITS_LIMIT = 100

_KEY = re.compile(r"\s*(?:- +)*(?P<key>[\w.-]+): *(?P<value>.*)")
_NEEDS_QUOTES = (
    "mapping values are not allowed",
    "expected <block end>",
    "expected ',' or",
    "undefined alias",
    "expected alphabetic or numeric character",
    "that cannot start any token",
    "could not determine a constructor for the tag",
    "expected a comment or a line break",
    "expected URI",
)
"""What PyYAML says where a value begins with, or holds, a sign that means something in YAML."""


def load_yaml(text: str, filename: str) -> tuple[dict[Any, Any], dict[KeyPath, int]]:
    """Return the document and, for each path in it, its line (from 1).

    Raises:
        ConfigError: Not YAML, no mapping, a key twice, or larger than any configuration.
    """
    import yaml

    if len(text) > LENGTH_LIMIT:
        raise ConfigError(f"{filename}: longer than {LENGTH_LIMIT:,} characters: is this a configuration?")
    try:
        loader = yaml.SafeLoader(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(f"{filename}:{line}: not valid YAML: {error.reason} (#x{error.character:04x})") from error
    try:
        node = loader.get_single_node()
        if node is None:
            return {}, {}
        if not isinstance(node, yaml.MappingNode):
            raise ConfigError(f"{filename}:1: expected keys such as `feeds:`, found {node.tag.rsplit(':', 1)[-1]}")
        lines: dict[KeyPath, int] = {}
        _note_lines(node, (), lines, filename)
        return loader.construct_document(node), lines
    except yaml.MarkedYAMLError as error:
        raise ConfigError(_described(error, text, filename)) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # an impossible date; an alias within itself
        raise ConfigError(f"{filename}: not valid YAML: {error}") from error
    finally:
        loader.dispose()


def _note_lines(node: Any, path: KeyPath, lines: dict[KeyPath, int], filename: str) -> None:
    import yaml

    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise ConfigError(f"{filename}:{line}: not valid YAML: found unhashable key")
            inner = (*path, key.value)
            if inner in lines:
                raise ConfigError(f"{filename}:{line}: {'.'.join(inner)} is set twice, first in line {lines[inner]}")
            _note(inner, line, lines, filename)
            _note_lines(value, inner, lines, filename)
    elif isinstance(node, yaml.ScalarNode):
        if node.tag in _NUMBERS and len(node.value) > _DIGITS_LIMIT:
            raise ConfigError(f"{filename}:{node.start_mark.line + 1}: a number of {len(node.value)} digits")
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            inner = (*path, str(index))
            _note(inner, value.start_mark.line + 1, lines, filename)
            _note_lines(value, inner, lines, filename)


def _note(path: KeyPath, line: int, lines: dict[KeyPath, int], filename: str) -> None:
    if len(lines) >= _ENTRIES_LIMIT:
        raise ConfigError(
            f"{filename}:{line}: more than {_ENTRIES_LIMIT:,} entries, counted as often as aliases (*name) repeat them"
        )
    lines[path] = line


def _described(error: yaml.MarkedYAMLError, text: str, filename: str) -> str:
    mark = error.problem_mark or error.context_mark
    number = mark.line + 1 if mark else 1
    said = f"{filename}:{number}: not valid YAML: {error.problem or error.context}"
    if not mark:
        return said
    begun = error.context_mark
    if begun and "quoted scalar" in (error.context or "") and "end of stream" in (error.problem or ""):
        return f"{said}; the quote that begins in line {begun.line + 1} is never closed"
    hint = _hint(error.problem or "", (text.splitlines() or [""])[min(mark.line, text.count("\n"))], mark.column)
    return f"{said}; {hint}" if hint else said


def _hint(problem: str, line: str, column: int) -> str:
    """Return how to write *line*, at whose *column* the *problem* is; "" where that isn't clear."""
    if "'\\t'" in problem:
        return "indent with blanks, not with tabs"
    if not any(words in problem for words in _NEEDS_QUOTES):
        return ""
    found = _KEY.match(line)
    if not found or column <= found.start("value") - 1:
        return "is the indentation the same as that of its neighbours?"
    if found["value"].startswith("'"):
        return f"write each ' inside single quotes twice: {found['key']}: 'it''s'"
    return f"put the value in single quotes: {found['key']}: '…'"
