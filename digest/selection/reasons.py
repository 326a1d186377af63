"""Which words of an example may be given as a reason, and how they are written: words that read as words."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TOKEN = re.compile(r"[^\W_]+")
_PIECES = """ab al anti auto bi co com counter cross de di en ex extra fore high http https hyper in inter intra low
macro meta micro mid mini mis mono multi nano net non off on org out over poly post pre pro pseudo quasi re self semi
sub super tri ultra un under uni up vs well www"""
_FILLERS = """able about above across after all also although among an and any are around as at based be because been
before being between both but by can case could do does due during each either et etc even every few first for from
further given has have having here how however if including into is it its just less like made make many may more most
much namely near nor not of often one only onto or other our own per paper papers propose proposed quite rather recent
recently same second several show shown since so some still such than that the their them then there these they this
those three through thus to together toward towards two upon use used using various versus very via was we were what
when where whether which while who whose why will with within without work would yet you your"""
_NO_REASONS = frozenset((*_PIECES.split(), *_FILLERS.split()))
"""Pieces of compounds that stand alone once a hyphen separates them, and words of every text."""


def reason_words(text: str, spellings: Mapping[str, str]) -> dict[str, str]:
    """Return the words of *text* that tell what it is about, each as it is shown.

    Numbers, pieces of compounds and filling words tell nothing. A word of two letters does if it stands in
    capitals (AI, 3D). Capitals are kept where they aren't only a beginning: GNN, LLMs.

    Args:
        text: As it was written.
        spellings: Its words in singular, and how it spells each first (`Text.spellings`).
    """
    capitals = {token.lower(): token for token in reversed(_TOKEN.findall(text)) if token[1:].lower() != token[1:]}
    return {
        word: capitals.get(spelled, spelled)
        for word, spelled in spellings.items()
        if spelled in capitals or _reads_as_word(spelled)
    }


def _reads_as_word(spelled: str) -> bool:
    letters = sum(map(str.isalpha, spelled))
    return len(spelled) > 2 and letters > 1 and spelled not in _NO_REASONS
