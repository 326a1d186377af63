"""TeX math as tokens: commands, numbers, blanks, single characters."""

from __future__ import annotations

import re

from digest.text.math_nodes import MathError

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\d+(?:\.\d+)?(?:,\d{3}(?!\d))*|\s+|.", re.DOTALL)
_MOST_TOKENS = 1500


class Tokens:
    """The tokens of a formula, taken one by one.

    Attributes:
        signs: All of them.
        position: That of the next one.

    Raises:
        MathError: There are too many.
    """

    def __init__(self, tex: str) -> None:
        self.signs: list[str] = _TOKEN.findall(tex)
        if len(self.signs) > _MOST_TOKENS:
            raise MathError("too long")
        self.position = 0

    def at_end(self) -> bool:
        """Tell whether nothing is left."""
        return self.position >= len(self.signs)

    def peek(self) -> str:
        """Return the next token without taking it, "" at the end."""
        return self.signs[self.position] if self.position < len(self.signs) else ""

    def next(self) -> str:
        """Take the next token.

        Raises:
            MathError: Nothing is left.
        """
        sign = self.peek()
        if not sign:
            raise MathError("incomplete")
        self.position += 1
        return sign

    def skip_blanks(self) -> None:
        """Take blanks."""
        while self.peek().isspace():
            self.position += 1

    def raw_group(self) -> str:
        """Take the next group, and return its text as written."""
        self.skip_blanks()
        if self.peek() != "{":
            return self.next()
        self.next()
        depth, start = 1, self.position
        while depth:
            sign = self.next()
            depth += (sign == "{") - (sign == "}")
        return "".join(self.signs[start : self.position - 1])

    def option(self) -> str | None:
        """Take what brackets hold, and return it as written; None if there are no brackets here."""
        self.skip_blanks()
        if self.peek() != "[":
            return None
        self.next()
        start = self.position
        while self.next() != "]":
            pass
        return "".join(self.signs[start : self.position - 1])
