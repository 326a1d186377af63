"""How long it takes to filter and score 1,000 papers with 30 keywords and a 10-term query.

    python -m bench.selection [--papers 1000] [--rounds 15] [--abstracts FILE]

Papers are made up from a vocabulary with a natural distribution of word frequencies, math, hyphens and
accents, about as long as real abstracts; FILE (JSON lines with title, abstract, authors, cats) takes real ones.
"""

from __future__ import annotations

import argparse
import gzip
import json
import platform
import random
import statistics
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from digest.models import Author, Paper
from digest.selection import Example, PaperIndex, Scoring, Selection, select

WORDS = [
    "the",
    "of",
    "and",
    "a",
    "to",
    "in",
    "for",
    "we",
    "is",
    "that",
    "on",
    "with",
    "this",
    "by",
    "as",
    "are",
    "from",
    "model",
    "models",
    "learning",
    "data",
    "our",
    "which",
    "an",
    "can",
    "be",
    "method",
    "methods",
    "show",
    "based",
    "results",
    "propose",
    "approach",
    "network",
    "networks",
    "using",
    "performance",
    "training",
    "large",
    "language",
    "between",
    "it",
    "these",
    "task",
    "tasks",
    "two",
    "new",
    "such",
    "problem",
    "time",
    "system",
    "algorithm",
    "framework",
    "information",
    "state",
    "analysis",
    "quantum",
    "graph",
    "neural",
    "deep",
    "efficient",
    "robust",
    "optimization",
    "attention",
    "transformer",
    "diffusion",
    "generation",
    "retrieval",
    "reasoning",
    "agents",
    "low-rank",
    "fine-tuning",
    "pre-training",
    "self-supervised",
    "reinforcement",
    "speculative",
    "decoding",
    "alignment",
    "benchmark",
    "evaluation",
    "adaptation",
    "sampling",
    "Bayesian",
    "inference",
    "causal",
    "spectral",
    "galaxy",
    "$\\alpha$",
    "$O(N^2)$",
    "Schrödinger",
    "Poincaré",
    "CO$_2$",
    "dark",
    "matter",
    "energy",
    "field",
    "theory",
    "gauge",
    "symmetry",
    "phase",
    "transition",
    "lattice",
    "equation",
    "stochastic",
    "convergence",
    "policy",
    "reward",
    "federated",
]
KEYWORDS = """speculative decoding|low-rank adaptation|diffusion model|graph neural network|reinforcement learning|
quantum error correction|dark matter|gauge theory|federated learning|causal inference|large language model|
retrieval-augmented generation|state space model|self-supervised learning|attention|transformer|benchmark|agents|
reward model|preference optimization|galaxy|spectral|lattice|stochastic|convergence|policy gradient|mixture of experts|
tokenization|survey|alignment""".replace("\n", "").split("|")
QUERY = """(ti:learning OR abs:"neural network" OR all:transformer OR abs:quantum OR au:bengio_y) AND (cat:cs.* OR
cat:math.* OR cat:quant-ph) ANDNOT (ti:survey OR abs:"position paper")"""


def make_papers(number: int) -> list[Paper]:
    rng = random.Random(4)
    weights = [1 / (rank + 3) for rank in range(len(WORDS))]
    rare = [f"w{n}x" for n in range(20_000)]

    def text(length: int) -> str:
        words = rng.choices(WORDS, weights, k=length)
        return " ".join(word if rng.random() < 0.3 else rng.choice(rare) for word in words)

    return [
        Paper(
            id=f"2601.{n:05}",
            title=text(11).capitalize(),
            authors=tuple(Author(name=f"Ann{n} B. Author{k}") for k in range(5)),
            abstract=text(185),
            categories=(rng.choice(("cs.LG", "cs.CL", "math.OC", "quant-ph", "astro-ph.GA")),),
            primary_category="cs.LG",
            announce_type="new",
            announced=date(2026, 1, 29),
        )
        for n in range(number)
    ]


def load_papers(path: Path, number: int) -> list[Paper]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines][:number]
    return [
        Paper(
            id=record["id"],
            title=record["title"],
            authors=tuple(Author(name=name) for name in record["authors"].split(", ")),
            abstract=record["abstract"],
            categories=tuple(record["cats"].split()),
            primary_category=record["cats"].split()[0],
            announce_type="new",
            announced=date(2026, 1, 29),
        )
        for record in records
    ]


def measure(work: Callable[[], object], rounds: int) -> str:
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * 1000)
    return f"median {statistics.median(times):6.1f} ms   best {min(times):6.1f}   worst {max(times):6.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--papers", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--abstracts", type=Path)
    options = parser.parse_args()
    papers = load_papers(options.abstracts, options.papers) if options.abstracts else make_papers(options.papers)
    scoring = Scoring(keywords=KEYWORDS)
    both = Selection(q=QUERY, scoring=scoring)
    scored = Selection(scoring=scoring)
    like = Selection(scoring=Scoring(like=("x",)))
    examples = [Example(id=paper.id, title=paper.title, abstract=paper.abstract) for paper in papers[:5]]
    compatible = Selection(scoring=Scoring(scorer="substring", keywords=KEYWORDS))
    warm = PaperIndex()
    select(papers, scored, index=warm)
    shown = len(select(papers, both).entries)
    matches = sum(len(entry.matches) for entry in select(papers, scored).entries)
    characters = sum(len(paper.title) + len(paper.abstract) for paper in papers) / len(papers)
    print(f"{len(papers)} papers of {characters:.0f} characters, {len(KEYWORDS)} keywords, 10-term query")
    print(f"the keywords match {matches / len(papers):.1f} times a paper, the query passes {shown}")
    print(f"Python {platform.python_version()}, {options.rounds} rounds, CPU time")
    for label, work in (
        ("query and score, nothing prepared", lambda: select(papers, both)),
        ("score alone, nothing prepared", lambda: select(papers, scored)),
        ("query and score, papers prepared", lambda: select(papers, both, index=warm)),
        ("score alone, papers prepared", lambda: select(papers, scored, index=warm)),
        ("like 5 examples, nothing prepared", lambda: select(papers, like, examples=examples)),
        ("scorer substring", lambda: select(papers, compatible)),
    ):
        print(f"{label:36} {measure(work, options.rounds)}")


if __name__ == "__main__":
    main()
