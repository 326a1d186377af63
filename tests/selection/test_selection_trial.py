"""A fifth of the examples, held out and looked for among a day's papers."""

import pytest

from digest.selection import Example
from digest.selection.trial import FIRST, Trial, try_out
from tests.selection.selection_papers import make_paper

GALAXIES = [
    Example(id=f"g{number}", title=f"Dwarf galaxies {number}", abstract="Spectra of stars in dwarf galaxies near us.")
    for number in range(10)
]
PROOFS = [
    make_paper(id=f"2601.{number:05d}", title="Sums over primes", abstract="We bound an exponential sum over primes.")
    for number in range(FIRST + 5)
]


@pytest.mark.parametrize(
    ("examples", "expected"),
    [
        (GALAXIES[:4], None),
        (GALAXIES[:5], Trial(1, 1)),
        (GALAXIES, Trial(2, 2)),
        ([Example(id="p", title="Sums of squares", abstract="Lattices."), *GALAXIES[1:5]], Trial(1, 0)),
        ([one.model_copy(update={"disliked": True}) for one in GALAXIES], None),
    ],
    ids=["too-few", "five", "ten", "something-else", "dislikes-only"],
)
def test_each_fifth_is_looked_for_by_the_others(examples, expected):
    nearer = [paper.model_copy(update={"title": "Stars in dwarf galaxies"}) for paper in PROOFS[:1]]
    assert try_out([*nearer, *PROOFS[1:]], examples) == expected


def test_examples_of_the_day_itself_are_not_in_their_own_way():
    papers = [make_paper(id=one.id, title=one.title, abstract=one.abstract) for one in GALAXIES]
    assert try_out([*papers, *PROOFS], GALAXIES) == Trial(2, 2)


def test_a_day_on_which_all_would_be_first_tells_nothing():
    assert try_out(PROOFS[: FIRST - 1], GALAXIES) is None
