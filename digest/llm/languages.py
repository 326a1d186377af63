"""Languages: their names for the prompt, and whether a text is in the one that was asked for. Pure.

The check is a cheap one: by script, and among languages in Latin or Cyrillic letters by their most
frequent little words. It says no only when it is sure; a language it doesn't know is never refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_NAMES = {
    "ar": "Arabic (العربية)",
    "bg": "Bulgarian (български)",
    "bn": "Bengali (বাংলা)",
    "ca": "Catalan (català)",
    "cs": "Czech (čeština)",
    "da": "Danish (dansk)",
    "de": "German (Deutsch)",
    "el": "Greek (ελληνικά)",
    "en": "English",
    "es": "Spanish (español)",
    "fa": "Persian (فارسی)",
    "fi": "Finnish (suomi)",
    "fr": "French (français)",
    "he": "Hebrew (עברית)",
    "hi": "Hindi (हिन्दी)",
    "hu": "Hungarian (magyar)",
    "id": "Indonesian (Bahasa Indonesia)",
    "it": "Italian (italiano)",
    "ja": "Japanese (日本語)",
    "ko": "Korean (한국어)",
    "nl": "Dutch (Nederlands)",
    "no": "Norwegian (norsk)",
    "pl": "Polish (polski)",
    "pt": "Portuguese (português)",
    "pt-BR": "Brazilian Portuguese (português do Brasil)",
    "ro": "Romanian (română)",
    "ru": "Russian (русский)",
    "sv": "Swedish (svenska)",
    "th": "Thai (ไทย)",
    "tr": "Turkish (Türkçe)",
    "uk": "Ukrainian (українська)",
    "vi": "Vietnamese (Tiếng Việt)",
    "zh": "Simplified Chinese (简体中文)",
    "zh-Hans": "Simplified Chinese (简体中文)",
    "zh-Hant": "Traditional Chinese (繁體中文)",
}
_ALIASES = {"zh-TW": "zh-Hant", "zh-HK": "zh-Hant", "zh-MO": "zh-Hant", "nb": "no", "nn": "no"}

_SCRIPTS = {
    "zh": ("CJK",),
    "ja": ("HIRAGANA", "KATAKANA", "CJK"),
    "ko": ("HANGUL",),
    "ar": ("ARABIC",),
    "fa": ("ARABIC",),
    "ur": ("ARABIC",),
    "he": ("HEBREW",),
    "hi": ("DEVANAGARI",),
    "bn": ("BENGALI",),
    "th": ("THAI",),
    "el": ("GREEK",),
    "ru": ("CYRILLIC",),
    "uk": ("CYRILLIC",),
    "bg": ("CYRILLIC",),
}

_LITTLE_WORDS = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and to in is that for with we are this by on as from which an be it can our these has not",
        "de": "der die das und in von zu mit den ist für im des auf ein eine dem wir nicht werden wird sich auch durch",
        "fr": "le la les de des et du un une est en pour que qui dans par sur nous avec au ce cette sont plus à",
        "es": "el la los las de y en un una que es por con para del se su como no al este esta más está o",
        "it": "il lo la i gli le di e in un una che è per con del della dei sono su come non nel questo anche",
        "pt": "o a os as de e em um uma que é por com para do da dos se não na no como mais este esta",
        "nl": "de het een en van in is dat op te voor met zijn we die niet door aan ook wordt deze naar uit",
        "sv": "och i att en det som är för av på med den till vi inte om ett har de kan från",
        "da": "og i at en det som er for af på med den til vi ikke et har de kan fra der",
        "pl": "i w na z do się że jest nie to oraz dla przez od jako które który ten tego są po",
        "tr": "ve bir bu için ile de da olarak olan en daha çok gibi biz bunu ise göre üzerinde",
        "id": "yang dan di dari untuk dengan pada ini dalam adalah kami tidak oleh sebagai ke dapat itu",
        "ru": "и в на с что не для из по к это как мы от при или же является этот",
        "uk": "і в на з що не для та із по до це як ми від при або є цей у",
        "bg": "и в на с че не за от по към това като ние при или са се този",
    }.items()
}
_WORD = re.compile(r"[^\W\d_]+")
_MATH = re.compile(r"\$[^$]*\$|\\\((?:[^\\]|\\(?![()]))*\\\)|\\[A-Za-z]+")
_FEWEST_LETTERS = 12
_DENSE = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")
"""Scripts of which one character says about as much as three Latin letters."""


def describe_language(tag: str) -> str:
    """Return the language's English and own name for a prompt; an unknown tag stands for itself."""
    for known in _shorter_tags(_ALIASES.get(tag, tag)):
        if known in _NAMES:
            return _NAMES[known]
    return f"the language with the BCP 47 tag {tag}"


def _shorter_tags(tag: str) -> list[str]:
    parts = tag.split("-")
    return ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]


def is_in_language(text: str, tag: str) -> bool:
    """Return False if *text* is surely not in the language of *tag*; True also where that isn't certain.

    Names and terms in Latin letters are fine in any language; formulas are not looked at.
    """
    language = tag.split("-", maxsplit=1)[0]
    prose = _MATH.sub(" ", text)
    scripts = _count_scripts(prose)
    letters = sum(scripts.values())
    if letters + 2 * sum(scripts[name] for name in _DENSE) < _FEWEST_LETTERS:
        return True
    expected = _SCRIPTS.get(language)
    if expected:
        if sum(scripts[name] for name in expected) < letters * 0.2:
            return False
        if language == "ja":
            return scripts["HIRAGANA"] + scripts["KATAKANA"] > 0
        if language == "zh":
            return scripts["HIRAGANA"] + scripts["KATAKANA"] <= scripts["CJK"] * 0.1
    elif language in _LITTLE_WORDS and scripts["LATIN"] < letters * 0.6:
        return False
    return _is_likeliest(prose, language)


def _count_scripts(text: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for character in text:
        if character.isalpha():
            counts[unicodedata.name(character, "?").split(" ")[0].split("-")[0]] += 1
    return counts


def _is_likeliest(text: str, language: str) -> bool:
    """Whether no other language has many more of its little words in *text*."""
    if language not in _LITTLE_WORDS:
        return True
    words = _WORD.findall(text.casefold())
    hits = {name: sum(word in little for word in words) for name, little in _LITTLE_WORDS.items()}
    best = max(hits.values())
    return best < 4 or hits[language] * 2 > best
