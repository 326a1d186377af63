"""Which language an abstract is in, told from its script and its commonest words."""

from __future__ import annotations

import re
from functools import cache

UNDETERMINED = "und"
_MIN_HITS = 2
_ROUGH_WORDS = 20
_WORDS = {
    "en": "the of and to in is we that for this with are by on as from be it which an our these can",
    "fr": "le la les des et une dans pour que nous est sur du par qui cette ces avec sont aux ce au en un de",
    "de": "der die das und ist wir ein eine für mit den von zu auf dem des nicht sich werden wird als im",
    "es": "el los las del una para que se por con este como esta entre en es de la un y sus lo",
    "pt": "os das dos uma para que com por este como não são em um da do ao na no de se",
    "it": "il lo gli della di che un una per con sono questo nel dei delle è si del la i in",
}
_SCRIPTS = (
    ("ja", "぀", "ヿ"),
    ("ko", "가", "힣"),
    ("zh", "一", "鿿"),
    ("ru", "Ѐ", "ӿ"),
    ("el", "Ͱ", "Ͽ"),
    ("ar", "؀", "ۿ"),
    ("he", "֐", "׿"),
)


@cache
def _words_by_language() -> dict[str, frozenset[str]]:
    return {language: frozenset(words.split()) for language, words in _WORDS.items()}


@cache
def _plain() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    scripts = "".join(f"{low}-{high}" for _, low, high in _SCRIPTS)
    return re.compile(r"\$[^$]*\$|\\\w+|https?://\S+"), re.compile(r"[^\W\d_]+"), re.compile(f"[{scripts}]")


def detect_language(text: str) -> str:
    """BCP 47 tag of the language of *text*; `und` where there are too few words to tell.

    Math is left out. A script other than Latin decides when it holds a third of the letters; among Latin scripts the
    language with most of its commonest words does.
    """
    listed = _words_by_language()
    rough = text.lower().split()
    if 5 * sum(map(listed["en"].__contains__, rough)) >= len(rough) >= _ROUGH_WORDS:
        return "en"
    math, word, other = _plain()
    words = word.findall(math.sub(" ", text.lower()))
    if not text.isascii() and other.search(text):
        letters = "".join(words)
        for language, low, high in _SCRIPTS:
            if 3 * sum(low <= letter <= high for letter in letters) > len(letters):
                return language
    hits = {language: sum(map(common.__contains__, words)) for language, common in listed.items()}
    best = max(hits, key=hits.__getitem__)
    return best if hits[best] >= _MIN_HITS else UNDETERMINED
