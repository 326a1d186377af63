"""Fits digest/summaries/weights.json, the numbers behind the built-in summaries.

    pip install -r requirements.txt -r tools/requirements.txt
    python tools/fit_summaries.py DATA ABSTRACTS [--out digest/summaries/weights.json]

DATA is a folder with moves.train.jsonl.gz (sentences and their roles) and tldr.train.jsonl.gz (abstracts and
one-sentence summaries); docs/background/summaries-research.md names the sources. ABSTRACTS is arXiv's metadata, for the papers
that roles_by_hand.json has labels of: a file, or a folder of files, of JSON lines with `id` and `abstract` (`.gz` or
plain). Three fits, each with features made by the program's own code, so that fitting and running can't differ:

1. roles: a linear-chain conditional random field, L1 and L2; the kinds of conclusion by logistic regression;
2. words: logistic regression, "does the summary use this word?";
3. ranks: a softmax over all readings of an abstract, towards those with the highest ROUGE-1.

Deterministic: folds are drawn with a fixed seed. Prints the ranking's five-fold figure on its training set; the
figures on other sets come from the evaluation script that docs/background/summaries-research.md names.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from chains import Chains, fit_chain
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from digest.summaries import ranking, roles, weights
from digest.summaries.headings import take_headings
from digest.summaries.sentences import split_sentences
from digest.text import clean_abstract

Features = dict[Any, float]
Table = dict[Any, int]


class Settings(NamedTuple):
    """What was chosen by cross-validation on the training sets."""

    role_min_count: int = 3
    role_l1: float = 3.0
    role_l2: float = 4.0
    hand_count: float = 4.0
    role_step: float = 0.05
    kind_l2: float = 2.0
    kind_l1: float = 1.0
    word_min_count: int = 20
    word_l2: float = 3.0
    word_step: float = 0.1
    role_min_steps: int = 1
    word_min_steps: int = 1
    rank_min_count: int = 3
    rank_draws: int = 3
    rank_l2: float = 90.0
    rank_softness: float = 0.1


def load(folder: Path, name: str) -> list[dict[str, Any]]:
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def load_by_hand(abstracts: Path) -> list[dict[str, Any]]:
    """Return the abstracts labelled by hand, as sentences and labels.

    Raises:
        SystemExit: An abstract is missing, or its sentences aren't those that were labelled.
    """
    labels: dict[str, str] = json.loads(Path(__file__).with_name("roles_by_hand.json").read_text(encoding="utf-8"))
    letters = {role[0]: role for role in ("background", "gap", "objective", "method", "result", "conclusion")}
    found: dict[str, list[str]] = {}
    for path in sorted(abstracts.iterdir()) if abstracts.is_dir() else [abstracts]:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for line in lines:
                paper = json.loads(line)
                if paper["id"] in labels:
                    found[paper["id"]], _ = take_headings(split_sentences(clean_abstract(paper["abstract"])))
    for paper_id, labelled in labels.items():
        if len(found.get(paper_id, ())) != len(labelled):
            sys.exit(
                f"{abstracts}: {paper_id} has {len(found.get(paper_id, ()))} sentences, {len(labelled)} were labelled; "
                "give the metadata of the versions of January 2026"
            )
    return [
        {"sentences": found[paper_id], "labels": [letters[letter] for letter in labelled]}
        for paper_id, labelled in labels.items()
    ]


def named(features: ranking.Features, names: Sequence[str]) -> Features:
    return {**dict.fromkeys(features.flags, 1.0), **dict(zip(names, features.values, strict=False))}


def matrix(rows: Sequence[Features], table: Table) -> csr_matrix:
    places, values, ends = [], [], [0]
    for row in rows:
        for name, value in row.items():
            if value and name in table:
                places.append(table[name])
                values.append(value)
        ends.append(len(places))
    return csr_matrix((values, places, ends), shape=(len(rows), len(table)))


def table_of(rows: Sequence[Features], min_count: int) -> Table:
    counts = Counter(name for row in rows for name in row)
    return {name: place for place, name in enumerate(sorted(name for name, n in counts.items() if n >= min_count))}


# ---------------------------------------------------------------------------------------------- roles


def fit_roles(rows: Sequence[dict[str, Any]], by_hand: Sequence[dict[str, Any]], settings: Settings) -> dict[str, Any]:
    """Fit the table of roles; abstracts *by_hand* count more, and their conclusions are of no known kind."""
    counts = np.array([1.0] * len(rows) + [settings.hand_count] * len(by_hand))
    kinds_known = sum(len(row["sentences"]) for row in rows)
    rows = [*rows, *by_hand]
    names = list(roles.COARSE)
    chain = names.index("conclusion") + 1
    found = [
        dict.fromkeys(sorted(map(weights.format_feature, features)), 1.0)
        for row in rows
        for features in roles.role_features(row["sentences"])
    ]
    lengths = [len(row["sentences"]) for row in rows]
    labels = np.array([names.index(label) for row in rows for label in row["labels"]])
    table = table_of(found, settings.role_min_count)
    features = matrix(found, table)
    chains = Chains(features, lengths, np.minimum(labels, chain - 1), counts)
    fitted, moves = fit_chain(chains, chain, settings.role_l1, settings.role_l2)
    # The kinds of conclusion: the same code on chains of one sentence.
    closing = np.flatnonzero(labels[:kinds_known] >= chain - 1)
    single = Chains(features[closing], [1] * len(closing), labels[closing] - (chain - 1), np.ones(len(closing)))
    kinds, _ = fit_chain(single, len(names) - chain + 1, settings.kind_l1, settings.kind_l2)
    fitted = np.hstack([fitted, kinds[:, 1:] - kinds[:, :1]])
    lines = []
    for name, place in table.items():
        steps = np.clip(np.round(fitted[place] / settings.role_step), -45, 45).astype(int)
        if np.abs(steps).max() >= settings.role_min_steps:
            lines.append(name + "\t" + "".join(chr(weights.ZERO + step) for step in steps).rstrip(chr(weights.ZERO)))
    return {"names": names, "step": settings.role_step, "moves": np.round(moves, 3).tolist(), "table": lines}


# ---------------------------------------------------------------------------------------------- one-sentence summaries


class Document(NamedTuple):
    """One abstract with what people made of it."""

    abstract: ranking.Abstract
    summaries: list[list[str]]
    rewards: np.ndarray
    """ROUGE-1 of each reading."""


def rouge1(words: Sequence[str], gold: Sequence[str]) -> float:
    shared = sum((Counter(words) & Counter(gold)).values())
    return 2 * shared / (len(words) + len(gold)) if shared else 0.0


def documents(rows: Sequence[dict[str, Any]]) -> list[Document]:
    made = []
    for row in rows:
        sentences = split_sentences(row["abstract"])
        abstract = ranking.examine(row["title"], sentences, roles.role_probabilities(sentences))
        summaries = [ranking.plain_words(text) for text in row["tldrs"]]
        words = [ranking.plain_words(candidate.reading.text) for candidate in abstract.candidates]
        made.append(Document(abstract, summaries, np.array([max(rouge1(w, s) for s in summaries) for w in words])))
    return made


def fit_words(docs: Sequence[Document], settings: Settings) -> dict[str, Any]:
    rows, gold = [], []
    for doc in docs:
        here = {
            kind: [
                named(row, [kind + name for name in roles.FAMILIES])
                for row in ranking.place_features(kind, doc.abstract)
            ]
            for kind in "sc"
        }
        for word, shape, places in ranking.word_shapes(doc.abstract):
            by_place = Counter[str]()
            for place in places:
                by_place.update(here[shape[0]][place])
            mean = {name: value / len(places) for name, value in by_place.items()}
            rows.append({"=" + word: 1.0, **dict.fromkeys(ranking.shape_features(shape), 1.0), **mean})
            gold.append(np.mean([word in summary for summary in doc.summaries]))
    table = table_of(rows, settings.word_min_count)
    x, y = matrix(rows, table), np.array(gold)

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        z = x @ w
        value = (np.logaddexp(0, z) - y * z).sum() + 0.5 * settings.word_l2 * w @ w
        return value, x.T @ (1 / (1 + np.exp(-z)) - y) + settings.word_l2 * w

    w = minimize(loss, np.zeros(len(table)), jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    names: dict[int, list[str]] = {}
    for name, place in table.items():
        names.setdefault(round(float(w[place]) / settings.word_step), []).append(name)
    return {
        "step": settings.word_step,
        "table": {
            str(steps): " ".join(listed)
            for steps, listed in sorted(names.items())
            if abs(steps) >= settings.word_min_steps
        },
    }


class Lists:
    """The readings of many abstracts, one softmax each."""

    def __init__(self, rows: Sequence[Sequence[Features]], rewards: Sequence[np.ndarray], table: Table) -> None:
        self.x = matrix([features for doc in rows for features in doc], table)
        lengths = np.array([len(doc) for doc in rows])
        self.starts = np.concatenate([[0], np.cumsum(lengths)])[:-1]
        self.owner = np.repeat(np.arange(len(lengths)), lengths)
        self.rewards = np.concatenate(rewards)

    def softmax(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities and their logarithms."""
        z = z - np.maximum.reduceat(z, self.starts)[self.owner]
        z = z - np.log(np.add.reduceat(np.exp(z), self.starts))[self.owner]
        return np.exp(z), z


def fit_ranks(rows: Sequence[Sequence[Features]], rewards: Sequence[np.ndarray], settings: Settings) -> Features:
    table = table_of([features for doc in rows for features in doc], settings.rank_min_count)
    lists = Lists(rows, rewards, table)
    target, _ = lists.softmax(lists.rewards / settings.rank_softness)

    def likelihood(w: np.ndarray) -> tuple[float, np.ndarray]:
        p, log_p = lists.softmax(lists.x @ w)
        value = -(target * log_p).sum() + 0.5 * settings.rank_l2 * w @ w
        return value, lists.x.T @ (p - target) + settings.rank_l2 * w

    w = minimize(likelihood, np.zeros(len(table)), jac=True, method="L-BFGS-B", options={"maxiter": 200}).x

    found = {name: round(float(w[place]), 3) for name, place in table.items()}
    return {name: value for name, value in found.items() if value}


def reading_features(doc: Document) -> list[Features]:
    sentences = [named(row, ranking.SENTENCE_VALUES) for row in ranking.sentence_features(doc.abstract)]
    names = ranking.READING_VALUES + ranking.SHORTER_VALUES
    rows = ranking.reading_features(doc.abstract, ranking.word_probabilities(doc.abstract))
    return [
        {**sentences[place], **named(row, names)} for (place, _), row in zip(doc.abstract.candidates, rows, strict=True)
    ]


# ---------------------------------------------------------------------------------------------- all


def use(fitted: dict[str, Any]) -> None:
    """Let the program's own code run on *fitted* in this process."""
    current = weights.parse_weights(json.dumps(fitted))
    for module in (roles, ranking):
        vars(module)["load_weights"] = lambda: current


def folds(count: int, number: int, draw: int) -> list[list[int]]:
    order = list(range(count))
    random.Random(11 + draw).shuffle(order)
    return [order[k::number] for k in range(number)]


def fit(data: Path, abstracts: Path, settings: Settings) -> dict[str, Any]:
    by_hand = load_by_hand(abstracts)
    report_by_hand(load(data, "moves.train"), by_hand, settings)
    fitted: dict[str, Any] = {
        "roles": fit_roles(load(data, "moves.train"), by_hand, settings),
        "words": {"step": 1, "table": {}},
        "ranks": {},
    }
    use(fitted)
    docs = documents(load(data, "tldr.train"))
    # The ranking must see word probabilities as good as they are on new text: each fold's come from the others. The
    # folds are drawn more than once, so that the weights hang less on one draw.
    draws: list[list[list[Features]]] = []
    for draw in range(settings.rank_draws):
        rows: list[list[Features]] = [[] for _ in docs]
        for held in folds(len(docs), 5, draw):
            out = set(held)
            fitted["words"] = fit_words([doc for k, doc in enumerate(docs) if k not in out], settings)
            use(fitted)
            for k in held:
                rows[k] = reading_features(docs[k])
        draws.append(rows)
    fitted["words"] = fit_words(docs, settings)
    fitted["ranks"] = fit_ranks(*drawn(draws, docs, range(len(docs))), settings)
    report_ranks(draws, docs, settings)
    return fitted


def report_by_hand(rows: Sequence[dict[str, Any]], by_hand: Sequence[dict[str, Any]], settings: Settings) -> None:
    """Print how well the roles of abstracts labelled by hand are told when these are left out of fitting."""
    right: list[bool] = []
    for held in folds(len(by_hand), 3, 0):
        rest = [row for k, row in enumerate(by_hand) if k not in set(held)]
        use({"roles": fit_roles(rows, rest, settings), "words": {"step": 1, "table": {}}, "ranks": {}})
        for k in held:
            told = map(roles.families_of, roles.role_probabilities(by_hand[k]["sentences"]))
            right += [
                roles.FAMILIES[values.index(max(values))] == label
                for values, label in zip(told, by_hand[k]["labels"], strict=True)
            ]
    print(f"roles of abstracts labelled by hand, three-fold: accuracy {100 * np.mean(right):.2f}", flush=True)


def drawn(
    draws: Sequence[Sequence[Sequence[Features]]], docs: Sequence[Document], places: Iterable[int]
) -> tuple[list[Sequence[Features]], list[np.ndarray]]:
    """Features and rewards of the documents at *places*, once for each draw."""
    both = [(rows[k], docs[k].rewards) for rows in draws for k in places]
    return [rows for rows, _ in both], [rewards for _, rewards in both]


def report_ranks(draws: Sequence[list[list[Features]]], docs: Sequence[Document], settings: Settings) -> None:
    scores = []
    for draw, rows in enumerate(draws):
        for held in folds(len(docs), 5, draw):
            w = fit_ranks(*drawn(draws, docs, sorted(set(range(len(docs))) - set(held))), settings)
            for k in held:
                z = [sum(value * w.get(name, 0.0) for name, value in row.items()) for row in rows[k]]
                scores.append(docs[k].rewards[int(np.argmax(z))])
    print(f"TL;DR, five-fold on train: ROUGE-1 {100 * np.mean(scores):.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("abstracts", type=Path)
    parser.add_argument("--out", type=Path, default=Path(weights.__file__).with_name("weights.json"))
    arguments = parser.parse_args()
    fitted = fit(arguments.data, arguments.abstracts, Settings())
    text = json.dumps(fitted, ensure_ascii=False, separators=(",", ":")) + "\n"
    arguments.out.write_text(text, encoding="utf-8")
    print(
        f"{len(fitted['roles']['table'])} role features, {sum(len(names.split()) for names in fitted['words']['table'].values())} word features, {len(fitted['ranks'])} rank features, {len(text.encode())} bytes"
    )


if __name__ == "__main__":
    main()
