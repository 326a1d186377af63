"""The feed builder's form: its address read leniently, as a browser without scripts writes it, and put in canonical form."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import ValidationError

from api.canonical import NotCanonicalError, ui_of, waits, with_ui, with_wait
from api.foreign import without_foreign
from api.params import FeedParams, feed_request
from api.problems import describe
from digest.arxiv.taxonomy import parse_spec
from digest.errors import InputError
from digest.feeds.addresses import FeedAddress, spec_address, with_query
from digest.feeds.papers import DEFAULT_DAYS, FeedRequest
from digest.rendering.pages.builder import Form
from digest.selection.example_ids import ids_named_in
from digest.selection.selection import DEFAULT_TYPES

_FIELDS = frozenset({"spec", "all", *FeedParams.model_fields})
_ENTRY = re.compile(r"@\w+\s*\{")
_DEFAULTS = {"types": ",".join(DEFAULT_TYPES), "days": str(DEFAULT_DAYS), "summary": "auto", "math": "auto"}


def read_form(request: Request) -> tuple[Form, FeedRequest | None, FeedAddress | None]:
    """Return the form, and what it asks for with its address: None while nothing usable is asked for.

    Raises:
        InputError: A parameter that the form doesn't have.
        NotCanonicalError: The same form has a shorter address.
    """
    asked = parse_qsl(request.url.query, keep_blank_values=True)
    ui = ui_of(request)
    given = [pair for pair in asked if pair not in (("wait", "1"), ("ui", ui))]
    values = _values(without_foreign(given))
    problems: dict[str, str] = {}
    contexts = _contexts(values.get("spec", ""), problems)
    for name in ("like", "dislike"):
        if _ENTRY.search(values.get(name, "")):
            values[name] = _ids_of_bibtex(values[name], name, problems)
    params = _params(_asked(values, problems), problems)
    types = tuple(values.get("types", _DEFAULTS["types"]).split(","))
    form = Form(values, contexts, types, problems)
    if params is None or problems:
        return form, None, None
    query = [(name, value) for name, value in params.canonical() if _DEFAULTS.get(name) != value]
    canonical = sorted([*([("spec", ",".join(contexts))] if contexts else []), *_own_fields(values, query)])
    if given != canonical:
        raise NotCanonicalError(with_query("/build", with_ui(with_wait(canonical, wait=waits(request)), ui)))
    if not contexts:
        return form, None, None
    wanted = feed_request("+".join(contexts), FeedParams.model_validate(dict(query)))
    return form, wanted, spec_address(wanted.spec, query)


def _values(given: list[tuple[str, str]]) -> dict[str, str]:
    """Unite what boxes of one name give; blank fields are not there."""
    values: dict[str, str] = {}
    for name, text in given:
        if name not in _FIELDS:
            raise InputError(f"unknown parameter {name}", name=name, hint="the form has: " + ", ".join(sorted(_FIELDS)))
        if text.strip():
            values[name] = f"{values[name]},{text.strip()}" if name in values else text.strip()
    return values


def _asked(values: Mapping[str, str], problems: dict[str, str]) -> dict[str, str]:
    """Return the parameters of a feed that the form's fields mean: `all` is a part of the query."""
    asked = {name: text for name, text in values.items() if name not in {"spec", "all"}}
    words = values.get("all", "")
    if words:
        found: dict[str, str] = {}
        if _params({"q": words}, found) is None:
            problems["all"] = found.get("q", "")
        query = asked.get("q")
        asked["q"] = f"{words} ({query})" if query else words
    return asked


def _own_fields(values: Mapping[str, str], query: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the fields of the form that hold what *query* says: `all` stays a field of its own."""
    words = " ".join(values.get("all", "").split())
    if not words:
        return query
    others = [pair for pair in query if pair[0] != "q"]
    own = FeedParams.model_validate({"q": values["q"]}).canonical() if values.get("q") else []
    return [*others, *own, ("all", words)]


def _ids_of_bibtex(text: str, name: str, problems: dict[str, str]) -> str:
    """Return the arXiv ids of a BibTeX file; without any, the text as it is."""
    found = ids_named_in(text)
    if not found:
        problems[name] = (
            "None of these entries names an arXiv id. Put the file beside config.yaml to use its titles and abstracts."
        )
    return ",".join(found) or text


def _contexts(text: str, problems: dict[str, str]) -> tuple[str, ...]:
    if not text:
        return ()
    try:
        return parse_spec(text).contexts
    except InputError as error:
        problems["spec"] = f"{error}. {error.hint}".strip(". ") + "."
        return ()


def _params(values: Mapping[str, Any], problems: dict[str, str]) -> FeedParams | None:
    try:
        params = FeedParams.model_validate(values)
        params.selection()
    except InputError as error:
        problems.setdefault(error.name, f"{error}. {error.hint}".strip(". ") + ".")
        return None
    except ValidationError as error:
        for one in error.errors():
            found = describe(one)
            name = found["parameter"]
            text = found["detail"].removeprefix(f"{name}: ")
            problems.setdefault(name, f"{text[:1].upper()}{text[1:]}")
        return None
    return params
