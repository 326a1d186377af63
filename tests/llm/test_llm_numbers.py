"""Numbers that a summary may not invent."""

import pytest

from digest.llm.number_check import unknown_numbers

SOURCE = (
    "We reach 92.37% on 1,000 samples, 0.95 AUC and 1.2M users in twenty-five trials; half as slow, 3.4x faster, "
    "O(10^{-3}), k=15, GPT-4, 2024, 12,500 items."
)


@pytest.mark.parametrize(
    "text",
    [
        "92.37 %", "92.4%", "92,4 %", "92%", "1000", "1.000", "1 000", "95 %", "1.2 million", "120万", "1,200,000", "25 trials",
        "50 %", "3.4 times", "10^{-3}", "k = 15", "GPT-4 of 2024", "12.5k", "12.500", "two or 3 things", "９２.３７％",
    ],
)  # fmt: skip
def test_numbers_of_the_source_are_known_in_other_spellings(text: str) -> None:
    assert unknown_numbers(text, SOURCE) == ()


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("97.3 %", ("97.3",)),
        ("93 %", ("93",)),
        ("a gain of 5 %", ("5",)),
        ("37 samples", ("37",)),
        ("in 2025, 11 and 11", ("2025", "11")),
        ("300万", ("300",)),
    ],
)
def test_others_are_told_once_each(text: str, unknown: tuple[str, ...]) -> None:
    assert unknown_numbers(text, SOURCE) == unknown
