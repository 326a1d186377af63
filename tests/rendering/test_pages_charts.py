"""Charts: what is drawn says the numbers and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from digest.rendering.pages.charts import Series, bars, highest, shade


@given(st.lists(st.none() | st.integers(0, 5000), max_size=30))
def test_bars_are_as_high_as_their_numbers(values):
    most = highest([Series("papers", tuple(values))])
    drawn = etree.fromstring(bars(values, most))
    assert "style" not in drawn.attrib
    known = [value for value in values if value is not None]
    heights = [float(rect.attrib["height"]) for rect in drawn]
    assert len(heights) == len(known)
    for value, height in zip(known, heights, strict=True):
        assert height == pytest.approx(max(40 * value / most, 0.5), abs=0.01)


@given(st.integers(1, 5000), st.integers(0, 5000))
def test_shades_grow_with_the_number(most, value):
    found = shade(min(value, most), most)
    assert 0 <= found <= 4
    assert (found == 0) == (value == 0)
    assert shade(most, most) >= found


def test_a_gap_is_no_zero():
    assert Series("papers", (1, None, 2)).total == 3
    assert len(etree.fromstring(bars([0, None], 1))) == 1
