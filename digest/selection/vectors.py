r"""Word vectors fitted on arXiv abstracts, and the profile that they give a text.

words of title (twice) and abstract ─▶ sum of their rows ─▶ less the mean of all papers ─▶ a signed byte a dimension
                                    └▶ the heaviest by tf-idf ─▶ 24 bits that name a word, 8 bits for its weight

Both together are a text's *profile*, all that a comparison needs. It depends on the text and on the fit alone, so it can
be made once and stored, under the version of the fit.

`vectors.bin` beside this module holds the fit (see `tools/fit_vectors.py`): a line of JSON, then a zlib stream of
the words (`\n` between them), a zero byte, their idf (16 bits each, in 1/1000, least byte first) and the table of rows,
column by column, one byte a value, 128 for zero. It is read when a ranking is first asked for. A row is used as one
integer, its values side by side in fields of 32 bits, so that a word costs one multiplication and one addition.
"""

from __future__ import annotations

import math
import struct
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import blake2b, sha256
from operator import mul
from struct import Struct
from typing import NamedTuple
from zlib import compress, crc32, decompress

_MAKING = 1
"""Raise it when the same file would give a text another vector, for example because words are folded differently."""
TERMS = 32
"""A profile has so many of the text's words."""
TERM_STEPS = 96
"""The length of a profile's terms in steps, so that each weight is a byte."""
_TERMS = Struct(f"<{TERMS}I")
_FIELD_BYTES = 4
"""Width of a value in a packed row: that of an unsigned integer of `struct`."""
_ZERO = 128
_TF_STEPS = 16
"""Steps of 1 in a word's count, so that rows are multiplied by integers."""
UNIT = 127
"""The length of a paper's vector in steps, so that each value is a signed byte."""
KEY_BYTES = 8
SPREAD_FLOOR = 3.0
"""Added to each dimension's spread, in mean spreads, before examples are divided by it."""


class Fit(NamedTuple):
    """What `vectors.bin` says, unpacked."""

    version: str
    """Names the fit; vectors of two versions can't be compared."""
    words: tuple[str, ...]
    idf: tuple[float, ...]
    mean: tuple[float, ...]
    """What the papers of the fit have in common, for a text of tf-idf length 1."""
    columns: bytes
    """The table of rows, column by column."""
    spread: tuple[float, ...] = ()
    """The mean square of each dimension over the vectors of the fit's papers, of length 1; may be empty.

    It weighs examples, not profiles: vectors of one version with another spread can be compared.
    """


class WordVectors:
    """Makes vectors of texts."""

    def __init__(self, fit: Fit) -> None:
        self.version = fit.version
        self._mean = fit.mean
        self._columns = fit.columns
        self._places = {word: place for place, word in enumerate(fit.words)}
        self._idf = dict(zip(fit.words, fit.idf, strict=True))
        self._rare = max(fit.idf)  # an unknown word weighs as much as the rarest
        self._rows: dict[str, int] = {}
        self._fields = Struct(f"<{len(fit.mean)}I")
        self.dimensions = len(fit.mean)
        usual = SPREAD_FLOOR * math.fsum(fit.spread) / self.dimensions
        self._weights = [1 / (spread + usual) for spread in fit.spread] or [1.0] * self.dimensions
        self.profile_bytes = self.dimensions + _TERMS.size

    def profile(self, counts: Mapping[str, int]) -> bytes:
        """Return the profile of a text, given how often it uses each word (`count_words`).

        Its vector has the length `UNIT`, or zero where no word is known. The squares of its terms' weights add up to
        about `TERM_STEPS` squared.
        """
        return self._vector(counts) + _TERMS.pack(*self._terms(counts))

    def idf_of(self, word: str) -> float:
        """Return how rare a word in singular is; one that the fit has never seen is as rare as the rarest."""
        return self._idf.get(word, self._rare)

    def vector_of(self, profile: bytes) -> memoryview:
        """Return the vector of a profile: signed bytes."""
        return memoryview(profile)[: self.dimensions].cast("b")

    def example_vector(self, profile: bytes) -> list[int]:
        """Return the vector of a profile as papers are compared with it: of length `UNIT`.

        Directions in which papers differ most from each other count less, since nearness in them tells least.
        """
        weighted = list(map(mul, self.vector_of(profile), self._weights))
        scale = UNIT / (math.hypot(*weighted) or 1.0)
        return [round(value * scale) for value in weighted]

    def terms_of(self, profile: bytes) -> tuple[int, ...]:
        """Return the terms of a profile: each a word's `term_number`, times 256, plus its weight; zero for none."""
        return _TERMS.unpack_from(profile, self.dimensions)

    def agreement(self, word: str, profile: bytes) -> float | None:
        """Return the cosine of a word's vector and a profile's: low for words of all subjects, None for an unknown word."""
        if word not in self._idf:
            return None
        row = [value - _ZERO for value in self._fields.unpack(self._row(word).to_bytes(self._fields.size, "little"))]
        agreeing: int = sum(map(mul, row, self.vector_of(profile)))
        return agreeing / (UNIT * math.hypot(*row) or 1.0)

    def _vector(self, counts: Mapping[str, int]) -> bytes:
        idf = self._idf
        rows_by_count: defaultdict[int, list[int]] = defaultdict(list)
        squares = 0.0
        for word, count in counts.items():
            if word in idf:
                rows_by_count[count].append(self._rows.get(word) or self._row(word))
                squares += (count_weight(count) * idf[word]) ** 2
        steps = {count: round(_TF_STEPS * count_weight(count)) for count in rows_by_count}
        packed = sum(step * sum(rows_by_count[count]) for count, step in steps.items())
        sums = self._fields.unpack(packed.to_bytes(self._fields.size, "little"))
        zero = _ZERO * sum(step * len(rows_by_count[count]) for count, step in steps.items())
        length = _TF_STEPS * math.sqrt(squares)
        return self._rounded([total - zero - length * mean for total, mean in zip(sums, self._mean, strict=True)])

    def _rounded(self, values: Sequence[float]) -> bytes:
        scale = UNIT / (math.hypot(*values) or 1.0)
        return struct.pack(f"{self.dimensions}b", *[round(value * scale) for value in values])

    def _terms(self, counts: Mapping[str, int]) -> list[int]:
        idf, rare = self._idf, self._rare
        weights = {word: count_weight(count) * idf.get(word, rare) for word, count in counts.items()}
        heaviest = sorted(weights, key=weights.__getitem__, reverse=True)[:TERMS]
        scale = TERM_STEPS / (math.hypot(*[weights[word] for word in heaviest]) or 1.0)
        terms = [term_number(word) << 8 | round(weights[word] * scale) for word in heaviest]
        return terms + [0] * (TERMS - len(terms))

    def _row(self, word: str) -> int:
        row = self._rows.get(word)
        if row is None:
            spread = bytearray(self._fields.size)
            spread[::_FIELD_BYTES] = self._columns[self._places[word] :: len(self._places)]
            row = self._rows[word] = int.from_bytes(spread, "little")
        return row


def term_number(word: str) -> int:
    """Return a word's number, 24 bits: hardly any two words of an abstract and of a library share one."""
    return crc32(word.encode()) & 0xFFFFFF


def count_words(title: Iterable[str], abstract: Iterable[str]) -> Counter[str]:
    """Count words that have been put in singular; those of the title count twice, single letters not at all."""
    counts = Counter(title)
    counts.update(counts)
    counts.update(abstract)
    return Counter({word: count for word, count in counts.items() if len(word) > 1})


@cache
def count_weight(count: int) -> float:
    """Return what a word weighs that occurs *count* times."""
    return 1 + math.log(count)


def text_key(title: str, abstract: str) -> bytes:
    """Return the key that a text's profile is stored under: another text has another key."""
    return blake2b(f"{title}\0{abstract}".encode(), digest_size=KEY_BYTES).digest()


def pack_profiles(profiles: Mapping[bytes, bytes], version: str) -> bytes:
    """Join profiles, by the key of their text, to what is stored: the version, a line break, keys and profiles."""
    return version.encode() + b"\n" + b"".join(key + profile for key, profile in profiles.items())


def unpack_profiles(data: bytes, words: WordVectors) -> dict[bytes, bytes]:
    """Take apart what `pack_profiles` joined; nothing if they were made by another version.

    Raises:
        ValueError: The data was cut off.
    """
    version, _, body = data.partition(b"\n")
    if version != words.version.encode():
        return {}
    size = KEY_BYTES + words.profile_bytes
    if len(body) % size:
        raise ValueError(f"profiles of {len(body)} bytes, not a multiple of {size}")
    return {body[at : at + KEY_BYTES]: body[at + KEY_BYTES : at + size] for at in range(0, len(body), size)}


def format_fit(fit: Fit) -> bytes:
    """Return the bytes of `vectors.bin`; the version is made from what the fit holds."""
    import json
    from array import array

    idf = array("H", [round(value * 1000) for value in fit.idf])
    if sys.byteorder == "big":
        idf.byteswap()
    body = "\n".join(fit.words).encode() + b"\0" + idf.tobytes() + fit.columns
    version = sha256(body + repr(fit.mean).encode()).hexdigest()[:12]
    head = {"version": version, "words": len(fit.words), "mean": fit.mean, "spread": fit.spread}
    return json.dumps(head, separators=(",", ":")).encode() + b"\n" + compress(body, 9)


def parse_fit(data: bytes) -> Fit:
    """Read what `format_fit` wrote.

    Raises:
        ValueError: The parts have not the lengths that the first line says.
    """
    import json
    from array import array

    line, _, packed = data.partition(b"\n")
    head = json.loads(line)
    text, _, body = decompress(packed).partition(b"\0")
    words = tuple(text.decode().split("\n"))
    idf = array("H", body[: 2 * len(words)])
    if sys.byteorder == "big":
        idf.byteswap()
    columns = body[2 * len(words) :]
    if len(words) != head["words"] or len(columns) != len(words) * len(head["mean"]):
        raise ValueError(
            f"{len(words)} words and {len(columns)} values for {head['words']} rows of {len(head['mean'])}"
        )
    version = f"{_MAKING}-{head['version']}"
    idf_of = tuple(value / 1000 for value in idf)
    return Fit(version, words, idf_of, tuple(head["mean"]), columns, tuple(head["spread"]))


@cache
def load_vectors() -> WordVectors:
    """Return the shipped vectors, read on first use."""
    from pathlib import Path

    return WordVectors(parse_fit(Path(__file__).with_name("vectors.bin").read_bytes()))
