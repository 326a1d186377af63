"""Shorter readings of one sentence, each made by leaving something out: never a word is added or changed.

Left out may be: an opening that only ties the sentence to its neighbours ("However,", "In this paper,"), a heading or
list mark, brackets, an opening clause before "we …", "We show that", and what trails after the main clause. Which
reading is shown is for the ranking to say.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

_MIN_CHARACTERS = 25
_MIN_WORDS = 8
_MAX_CUTS = 6
_VERBS = (
    "propose|present|introduce|develop|show|study|investigate|design|describe|explore|consider|provide|analy[sz]e|prove"
    "|demonstrate|address|examine|extend|use|formulate|derive|construct|give|apply|learn|train|find|argue|suggest|build"
    "|create|compare|evaluate|establish|report|obtain|compute|characteri[sz]e|classify|generali[sz]e|measure|perform"
)


class Reading(NamedTuple):
    """One way to show a sentence."""

    text: str
    kinds: tuple[str, ...]
    """What was left out: `clause` (opening clause), `that` ("We show that"), `cut:…` (end of the sentence)."""


class _Patterns(NamedTuple):
    label: re.Pattern[str]
    opening: re.Pattern[str]
    clause: re.Pattern[str]
    that: re.Pattern[str]
    bracket: re.Pattern[str]
    cut: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    return _Patterns(
        label=re.compile(r"(?:[-•*–]|\(?(?:\d{1,2}|[ivx]{1,4}|[a-h])[.)])\s+(?=\S)"),
        opening=re.compile(
            r"(?:(?:more )?specifically|in particular|particularly|however|moreover|furthermore|additionally|in addition"
            r"|finally|lastly|therefore|thus|hence|consequently|accordingly|as a result|as such|nevertheless|nonetheless"
            r"|to (?:this|that|these) ends?|towards? this (?:end|goal|aim)|here|in short|in summary|overall|notably"
            r"|importantly|interestingly|surprisingly|remarkably|concretely|firstly|secondly|thirdly|first|second|third"
            r"|then|next|also|meanwhile|on the other hand|in contrast|by contrast|instead|for this (?:purpose|reason)"
            r"|(?:motivated|inspired) by (?:this|these)[^,]{0,60}|based on (?:this|these)[^,]{0,60}"
            r"|to (?:address|tackle|overcome|solve|mitigate|fill|bridge|alleviate|remedy|resolve) (?:this|these|the above"
            r"|such|those)[^,]{0,60}|(?:in|throughout|with) (?:this|the present|the current|our) (?:\w+ )?(?:paper|work"
            r"|article|study|letter|thesis|report|note|contribution|survey|research|manuscript|chapter)s?)"
            r"\s*,\s*(?:(?:and|then|also) )?"
            r"|in (?:this|the present|our) (?:\w+ )?(?:paper|work|article|study|letter|note)s? (?=we\b)"
            r"|(?:here|thus|hence|therefore|then) (?=we\b)|we,? therefore,? (?=\b)(?!\w)",
            re.IGNORECASE,
        ),
        clause=re.compile(
            rf"(?!we\b|this\b|our\b|the\b|it\b|an?\b).{{3,220}}?, (?=(?:we (?:\w+ly |also |then |first |further |here )?"
            rf"(?:{_VERBS})|this (?:paper|work|article) \w+s)\b)",
            re.IGNORECASE,
        ),
        that=re.compile(
            r"(?:we|our (?:\w+ )?(?:results?|experiments?|analys[ie]s|findings?|evaluations?)|(?:\w+ )?(?:experiments?"
            r"|results?|experimental results)(?: on [^,]{3,60})?|this (?:paper|work)) (?:also |further |then |first "
            r"|empirically |theoretically |experimentally |clearly |have |has |can )*(?:show|demonstrate|find|prove"
            r"|observe|argue|suggest|indicate|reveal|conclude|verify|confirm|establish|shown|found)s? that,? ",
            re.IGNORECASE,
        ),
        bracket=re.compile(r"\s*\([^()]{1,120}\)"),
        cut=re.compile(
            r", (which|where|whose|thereby|thus|hence|allowing|enabling|making|leading|resulting|yielding|while|whereas"
            r"|including|such as|achieving|outperforming|providing|showing|demonstrating|improving|reducing|producing"
            r"|without|especially|particularly|even|compared|in contrast|rather|inspired|motivated|suggesting|giving"
            r"|and|but|so|with|using|by|based|because|since|although|though|as)\b"
            r"| (in order to|so that|thereby|and (?:we|then|also|show|demonstrate|prove|evaluate|discuss|report|verify"
            r"|validate|find|apply)|by \w+ing|using|via|through|without|because|compared)\b|(;|:| —| –) "
        ),
    )


def _is_balanced(text: str) -> bool:
    return (
        text.count("$") % 2 == 0
        and text.count("(") == text.count(")")
        and text.count("[") == text.count("]")
        and text.count('"') % 2 == 0
        and text.count("“") == text.count("”")
        and text.count("{") == text.count("}")
    )


def _capitalised(text: str) -> str:
    """First word with a capital, unless its spelling is its own (`iPhone`, `p53`, `$k$-means`)."""
    word = text.split(" ", 1)[0].rstrip(",:;")
    plain = word.replace("-", "").isalpha() and word.islower() and (len(word) > 1 or word == "a")
    return text[:1].upper() + text[1:] if plain and word[1:2] != "-" else text


def _without_opening(sentence: str) -> str:
    patterns = _patterns()
    rest = sentence
    for _ in range(3):
        found = patterns.label.match(rest) or patterns.opening.match(rest)
        if found is None or len(rest) - found.end() <= _MIN_CHARACTERS:
            break
        rest = rest[found.end() :]
    return rest


def _without_brackets(sentence: str) -> str:
    if "(" not in sentence or "$" in sentence or "\\" in sentence:
        return sentence
    rest = re.sub(r"\s+([.,;:])", r"\1", _patterns().bracket.sub("", sentence))
    return rest if len(rest) > _MIN_CHARACTERS else sentence


def tidy(sentence: str) -> str:
    """*sentence* as it may stand alone: without opening, list mark and brackets."""
    return _capitalised(_without_brackets(_without_opening(sentence)))


def readings(sentence: str) -> list[Reading]:
    """The ways to show *sentence*, the tidied whole first, no two alike."""
    patterns = _patterns()
    whole = _without_opening(sentence)
    heads: list[tuple[tuple[str, ...], str]] = [((), whole)]
    found = patterns.clause.match(whole)
    if found and len(whole) - found.end() > _MIN_CHARACTERS and _is_balanced(whole[found.end() :]):
        heads.append((("clause",), whole[found.end() :]))
    for kinds, head in tuple(heads):
        found = patterns.that.match(head)
        if found and len(head) - found.end() > _MIN_CHARACTERS:
            heads.append(((*kinds, "that"), head[found.end() :]))
    made: dict[str, Reading] = {}
    for kinds, head in heads:
        text = _without_brackets(head)
        made.setdefault(text, Reading(_capitalised(text), kinds))
        for cut, short in _cuts(text):
            made.setdefault(short, Reading(_capitalised(short), (*kinds, "cut", cut)))
    return list(made.values())


def _cuts(text: str) -> list[tuple[str, str]]:
    """What is left when the sentence ends earlier, with the kind of the place."""
    cuts = []
    for found in _patterns().cut.finditer(text):
        left = text[: found.start()].rstrip(" ,;:—–")
        if left.count(" ") + 1 < _MIN_WORDS or len(text) - len(left) < 12 or not _is_balanced(left):
            continue
        comma, plain, mark = found.groups()
        cuts.append(
            ("cut," + comma if comma else "cut " + plain.split(" ")[0] if plain else "cut" + mark.strip(), left + ".")
        )
        if len(cuts) == _MAX_CUTS:
            break
    return cuts
