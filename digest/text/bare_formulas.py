"""Formulas that stand in a text without their dollars, as plain Unicode."""

from __future__ import annotations

import unicodedata


def show_formula(tex: str) -> str | None:
    r"""Write a short formula as plain text, `\bar\nu` as ν̄ and `\frac{1}{3}` as 1/3; None if it can't be."""
    from digest.text.math_linear import write_plain
    from digest.text.math_nodes import MathError
    from digest.text.math_parser import parse_math

    try:
        shown = write_plain(parse_math(tex))
    except MathError:
        return None
    if "frac" in tex:
        shown = unicodedata.normalize("NFKC", shown).replace("\u2044", "/") if len(shown) == 1 else shown
    return None if "\\" in shown else shown
