"""What a process that serves asks of Python and of the C library."""

import ctypes
import sys

import pytest

from api.process import prepare_process


@pytest.fixture(autouse=True)
def _as_before():
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


def test_threads_switch_often_and_share_one_arena(monkeypatch):
    asked = []

    class Library:
        def __init__(self, name):
            assert name is None

        def mallopt(self, *given):
            asked.append(given)

    monkeypatch.setattr(ctypes, "CDLL", Library)
    prepare_process()
    assert sys.getswitchinterval() == pytest.approx(0.001)
    assert asked == [(-8, 1)]


@pytest.mark.parametrize("problem", [OSError, TypeError, AttributeError])
def test_a_c_library_without_that_setting_is_left_alone(monkeypatch, problem):
    def load(_):
        raise problem

    monkeypatch.setattr(ctypes, "CDLL", load)
    prepare_process()
