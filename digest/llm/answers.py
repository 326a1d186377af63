"""A model's answer to the parts of a summary: found, mended, checked. Pure; what can't be trusted is left out.

Each thing that is wrong is a *problem*, worded for the model, since the engine asks once more with the problems named.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
import zlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

from digest.config.summary_schemas import FIELDS, AnswerField, SummarySchema
from digest.llm.defang import defang
from digest.llm.languages import is_in_language
from digest.llm.loose_json import TEXT_LIMIT, find_objects
from digest.llm.number_check import unknown_numbers
from digest.models import Summary

_THOUGHT_MARK = re.compile(r"<(/?)(think|thinking|thought|reasoning|reflection)>", re.IGNORECASE)
_THOUGHT_END = re.compile(r"^.*</(?:think|thinking|thought|reasoning|reflection)>", re.IGNORECASE | re.DOTALL)
_THOUGHT_OPEN = re.compile(r"<(?:think|thinking|thought|reasoning|reflection)>.*$", re.IGNORECASE | re.DOTALL)

_ALIASES = {
    "tldr": "tltr summary tl dr overview zusammenfassung resumen résumé riassunto 一句话总结 总结 概要 要約 摘要总结",
    "motivation": "motivations problem 动机 研究动机 動機 motivación motivazione",
    "method": "methods methodology approach 方法 研究方法 手法 methode méthode método metodo",
    "result": "results findings 结果 研究结果 結果 ergebnis ergebnisse résultat résultats resultado resultados risultato",
    "conclusion": "conclusions takeaway 结论 結論 schlussfolgerung fazit conclusión conclusione",
    "title": "translatedtitle titletranslation 标题 题目 標題 タイトル titel titre título titolo",
    "abstract": "translatedabstract abstracttranslation translation 摘要 抽象 抄録 zusammenfassung résumé resumen",
    "background": "context 背景 研究背景 hintergrund contexte antecedentes",
    "innovation": "innovations novelty contribution contributions 创新 创新点 創新 新規性 neuheit innovación",
    "contribution": "contributions problemandcontribution 贡献 貢献",
    "results": "result findings 结果 結果",
    "limits": "limitations limit conclusionsandlimits conclusions conclusion 局限 局限性",
}
_TEXT_KEYS = ("text", "value", "content", "description")
_PLACEHOLDER = re.compile(
    r"\W*(?:n\s*/?\s*a|none|null|nil|nan|string|text|todo|tbd|tba|undefined|unknown|empty|placeholder|lorem ipsum.*|not (?:available|applicable|"
    r"provided|specified|mentioned|stated|given|reported|found)|(?:the )?(?:\w+ )?(?:is|are|was|were) not (?:mentioned|specified|stated|provided|given|"
    r"reported)(?: in the \w+)?|your \w+ here|无|暂无|未知|未提及|不适用|なし|keine angabe|non précisé|no disponible)?\W*",
    re.IGNORECASE,
)
_SLOT = re.compile(r"<[\w .-]{1,40}>|\[[\w .-]{1,40}\]|\{[\w .-]{1,40}\}")
_APOLOGY = re.compile(
    r"\W*(?:i['’]?m (?:very )?sorry|sorry,|i (?:can(?:no|['’])t|am unable|cannot|won['’]t)|as an ai\b|unfortunately, i\b|很抱歉|抱歉，|对不起)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?:\*\*|__)?([\w;/. -]{2,20}?)(?:\*\*|__)?\s*[:：]\s*")
_EMPHASIS_BEGINS = re.compile(r"(?<!\w)(?=(\*\*|__)\S)")
_EMPHASIS_ENDS = {mark: re.compile(rf"(?<=\S)(?={re.escape(mark)}(?!\w))") for mark in ("**", "__")}
_HEADING = re.compile(r"^#{1,6}[^\S\n]+(\S.*)$|^(.+)\n[=-]{3,}$", re.MULTILINE)
_FENCE = re.compile(r"^[^\S\n]*(?:```|~~~)[^\n]*$", re.MULTILINE)
_BLANKS = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|[。！？]")
_SENTENCE = re.compile(r".+?(?:[.!?](?=\s|$)\s*|[。！？]|$)", re.DOTALL)
_SHORTEST = 12
_LONGEST_PLACEHOLDER = 200
_OBJECTS_LIMIT = 100
"""Objects inside one of an answer's objects that are looked at."""
_MEMBERS_LIMIT = 100
_FAR_TOO_LONG = 4

_HEADINGS = {
    "en": ("Problem and contribution", "Method and set-up", "Results", "Conclusions and limits"),
    "de": ("Problem und Beitrag", "Methode und Aufbau", "Ergebnisse", "Schlüsse und Grenzen"),
    "fr": ("Problème et apport", "Méthode et dispositif", "Résultats", "Conclusions et limites"),
    "es": ("Problema y aportación", "Método y montaje", "Resultados", "Conclusiones y límites"),
    "it": ("Problema e contributo", "Metodo e impostazione", "Risultati", "Conclusioni e limiti"),
    "pt": ("Problema e contribuição", "Método e configuração", "Resultados", "Conclusões e limites"),
    "nl": ("Probleem en bijdrage", "Methode en opzet", "Resultaten", "Conclusies en grenzen"),
    "ru": ("Задача и вклад", "Метод и постановка", "Результаты", "Выводы и ограничения"),
    "zh": ("问题与贡献", "方法与设置", "结果", "结论与局限"),
    "zh-Hant": ("問題與貢獻", "方法與設定", "結果", "結論與限制"),
    "ja": ("課題と貢献", "手法と設定", "結果", "結論と限界"),
    "ko": ("문제와 기여", "방법과 설정", "결과", "결론과 한계"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one answer gives: trusted texts by key, and what was wrong with it."""

    parts: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    usable: bool = False
    """Every leading field is there."""

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Larger is better."""
        return self.usable, len(self.parts), -len(self.problems)


def read_answer(
    text: str, schema: SummarySchema, *, language: str, source: str, cut: bool = False, limit: int = TEXT_LIMIT
) -> Reading:
    """Read one answer, in a time that grows no faster than its length.

    Args:
        text: What the model wrote, as received.
        schema: What it was asked for.
        language: The BCP 47 tag that was asked for.
        source: All that it read (title and text); numbers and addresses are compared with it.
        cut: The endpoint said that the answer was cut off.
        limit: Most characters that are looked at, thoughts not counted.
    """
    found, complete = _find_members(text, schema, limit)
    fields = FIELDS[schema]
    if not found:
        why = "it was an apology" if _APOLOGY.match(text) else "it contained no JSON object with the wanted keys"
        return Reading(problems=("it was cut off" if cut and "{" in text else why,))
    problems: list[str] = []
    if not complete:
        problems.append("it was cut off; write less")
        # The last text is the one that was cut.
        found.pop(next(reversed(found)))
    if absent := [item.key for item in fields if item.key not in found]:
        problems.append(f"these keys were absent: {', '.join(absent)}")
    parts = {
        item.key: cleaned
        for item in fields
        if (cleaned := _clean(found.get(item.key), item, schema, source, problems)) is not None
    }
    if not is_in_language(" ".join(parts.values()), language):
        problems.append("it was in the wrong language")
        parts = {}
    if schema in {SummarySchema.TLDR, SummarySchema.ANALYSIS}:
        _drop_twins(parts, problems)
    _drop_invented(parts, source, problems)
    if schema is SummarySchema.TRANSLATE and 0 < len(parts.get("abstract", "")) < 0.15 * len(source):
        problems.append("the translated abstract was far too short")
        del parts["abstract"]
    lacking = [item.key for item in fields if item.lead and item.key not in parts]
    if lacking and not problems:
        problems.append(f"these keys had no usable text: {', '.join(lacking)}")
    return Reading(parts, tuple(dict.fromkeys(problems)), usable=not lacking)


def to_summary(
    parts: Mapping[str, str], schema: SummarySchema, *, engine: str, language: str, created: datetime
) -> Summary:
    """Make the summary of a usable reading's parts."""
    texts = {"full": _as_markdown(parts, language)} if schema is SummarySchema.FULL else parts
    return Summary(engine=engine, language=language, created=created, **texts)


def _as_markdown(parts: Mapping[str, str], language: str) -> str:
    tags = ["-".join(language.split("-")[:count]) for count in (2, 1)]
    headings = next((_HEADINGS[tag] for tag in tags if tag in _HEADINGS), _HEADINGS["en"])
    keys = (item.key for item in FIELDS[SummarySchema.FULL])
    return "\n\n".join(
        f"## {heading}\n\n{parts[key]}" for key, heading in zip(keys, headings, strict=True) if key in parts
    )


def without_thoughts(text: str) -> str:
    """Return what a model said aloud: thoughts that are closed go, then all before a last end and after a first beginning."""
    ends: dict[str, list[re.Match[str]]] = {}
    for mark in reversed(marks := list(_THOUGHT_MARK.finditer(text))):
        if mark[1]:
            ends.setdefault(mark[2].lower(), []).append(mark)
    spoken, position = [], 0
    for mark in marks:
        if mark[1] or mark.start() < position:
            continue
        later = ends.get(mark[2].lower(), [])  # the nearest is last
        while later and later[-1].start() < mark.start():
            later.pop()
        if later:
            spoken.append(text[position : mark.start()])
            position = later[-1].end()
    return _THOUGHT_OPEN.sub("", _THOUGHT_END.sub("", "".join([*spoken, text[position:]])))


def _find_members(text: str, schema: SummarySchema, limit: int) -> tuple[dict[str, Any], bool]:
    """Return the wanted members of the best object in *text*, others filling what it lacks, and if it was whole."""
    text = text[:TEXT_LIMIT]
    for candidate in (without_thoughts(text)[:limit], text[:limit]):
        best: dict[str, Any] = {}
        complete = True
        others: dict[str, Any] = {}
        for found in find_objects(candidate):
            for members in islice(inner_objects(found.members), _OBJECTS_LIMIT):
                matched = _match_keys(members, schema)
                if matched and len(matched) >= len(best):
                    best, complete = matched, found.complete
                others |= matched
        if best:
            return best | {key: value for key, value in others.items() if key not in best}, complete
    return {}, True


def inner_objects(value: Any, depth: int = 3) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    if depth and isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from inner_objects(inner, depth - 1)


def _match_keys(members: Mapping[str, Any], schema: SummarySchema) -> dict[str, Any]:
    """Return members by the schema's keys: by name without case and marks, by alias, else by likeness."""
    wanted = [item.key for item in FIELDS[schema]]
    by_plain: dict[str, str] = {}
    members = dict(islice(members.items(), _MEMBERS_LIMIT))
    for name in members:
        by_plain.setdefault(plain_key(name), name)
    matched: dict[str, str] = {}
    for key in wanted:
        for plain in (key, *_plain_aliases(key)):
            if plain in by_plain and (plain == key or plain not in wanted) and by_plain[plain] not in matched.values():
                matched[key] = by_plain[plain]
                break
    for key in wanted:
        free = [plain for plain, name in by_plain.items() if name not in matched.values()]
        if key not in matched and (near := difflib.get_close_matches(key, free, n=1, cutoff=0.75)):
            matched[key] = by_plain[near[0]]
    # In the order of the answer, so that the last one is the one that may be cut.
    return {key: members[name] for name in members for key in wanted if matched.get(key) == name}


@cache
def _plain_aliases(key: str) -> tuple[str, ...]:
    return tuple(plain_key(alias) for alias in _ALIASES.get(key, "").split())


def plain_key(name: str) -> str:
    return _letters(unicodedata.normalize("NFKC", name[:60]))


def _clean(value: Any, item: AnswerField, schema: SummarySchema, source: str, problems: list[str]) -> str | None:
    """Return a member as clean text; None where it has nothing to say."""
    is_markdown = schema is SummarySchema.FULL
    text = defang(_to_text(value)[:TEXT_LIMIT], source)
    text = _clean_markdown(text) if is_markdown else _one_paragraph(text, item, keep_breaks=item.key == "abstract")
    if _says_nothing(text):
        return None
    if _APOLOGY.match(text):
        problems.append(f"{item.key} was an apology")
        return None
    if item.lead and item.key != "title" and _width(text) < _SHORTEST:
        problems.append(f"{item.key} was too short")
        return None
    if _repeats(text):
        problems.append(f"{item.key} repeated itself")
        return None
    # A Chinese text says with one character what takes two or three Latin ones.
    limit = item.limit // 2 if _width(text) > 2 * len(text) else item.limit
    if len(text) > limit:
        if len(text) > limit * _FAR_TOO_LONG:
            problems.append(f"{item.key} was far too long")
        text = _shorten(text, limit)
    return text


def _says_nothing(text: str) -> bool:
    if len(text) > _LONGEST_PLACEHOLDER:
        return not any(map(str.isalnum, text)) or text.lower().startswith("lorem ipsum")
    return bool(_PLACEHOLDER.fullmatch(text) or _SLOT.fullmatch(text))


def _to_text(value: Any, depth: int = 8) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and depth:
        return " ".join(filter(None, (_to_text(inner, depth - 1) for inner in value)))
    if isinstance(value, dict):
        return next((value[key] for key in _TEXT_KEYS if isinstance(value.get(key), str)), "")
    return ""


def _one_paragraph(text: str, item: AnswerField, *, keep_breaks: bool) -> str:
    text = _without_emphasis(text)
    label = _LABEL.match(text)
    if label and plain_key(label[1]) in {item.key, *_plain_aliases(item.key)}:
        text = text[label.end() :]
    paragraphs = re.split(r"\n\s*\n", text) if keep_breaks else [text]
    return "\n\n".join(filter(None, (_BLANKS.sub(" ", paragraph).strip() for paragraph in paragraphs)))


def _without_emphasis(text: str) -> str:
    """Drop the marks around words that are bold, those that make a pair in one line."""
    return "\n".join(_plain_line(line) if "**" in line or "__" in line else line for line in text.split("\n"))


def _plain_line(line: str) -> str:
    ends = {mark: [found.start() for found in ends.finditer(line)] for mark, ends in _EMPHASIS_ENDS.items()}
    made, position = [], 0
    for found in _EMPHASIS_BEGINS.finditer(line):
        begin, mark = found.start(), found[1]
        if begin < position:
            continue
        place = bisect_left(ends[mark], begin + 3)
        if place < len(ends[mark]):
            end = ends[mark][place]
            made += [line[position:begin], line[begin + 2 : end]]
            position = end + 2
    return "".join([*made, line[position:]])


def _clean_markdown(text: str) -> str:
    """Keep paragraphs, lists and emphasis; headings are ours, code fences nobody asked for."""
    text = _HEADING.sub(lambda found: f"**{(found[1] or found[2]).rstrip(' #')}**", _FENCE.sub("", text))
    lines = [re.sub(r"[^\S\n]+", " ", line).rstrip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _width(text: str) -> int:
    return sum(3 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _repeats(text: str) -> bool:
    """Whether it says the same over and over; such text compresses like nothing else."""
    data = text.encode()
    return len(data) > 400 and len(zlib.compress(data)) < len(data) * 0.12


def _shorten(text: str, limit: int) -> str:
    """Cut at the end of a sentence if one is near, else after a word."""
    head = text[:limit]
    ends = [found.end() for found in _SENTENCE_END.finditer(head)]
    if ends and ends[-1] > limit / 2:
        return head[: ends[-1]]
    return head.rsplit(" ", 1)[0].rstrip() + "…"


def _drop_twins(parts: dict[str, str], problems: list[str]) -> None:
    """Of each sentence only the first stays; where all fields say the same, none says anything."""
    seen: set[str] = set()
    count = len(parts)
    for key, text in list(parts.items()):
        sentences = _SENTENCE.findall(text)
        fresh = [sentence for sentence in sentences if _letters(sentence) not in seen]
        if not fresh:
            problems.append(f"{key} said what other fields had said")
            del parts[key]
        elif len(fresh) < len(sentences):
            parts[key] = "".join(fresh).strip()
        seen |= {_letters(sentence) for sentence in sentences}
    if count >= 3 and len(parts) == 1:
        parts.clear()


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _drop_invented(parts: dict[str, str], source: str, problems: list[str]) -> None:
    """Drop parts with numbers that the source doesn't have."""
    for key, text in list(parts.items()):
        if unknown := unknown_numbers(text, source):
            problems.append(f"{key} had numbers that are not in the text: {', '.join(unknown[:5])}")
            del parts[key]
