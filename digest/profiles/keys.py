"""The keys of a profile, all made from one random root: whoever has one of them can make none of the others.

    ident   names the profile in the store; part of every key, opens nothing by itself
    owner   everything: settings, votes, export, renewing, deleting
    read    the feed and its page, what is saved
    vote    one paper's vote, to add or to undo, and nothing else: it is in the items of feeds, which get shared

A key is its kind's letter, the ident, and a code: HMAC-SHA-256 (RFC 2104, https://www.rfc-editor.org/rfc/rfc2104) of
kind, edition and paper with the root. Renewing a kind of key draws a new edition for it, which ends the keys of the
old one and no others. Editions are random, so that an old export, which holds the root, doesn't open what was renewed
since.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

ROOT_BYTES = 32
_IDENT_BYTES = 10
_CODE_BYTES = 15
_IDENT_LETTERS, _CODE_LETTERS = 16, 24
_KEY = re.compile(rf"([orv])([a-z2-7]{{{_IDENT_LETTERS}}})([a-z2-7]{{{_CODE_LETTERS}}})")


class Kind(StrEnum):
    """What a key opens; the letter that it begins with."""

    OWNER = "o"
    READ = "r"
    VOTE = "v"


class Key(NamedTuple):
    """A key as it was given."""

    kind: Kind
    ident: str
    code: str


def parse_key(text: str) -> Key | None:
    """Read a key; None if *text* doesn't look like one."""
    found = _KEY.fullmatch(text)
    return Key(Kind(found[1]), found[2], found[3]) if found else None


def ident_of(root: bytes) -> str:
    """Return what names the profile of *root*; the root doesn't follow from it."""
    return _letters(hmac.digest(root, b"ident", sha256)[:_IDENT_BYTES])


def make_key(root: bytes, kind: Kind, edition: str, paper: str = "") -> str:
    """Return a key.

    Args:
        root: Of the profile.
        kind: What it opens.
        edition: Of the kind's keys; any text without a zero character.
        paper: The arXiv id that a vote key is for.
    """
    return f"{kind}{ident_of(root)}{_code(root, kind, edition, paper)}"


def opens(key: Key, root: bytes, editions: Mapping[Kind, str], paper: str = "") -> bool:
    """Tell, in a time that says nothing about the right key, whether *key* is one of the profile's of that *root*."""
    expected = _code(root, key.kind, editions[key.kind], paper)
    return hmac.compare_digest(key.code.encode(), expected.encode()) and key.ident == ident_of(root)


def _code(root: bytes, kind: Kind, edition: str, paper: str) -> str:
    message = f"{kind.name.lower()}\0{edition}\0{paper}"
    return _letters(hmac.digest(root, message.encode(), sha256)[:_CODE_BYTES])


def _letters(data: bytes) -> str:
    return b32encode(data).decode().lower()
