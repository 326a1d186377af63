"""What a reader may ask for, and what it means."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.arxiv import taxonomy
from digest.arxiv.taxonomy import aliases_of, belongs, canonical, codes_of, groups, is_archive, name_of, parse_spec
from digest.errors import InputError, UnknownContextError

SHARED = Path(__file__).resolve().parents[2].parent / "shared"

ARCHIVES = [archive for group in groups() for archive in group.archives]
CATEGORIES = [category for archive in ARCHIVES for category in archive.categories]
CODES = sorted({a.code for a in ARCHIVES} | {c.code for c in CATEGORIES})
codes = st.sampled_from(CODES)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("cs.LG", "cs.LG"),
        ("CS.lg", "cs.LG"),
        ("cs", "cs"),
        ("HEP-TH", "hep-th"),
        ("math.IT", "cs.IT"),
        ("cs.SY", "eess.SY"),
        ("math.MP", "math-ph"),
        ("stat.TH", "math.ST"),
        ("q-fin.EC", "econ.GN"),
        ("cs.NA", "math.NA"),
        ("cmp-lg", "cs.CL"),
        ("alg-geom", "math.AG"),
        ("cond-mat", "cond-mat"),
        ("cond-mat.Mtrl-Sci", "cond-mat.mtrl-sci"),
        ("PHYSICS.ACC-PH", "physics.acc-ph"),
    ],
)
def test_every_spelling_of_a_code_has_one_canonical_code(asked, meant):
    assert canonical(asked) == meant


@given(codes)
def test_a_canonical_code_is_its_own(code):
    assert canonical(canonical(code)) == canonical(code) == canonical(code.swapcase())
    assert canonical(code) in CODES


@pytest.mark.parametrize("hidden", ["test", "test.soft", "bad-arch", "bad-arch.bad-cat", "", "cs.", ".", "cs.LG "])
def test_what_arxiv_keeps_for_itself_is_unknown(hidden):
    with pytest.raises(UnknownContextError):
        canonical(hidden)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("cs.XX", "unknown category cs.XX"),
        ("cs.LGG", "unknown category cs.LGG; did you mean cs.LG?"),
        ("LG", "unknown category or archive LG; did you mean cs.LG?"),
        ("cslg", "unknown category or archive cslg; did you mean cs.LG?"),
        ("quant", "unknown category or archive quant; did you mean quant-ph?"),
        ("cs.LG, cs.ROB", "unknown category cs.ROB; did you mean cs.RO?"),
        ("robotics", "unknown category or archive robotics; by that name: cs.RO"),
        ("machine learning", "unknown category or archive machine learning; by that name: cs.LG, stat.ML"),
        ("cs.CL, machine  learning", "unknown category or archive machine learning; by that name: cs.LG, stat.ML"),
        ("hep-th+Computer Vision", "unknown category or archive Computer Vision; by that name: cs.CV"),
        ("cs.CL machine learning", "unknown category or archive machine learning; by that name: cs.LG, stat.ML"),
        ("machine+learning+hep-th", "unknown category or archive machine learning; by that name: cs.LG, stat.ML"),
        ("machine+learning+robotics", "unknown category or archive machine learning; by that name: cs.LG, stat.ML"),
        ("math logic", "unknown category or archive math logic; by that name: math.LO"),
        ("cond-mat.mtrl", "unknown category cond-mat.mtrl; did you mean cond-mat.mtrl-sci?"),
    ],
)
def test_an_unknown_code_is_answered_with_the_nearest(asked, message):
    with pytest.raises(UnknownContextError) as caught:
        parse_spec(asked)
    assert str(caught.value) == message
    assert caught.value.name == "spec"


@given(st.text(max_size=200))
def test_any_text_is_a_known_code_or_an_input_error_of_one_short_line(text):
    try:
        spec = parse_spec(text)
    except InputError as error:
        message = str(error)
        assert message.isprintable()
        assert len(message) < 200
    else:
        assert parse_spec(str(spec)) == spec


def test_a_long_unknown_code_is_refused_quickly():
    start = time.perf_counter()
    with pytest.raises(UnknownContextError):
        canonical("x" * 1_000_000)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("cs.LG", "cs.LG"),
        ("stat.ML+cs.LG", "cs.LG+stat.ML"),
        ("cs.lg+CS.LG+cs.LG", "cs.LG"),
        ("math.IT+cs.IT", "cs.IT"),
        ("cs.LG+cs", "cs"),
        ("cs.LG,stat.ML", "cs.LG+stat.ML"),
        ("cs.LG, stat.ML", "cs.LG+stat.ML"),
        ("cs.LG stat.ML", "cs.LG+stat.ML"),
        ("cs.LG; stat.ML ", "cs.LG+stat.ML"),
        ("+stat.ML++cs.LG+", "cs.LG+stat.ML"),
        ("math.*", "math"),
        ("q-bio.*,cs.LG", "cs.LG+q-bio"),
        ("hep-th+math-ph+math.MP", "hep-th+math-ph"),
        # an alias of another archive's category stays, though `cs` covers it too: nothing may be lost
        ("cs+cs.SY", "cs+eess.SY"),
    ],
)
def test_a_spec_is_canonical_and_names_nothing_twice(text, meant):
    assert str(parse_spec(text)) == meant


@given(st.lists(codes, min_size=1, max_size=taxonomy.MAX_PARTS))
def test_a_spec_means_the_same_in_any_order_and_covers_all_that_was_asked(parts):
    spec = parse_spec("+".join(parts))
    assert spec == parse_spec("+".join(reversed(parts))) == parse_spec(str(spec))
    assert list(spec.contexts) == sorted(set(spec.contexts))
    covered = frozenset().union(*(codes_of(context) for context in spec.contexts))
    assert all(codes_of(part) <= covered for part in parts)


@pytest.mark.parametrize("text", ["", " ", "+", ", ", "cs.LG%2Bstat.ML", "cs.LG%20stat.ML"])
def test_nothing_at_all_and_what_is_encoded_twice_are_refused(text):
    with pytest.raises(InputError) as caught:
        parse_spec(text)
    assert caught.value.hint


def test_an_archive_without_such_a_category_lists_those_that_it_has():
    with pytest.raises(UnknownContextError) as caught:
        parse_spec("q-fin.XX")
    assert caught.value.hint.startswith("there are q-fin.CP, ")
    assert caught.value.hint.endswith("q-fin.TR")


def test_a_spec_has_a_limit_of_parts():
    active = [category.code for category in CATEGORIES if category.active and not category.alias_of]
    parse_spec("+".join(active[:20]))
    with pytest.raises(InputError, match="at most 20"):
        parse_spec("+".join(active[:21]))


def test_names_are_for_people():
    assert name_of("cs.LG") == "Machine Learning"
    assert name_of("astro-ph") == "Astrophysics"
    assert name_of("math.it") == "Information Theory"
    assert name_of("cmp-lg") == "Computation and Language"
    assert parse_spec("stat+cs.LG").name == "Machine Learning (cs.LG), Statistics (stat)"


def test_archives_are_told_from_categories():
    assert all(is_archive(code) for code in ["cs", "hep-th", "math-ph", "astro-ph", "math.MP"])
    assert not any(is_archive(code) for code in ["cs.LG", "cmp-lg", "physics.optics"])
    assert taxonomy.archive_of("cs.SY") == "eess"


def test_aliases_are_known_both_ways():
    assert aliases_of("cs.SY") == ("eess.SY",)
    assert aliases_of("eess.SY") == ("cs.SY",)
    assert aliases_of("CS.CL") == ("cmp-lg",)
    assert aliases_of("cs.LG") == ()
    assert aliases_of("math-ph") == ("math.MP",)


@pytest.mark.parametrize(
    ("categories", "context", "expected"),
    [
        (["cs.LG", "stat.ML"], "stat.ML", True),
        (["cs.LG", "stat.ML"], "stat", True),
        (["cs.LG"], "stat", False),
        (["cs.SY"], "eess.SY", True),
        (["cs.SY"], "eess", True),
        (["eess.SY"], "cs", True),
        (["math.IT"], "cs.IT", True),
        (["cs.IT"], "math.IT", True),
        (["cmp-lg"], "cs.CL", True),
        (["cmp-lg"], "cs", True),
        (["astro-ph"], "astro-ph", True),
        (["astro-ph.CO"], "astro-ph", True),
        (["cond-mat"], "cond-mat.soft", False),
        (["physics.optics"], "physics", True),
        (["hep-th"], "physics", False),
        (["math-ph"], "math", True),
        (["cs.ZZ"], "cs", True),
        (["cs.ZZ"], "cs.LG", False),
        ([], "cs", False),
    ],
)
def test_a_paper_belongs_by_any_of_its_categories_under_any_alias(categories, context, expected):
    assert belongs(categories, context) is expected


@given(codes)
def test_every_code_belongs_to_itself_and_to_its_archive(code):
    assert belongs([code], code)
    assert belongs([code], taxonomy.archive_of(code))
    assert all(belongs([alias], code) for alias in aliases_of(code))


def test_all_groups_are_listed_and_inactive_ones_marked():
    assert {group.code for group in groups()} == {"cs", "econ", "eess", "math", "physics", "q-bio", "q-fin", "stat"}
    assert sum(category.active for category in CATEGORIES) == 155
    assert {c.code for c in CATEGORIES if not c.active} == {"astro-ph", "cond-mat", "q-bio"}
    assert {a.code: a.alias_of for a in ARCHIVES if not a.active}["cmp-lg"] == "cs.CL"
    assert {c.code: c.alias_of for c in CATEGORIES if c.alias_of}["math.IT"] == "cs.IT"


def test_the_data_agree_with_arxivs_definitions():
    definitions = SHARED / "arxiv_replica" / "data" / "taxonomy.json"
    if not definitions.exists():
        pytest.skip("arXiv's definitions are not on this machine")
    known = json.loads(definitions.read_text(encoding="utf-8"))
    hidden = {"test", "bad-arch"}
    archives = {code: row for code, row in known["archives"].items() if code not in hidden}
    categories = {code: row for code, row in known["categories"].items() if row["archive"] not in hidden}
    assert {a.code: (a.name, a.active) for a in ARCHIVES} == {c: (r["name"], r["active"]) for c, r in archives.items()}
    listed = {c.code: (c.name, c.active) for c in CATEGORIES}
    assert listed == {c: (r["name"], r["active"]) for c, r in categories.items() if c not in known["subsumed"]}
    assert all(canonical(c) == t for c, t in (known["aliases"] | known["subsumed"]).items())
    group_of = {archive.code: group.code for group in groups() for archive in group.archives}
    assert group_of == {code: row["group"] for code, row in archives.items()}
