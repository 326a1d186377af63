"""Reasons are words that read as words, spelled as the example spells them."""

import pytest

from digest.selection import Example
from digest.selection.indexing import Text
from digest.selection.reasons import reason_words
from digest.selection.similar import Profiles, telling_words
from digest.selection.vectors import count_words, load_vectors
from digest.selection.words import Vocabulary


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Re-ranking in 05 steps", ["ranking", "steps"]),
        ("Pre-training of non-convex, semi-supervised and multi-view nets", ["training", "convex", "supervised", "view", "nets"]),
        ("A survey of AI, 3D scenes and 5G at 10 GHz", ["survey", "AI", "3D", "scenes", "5G", "GHz"]),
        ("We use ab initio ai and 20 cm", ["initio"]),
        ("GNNs for LLMs, ResNet and BERT", ["GNNs", "LLMs", "ResNet", "BERT"]),
        ("Quantum Monte Carlo by Kolmogorov", ["quantum", "monte", "carlo", "kolmogorov"]),
        ("Code at https://github.com/x/y", ["code", "github"]),
        ("CO$_2$ and $x_1$ in 2024", ["co2"]),
        ("Our paper shows that this may be used", ["shows"]),
        ("Transformers: a Transformer", ["transformers"]),
        ("", []),
    ],
)  # fmt: skip
def test_words_that_read_as_words(text, shown):
    found = reason_words(text, Text(text, Vocabulary()).spellings)
    assert sorted(found.values()) == sorted(shown)


def test_names_are_found_by_their_singular():
    text = "GNNs"
    assert reason_words(text, Text(text, Vocabulary()).spellings) == {"gnn": "GNNs"}


GRAPHS = Example(
    id="2601.00001",
    title="Graph neural networks having nodes",
    abstract="We reformulate message passing on graphs, posed and dealt with lately; Zorblax is new.",
)


def test_words_of_all_subjects_tell_nothing_and_new_ones_do():
    told = {word.shown: word.weight for word in telling_words(GRAPHS, load_vectors()).values()}
    assert {"graph", "neural", "nodes", "message", "passing", "zorblax"} <= set(told)
    assert not {"having", "reformulate", "posed", "new"} & set(told)
    assert told["graph"] > told["message"]


def test_how_a_word_agrees_with_a_text():
    words = load_vectors()
    profile = Profiles().of_example(GRAPHS)
    assert words.agreement("zorblax", profile) is None
    assert words.agreement("graph", profile) > 0.4 > words.agreement("galaxy", profile)
    alone = words.profile(count_words(["galaxy"], ["galaxy"]))
    assert words.agreement("galaxy", alone) > 0.9
