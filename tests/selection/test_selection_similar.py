"""Papers against examples: what is near, what pushes down, and which words are given as the reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.selection import Example, PaperIndex, Scoring, Selection, explain, select
from digest.selection.similar import Likeness, Profiles, _term_factor
from digest.selection.vectors import text_key
from tests.selection.selection_papers import make_paper

DECODING = Example(
    id="2601.05174",
    title="Speculative decoding of language models",
    abstract="A small model drafts tokens and the large one verifies them.",
)
GALAXIES = Example(id="2601.00002", title="Dwarf galaxies", abstract="Spectra of dwarf galaxies in the Local Group.")
PROTEINS = Example(id="smith2020", title="Protein folding", abstract="Structures of proteins from sequences.")
EXAMPLES = (DECODING, GALAXIES, PROTEINS)
BOTH = Scoring(like=("2601.05174",), dislike=("2601.00002",))


def disliked(example):
    return example.model_copy(update={"disliked": True})


def verdict(paper, *examples, stored=None):
    return Likeness(examples, Profiles(stored)).of(PaperIndex()[paper])


@pytest.mark.parametrize(
    ("title", "abstract", "nearest"),
    [
        ("Faster inference by drafting", "Transformers generate text token by token.", DECODING),
        ("Ultra-faint satellites of the Milky Way", "We observe stars and their metallicity.", GALAXIES),
        ("Predicting the binding of an enzyme", "A residue of the amino acid chain mutates.", PROTEINS),
    ],
)
def test_the_nearest_example_is_of_the_same_subject(title, abstract, nearest):
    found = verdict(make_paper(title=title, abstract=abstract), *EXAMPLES)
    assert found.like.example == nearest
    assert found.dislike is None


def test_what_resembles_nothing_has_no_points():
    paper = make_paper(title="Truthful auctions", abstract="Bidders bid their value in a second-price auction.")
    assert verdict(paper, GALAXIES, PROTEINS) == (None, None)
    assert verdict(make_paper(title="", abstract=""), *EXAMPLES) == (None, None)
    assert verdict(paper) == (None, None)


def test_the_text_of_the_only_example_is_as_near_as_can_be():
    same = make_paper(title=GALAXIES.title, abstract=GALAXIES.abstract)
    assert verdict(same, GALAXIES).like.value == pytest.approx(1, abs=0.05)


def test_reasons_are_the_shared_words_that_weigh_most():
    paper = make_paper(title="The dwarf galaxy", abstract="The spectrum of a galaxy in the Local Group of galaxies.")
    assert set(verdict(paper, GALAXIES).like.words) < {"dwarf", "galaxies", "spectra", "local", "group"}
    assert len(verdict(paper, GALAXIES).like.words) == 3
    assert verdict(paper, GALAXIES).like.words[:2] == ("dwarf", "galaxies")


def test_likes_and_dislikes_are_told_apart_wherever_they_stand():
    paper = make_paper(title="A dwarf galaxy", abstract="We took its spectrum.")
    for examples in [(DECODING, disliked(GALAXIES)), (disliked(GALAXIES), DECODING)]:
        found = verdict(paper, *examples)
        assert found.like is None
        assert found.dislike.example == disliked(GALAXIES)
    liked, hated = verdict(paper, GALAXIES), verdict(paper, disliked(GALAXIES))
    assert liked.like.value == hated.dislike.value


def test_dislikes_push_down():
    papers = [
        make_paper(id="star", title="A dwarf galaxy", abstract="We took its spectrum."),
        make_paper(id="plain", title="Truthful auctions", abstract="Bidders bid."),
        make_paper(id="draft", title="Drafting tokens", abstract="Language models decode faster."),
    ]
    entries = select(papers, Selection(scoring=BOTH), examples=(DECODING, disliked(GALAXIES))).entries
    assert [entry.paper.id for entry in entries] == ["draft", "plain", "star"]
    assert [match.rule for match in entries[2].matches] == ["dislike"]
    assert entries[2].score < 0 < entries[0].score


def test_more_near_examples_count_more_than_one():
    paper = make_paper(title="A dwarf galaxy", abstract="We took its spectrum.")
    other = GALAXIES.model_copy(update={"id": "2601.00003", "title": "Faint dwarf galaxies"})
    one, two = verdict(paper, GALAXIES, DECODING, PROTEINS), verdict(paper, GALAXIES, other, PROTEINS)
    assert two.like.value > one.like.value > 0


def test_points_don_t_depend_on_the_other_papers():
    paper = make_paper(title="A dwarf galaxy", abstract="We took its spectrum.")
    others = [make_paper(id=str(n), title="Dwarf galaxies", abstract="Spectra.") for n in range(20)]
    selection = Selection(scoring=BOTH)
    alone = select([paper], selection, examples=(GALAXIES,)).entries[0]
    assert alone in select([*others, paper], selection, examples=(GALAXIES,)).entries


@given(st.permutations(range(3)), st.sampled_from(["A dwarf galaxy", "Drafting tokens", "A folded protein"]))
def test_the_order_of_examples_doesn_t_matter(order, title):
    paper = make_paper(title=title)
    assert verdict(paper, *(EXAMPLES[place] for place in order)).like.value == pytest.approx(
        verdict(paper, *EXAMPLES).like.value
    )


def test_a_stored_profile_is_used_and_one_of_another_text_is_not():
    paper = make_paper(title="A title", abstract="An abstract.")
    stars = Profiles().of_example(GALAXIES)
    assert verdict(paper, GALAXIES, stored={text_key("A title", "An abstract."): stars}).like.value > 0.9
    assert verdict(paper, GALAXIES, stored={text_key("A title", "Another."): stars}).like is None
    selection = Selection(scoring=BOTH)
    stored = {text_key("A title", "An abstract."): stars}
    assert select([paper], selection, examples=(GALAXIES,), profiles=stored).entries[0].score > 9
    assert explain(paper, selection, examples=(GALAXIES,), profiles=stored)[1].rule == "score"


def test_explain_tells_both_sides():
    paper = make_paper(
        title="Decoding galaxies", abstract="Language models verify drafts on spectra of dwarf galaxies."
    )
    steps = explain(paper, Selection(scoring=BOTH), examples=(DECODING, disliked(GALAXIES)))
    like, dislike = [step.detail for step in steps if step.rule == "score"]
    assert like.startswith(
        'like: nearest is 2601.05174 "Speculative decoding of language models" https://arxiv.org/abs/2601.05174, both have '
    )
    assert dislike.startswith(
        'dislike: nearest is 2601.00002 "Dwarf galaxies" https://arxiv.org/abs/2601.00002, both have galaxies, dwarf'
    )
    assert ": +" in like
    assert ": -" in dislike


def test_an_example_without_arxiv_id_has_no_link():
    paper = make_paper(title="Protein folding", abstract="Sequences.")
    (match,) = select([paper], Selection(scoring=BOTH), examples=(PROTEINS,)).entries[0].matches
    assert (match.term, match.nearest.title, match.nearest.link) == ("smith2020", "Protein folding", None)


def test_more_examples_than_fit_one_machine_word_are_kept_apart():
    examples = [Example(id=f"p{n}", title=f"Protein number{n}", abstract=f"Only number{n}.") for n in range(150)]
    for place in (0, 74, 149):
        paper = make_paper(title=f"On number{place}", abstract=f"About number{place}.")
        assert verdict(paper, *examples).like.example.id == f"p{place}"


def test_an_example_of_little_weight_counts_less_beside_others_and_not_alone():
    paper = make_paper(title=DECODING.title, abstract=DECODING.abstract)
    old = DECODING.model_copy(update={"weight": 0.2})
    alone = verdict(paper, old).like.value
    assert alone == pytest.approx(verdict(paper, DECODING).like.value)
    assert verdict(paper, old, GALAXIES).like.value < verdict(paper, DECODING, GALAXIES).like.value


def test_a_private_example_shows_words_only():
    paper = make_paper(title=DECODING.title, abstract=DECODING.abstract)
    private = DECODING.model_copy(update={"private": True})
    (match,) = select([paper], Selection(scoring=Scoring(like=("x",))), examples=[private]).entries[0].matches
    assert (match.term, match.nearest.title, match.nearest.link) == ("private library", "", None)
    assert match.nearest.words
    steps = explain(paper, Selection(scoring=Scoring(like=("x",))), examples=[private])
    assert not any(DECODING.title in step.detail or DECODING.id in step.detail for step in steps)


@pytest.mark.parametrize(("examples", "factor"), [(1, 5), (5, 5), (10, 2.5), (20, 2), (150, 2)])
def test_words_weigh_the_more_the_fewer_examples_there_are(examples, factor):
    assert _term_factor(examples) == factor


@given(st.integers(1, 30))
def test_the_text_of_all_examples_is_as_near_as_can_be_however_many_there_are(number):
    paper = make_paper(title=DECODING.title, abstract=DECODING.abstract)
    same = [DECODING.model_copy(update={"id": str(place)}) for place in range(number)]
    assert verdict(paper, *same).like.value >= 0.98
