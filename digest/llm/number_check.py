"""Numbers of a summary that its source doesn't have: a cheap check against invented results. Pure.

A number is known if the source has it in any reading: `92.4` for 92.37, `95 %` for 0.95, `1,000` for 1000,
`1.2 million` or 120万 for 1200000, `3` for three. Whole numbers up to ten are let pass: they
count things ("two data sets") more often than they report results.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left

_NUMBER = re.compile(r"\d{1,3}(?:[.,' \u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*")
_SEPARATOR = re.compile(r"[.,' \u00a0\u202f]")
_POINT = re.compile(r"[.,]")
_SCALES = {
    "k": 1e3, "thousand": 1e3, "tausend": 1e3, "mille": 1e3, "mil": 1e3, "千": 1e3, "천": 1e3, "тыс": 1e3,
    "万": 1e4, "萬": 1e4, "만": 1e4,
    "m": 1e6, "million": 1e6, "millionen": 1e6, "millions": 1e6, "millones": 1e6, "millón": 1e6, "mio": 1e6,
    "milhões": 1e6, "milioni": 1e6, "百万": 1e6, "млн": 1e6,
    "亿": 1e8, "億": 1e8, "억": 1e8,
    "b": 1e9, "bn": 1e9, "billion": 1e9, "milliarden": 1e9, "milliards": 1e9, "mrd": 1e9, "млрд": 1e9, "十亿": 1e9,
    "t": 1e12, "trillion": 1e12, "万亿": 1e12, "兆": 1e12,
}  # fmt: skip
_SCALE = re.compile(
    r"[\s\-{}$\\,~]*(" + "|".join(sorted(map(re.escape, _SCALES), key=len, reverse=True)) + ")", re.IGNORECASE
)
_WORDS = {
    word: float(number)
    for number, words in {
        2: "two twice double doubles doubled both second pair",
        3: "three third triple threefold thrice",
        4: "four fourth quarter quadruple", 5: "five fifth", 6: "six sixth", 7: "seven", 8: "eight", 9: "nine",
        10: "ten tenth tenfold", 11: "eleven", 12: "twelve dozen", 13: "thirteen", 14: "fourteen", 15: "fifteen",
        16: "sixteen", 17: "seventeen", 18: "eighteen", 19: "nineteen", 20: "twenty", 25: "quarter", 30: "thirty",
        40: "forty", 50: "fifty half halves halved", 60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety",
        100: "hundred hundreds centuries", 1000: "thousand thousands", 1_000_000: "million millions",
    }.items()
    for word in words.split()
}  # fmt: skip
_WORD = re.compile(r"[a-z]+")
_COMPOUND = re.compile(
    r"(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[- ](one|two|three|four|five|six|seven|eight|nine)"
)
_HARMLESS = 10


def unknown_numbers(text: str, source: str) -> tuple[str, ...]:
    """Return the numbers of *text* that *source* has in no reading, as written, each once, in order."""
    normal = _normal(text)
    if not _NUMBER.search(normal):
        return ()
    known = _Known(_known_values(_normal(source)))
    missing: dict[str, None] = {}
    for found in _NUMBER.finditer(normal):
        readings = _readings(found[0])
        scale = _scale_after(normal, found.end())
        percent = _is_percent(normal, found.end())
        if readings and max(readings) <= _HARMLESS and found[0].isdigit() and not percent:
            continue
        candidates = readings | {value * scale for value in readings}
        if not any(known.has(value, found[0], percent=percent) for value in candidates):
            missing[found[0]] = None
    return tuple(missing)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("{,}", ",").replace("\\,", "").replace("\\%", "%")


def _is_percent(text: str, position: int) -> bool:
    return text[position : position + 12].lstrip().startswith(("%", "percent", "per cent", "Prozent", "pour cent"))


def _readings(number: str) -> set[float]:
    """Return what a number can mean: `1.000` is one or a thousand, `3,5` three and a half."""
    texts = {_SEPARATOR.sub("", number), number.replace(",", "")}
    texts.add(number.replace(".", "").replace(",", "."))
    if len(_SEPARATOR.findall(number)) > 1 or not _POINT.search(number):
        texts |= set(_SEPARATOR.split(number))  # a list, 1,2,3, or neighbours, 10 100
    readings = set()
    for text in texts:
        try:
            readings.add(float(text))
        except ValueError:
            continue
    return readings


def _scale_after(text: str, position: int) -> float:
    found = _SCALE.match(text, position)
    if not found or (text[found.end() : found.end() + 1].isascii() and text[found.end() : found.end() + 1].isalpha()):
        return 1.0
    return _SCALES[found[1].lower()]


def _known_values(source: str) -> set[float]:
    words = source.lower()
    known = {_WORDS[tens] + _WORDS.get(ones, 1.0) for tens, ones in _COMPOUND.findall(words)}
    known |= {_WORDS[word] for word in _WORD.findall(_COMPOUND.sub("", words)) if word in _WORDS}
    for found in _NUMBER.finditer(source):
        readings = _readings(found[0])
        known |= readings | {value * _scale_after(source, found.end()) for value in readings}
    return known


class _Known:
    """The numbers of a source in order, so that looking one up takes no longer for a text full of numbers."""

    def __init__(self, values: set[float]) -> None:
        self._values = sorted(values)
        self._hundredths = [value / 100 for value in self._values]
        self._percents = [value * 100 for value in self._values if value <= 1]

    def has(self, value: float, written: str, *, percent: bool) -> bool:
        """Whether *value*, which was *written* so, can be one of them, rounded or as a percentage."""
        decimals = len(written.replace(",", ".").rpartition(".")[2]) if "." in written or "," in written else 0
        tolerance = 0.5001 * 10.0**-decimals
        if value < _HARMLESS:
            # 3 is no rounding of 3.4 that a reader would want.
            tolerance = min(tolerance, 0.0501)
        places = [self._values]
        if value < 1 and not percent:
            places.append(self._hundredths)
        if percent:
            places.append(self._percents)
        return any(_is_near(value, place, tolerance) for place in places)


def _is_near(value: float, values: list[float], tolerance: float) -> bool:
    """Whether one of *values*, sorted, differs by *tolerance* at most."""
    place = bisect_left(values, value)
    return any(value == one or abs(value - one) <= tolerance for one in values[max(place - 1, 0) : place + 1])
