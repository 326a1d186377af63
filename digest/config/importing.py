"""`config.json` of arxiv_rss_bot to our `config.yaml`. Pure: text in, text and remarks out.

Follows the bot's README and code (MIT): its settings `categories`, `keywords`, `exclude_keywords`,
`max_papers`, `days_back`, `ai_summary`, `min_score`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from digest.arxiv.taxonomy import canonical
from digest.config.credentials import without_credentials
from digest.config.summary_plans import normal_tag
from digest.errors import InputError
from digest.selection import Scoring

FEED_NAME = "imported"
_LIMIT_OF_SUBSTRING = 30
"""What the scorer `substring` shows unless a limit is set, so that it need not be."""
_LIMIT_OF_BOT = 50
"""What the bot shows where its settings don't say."""
_NOWHERE = "has no counterpart and was left out"
_ELSEWHERE = {
    "min_score": "left out, since the bot doesn't read it; `min_score` of the feed is what it promises",
    "enable_deduplication": "not needed: one paper is one entry, by its id",
    "deduplication_methods": "not needed: one paper is one entry, by its id",
    "custom_rules": "left out; `q`, `author` and the weights of keywords can say the same",
    "display_limit": "left out: it belongs to the list of ICLR, which is not arXiv",
    "fetch_ratings": "left out: it belongs to the list of ICLR, which is not arXiv",
}
"""Settings of the bot that ours have another way for."""
_OF_SUMMARIES = {
    "model": "set LLM_MODEL in the environment",
    "base_url": "set LLM_BASE_URL in the environment",
    "api_key_env": "set LLM_API_KEY in the environment to the value of this variable",
    "prompt_file": "left out; `schema: full` with the full text comes nearest, `language: zh` makes it Chinese",
    "max_papers_to_summarize": "left out; `model.daily.calls` bounds what is asked for, best papers first",
    "max_workers": "left out; `model.concurrency` is how many papers are asked for at once",
}


class Imported(NamedTuple):
    """The configuration made, as YAML, and what could not be carried over, a line each."""

    yaml: str
    remarks: tuple[str, ...]


def import_config(text: str) -> Imported:
    """Turn the settings of arxiv_rss_bot into a `config.yaml` with one feed.

    Raises:
        InputError: Not JSON, not an object, or without a category that arXiv knows.
    """
    settings = _settings(text)
    remarks: list[str] = []
    # The bot takes what is announced as new, and nothing else.
    feed: dict[str, Any] = {"title": "arXiv papers", "categories": _categories(settings, remarks), "types": ["new"]}
    limit = _number(settings, "max_papers", remarks) if "max_papers" in settings else _LIMIT_OF_BOT
    if limit and limit != _LIMIT_OF_SUBSTRING:
        feed["limit"] = limit
    days = _number(settings, "days_back", remarks)
    if days:
        feed["days"] = min(days, 60)
        remarks.append(f"days_back: {days} days of the calendar became {feed['days']} announcements")
    exclude = _terms(settings, "exclude_keywords", remarks)
    if exclude:
        feed["exclude"] = exclude
    keywords = _terms(settings, "keywords", remarks)
    feed["scoring"] = {"scorer": "substring", "keywords": keywords}
    if keywords:
        feed["min_score"] = 1  # a keyword gives one point or more, and without any the bot leaves a paper out
    if settings.get("ai_summary"):
        feed |= _summary_settings(settings["ai_summary"], remarks)
    known = {"categories", "keywords", "exclude_keywords", "max_papers", "days_back", "ai_summary", "language"}
    if language := _language(settings.get("language"), "language", remarks):
        feed["language"] = language
    remarks += [f"{name}: {_ELSEWHERE.get(name, _NOWHERE)}" for name in settings if name not in known]
    return Imported(_as_yaml(feed), tuple(remarks))


def _summary_settings(given: Any, remarks: list[str]) -> dict[str, Any]:
    """Return what our feed says of the bot's `ai_summary`; most of it is set for the whole server."""
    remarks.append(
        "ai_summary: papers have the built-in summary; set LLM_BASE_URL, LLM_API_KEY and LLM_MODEL for a model's"
    )
    if not isinstance(given, dict):
        return {}
    known = {"enabled", "language"}
    for name, value in given.items():
        if name in _OF_SUMMARIES:
            remarks.append(f"ai_summary.{name}: {_OF_SUMMARIES[name]}{_named(value)}")
        elif name not in known:
            remarks.append(f"ai_summary.{name}: {_NOWHERE}")
    of_papers = {"schema": "full", "source": "fulltext"} if given.get("enabled") else {}
    language = _language(given.get("language"), "ai_summary.language", remarks)
    return of_papers | ({"language": language} if language else {})


def _named(value: Any) -> str:
    """Return a model's name or address for a remark, without credentials; nothing for other values."""
    return f" (now {without_credentials(value)})" if isinstance(value, str) and len(value) < 200 else ""


def _language(value: Any, name: str, remarks: list[str]) -> str | None:
    if value is None:
        return None
    try:
        return normal_tag(str(value))
    except InputError as error:
        remarks.append(f"{name}: {error}; {error.hint}")
        return None


def _settings(text: str) -> Mapping[str, Any]:
    try:
        settings = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}", name="config.json") from error
    if not isinstance(settings, dict):
        raise InputError(f"expected an object with settings, found {type(settings).__name__}", name="config.json")
    return settings


def _categories(settings: Mapping[str, Any], remarks: list[str]) -> list[str]:
    found: list[str] = []
    for code in _words(settings, "categories", remarks):
        try:
            found.append(canonical(code))
        except InputError as error:
            remarks.append(f"categories: {error}")
    if not found:
        raise InputError("no category of arXiv among `categories`", name="config.json", hint='for example ["cs.LG"]')
    return list(dict.fromkeys(found))


def _words(settings: Mapping[str, Any], name: str, remarks: list[str]) -> list[str]:
    value = settings.get(name) or []
    if not isinstance(value, list):
        remarks.append(f"{name}: expected a list, found {value!r}; left out")
        return []
    odd = [one for one in value if not isinstance(one, str) or not one.strip()]
    if odd:
        remarks.append(f"{name}: {odd!r} left out, not text")
    return [one.strip() for one in value if isinstance(one, str) and one.strip()]


def _terms(settings: Mapping[str, Any], name: str, remarks: list[str]) -> list[str]:
    """Return the words that our `exclude` and `keywords` take, too; the bot takes any text."""
    terms = []
    for word in _words(settings, name, remarks):
        try:
            Scoring(scorer="substring", keywords=(word,))
        except ValidationError as error:
            reason = error.errors()[0]["msg"].removeprefix("Value error, ")
            remarks.append(f"{name}: {word!r} left out: {reason}")
        else:
            terms.append(word)
    return terms


def _number(settings: Mapping[str, Any], name: str, remarks: list[str]) -> int | None:
    value = settings.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        remarks.append(f"{name}: expected a positive number, found {value!r}; left out")
        return None
    return value


def _as_yaml(feed: Mapping[str, Any]) -> str:
    import yaml

    return yaml.safe_dump({"feeds": {FEED_NAME: dict(feed)}}, allow_unicode=True, sort_keys=False)
