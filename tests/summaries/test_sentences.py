import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.summaries import split_sentences

KEPT_WHOLE = [
    "We extend the bound of Novak et al. to graphs.",
    "Priors, e.g. Laplace or Cauchy, are compared, i.e. ranked, w.r.t. the risk.",
    "Noise is i.i.d. Gaussian, cf. Sec. 3 and Eqs. (4) and (5).",
    "The period is 3.14 days vs. 2.71 days in Ref. [12].",
    "Let $f(x)=1. Then$ be a formula with a full stop inside.",
    "See https://example.org/a.b/c?d=e. for details",
    "We follow A. B. Novak and grow E. coli at 4 deg. C.",
    "The code (We thank the authors. They know why.) is public.",
    "We revisit a bound (Novak, J. Bounds. 12 (2023) 34; erratum: J. Bounds. 13) for trees.",
    "Values 1, 2, ... and so on are allowed.",
    "We find that Moe v. Acme Corp. doubled the use of licences in 40 projects.",
    "We read United States v. Microsoft and Roe v. The State.",
    "Rates (c.f. Roe) hold, s.t. Lemma 2 follows, and Smith Bros. Models fit Doe vs. Poe.",
    "The prompt “Think twice.” raises accuracy.",
]


@pytest.mark.parametrize("text", KEPT_WHOLE)
def test_abbreviations_math_and_brackets_do_not_end_a_sentence(text: str) -> None:
    assert split_sentences(text) == [text]


CUT = [
    (["The noise is i.i.d.", "We estimate its variance."]),
    (["Does depth help?", "It does!", "We say why."]),
    (["Let $g(x)=x^2.$", "Then $g$ is convex."]),
    (["We introduce m-trees.", "m is fixed."]),
    (["We present \\textsc{Foo}.", "\\textsc{Foo} is small."]),
    (["This was seen before [3].", "[4] disagrees is never a start, but this is."][:1]),
    (["We test SEG-Aug.", "I then count lines at H$\\alpha$6563 and the rest."]),
    (["We take a vertex v.", "We remove it."]),
    (["Let $u$ be next to v.", "Then $u$ is a leaf."]),
    (["We fix a group G.", "I then count its orbits."]),
    (["About $\\sim$35 filters (or $n$2) are used.", "Prices rose from $20 to $30.", "Rents fell."]),
    (["The answer is no.", "We prove it."]),
    (["Item No. 5 is lost.", "12 others remain."]),
    (["Two facts hold: 1. Maps are smooth.", "2. Kernels are finite."]),
    (["本文提出一种方法。", "结果很好。"]),
    (["We study iOS.", "macOS follows."]),
]


@pytest.mark.parametrize("sentences", CUT)
def test_sentences_are_found(sentences: list[str]) -> None:
    joint = "" if sentences[0].endswith("。") else " "
    assert split_sentences(joint.join(sentences)) == sentences


def test_lost_blank_is_an_end_but_a_module_path_is_not() -> None:
    assert split_sentences("We train a net.It converges. We call torch.nn.Module once.") == [
        "We train a net.",
        "It converges.",
        "We call torch.nn.Module once.",
    ]
    assert split_sentences("We steer it with PPO.Our tests pass.") == ["We steer it with PPO.", "Our tests pass."]
    assert split_sentences("Scans are rare.Methods: We train a net.") == ["Scans are rare.", "Methods: We train a net."]
    assert split_sentences("We call std.Vector: it is slow.") == ["We call std.Vector: it is slow."]


def test_paragraph_break_ends_a_sentence_without_a_mark() -> None:
    assert split_sentences("First part\n\nsecond part.") == ["First part", "second part."]


def test_line_break_is_a_blank() -> None:
    assert split_sentences("One\nsentence   here.") == ["One sentence here."]


@pytest.mark.parametrize("text", ["", " \n\n ", "\t"])
def test_nothing_gives_nothing(text: str) -> None:
    assert split_sentences(text) == []


@given(st.text(alphabet='aB1 .?!$()[]\n{}\\"…。éal.eg', max_size=80))
def test_no_character_is_lost(text: str) -> None:
    sentences = split_sentences(text)
    assert "".join("".join(sentences).split()) == "".join(text.split())
    assert all(sentence.strip() == sentence != "" for sentence in sentences)
