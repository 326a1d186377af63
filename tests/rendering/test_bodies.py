"""Bodies for any origin: rendered once, the address put in late."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.rendering.bodies import ORIGIN, Body, in_comment, placed, placed_tag

QUOTED = "http%3A%2F%2Fserver.invalid"
ORIGINS = (
    "http://a",
    "https://papers.example",
    "http://localhost:8000",
    "https://[2001:db8::1]:8443",
    "https://xn--a.example",
    ORIGIN,
)
COMMENTED = in_comment(ORIGIN)
pieces = st.lists(
    st.sampled_from([ORIGIN, QUOTED, COMMENTED, "http://a", "x" * 600, "http%3A%2F%2Fa", "é&amp;", ""]), max_size=12
)


@given(pieces.map("".join), st.lists(st.sampled_from(ORIGINS), min_size=1, max_size=6))
def test_whatever_was_asked_before_each_origin_gets_what_is_rendered_for_it(text, origins):
    template = text.encode()
    body = Body(template)
    for origin in origins:
        made = body.ready(origin) or body.made(origin)
        assert made.plain() == placed(template, origin)
        assert made.length == len(made.plain())
        if body.ready(origin) is None:
            body.adopt(made)
        assert body.template() == template


def test_an_address_in_another_sites_address_is_put_in_as_it_has_to_be_written_there():
    assert placed(f"{ORIGIN}/a https://r.example/?u={QUOTED}%2Fa".encode(), "https://p.example:8443") == (
        b"https://p.example:8443/a https://r.example/?u=https%3A%2F%2Fp.example%3A8443%2Fa"
    )


class TestOriginThatIsKept:
    template = f"{ORIGIN} {'x' * 2_000}".encode()

    def kept_after(self, *origins):
        body = Body(self.template)
        for origin in origins:
            if body.ready(origin) is None:
                body.adopt(body.made(origin))
        return [origin for origin in ORIGINS if body.ready(origin)]

    @pytest.mark.parametrize(
        ("asked", "kept"),
        [
            (["http://a"], "http://a"),
            (["https://papers.example", "http://a", "http://localhost:8000"], "https://papers.example"),
            (["http://a", "https://papers.example", "https://papers.example"], "https://papers.example"),
        ],
    )
    def test_is_the_first_or_the_one_that_is_asked_for_again(self, asked, kept):
        assert self.kept_after(*asked) == [kept]

    def test_does_not_matter_where_no_address_is_inside(self):
        body = Body(b"x" * 2_000)
        body.adopt(body.made("http://a"))
        assert all(body.ready(origin) for origin in ORIGINS)

    def test_is_packed(self):
        body = Body(self.template)
        body.adopt(body.made("http://a"))
        assert gzip.decompress(body.ready("http://a").data) == placed(self.template, "http://a")
        assert body.size_bytes < 100


def test_tags_differ_by_origin_and_content():
    tags = {placed_tag(tag, origin) for tag in ('"one"', '"two"') for origin in ORIGINS}
    assert len(tags) == 2 * len(ORIGINS)
    assert all(tag.startswith('"') and tag.endswith('"') for tag in tags)
