"""The built-in summary: what a paper says, told by sentences of its own abstract.

Pure Python over fitted weights that are read on first use; no model, no key, no network.
"""

from digest.summaries.builtin import summarise
from digest.summaries.roles import label_sentences
from digest.summaries.sentences import split_sentences

__all__ = ["label_sentences", "split_sentences", "summarise"]
