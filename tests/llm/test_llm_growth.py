"""Reading an answer takes a time that grows no faster than its length, whatever stands in it.

Measured as growth: eight times as much text may take a few times eight times as long, not sixty-four times.
"""

import time
from collections.abc import Callable

import pytest

from digest.config.summary_schemas import SummarySchema
from digest.llm.answers import read_answer
from digest.llm.defang import defang
from digest.llm.languages import is_in_language
from digest.llm.loose_json import find_objects
from digest.llm.number_check import unknown_numbers

SMALL, FACTOR = 4000, 8
MOST = FACTOR * 3.5
FLOOR_S = 0.002
"""Below it a measurement says nothing."""

SOURCE = "We train 12 models on 3 data sets and reach 92.4 % at https://a.example/x. " * 200
UNITS = [
    "<think>",
    "</think>",
    "<thinking><think>",
    "<reasoning>",
    "<",
    ">",
    "<a",
    "<a<a",
    "</a",
    "<script",
    "<script>",
    "</script>",
    "<style>x",
    "<title",
    "<!doctype",
    "<!--",
    "-->",
    "<?",
    "<?a",
    "<![CDATA[",
    "<a",
    "onx=",
    "<b/onload=x",
    '<x"onx=y',
    "ona",
    "onon",
    "[",
    "[a]",
    "[a](",
    "([",
    "](",
    "![",
    "[a]:",
    "[a",
    "[[",
    "]]",
    "**",
    "**a",
    "_",
    "__",
    "__a",
    "**a**",
    "#",
    "#a",
    "```",
    "~~~",
    "---",
    "===",
    "***",
    "{",
    "}",
    '{"a":',
    '{"a":1},',
    '{"a":[',
    "{'a':\"",
    "[[",
    "]]",
    '"',
    '""',
    '",',
    '":',
    "'",
    "“",
    "”",
    "‘",
    "\\",
    '\\"',
    "\\n",
    "\\(",
    "\\)",
    "$",
    "$$",
    "$a$",
    "\\a",
    "\\u0041",
    "//",
    "/*",
    "*/",
    ",",
    ":",
    ";",
    "1",
    "11",
    "1.",
    "1,",
    "1.1",
    "1,1",
    "1.234",
    "1,234,",
    "1%",
    "12,345.6",
    "0.1",
    "999",
    "&amp;",
    "&lt;",
    "&#60;",
    "&#x3c;",
    "&",
    "javascript:",
    "data:",
    "www.",
    "http://a.b/c",
    "a@b",
    "<a@",
    "<a:",
    "sorry",
    "N/A",
    "not",
    ".",
    "!",
    "?",
    "。",
    "one",
    "two",
    "twenty-one",
    "hundred",
    "million",
    "万",
    "ü",
    "ß",
    "中",
    "あ",
    "한",
    "И",
    "ﷺ",
    "\u202e",
    "\u200b",
]
UNITS += [
    "\n",
    "\n\n",
    " ",
    "\t",
    "\n ",
    " \n",
    "\n[",
    "\n#",
    "\n# a",
    "\n- ",
    "\n```",
    "a ",
    "a\n",
    " on",
    " onx",
    "</ ",
    "# a #",
    "\r",
    "\u2028",
]
WRAPPED = (
    '{{"title": "{0}", "abstract": "{0}"}}',
    '{{"title": "x", "abstract": "{0}',
    "{0}",
    '<think>{0}{{"abstract": "x"}}',
)


def seconds(action: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    action(text)
    return time.process_time() - began


def growth(action: Callable[[str], object], make: Callable[[int], str]) -> float:
    """Return how many times as long *action* takes for a text that is `FACTOR` times as long: the least of a few tries."""
    least = float("inf")
    for _ in range(4):
        small = max(seconds(action, make(SMALL)), FLOOR_S)
        least = min(least, seconds(action, make(SMALL * FACTOR)) / small)
        if least < MOST:
            break
    return least


def repeated(unit: str, length: int) -> str:
    return unit * (length // len(unit))


def read(text: str) -> object:
    return read_answer(text, SummarySchema.TRANSLATE, language="de", source=SOURCE)


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


@pytest.mark.parametrize("unit", UNITS)
def test_a_whole_answer(unit: str) -> None:
    for frame in WRAPPED:
        fill = escaped(unit) if frame[0] == "{" and frame != "{0}" else unit
        assert growth(read, lambda length, fill=fill, frame=frame: frame.format(repeated(fill, length))) < MOST, frame


@pytest.mark.parametrize("unit", UNITS)
def test_each_step(unit: str) -> None:
    def make(length: int) -> str:
        return "<a " + repeated(unit, length) + "a"

    for step in (
        lambda text: defang(text, SOURCE),
        lambda text: is_in_language(text, "de"),
        find_objects,
        lambda text: unknown_numbers(text, SOURCE),
        lambda text: unknown_numbers("It took 123456 steps.", text),
    ):
        assert growth(step, make) < MOST


@pytest.mark.parametrize(
    "make",
    [
        lambda n: " ".join(str(number) for number in range(100_000, 100_000 + n // 7)),
        lambda n: ", ".join(f"0.{number}" for number in range(1000, 1000 + n // 8)),
        lambda n: "{" + ",".join(f'"k{number}":"v"' for number in range(n // 10)) + "}",
        lambda n: '{"a":[' + ",".join('{"abstrac":"x"}' for _ in range(n // 16)) + "]}",
        lambda n: " ".join(f"https://a{number}.example/x" for number in range(n // 24)),
        lambda n: "<a " + " ".join(f"on{'x' * (number % 9)}=1" for number in range(n // 9)) + "<",
        lambda n: "[x](" + "(a)" * (n // 3),
        lambda n: "<a" + " " * n,
        lambda n: "**" + "a" * n + " **",
        lambda n: '{"abstract": ' + "9" * n + "}",
    ],
)
def test_many_different_things(make: Callable[[int], str]) -> None:
    for step in (read, lambda text: defang(text, SOURCE), lambda text: unknown_numbers(text, text)):
        assert growth(step, make) < MOST


@pytest.mark.parametrize("depth", [900, 5000, 100_000])
def test_depth_is_no_error(depth: int) -> None:
    for text in (
        '{"abstract": ' + "[" * depth + '"x"' + "]" * depth + "}",
        '{"abstract": ' * depth + '"x"' + "}" * depth,
        '{"title": "x", "abstract": ' + '{"text": [' * depth,
    ):
        assert not read_answer(text, SummarySchema.TRANSLATE, language="de", source=SOURCE).usable


@pytest.mark.parametrize(
    "number", ["9" * 5000, "9" * 5000 + ".5", "1," * 2500 + "1", "0." + "3" * 5000, "1e" + "9" * 5000]
)
def test_a_number_of_five_thousand_digits_costs_its_field_at_most(number: str) -> None:
    title = "Weiche Roboter lernen aus wenigen Beispielen und sind dann sehr genau"
    abstract = "Die Roboter sind schwer zu regeln, und wir zeigen, dass es mit wenigen Beispielen geht. " * 3
    text = f'{{"title": "{title}", "abstract": "{abstract}", "extra": {number.replace(",", "")}, "note": "{number}"}}'
    assert read_answer(text, SummarySchema.TRANSLATE, language="de", source="It works.").usable
    text = f'{{"title": "{title}", "abstract": "{abstract} {number}"}}'
    reading = read_answer(text, SummarySchema.TRANSLATE, language="de", source="It works.")
    assert "title" in reading.parts


def test_only_so_much_is_read_as_was_asked_for() -> None:
    late = "x" * 5000 + '{"title": "Ein Titel", "abstract": "y"}'
    read_with = {"language": "de", "source": SOURCE}
    assert read_answer(late, SummarySchema.TRANSLATE, **read_with).parts
    assert not read_answer(late, SummarySchema.TRANSLATE, limit=4000, **read_with).parts
    thoughtful = "<think>" + "x" * 5000 + "</think>" + '{"title": "Ein Titel", "abstract": "y"}'
    assert read_answer(thoughtful, SummarySchema.TRANSLATE, limit=4000, **read_with).parts


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("A<think>x</think>B<THINK>y</think>C", "ABC"),
        ("x</think>B", "B"),
        ("A<think>x", "A"),
        ("<think>a<reasoning>b</reasoning>c</think>D", "D"),
        ("<think>a<think>b</think>D", "D"),
        ("<reasoning>a<think>b</think>D", ""),
        ("A<think>x</thinking>B", "B"),
        ("no thought", "no thought"),
    ],
)
def test_thoughts_are_not_read(text: str, spoken: str) -> None:
    from digest.llm.answers import without_thoughts

    assert without_thoughts(text) == spoken
