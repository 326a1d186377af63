"""What a reader asks for: which papers, scored how, in which order, how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    InstanceOf,
    PlainSerializer,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from digest.errors import QuerySyntaxError
from digest.models import AnnounceType, Frozen
from digest.selection.authors import parse_pattern
from digest.selection.categories import normalise_category
from digest.selection.lists import keyword_words, read_author, read_term, split_list
from digest.selection.query import Query
from digest.selection.query_parser import parse_query
from digest.selection.wishes import Wishes

DEFAULT_TYPES = (AnnounceType.NEW, AnnounceType.CROSS)
SUBSTRING_LIMIT = 30
QUERY_SYNTAX = "query_syntax"
"""Type of pydantic's error about a query that can't be parsed; its context has `position` and `hint`."""
MAX_LIST = 100
"""Entries of `include`, `exclude` or `author`."""


def _as_query(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return parse_query(value)
    except QuerySyntaxError as error:
        # Who tells a validation error names the place itself.
        message = str(error).removeprefix(f"{error.name}: ")
        raise PydanticCustomError(
            QUERY_SYNTAX, "{message}", {"message": message, "position": error.position, "hint": error.hint}
        ) from error


QueryField = Annotated[
    InstanceOf[Query],
    BeforeValidator(_as_query),
    PlainSerializer(str),
    WithJsonSchema({"type": "string"}),
]


def _as_terms(value: Any) -> Any:
    return split_list(value) if isinstance(value, str) else value


def _as_authors(value: Any) -> Any:
    return split_list(value, separator=";") if isinstance(value, str) else value


def _as_names(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Terms = Annotated[tuple[str, ...], BeforeValidator(_as_terms), Field(max_length=MAX_LIST)]


def _readable_term(term: str) -> str:
    read = read_term(term)
    if read.excluded:
        raise ValueError(f'"{term}": terms in exclude are left out already; write {read}')
    return str(read)


def _readable_keyword(term: str) -> str:
    """Check a keyword: any text that holds a word; no sign but a final star means anything in it."""
    if keyword_words(term) is None or "*" in term.strip('"').removesuffix("*"):
        raise ValueError(f'"{term}" has nothing to look for: a term is a word or phrase, * may end it')
    return term


def _items(value: Any) -> tuple[str, ...] | None:
    """Return the items of a list that is given as text or as one; None for what isn't readable."""
    if not isinstance(value, str):
        return tuple(value) if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value) else None
    try:
        return split_list(value)
    except ValueError:  # the field's own validator says what is wrong
        return None


def _excluded(item: str) -> str | None:
    """Return the term that an item of `include` leaves out, None for one that asks for something."""
    try:
        read = read_term(item)
    except ValueError:  # the field's own validator says what is wrong
        return None
    return str(read._replace(excluded=False)) if read.excluded else None


class Keyword(Frozen):
    """Words or phrases that mean one thing to the reader, and what a paper about it is worth.

    The group counts once a paper, at its best place, however many of its terms occur. In configuration
    also plain text (`speculative decoding`), with ` | ` between terms.
    """

    terms: tuple[str, ...] = Field(min_length=1, max_length=MAX_LIST)
    weight: float = Field(default=1.0, ge=-1000, le=1000, allow_inf_nan=False)
    """Points; negative ones push papers down."""

    @field_validator("terms")
    @classmethod
    def _check_terms(cls, terms: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(_readable_keyword, terms))


def _keyword(term: Any, weight: Any = 1.0) -> Any:
    if isinstance(term, str):
        return {"terms": tuple(term.split(" | ")), "weight": weight}
    return term


def _as_keywords(value: Any) -> Any:
    """Accept a mapping of term to weight, or a list of terms and full entries."""
    if isinstance(value, Mapping):
        return tuple(_keyword(term, weight) for term, weight in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_keyword(item) for item in value)
    return value


Points = Annotated[float, Field(ge=-1000, le=1000, allow_inf_nan=False)]


class Scoring(Frozen):
    """How points are given. Everything is off unless set."""

    scorer: Literal["words", "substring"] = "words"
    """`substring` gives arxiv_rss_bot's points; it knows keywords only, all of weight 1."""
    keywords: Annotated[tuple[Keyword, ...], BeforeValidator(_as_keywords)] = ()
    title_weight: float = Field(default=1.5, ge=0, le=100)
    """Factor for a keyword that is in the title."""
    authors: dict[str, Points] = Field(default_factory=dict)
    """Author, in any spelling that `author` understands, to points."""
    categories: dict[str, Points] = Field(default_factory=dict)
    """Category or archive to points."""
    like: tuple[str, ...] = ()
    """Example papers: arXiv ids, names of BibTeX and RIS files, Zotero libraries; the caller of `select` brings their texts."""
    dislike: tuple[str, ...] = ()
    """The same, for papers to push down."""
    reasons: Literal["titles", "words"] | None = None
    """What a reason shows of an example: its title, or only the words that it shares. None: the title, unless it is in a
    private library and anybody may read the server."""
    like_weight: Points = 10.0
    """Points for a paper that is the very text of all examples; see docs/background/ranking.md for what others get."""

    @property
    def gives_points(self) -> bool:
        """Whether any paper can get points, wishes apart."""
        return bool(self.keywords or self.authors or self.categories or self.like or self.dislike)

    @field_validator("authors")
    @classmethod
    def _check_authors(cls, authors: dict[str, float]) -> dict[str, float]:
        for author in authors:
            if parse_pattern(author) is None:
                raise ValueError(f'"{author}" is no name')
        return authors

    @field_validator("categories")
    @classmethod
    def _check_categories(cls, categories: dict[str, float]) -> dict[str, float]:
        return {_category(category): points for category, points in categories.items()}

    @model_validator(mode="after")
    def _check_substring(self) -> Self:
        if self.scorer == "substring":
            extra = [name for name in ("authors", "categories", "like", "dislike") if getattr(self, name)]
            if extra or any(keyword.weight != 1 or len(keyword.terms) > 1 for keyword in self.keywords):
                raise ValueError(
                    "the scorer substring takes plain keywords: no weights, groups"
                    + "".join(f", {name}" for name in extra)
                )
        return self


class Topic(Frozen):
    """A named query that tags the entries it fits."""

    label: str = Field(min_length=1, max_length=200)
    """The tag, in any language."""
    q: QueryField


class Filters(Frozen):
    """Which papers, in which order, how many: all that needs no scoring rules.

    What is None or empty doesn't restrict. Made from configuration or from URL parameters; lists may be
    given as text: commas between `types`, `include`, `exclude`, `has`; semicolons between authors.
    """

    types: Annotated[tuple[AnnounceType, ...] | None, BeforeValidator(_as_names)] = None
    """Announce types to keep; None is `new,cross`, or what `within` keeps."""
    q: QueryField | None = None
    include: Terms = ()
    """One of these words or phrases is in title or abstract. Those with a minus are moved to `exclude`."""
    exclude: Terms = ()
    """None of these does."""
    author: Annotated[tuple[str, ...], BeforeValidator(_as_authors), Field(max_length=MAX_LIST)] = ()
    """One of these is an author, and none that has a minus."""
    has: Annotated[tuple[Literal["code"], ...], BeforeValidator(_as_names)] = ()
    """`code`: a repository or project page is known."""
    min_score: float | None = Field(default=None, allow_inf_nan=False)
    top: int | None = Field(default=None, ge=1)
    """How many papers of each announcement day at most, those with the highest score."""
    limit: int | None = Field(default=None, ge=1)
    """How many papers at most; with the scorer `substring`, None is 30."""
    sort: Literal["score", "date"] | None = None
    """`score`: newest day first, best first within it. `date`: the order given. None: `score`, or the order of `within` where
    nothing here gives points."""

    @model_validator(mode="before")
    @classmethod
    def _exclude_what_has_a_minus(cls, given: Any) -> Any:
        """Move terms of `include` that begin with a minus to `exclude`, so that each meaning has one spelling."""
        items = _items(given.get("include")) if isinstance(given, Mapping) else None
        unwanted = [term for item in items or () if (term := _excluded(item)) is not None]
        others = _items(given.get("exclude") or ()) if unwanted else None
        if items is None or others is None:
            return given
        wanted = tuple(item for item in items if _excluded(item) is None)
        return {**given, "include": wanted, "exclude": (*others, *unwanted)}

    @field_validator("include", "exclude")
    @classmethod
    def _check_terms(cls, terms: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(_readable_term, terms))

    @field_validator("author")
    @classmethod
    def _check_authors(cls, authors: tuple[str, ...]) -> tuple[str, ...]:
        read = map(read_author, authors)
        return tuple(f"-{name}" if excluded else name for name, excluded in read)


class ServedDay(Frozen):
    """The papers that a feed with `top` showed of one announcement day."""

    day: date
    ids: tuple[str, ...]
    is_closed: bool = False
    """Whether no other papers may take the places that are left."""


class Selection(Filters):
    """Filters, points and topics: everything that decides about a feed's papers."""

    scoring: Scoring = Scoring()
    topics: tuple[Topic, ...] = ()
    wishes: Wishes = Wishes()
    """Only feeds of the configuration have any."""
    served: tuple[ServedDay, ...] = ()
    """What `top` let pass on days before the newest, when they were served: they keep it (see `best_of_days`)."""
    within: Selection | None = None
    """Select among the entries of that selection only; its points and tags are kept (see `narrow`)."""

    @model_validator(mode="after")
    def _check_within(self) -> Self:
        own = Scoring(like=self.scoring.like, dislike=self.scoring.dislike)
        if self.within is not None and (self.scoring != own or self.topics or self.wishes):
            raise ValueError("points and topics are the base's: a selection within another one adds only examples")
        return self

    @property
    def cuts_days(self) -> bool:
        """Whether only the best of each day pass, at this level or further within."""
        return self.top is not None or (self.within is not None and self.within.cuts_days)

    def with_served(self, served: Sequence[ServedDay]) -> Self:
        """Return the same, keeping what was *served* at each level that has `top`, beside what that one keeps."""
        within = self.within and self.within.with_served(served)
        if self.top is None:
            return self.model_copy(update={"within": within})
        ids = {one.day: one for one in self.served}
        for one in served:
            known = ids.setdefault(one.day, one)
            ids[one.day] = known.model_copy(update={"ids": tuple(sorted({*known.ids, *one.ids}))})
        return self.model_copy(update={"within": within, "served": tuple(ids[day] for day in sorted(ids))})

    @property
    def effective_types(self) -> tuple[AnnounceType, ...]:
        """The announce types that are kept at this level."""
        if self.types is not None:
            return self.types
        return DEFAULT_TYPES if self.within is None else tuple(AnnounceType)

    @property
    def has_conditions(self) -> bool:
        """Whether anything but the announce type decides which papers pass at this level."""
        lists = (self.include, self.exclude, self.author, self.has)
        return any(lists) or self.q is not None or self.min_score is not None

    @property
    def effective_limit(self) -> int | None:
        """The limit at this level."""
        if self.limit is None and self.scoring.scorer == "substring":
            return SUBSTRING_LIMIT
        return self.limit


def narrow(base: Selection, by: Selection) -> Selection:
    """Return a selection of what *base* selects: never anything else, whatever *by* says.

    *by* filters, sorts and cuts the entries of *base*, after *base*'s own limit.

    Raises:
        ValueError: *by* has topics, or points from anything but examples.
    """
    within = base if by.within is None else narrow(base, by.within)
    fields = {name: getattr(by, name) for name in Selection.model_fields if name != "within"}
    return Selection(**fields, within=within)


def _category(text: str) -> str:
    category = normalise_category(text)
    if category is None:
        raise ValueError(f'"{text}" is no category or archive')
    return category
