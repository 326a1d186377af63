r"""Fits digest/selection/vectors.bin, the word vectors that `like` and `dislike` compare papers by.

    pip install -r requirements.txt -r tools/requirements.txt
    python tools/fit_vectors.py DAYS [--out digest/selection/vectors.bin]
    python tools/fit_vectors.py DAYS --judge

DAYS is a folder of arXiv's metadata (CC0), one file of JSON lines an announcement day (`.gz` or plain) with `id`,
`title`, `abstract` and `cats` (categories between blanks, primary first). Texts are read by the program's own code, so
that fitting and running can't differ. A paper is its tf-idf vector of length one; two things are fitted to all of them:

1. fields: ridge regression (in its dual form) from words to primary categories, each divided by the root of its
   frequency: which words tell fields apart;
2. subjects: a truncated singular value decomposition, each direction divided by the root of its singular value: which
   words occur together, whatever the category. This carries fields that the fit has never seen.

Both side by side, turned into their principal axes, are the word vectors; they are rounded to a byte, so that the file
stays below a megabyte. Deterministic: nothing is drawn but the start of the decomposition, with a fixed seed.

`--judge` prints the tables of docs/background/ranking.md: by day, by days of arXiv's full size, and by fields that the fit hasn't
seen. Each time the ranked day is left out, everything is fitted on the others, likes are drawn from these, and the
program's own code ranks.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh, solve
from scipy.sparse import csr_matrix, diags
from scipy.sparse.linalg import svds

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from digest.models import Paper
from digest.selection.indexing import PaperIndex, Text
from digest.selection.similar import Example, Likeness, Profiles
from digest.selection.vectors import Fit, WordVectors, count_weight, count_words, format_fit, parse_fit, text_key
from digest.selection.words import Vocabulary
from digest.text import clean_abstract, clean_title


class Settings(NamedTuple):
    """What was chosen by leaving out days, likes and categories; docs/background/ranking.md has the figures."""

    min_count: int = 3
    """Papers that a word must stand in."""
    ridge: float = 2.0
    smallest_field: float = 0.003
    """Added to a category's frequency before its root is taken."""
    subjects: int = 128
    subject_weight: float = 2.4
    dimensions: int = 160
    steps: float = 4.0
    """Steps of the rounding in the root mean square of all values."""


class Record(NamedTuple):
    """One paper on one day."""

    id: str
    day: str
    title: str
    abstract: str
    field: str
    counts: Counter[str]


def load(folder: Path) -> list[Record]:
    """Read all days; a paper that comes again is in each of its days."""
    vocabulary = Vocabulary()
    records: dict[tuple[str, str], Record] = {}
    for path in sorted(folder.iterdir()):
        day = path.name.split(".")[0]
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for line in lines:
                paper = json.loads(line)
                title, abstract = clean_title(paper["title"]), clean_abstract(paper["abstract"])
                counts = count_words(Text(title, vocabulary).singular, Text(abstract, vocabulary).singular)
                field = paper["cats"].split()[0]
                records[paper["id"], day] = Record(paper["id"], day, title, abstract, field, counts)
    return list(records.values())


# ---------------------------------------------------------------------------------------------- fitting


def tfidf(counts: Sequence[Mapping[str, int]], idf: Mapping[str, float]) -> csr_matrix:
    """Return a row of length one a text, over the words of *idf*."""
    places = {word: place for place, word in enumerate(idf)}
    columns, values, ends = [], [], [0]
    for text in counts:
        known = [word for word in text if word in idf]
        columns += [places[word] for word in known]
        values += [count_weight(text[word]) * idf[word] for word in known]
        ends.append(len(columns))
    rows = csr_matrix((values, columns, ends), shape=(len(counts), len(places)))
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return (diags(1 / np.where(lengths > 0, lengths, 1)) @ rows).tocsr()


def inverse_frequencies(counts: Sequence[Mapping[str, int]], min_count: int) -> dict[str, float]:
    seen = Counter(word for text in counts for word in text)
    size = 1 + len(counts)
    return {word: float(np.log(size / (1 + n))) for word, n in sorted(seen.items()) if n >= min_count}


def fit_fields(texts: csr_matrix, fields: Sequence[str], settings: Settings) -> np.ndarray:
    """Return weights of words (rows) for categories (columns)."""
    names = sorted(set(fields))
    targets = np.array([[field == name for name in names] for field in fields], dtype=float)
    shares = targets.mean(axis=0)
    products = (texts @ texts.T).toarray()
    products[np.diag_indices_from(products)] += settings.ridge
    duals = solve(products, targets - shares, assume_a="pos")
    return (texts.T @ duals) / np.sqrt(shares + settings.smallest_field)


def fit_subjects(texts: csr_matrix, settings: Settings) -> np.ndarray:
    """Return directions (columns) over words (rows)."""
    _, values, directions = svds(texts, k=settings.subjects, random_state=0)
    return directions.T / np.sqrt(values)


def evened(texts: csr_matrix, weights: np.ndarray) -> np.ndarray:
    """Scale *weights* so that centred texts have a mean squared length of one."""
    made = texts @ weights
    return weights / np.sqrt(((made - made.mean(axis=0)) ** 2).sum(axis=1).mean())


def principal_axes(centred: np.ndarray, count: int) -> np.ndarray:
    unit = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    size = unit.shape[1]
    _, axes = eigh(unit.T @ unit, subset_by_index=[max(0, size - count), size - 1])
    axes = axes[:, ::-1]
    return axes * np.sign(axes[np.abs(axes).argmax(axis=0), range(axes.shape[1])])


def fit(records: Sequence[Record], settings: Settings) -> Fit:
    papers = list({record.id: record for record in records}.values())
    counts = [paper.counts for paper in papers]
    idf = inverse_frequencies(counts, settings.min_count)
    texts = tfidf(counts, idf)
    fields = evened(texts, fit_fields(texts, [paper.field for paper in papers], settings))
    subjects = evened(texts, fit_subjects(texts, settings))
    both = np.hstack([fields, settings.subject_weight * subjects])
    made = texts @ both
    mean = made.mean(axis=0)
    axes = principal_axes(made - mean, settings.dimensions)
    rows = np.array(list(idf.values()))[:, None] * (both @ axes)
    step = np.sqrt((rows**2).mean()) / settings.steps
    rounded = np.clip(np.round(rows / step), -127, 127).astype(int) + 128
    vectors = (made - mean) @ axes
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return Fit(
        version="",
        words=tuple(idf),
        idf=tuple(idf.values()),
        mean=tuple(round(float(value), 3) for value in mean @ axes / step),
        columns=rounded.astype(np.uint8).T.tobytes(),
        spread=tuple(round(float(value), 5) for value in (vectors**2).mean(axis=0)),
    )


# ---------------------------------------------------------------------------------------------- judging

DRAWS, DRAWS_OF_UNSEEN = 2, 20
ENOUGH_BEFORE, MOST_FIELDS = 21, 25
SAME = 0.02
"""Less of a difference counts as none."""
Rank = Callable[[list[Record]], Sequence[float]]
Task = tuple[set[str], list[Record]]


class Protocol(NamedTuple):
    """What is ranked, and which fields are judged."""

    name: str
    parts: int
    """The replica has half of arXiv's papers: two of its days are about one of arXiv's."""
    enough: int
    """Papers of a field that day; below 20, not all of the first 20 can be right."""


PROTOCOLS = (
    Protocol("one day, fields of 8 papers and more", 1, 8),
    Protocol("a day as large as arXiv's, fields of 20 papers and more", 2, 20),
)


def pools_of(records: Sequence[Record]) -> dict[str, list[Record]]:
    pools: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        pools[record.field].append(record)
    return pools


def tasks_of(today: Sequence[Record], before: Sequence[Record], seed: str, enough: int) -> dict[str, list[Task]]:
    """Draw likes: one, two and three fields that have enough papers, and few examples of small ones."""
    draw = random.Random(seed)
    sizes, pools = Counter(record.field for record in today), pools_of(before)
    large = [name for name, n in sizes.most_common() if n >= enough and len(pools.get(name, ())) >= ENOUGH_BEFORE]
    large = large[:MOST_FIELDS]
    small = [name for name, n in sorted(sizes.items()) if 3 <= n < 12 and len(pools.get(name, ())) >= 5]
    found: defaultdict[str, list[Task]] = defaultdict(list)
    for _ in range(DRAWS):
        for names, number, kind in [
            *(((name,), 5, "5 likes") for name in large),
            *(((name,), 20, "20 likes") for name in large),
            *((draw.sample(large, 2), 10, "10 + 10") for _ in large),
            *((draw.sample(large, 3), 7, "7 + 7 + 7") for _ in large),
            *(((name,), 3, "3 of a small field") for name in small),
            *(((name,), 5, "5 of a small field") for name in small),
        ]:
            found[kind].append((set(names), [like for name in names for like in draw.sample(pools[name], number)]))
    return found


def precision(scores: Sequence[float], today: Sequence[Record], fields: set[str], kind: str) -> float:
    """Return the share of the first 20 that is of the fields; of as many as there are where the field is small."""
    best = np.argsort(-np.asarray(scores), kind="stable")[:20]
    wanted = sum(record.field in fields for record in today)
    return sum(today[place].field in fields for place in best) / (min(20, wanted) if "small" in kind else 20)


def nearest_by_tfidf(today: Sequence[Record], before: Sequence[Record], few: int) -> Rank:
    """Return the ranking by the mean of the *few* nearest likes' tf-idf cosines."""
    idf = inverse_frequencies([record.counts for record in before], 1)
    theirs, ours = tfidf([record.counts for record in before], idf), tfidf([record.counts for record in today], idf)
    places = {(record.id, record.day): place for place, record in enumerate(before)}

    def rank(likes: list[Record]) -> Sequence[float]:
        cosines = (ours @ theirs[[places[like.id, like.day] for like in likes]].T).toarray()
        nearest: Sequence[float] = np.sort(cosines, axis=1)[:, -few:].mean(axis=1)
        return nearest

    return rank


def by_program(today: Sequence[Record], words: WordVectors) -> Rank:
    """Return the ranking by the program's own code."""
    index = PaperIndex()
    papers = [index[paper_of(record)] for record in today]
    bare = Profiles(words=words)
    stored = {text_key(paper.paper.title, paper.paper.abstract): bare.of(paper) for paper in papers}
    vectors = Profiles(stored, words)

    def rank(likes: list[Record]) -> Sequence[float]:
        examples = [Example(id=like.id, title=like.title, abstract=like.abstract) for like in likes]
        verdicts = map(Likeness(examples, vectors).of, papers)
        return [verdict.like.value if verdict.like else 0.0 for verdict in verdicts]

    return rank


def paper_of(record: Record) -> Paper:
    return Paper(
        id=record.id,
        title=record.title,
        abstract=record.abstract,
        categories=(record.field,),
        primary_category=record.field,
        announce_type="new",
        announced=date.fromisoformat(record.day),
    )


def split(records: Sequence[Record], parts: int) -> Iterator[tuple[str, list[Record], list[Record]]]:
    """Yield the name of a day, its papers and those of the other days; so many *parts* in a row are one day."""
    days = sorted({record.day for record in records})
    for start in range(0, len(days) - parts + 1, parts):
        chosen = days[start : start + parts]
        today = list({record.id: record for record in records if record.day in chosen}.values())
        seen = {record.id for record in today}
        yield "+".join(chosen), today, list({record.id: record for record in records if record.id not in seen}.values())


def rankings_of(
    today: Sequence[Record], before: Sequence[Record], fitted: Sequence[Record], settings: Settings
) -> dict[str, Rank]:
    return {
        "nearest by tf-idf": nearest_by_tfidf(today, before, 1),
        "three nearest by tf-idf": nearest_by_tfidf(today, before, 3),
        "vectors and words": by_program(today, WordVectors(parse_fit(format_fit(fit(fitted, settings))))),
    }


def judge(records: Sequence[Record], settings: Settings, protocol: Protocol) -> None:
    figures: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for day, today, before in split(records, protocol.parts):
        rankings = rankings_of(today, before, before, settings)
        for kind, tasks in tasks_of(today, before, day, protocol.enough).items():
            for name, rank in rankings.items():
                figures[name][kind].append(
                    float(np.mean([precision(rank(likes), today, fields, kind) for fields, likes in tasks]))
                )
            print(f"{day}: {kind}, {len(tasks) // DRAWS} fields", flush=True)
    print(f"\n{protocol.name}\n")
    print_table(figures)


def judge_unseen(records: Sequence[Record], settings: Settings) -> None:
    """Keep all papers of all small fields out of the fit, and rank by likes from these."""
    figures: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for day, today, before in split(records, 1):
        sizes, pools = Counter(record.field for record in today), pools_of(before)
        small = [name for name, n in sorted(sizes.items()) if 2 <= n < 12 and len(pools.get(name, ())) >= 5]
        rankings = rankings_of(today, before, [record for record in before if record.field not in small], settings)
        draw = random.Random(day)
        for number in (3, 5):
            kind = f"{number} of an unseen field"
            for field in small:
                drawn = [draw.sample(pools[field], number) for _ in range(DRAWS_OF_UNSEEN)]
                for name, rank in rankings.items():
                    found = [precision(rank(likes), today, {field}, "small") for likes in drawn]
                    figures[name][kind].append(float(np.mean(found)))
            print(f"{day}: {kind}, {len(small)} fields", flush=True)
    print("\nfields that the fit hasn't seen\n")
    print_table(figures)
    for kind, ours in figures["vectors and words"].items():
        gains = sorted(np.subtract(ours, figures["three nearest by tf-idf"][kind]))
        below = [gain for gain in gains if gain < -SAME]
        print(f"{kind}: {len(below)} of {len(gains)} below three nearest by tf-idf, at worst by {-gains[0]:.2f}")


def print_table(figures: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
    kinds = list(next(iter(figures.values())))
    print("| method |", *(f"{kind} |" for kind in kinds))
    print("| --- |", *("--- |" for _ in kinds))
    for name, by_kind in figures.items():
        print(f"| {name} |", *(f"{np.mean(by_kind[kind]):.3f} |" for kind in kinds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("days", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "digest" / "selection" / "vectors.bin")
    parser.add_argument("--judge", action="store_true")
    arguments = parser.parse_args()
    records = load(arguments.days)
    if arguments.judge:
        for protocol in PROTOCOLS:
            judge(records, Settings(), protocol)
        judge_unseen(records, Settings())
        return
    made = fit(records, Settings())
    data = format_fit(made)
    arguments.out.write_bytes(data)
    print(f"{len(records)} papers, {len(made.words)} words, {len(made.mean)} dimensions, {len(data)} bytes")


if __name__ == "__main__":
    main()
