"""Charts and the status page: what is drawn says the numbers and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from digest.rendering.pages.charts import Series, bars, highest, shade
from digest.rendering.pages.status import render_status
from digest.rendering.pages.templating import Site
from tests.builders import NOON, WEDNESDAY


@given(st.lists(st.none() | st.integers(0, 5000), max_size=30))
def test_bars_are_as_high_as_their_numbers(values):
    most = highest([Series("papers", tuple(values))])
    drawn = etree.fromstring(bars(values, most))
    assert "style" not in drawn.attrib
    known = [value for value in values if value is not None]
    heights = [float(rect.get("height")) for rect in drawn]
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


STATUS = {
    "version": "1",
    "store": {"kind": "memory", "degraded": False},
    "arxiv": {"requests": 1, "failures": 0, "refusals": 0, "last_error": None, "cooldowns_s": {"feed": 4}},
    "schedule": {"latest_announcement_expected": WEDNESDAY, "next_expected_change": NOON, "today": "today"},
    "contexts": [],
}
SPENT = {"calls": 2, "input_tokens": 300, "cost": 0.5}


class TestStatus:
    def page(self, **more):
        return render_status(STATUS | more, Site("Server"), "")

    def test_shows_what_a_model_cost_by_day_and_feed(self):
        row = {"day": "2026-11-18", "feed": "machines", "model": "m", **SPENT}
        ledger = {"model": "m", "problem": None, "currency": "EUR", "today": SPENT, "month": SPENT}
        page = self.page(summaries=ledger | {"ledger": [row]})
        assert "money in EUR" in page
        assert page.count('<td class="number">300</td>') == 3
        assert "machines" in page

    def test_says_why_a_model_is_not_used(self):
        page = self.page(summaries={"model": None, "problem": "no key is set", "ledger": []})
        assert "No key is set." in page

    @pytest.mark.parametrize("more", [{}, {"summaries": None}])
    def test_says_nothing_of_models_without_one(self, more):
        assert "Summaries by a model" not in self.page(**more)
