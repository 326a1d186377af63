"""Shorter readings of one sentence, each made by leaving something out: never a word is added or changed.

Left out may be: an opening that only ties the sentence to its neighbours ("However,", "In this paper,"), a heading or
list mark, brackets, an opening clause before "we …", "We show that", and what trails after the main clause. Which
reading is shown is for the ranking to say.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from digest.summaries.wordlists import STOP_WORDS

_MIN_CHARACTERS = 25
_MIN_WORDS = 8
_MIN_CUT = 12
_MAX_CUTS = 5
_CUT_REACH = 1_000
_VERBS = (
    "propose|present|introduce|develop|show|study|investigate|design|describe|explore|consider|provide|analy[sz]e|prove"
    "|demonstrate|address|examine|extend|use|formulate|derive|construct|give|apply|learn|train|find|argue|suggest|build"
    "|create|compare|evaluate|establish|report|obtain|compute|characteri[sz]e|classify|generali[sz]e|measure|perform"
)


class Reading(NamedTuple):
    """One way to show a sentence."""

    text: str
    kinds: tuple[str, ...]
    """What was left out: `clause` (an opening clause), `cut` with the place (`cut,which`: the end of the sentence)."""


class _Patterns(NamedTuple):
    label: re.Pattern[str]
    opening: re.Pattern[str]
    clause: re.Pattern[str]
    bracket: re.Pattern[str]
    main: re.Pattern[str]
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
            r"|in (?:this|the present|our) (?:\w+ )?(?:paper|work|article|study|letter|note|contribution|report|thesis|survey)s?"
            r" (?=we\b)"
            r"|(?:here|thus|hence|therefore|then) (?=we\b)|we,? therefore,? (?=\b)(?!\w)",
            re.IGNORECASE,
        ),
        # Conditions stay: "If X holds, we prove …" says something else without its opening.
        clause=re.compile(
            rf"(?!(?:we|this|our|the|it|an?|if|assuming|suppose|under|given|for|when|let|unless|except|despite|although|even)\b)"
            rf".{{3,220}}?, (?=(?:we (?:\w+ly |also |then |first |further |here )?(?:{_VERBS})"
            rf"|this (?:paper|work|article) \w+s)\b)",
            re.IGNORECASE,
        ),
        bracket=re.compile(r"\s+\((?!(?:\d|[a-h]|[ivx]{1,4})\))[^()]{1,120}\)"),  # not (1), (a), (ii), f(x)
        main=re.compile(r"(?:we|i|this (?:paper|work|article|study|letter|thesis)|our \w+) ", re.IGNORECASE),
        cut=re.compile(
            r", (which|where|whose|thereby|thus|hence|allowing|enabling|making|leading|resulting|yielding|while|whereas"
            r"|including|such as|achieving|outperforming|providing|showing|demonstrating|improving|reducing|producing"
            r"|without|especially|particularly|even|in contrast|rather|inspired|motivated|suggesting|giving|based|using"
            r"|and (?=(?:we|our|it|this|these|also|then|thus|show|demonstrate|prove|find|evaluate|discuss|achieve|provide"
            r"|apply|propose|use|study|derive|report|verify|establish|give|introduce|present|develop|describe)\b)"
            r"|but|so)\b"
            r"| (in order to|so that|thereby|and (?=(?:we|show|demonstrate|prove|discuss|report|verify|validate|find)"
            r" (?:that|how|its|the|their|our|it|on)\b))|(;|:| —| –) "
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
    whole = _without_opening(sentence)
    heads: list[tuple[tuple[str, ...], str]] = [((), whole)]
    found = _patterns().clause.match(whole) if ", " in whole else None
    if found and len(whole) - found.end() > _MIN_CHARACTERS and _is_balanced(whole[found.end() :]):
        heads.append((("clause",), whole[found.end() :]))
    made: dict[str, Reading] = {}
    for kinds, head in heads:
        text = _without_brackets(head)
        made.setdefault(text, Reading(_capitalised(text), kinds))
        for cut, short in _cuts(text):
            made.setdefault(short, Reading(_capitalised(short), (*kinds, "cut", cut)))
    return list(made.values())


def _cuts(text: str) -> list[tuple[str, str]]:
    """What is left when a main clause ends earlier, with the kind of the place."""
    main = _patterns().main.match(text)
    if main is None:
        return []
    cuts = []
    for found in _patterns().cut.finditer(text, main.end(), _CUT_REACH):
        left = text[: found.start()].rstrip(" ,;:—–")
        if len(text) - len(left) < _MIN_CUT or not _may_end(left, text[found.end() :]):
            continue
        comma, plain, mark = found.groups()
        kind = f"cut,{comma.split()[0]}" if comma else f"cut {plain.split()[0]}" if plain else f"cut{mark.strip()}"
        cuts.append((kind, left + "."))
        if len(cuts) == _MAX_CUTS:
            break
    return cuts


def _may_end(left: str, tail: str) -> bool:
    """Whether *left* reads as a whole sentence when *tail* is left out.

    It must not end in a word that wants another, hold an open bracket or condition, or a "that" whose clause may go on
    behind the next comma ("We show that the map, which is smooth, has a kernel").
    """
    words = left.split(" ")
    if len(words) < _MIN_WORDS or words[-1].lower() in STOP_WORDS or not _is_balanced(left):
        return False
    return " if " not in left and not (" that " in left and ", " in tail)


def shorten(text: str, limit: int = 420) -> str | None:
    """*text*, or its beginning with an ellipsis if it is longer than *limit* characters.

    It ends behind a whole formula and, if that doesn't lose half, at a comma or the like. None if there is no good place:
    the text is one long formula.
    """
    if len(text) <= limit:
        return text
    places = [
        found.start() for found in re.finditer(r"(?=[,;:]? )", text[:limit]) if _is_balanced(text[: found.start()])
    ]
    clauses = [place for place in places if text[place] in ",;:"]
    if clauses and 2 * clauses[-1] > limit:
        places = clauses
    if not places or places[-1] < _MIN_CHARACTERS:
        return None
    return text[: places[-1]].rstrip(" ,;:") + " …"
