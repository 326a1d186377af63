"""How a feed is shown: choices that decide nothing about which papers it holds."""

from __future__ import annotations

from enum import StrEnum

from digest.models import Frozen


class Compat(StrEnum):
    """Whose item text and guid a feed shows."""

    NONE = "none"
    ARXIV = "arxiv"


class MathMode(StrEnum):
    """How math is shown in HTML content."""

    AUTO = "auto"
    """One line of Unicode where that is faithful, else MathML."""
    UNICODE = "unicode"
    """Never MathML."""
    MATHML = "mathml"
    """All of it."""
    TEX = "tex"
    """As it was written."""


class Replacements(StrEnum):
    """What a later version does to the paper's item."""

    UPDATE = "update"
    """Changes its content, never its identity."""
    NEW_ITEM = "new-item"
    """Is an item of its own."""


class SummaryMode(StrEnum):
    """Which summaries a feed shows."""

    AUTO = "auto"
    """A model's where there is one, else the built-in."""
    BUILTIN = "builtin"
    MODEL = "model"
    """Only a model's; an entry without one has none."""
    NONE = "none"


class TitleForm(StrEnum):
    """Which title of a paper is shown, where a model has translated it."""

    ORIGINAL = "original"
    TRANSLATED = "translated"
    """The original where there is no translation (yet)."""
    BOTH = "both"
    """The translation, then the original."""


class View(Frozen):
    """All of these together."""

    compat: Compat = Compat.NONE
    math: MathMode = MathMode.AUTO
    summary: SummaryMode = SummaryMode.AUTO
    replacements: Replacements = Replacements.UPDATE
    title_form: TitleForm = TitleForm.ORIGINAL
    lang: str | None = None
    """Language of model summaries, a normalised BCP 47 tag; None: the feed's own."""
