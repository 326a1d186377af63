import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import InputError
from digest.feeds.digests import Digest, DigestSummary, load_digest

DIGESTS = Path(__file__).parents[1] / "data" / "digests"
MISSING = object()


def changed(path: str, value):
    """The plain example as JSON bytes, with one member set, or removed if *value* is MISSING."""
    document = json.loads((DIGESTS / "plain.json").read_bytes())
    *parents, name = (int(step) if step.isdigit() else step for step in path.split("."))
    place = document
    for step in parents:
        place = place[step]
    if value is MISSING:
        del place[name]
    else:
        place[name] = value
    return json.dumps(document).encode()


def problems(data: bytes) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_digest(data)
    assert caught.value.name == "digest"
    return str(caught.value).split("\n")


@pytest.mark.parametrize("case", ["plain", "fallbacks", "hostile", "empty"])
def test_digest_survives_being_written_and_read_again(case):
    digest = load_digest((DIGESTS / f"{case}.json").read_bytes())
    assert load_digest(digest.model_dump_json().encode()) == digest
    assert load_digest(digest.model_dump_json(exclude_none=False, indent=1).encode()) == digest


def test_written_digest_has_the_documented_shape():
    data = (DIGESTS / "plain.json").read_bytes()
    written = json.loads(load_digest(data).model_dump_json(exclude_unset=True))
    expected = json.loads(data)
    expected["entries"][2]["paper"]["published"] = "1999-01-04"
    assert written == expected


@pytest.mark.parametrize(
    "path", ["preamble", "entries.0.summary", *(f"entries.0.summary.{name}" for name in DigestSummary.model_fields)]
)
def test_optional_members_may_be_absent(path):
    load_digest(changed(path, MISSING))


@pytest.mark.parametrize(
    "path", ["entries.0.summary", "entries.0.summary.tldr", "entries.0.paper.version", "entries.0.paper.published"]
)
def test_what_is_not_known_may_be_null(path):
    load_digest(changed(path, None))


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        *((name, name) for name in ("date", "generated_at", "categories", "keywords", "entries")),
        *(
            (f"entries.2.{name}", f"entries[2].{name}")
            for name in ("section", "tags", "score", "announce_type", "paper")
        ),
        *(
            (f"entries.3.paper.{name}", f"entries[3].paper.{name}")
            for name in ("id", "version", "title", "authors", "abstract", "categories", "primary_category", "published")
        ),
    ],
)
def test_required_member_that_is_missing_is_named(path, shown):
    assert problems(changed(path, MISSING)) == [f"{shown}: missing"]


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("date", "2026-02-30", "date: should be a valid date"),
        ("date", "20260130", "date: should be a valid date"),
        ("date", 1769731200, "date: should be a valid date"),
        ("generated_at", "2026-01-30", 'generated_at: "2026-01-30" is not a date and time like'),
        ("generated_at", "2026-01-30T05:12:09", "generated_at: should have timezone info"),
        ("generated_at", "1769731200", 'generated_at: "1769731200" is not a date and time like'),
        ("generated_at", "0001-01-01T00:00:00+05:00", "generated_at: "),
        ("generated_at", 1769731200, "generated_at: should be a valid datetime, found 1769731200"),
        ("keywords", "LLM", 'keywords: should be a valid array, found "LLM"'),
        ("keywords", ["LLM", 7], "keywords[1]: should be a valid string, found 7"),
        ("entries", None, "entries: should be a valid array, found null"),
        ("entries.1", [], "entries[1]: should be an object, found []"),
        ("entries.1.score", "7.5", 'entries[1].score: should be a valid number, found "7.5"'),
        ("entries.1.score", True, "entries[1].score: should be a valid number, found true"),
        ("entries.1.score", float("nan"), "entries[1].score: should be a finite number"),
        ("entries.1.announce_type", "newest", "entries[1].announce_type: should be 'new', 'cross'"),
        ("entries.1.paper.id", "2601.00001v2", 'entries[1].paper.id: "2601.00001v2" is not a plain arXiv id; write 2601.00001'),
        ("entries.1.paper.id", "math.GT/0309136", "entries[1].paper.id: "),
        ("entries.1.paper.id", "x\ny", 'entries[1].paper.id: "x\\ny" is not a plain arXiv id; expected one like'),
        ("entries.1.paper.version", 0, "entries[1].paper.version: should be greater than or equal to 1, found 0"),
        ("entries.1.paper.version", "1", "entries[1].paper.version: "),
        ("entries.1.paper.published", "2026-01", 'entries[1].paper.published: "2026-01" is not a date like'),
        ("entries.1.paper.published", "2026-13-01", 'entries[1].paper.published: "2026-13-01" is not a date like'),
        ("entries.1.paper.published", "2026-01-30T99:00", "entries[1].paper.published: "),
        ("entries.1.paper.authors", "Ada Lovelace", "entries[1].paper.authors: should be a valid array"),
        ("entries.1.summary.tldr", ["a"], 'entries[1].summary.tldr: should be a valid string, found ["a"]'),
        ("entries.1.summary.tdlr", "a", "entries[1].summary.tdlr: unknown member; did you mean tldr?"),
        ("entries.1.paper.tittle", "a", "entries[1].paper.tittle: unknown member; did you mean title?"),
        ("catgories", [], "catgories: unknown member; did you mean categories?"),
        ("a\nb", [], '"a\\nb": unknown member'),
    ],
)  # fmt: skip
def test_member_that_does_not_fit_is_explained_in_one_line(path, value, problem):
    [line] = problems(changed(path, value))
    assert line.startswith(problem)


def test_each_problem_has_its_line():
    document = json.loads(changed("date", MISSING))
    document["entries"][0]["paper"]["id"] = "?"
    document["entries"][3]["score"] = None
    lines = problems(json.dumps(document).encode())
    assert [line.split(": ")[0] for line in lines] == ["date", "entries[0].paper.id", "entries[3].score"]


@pytest.mark.parametrize("data", [b"", b"{", b"{}x", b"\xff\xfe", b'"\\ud800"', b"[" * 5000, b"# Markdown"])
def test_what_is_not_json_is_one_problem(data):
    [line] = problems(data)
    assert line.startswith("document: not JSON: ")


def test_other_json_is_one_problem():
    assert problems(b"[]") == ["document: should be an object, found []"]


def test_byte_order_mark_is_ignored():
    data = (DIGESTS / "plain.json").read_bytes()
    assert load_digest(b"\xef\xbb\xbf" + data) == load_digest(data)


@pytest.mark.parametrize(
    "published", ["2026-01-30", "2026-01-30T12:00:00", "2026-01-30T23:00:00Z", "2026-01-29T20:00:00-05:00"]
)
def test_published_is_a_day_in_utc(published):
    digest = load_digest(changed("entries.0.paper.published", published))
    assert digest.entries[0].paper.published == date(2026, 1, 30)


def test_instants_are_moved_to_utc():
    digest = load_digest(changed("generated_at", "2026-01-30T00:12:09-05:00"))
    assert digest.generated_at.isoformat() == "2026-01-30T05:12:09+00:00"


def test_digest_can_be_made_of_values():
    digest = Digest(
        date=date(2026, 1, 30), generated_at=datetime(2026, 1, 30, tzinfo=UTC), categories=(), keywords=(), entries=()
    )
    assert load_digest(digest.model_dump_json().encode()) == digest


@given(st.binary(max_size=50))
def test_no_bytes_raise_anything_else(data):
    with pytest.raises(InputError):
        load_digest(data)
