"""Private characters that stand for pieces of a text that nothing may touch: formulas, addresses."""

from __future__ import annotations

import re

# `visible` has dropped any that came from outside.
_FIRST_PLACE = 0xF0000
_LAST_PLACE = 0xFFF00
_PLACES = re.compile("[\U000f0000-\U000fff00]")


def is_full(kept: list[str]) -> bool:
    """Tell whether there is no character left to stand for another piece."""
    return len(kept) >= _LAST_PLACE - _FIRST_PLACE - 1


def place(kept: list[str], piece: str) -> str:
    """Keep *piece*, and return the character that stands for it."""
    kept.append(piece)
    return chr(_FIRST_PLACE + len(kept) - 1)


def restore(text: str, kept: list[str]) -> str:
    """Put the pieces back in."""

    def restored(found: re.Match[str]) -> str:
        index = ord(found[0]) - _FIRST_PLACE
        return kept[index] if index < len(kept) else found[0]

    return _PLACES.sub(restored, text) if kept else text
