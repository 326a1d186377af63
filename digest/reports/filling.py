"""What a run that fills in model summaries did, and what one would need. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call or of many."""

    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def total(self) -> int:
        """Both together."""
        return self.input_tokens + self.output_tokens


@dataclass(slots=True)
class FillReport:
    """What a run did. `present` to `left` add up to `wanted`."""

    wanted: int = 0
    present: int = 0
    """Had a summary already."""
    written: int = 0
    refused: int = 0
    """Asked for, without a usable summary; `reasons` says why, by paper id."""
    backing_off: int = 0
    """Refused before, and not yet due again."""
    busy: int = 0
    """Another instance is at it."""
    left: int = 0
    """Not reached."""
    calls: int = 0
    usage: Usage = field(default_factory=Usage)
    money: float = 0.0
    stopped: str = ""
    """Why the run ended before its papers did, "" if it didn't."""
    reasons: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What filling in would need: one call a paper, answers of usual length."""

    papers: int
    calls: int
    usage: Usage
    money: float
    problem: str = ""
    """Why nothing of it would be written now, "" if it may be."""
