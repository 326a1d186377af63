"""Profiles that are remembered: the same as made anew, made once, bounded."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from cachetools import LRUCache

from digest.selection import PaperIndex, remembered
from digest.selection.remembered import remembered_profiles
from digest.selection.similar import Profiles
from digest.selection.vectors import text_key
from tests.builders import make_paper

PAPERS = [make_paper(id=f"2611.9{n:04}", title=f"Fruit number {n}", abstract=f"We taste fruit {n}.") for n in range(9)]


@pytest.fixture(autouse=True)
def memory(monkeypatch):
    monkeypatch.setattr(remembered, "_known", LRUCache(5))
    return remembered._known


def test_they_are_those_that_are_made_anew():
    index = PaperIndex()
    expected = {text_key(paper.title, paper.abstract): Profiles().of(index[paper]) for paper in PAPERS}
    for _ in range(2):
        assert remembered_profiles(PAPERS) == expected


def test_they_are_made_once(monkeypatch):
    first = remembered_profiles(PAPERS[:3])
    monkeypatch.setattr(Profiles, "of", lambda *_: pytest.fail("made again"))
    assert remembered_profiles(PAPERS[:3]) == first


def test_a_revised_abstract_has_another_profile():
    revised = PAPERS[0].model_copy(update={"abstract": "We count galaxies."})
    assert set(remembered_profiles([PAPERS[0]]).values()) != set(remembered_profiles([revised]).values())


def test_those_compared_least_lately_give_way(memory):
    remembered_profiles(PAPERS)
    assert len(memory) == 5


def test_threads_may_share_them():
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: remembered_profiles(PAPERS), range(8)))
    assert all(one == made[0] for one in made)
