"""A small stub arXiv: invented papers behind arXiv's own paths and formats.

`python -m tests.demo_arxiv --port 8791` serves it, and so does, in a test:

    with DemoArxiv(today=date(2026, 11, 18)) as arxiv:
        settings = {"ARXIV_URL": arxiv.url}

What is announced on a day depends on nothing but the day: each weekday has its papers, under
ids made from the date (`2611.91803`; real ones never start with 9 behind the dot, so that no
link leads to somebody's work). The last five announcement days make the week.
"""

from tests.demo_arxiv.server import DemoArxiv, Request

__all__ = ["DemoArxiv", "Request"]
