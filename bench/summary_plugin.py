"""The built-in summaries in the shapes that the summary evaluation script asks for.

python evaluate.py --path . --tldr bench.summary_plugin:tldr --structured bench.summary_plugin:structured \
    --roles bench.summary_plugin:roles --split bench.summary_plugin:sentences --import-time
"""

from __future__ import annotations

from digest.summaries import label_sentences, split_sentences, summary_parts


def tldr(title: str, abstract: str) -> str:
    return summary_parts(title, abstract).get("tldr") or ""


def structured(title: str, abstract: str) -> dict[str, str | None]:
    return summary_parts(title, abstract)


def roles(sentences: list[str]) -> list[str]:
    return label_sentences(sentences)


def sentences(text: str) -> list[str]:
    return split_sentences(text)
