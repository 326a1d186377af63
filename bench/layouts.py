"""Time of one digest of 1,000 entries in each layout: `python -m bench.layouts`."""

import sys
import time
from datetime import UTC, date, datetime

from digest.feeds.digests import Digest, DigestEntry, DigestPaper, DigestSummary
from digest.models import AnnounceType, Summary
from digest.rendering.markdown import LAYOUTS, render_document, render_markdown

ENTRIES = 1000
SENTENCE = "We show that $0<r<1$ holds for every graph of bounded degree, which improves the best known bound. "


def summarise(_title: str, abstract: str) -> Summary:
    return Summary(engine="builtin", language="en", tldr=abstract[:100])


def make_entry(number: int, *, hostile: bool) -> DigestEntry:
    evil = "</details> <!-- ```\n<div x='\n" if hostile else ""
    return DigestEntry(
        section=("cs.LG", "cs.CL", "stat.ML")[number % 3],
        tags=("graphs",),
        score=float(number % 17),
        announce_type=AnnounceType.NEW,
        paper=DigestPaper(
            id=f"2601.{number:05}",
            version=1,
            title=f"Paper {number}",
            authors=("Ada Lovelace",) * 6,
            abstract=SENTENCE * 14 + evil,
            categories=("cs.LG",),
            primary_category="cs.LG",
            published=date(2026, 1, 30),
        ),
        summary=DigestSummary(
            engine="model", tldr=SENTENCE + evil, method=SENTENCE, full=f"# Heading\n\n{SENTENCE * 20}{evil}"
        )
        if number % 2
        else None,
    )


def make_digest(*, hostile: bool) -> Digest:
    return Digest(
        date=date(2026, 1, 30),
        generated_at=datetime(2026, 1, 30, tzinfo=UTC),
        categories=("cs.LG", "cs.CL"),
        keywords=("graph",),
        entries=tuple(make_entry(number, hostile=hostile) for number in range(ENTRIES)),
    )


def main() -> None:
    for hostile in (False, True):
        digest = make_digest(hostile=hostile)
        data = digest.model_dump_json().encode()
        render_markdown(digest, "toc", summarise=summarise)  # Jinja compiles once a process
        for layout in LAYOUTS:
            start = time.perf_counter()
            text = render_markdown(digest, layout, summarise=summarise)
            rendered = time.perf_counter()
            render_document(data, layout, summarise=summarise)
            loaded = time.perf_counter() - rendered
            print(
                f"{layout:10}{'hostile' if hostile else 'clean':10}{ENTRIES} entries  {len(text) / 1e6:5.2f} M characters  "
                f"{(rendered - start) * 1000:6.1f} ms, with loading {loaded * 1000:6.1f} ms"
            )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
