from digest.summaries import label_sentences
from digest.summaries.roles import COARSE, role_features, role_probabilities

ABSTRACT = [
    "Graph neural networks are widely used for predicting the properties of molecules.",
    "However, existing models ignore the symmetry of molecules and need many labels.",
    "In this paper, we propose SymNet, a network that respects these symmetries.",
    "SymNet first encodes each atom and then aggregates messages over the orbits of the symmetry group.",
    "Experimental results on five benchmarks show that SymNet outperforms strong baselines by 4.2%.",
    "These findings suggest that symmetry is useful for learning with few labels.",
]


def test_roles_of_a_plain_abstract() -> None:
    assert label_sentences(ABSTRACT) == ["background", "gap", "objective", "method", "result", "conclusion"]


def test_probabilities_are_over_all_roles_and_sum_to_one() -> None:
    for row in role_probabilities(ABSTRACT):
        assert set(row) == set(COARSE)
        assert abs(sum(row.values()) - 1) < 1e-9


def test_one_label_a_sentence_even_for_odd_ones() -> None:
    odd = ["", "$$$", "?" * 500, "日本語の文です。", "a " * 3_000]
    assert len(label_sentences(odd)) == len(odd)
    assert set(label_sentences(odd)) <= set(COARSE)


def test_no_sentence_no_label() -> None:
    assert label_sentences([]) == []


def test_a_hint_decides() -> None:
    hinted = role_probabilities(["The sky is blue."] * 2, ["method", None])
    assert hinted[0]["method"] > 0.9


def test_features_name_words_pairs_triples_openings_and_place() -> None:
    features = set(role_features(["We grow 12 trees, quickly."])[0])
    words = {"we", "grow", "0", "trees", "quickly", ",", "."}
    pairs = {("we", "grow"), ("grow", "0"), ("0", "trees"), ("trees", "quickly")}
    gaps = {("we", "", "0"), ("grow", "", "trees"), ("0", "", "quickly")}
    triples = {("we", "grow", "0"), ("grow", "0", "trees"), ("0", "trees", "quickly")}
    openings = {("<", "we"), ("<", "we", "grow"), ("<", "we", "grow", "0"), ("<", "we", "grow", "0", "trees")}
    assert features >= words | pairs | gaps | triples | openings
    rest = features - words - pairs - gaps - triples - openings
    assert all(feature == "*" or feature[0].startswith("@") for feature in rest)


def test_further_features_only_where_the_abstract_is_not_about_computing() -> None:
    def has_further(sentence: str) -> bool:
        return "@o" in set(role_features([sentence])[0])

    assert has_further("We cool the wire and measure its conductance on a network of leads.")
    assert not has_further("We train a network on images of wires from three datasets.")


def test_words_are_found_alike_with_and_without_ascii() -> None:
    plain = role_features(["We're using state-of-the-art nets_2 on 3% of $x$ data."])[0]
    accented = role_features(["We're using state-of-the-art nets_2 on 3% of $x$ data.é"])[0]
    assert set(plain) - set(accented) == set()


def test_the_passive_announces_too() -> None:
    passive = [
        "The ground states of long diamond chains with mixed spins are investigated with numerical methods.",
        "Each chain is cut into short pieces and every piece is diagonalised.",
    ]
    assert label_sentences(passive) == ["objective", "method"]


def test_plain_statements_behind_the_aim_are_results_outside_computing() -> None:
    told = [
        "We study the kinematics of stars in the outer disk of a spiral galaxy with spectra of 900 giants.",
        "The velocity dispersion decreases with radius and is consistent with a disk that heats slowly.",
        "Stars of low metallicity show a larger scatter than those of high metallicity.",
        "These results constrain models of how disks form.",
    ]
    assert label_sentences(told) == ["objective", "result", "result", "conclusion"]


def test_plain_statements_behind_the_aim_are_the_method_in_computing() -> None:
    told = [
        "We propose WireNet, a neural network for the segmentation of wires in images.",
        "The architecture is a transformer with a local attention that follows each wire.",
        "It outperforms strong baselines on three datasets.",
    ]
    assert label_sentences(told) == ["objective", "method", "result"]
