import pytest

from digest.summaries.trimming import readings, shorten, tidy

TIDIED = [
    ("In this paper, we count the spanning trees of a wheel.", "We count the spanning trees of a wheel."),
    ("However, the method of lines is slow on wide grids.", "The method of lines is slow on wide grids."),
    ("To address this gap, we propose a faster solver for grids.", "We propose a faster solver for grids."),
    ("(2) k-means is run on the rows of the kernel matrix.", "k-means is run on the rows of the kernel matrix."),
    ("We use the fast Fourier transform (FFT) on every row.", "We use the fast Fourier transform on every row."),
    (
        "We show (1) that maps are smooth and (2) that they close.",
        "We show (1) that maps are smooth and (2) that they close.",
    ),
    ("We bound $f(x)$ (from below) by a constant factor.", "We bound $f(x)$ (from below) by a constant factor."),
    (
        "The spin-(1/2,1) chain of f(x) type is gapped (at zero field).",
        "The spin-(1/2,1) chain of f(x) type is gapped.",
    ),
    ("In this contribution we count the walks on a grid.", "We count the walks on a grid."),
    ("Thus, it ends.", "Thus, it ends."),
]


@pytest.mark.parametrize(("sentence", "tidied"), TIDIED)
def test_what_ties_a_sentence_to_others_is_left_out(sentence: str, tidied: str) -> None:
    assert tidy(sentence) == tidied


def texts(sentence: str) -> list[str]:
    return [reading.text for reading in readings(sentence)]


def test_trailing_clause_may_go() -> None:
    sentence = "We propose a lattice sampler for very large discrete models, which halves the running time."
    assert texts(sentence) == [sentence, "We propose a lattice sampler for very large discrete models."]


def test_opening_clause_may_go_but_a_condition_stays() -> None:
    free = "Motivated by traffic on narrow roads, we introduce a model of queues with doors."
    assert texts(free)[1] == "We introduce a model of queues with doors."
    bound = "If the group is finite, we prove that the growth of the cover is linear."
    assert texts(bound) == [bound]


UNCUT = [
    "We show that every closed map on the sphere, which is smooth, has a kernel, and is thus rigid.",
    "Most of the known methods for this old problem, including ours, fail.",
    "We list the three basic kinds of rigid body motion (turn, shift, and screw, which is both).",
    "We show that if the weights of the net are small, which is common, learning is lazy.",
]


@pytest.mark.parametrize("sentence", UNCUT)
def test_a_cut_never_takes_the_main_verb_or_a_condition(sentence: str) -> None:
    assert len(readings(sentence)) == 1 or all(text.endswith("and screw).") is False for text in texts(sentence)[1:])
    assert texts(sentence)[0].split()[0] == sentence.split(maxsplit=1)[0]


def test_short_text_stays() -> None:
    assert shorten("A short one.") == "A short one."


def test_long_text_ends_at_a_clause_outside_math() -> None:
    text = "We expand the series, " + "$a_1, a_2, a_3$ and " * 40 + "stop."
    short = shorten(text)
    assert short is not None
    assert len(short) <= 425
    assert short.endswith(" …")
    assert short.count("$") % 2 == 0


def test_one_long_formula_is_no_sentence() -> None:
    assert shorten("$" + "x + " * 400 + "y$") is None
