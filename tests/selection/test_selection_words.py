import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.selection.indexing import Text
from digest.selection.plurals import inflections, singular
from digest.selection.spellings import base, word_forms
from digest.selection.words import Vocabulary, compounds, fold, spaced, term_words


def has(text, term, *, prefix=False):
    words = term_words(term, prefix=prefix)
    assert words is not None
    return Text(text, Vocabulary()).has(words)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Poincaré", "poincare"),
        ("Łukasz Erdős", "lukasz erdos"),
        ("cafe\u0301", "café"),
        ("straße", "STRASSE"),
        (r"$\alpha$", "α"),
        ("α", "Alpha"),
        (r"$\varepsilon$-greedy", "epsilon-greedy"),
        (r"$\alpha\beta$", "αβ"),
        ("𝛼", "alpha"),
        ("\N{MICRO SIGN}", "mu"),
        (r"$\Delta$", "∆"),
        ("CO$_2$", "CO₂"),
        ("MoS$_{2}$", "MoS2"),
        ("transformer_gan", "transformer gan"),
        ("$O(N^2)$", "O(N²)"),
        (r"$\mathrm{SL}_3(\mathbb{R})$", "SL3(R)"),
        (r"$\ell_1$", "ℓ1"),
        ("Newton's method", "Newton’s method"),
        ("ﬁne", "fine"),
        ("Kohn–Sham", "Kohn-Sham"),
        ("non\u2011linear", "non-linear"),
        ("hyphen\u00adation", "hyphenation"),
    ],
)
def test_spellings_of_one_thing_meet(one, other):
    assert has(one, other)
    assert has(other, one)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("the world", "RL"),
        ("transformers", "former"),
        ("C is old", "C++"),
        ("C++ templates", "C"),
        ("a low score and a rank", "low rank"),
        ("rank low", "low rank"),
        (r"$z \sim 6$", "sim"),
        ("dynamic pricing", "dynamics"),
        ("new results", "news"),
        ("a GP prior", "GPS"),
        ("lowrank", "low rank"),
    ],
)
def test_other_words_do_not(text, term):
    assert not has(text, term)


@pytest.mark.parametrize("text", ["low-rank adapters", "low rank adapters", "Low-Rank Adapter", "low–rank adapter"])
@pytest.mark.parametrize("term", ["low-rank", "low rank", "low-rank adapters", "low rank adapter"])
def test_hyphens_are_tolerated(text, term):
    assert has(text, term)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("pre-training", "pretraining"),
        ("pretraining", "pre-training"),
        ("Masked Pre-Training Objectives", "pretraining objective"),
        ("a multi-modal-language model", "multimodal"),
        ("α-synuclein", "alphasynuclein"),
    ],
)
def test_a_compound_is_also_one_word(text, term):
    assert has(text, term)


def test_a_dash_between_words_makes_no_compound():
    assert compounds(fold("pre - training, pre — training, minus -5")) == []


@pytest.mark.parametrize(
    ("plural", "word"),
    [
        ("networks", "network"),
        ("studies", "study"),
        ("classes", "class"),
        ("losses", "loss"),
        ("approaches", "approach"),
        ("boxes", "box"),
        ("caches", "cache"),
        ("databases", "database"),
        ("biases", "bias"),
        ("analyses", "analysis"),
        ("hypotheses", "hypothesis"),
        ("matrices", "matrix"),
        ("lattices", "lattice"),
        ("phenomena", "phenomenon"),
        ("spectra", "spectrum"),
        ("gpus", "gpu"),
        ("llms", "llm"),
        ("topics", "topic"),
        ("movies", "movie"),
    ],
)
def test_plurals_have_a_singular(plural, word):
    assert singular(plural) == word
    assert singular(word) == word


@pytest.mark.parametrize(
    "word",
    [
        "series",
        "news",
        "physics",
        "dynamics",
        "bias",
        "virus",
        "analysis",
        "gas",
        "loss",
        "gps",
        "has",
        "thus",
        "chaos",
    ],
)
def test_words_that_only_look_like_plurals_stay(word):
    assert singular(word) == word


@given(st.from_regex(r"[a-z]{1,6}(s|es|ies|ics|ses|xes|us)?", fullmatch=True))
def test_a_word_is_among_the_inflections_of_itself(word):
    assert word in inflections(word)
    assert {singular(each) for each in inflections(word)} == {singular(word)}


def test_a_prefix_is_of_a_whole_word():
    assert has("speculative decoding", "decod", prefix=True)
    assert has("fine-tuned", "fine-tun", prefix=True)
    assert has("finetuned", "fine-tun", prefix=True)
    assert not has("encoding", "cod", prefix=True)


def test_characters_of_chinese_are_words():
    assert has("注意力机制研究", "注意力")
    assert not has("注意力机制研究", "力注")


@given(st.text(max_size=60))
def test_folding_leaves_only_words_spaces_and_hyphens(text):
    assert re.fullmatch(r"[\w\s-]*", fold(text))
    assert "  " not in spaced(fold(text))


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_text_holds_itself(before, text):
    words = term_words(text)
    if words is not None:
        assert Text(f"{before} , {text} . ", Vocabulary()).has(words) or "\\" in before


@given(
    st.lists(
        st.sampled_from(["deep", "graph", "graphs", "neural", "network", "networks", "learning", "class", "classes"]),
        max_size=9,
    )
)
def test_a_phrase_of_any_length_is_found_in_any_number(words):
    phrase = " ".join(words)
    if phrase:
        assert has(f"on {' '.join(map(singular, words))} today", phrase)
        assert not has(f"{' and '.join(words)} and", phrase) or len(words) == 1


@pytest.mark.parametrize(
    "text", ["A* search", "weighted A*", "$A^*$ search", "$A^{*}$", r"$A^\ast$", "an A*-like search"]
)
def test_a_single_letter_keeps_its_star(text):
    assert "astar" in fold(text).replace("-", " ").split()


@pytest.mark.parametrize("text", ["Apples", "A search", "*a*b*", "*important* points", "vitamin* a"])
def test_other_stars_are_no_letters(text):
    assert "star" not in fold(text)


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("optimisation", "optimization"), ("quantised", "quantized"), ("colour", "color"), ("graph neighbours", "graph neighbor"),
        ("modelling", "modeling"), ("fibre", "fibers"), ("centred", "centered"), ("analyse", "analyze"), ("grey", "gray"),
        ("haemoglobin", "hemoglobin"), ("catalogue", "catalogs"), ("optimisers", "optimizer"), ("sulphur", "sulfur"),
        ("generalisation bound", "generalization bounds"), ("self-organisation", "self organization"),
        ("behavioural colour-magnitude diagrams", "behavioral color magnitude diagram"), ("kilometres", "kilometer"),
    ],
)  # fmt: skip
def test_british_and_american_spellings_meet(british, american):
    assert has(british, american)
    assert has(american, british)


@pytest.mark.parametrize(
    "word",
    ["supervised", "noise", "promise", "precise", "rise", "otherwise", "arising", "enterprise", "denoising", "contour", "four",
     "wise", "revised", "raising", "unsupervised", "exercise", "paradise", "analysis", "size"],
)  # fmt: skip
def test_other_words_keep_their_spelling(word):
    assert base(word) == singular(word)


@pytest.mark.parametrize(
    ("beginning", "word"),
    [("quantiz", "quantised"), ("quantis", "quantization"), ("behaviour", "behavioral"), ("behavior", "behavioural"),
     ("optimisat", "optimization"), ("labell", "labelled")],
)  # fmt: skip
def test_a_beginning_finds_both_spellings(beginning, word):
    assert has(word, beginning, prefix=True)


@given(st.text(alphabet="aceilmnoprstuyz", min_size=3, max_size=12))
def test_every_form_has_the_same_base(word):
    assert {base(form) for form in word_forms(word)} <= {base(word)}
    assert word in word_forms(word)
