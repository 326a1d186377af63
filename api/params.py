"""Query parameters of feeds, lists and papers: read, checked, and written back in canonical form."""

import difflib
import re
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote

from fastapi import Query
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from api.foreign import is_foreign
from digest.arxiv.taxonomy import parse_spec
from digest.config.summary_plans import LanguageTag
from digest.config.views import Compat, MathMode, SummaryMode, TitleForm, View
from digest.errors import InputError
from digest.feeds.papers import DEFAULT_DAYS, FeedRequest
from digest.models import AnnounceType
from digest.selection import Filters, Scoring, Selection
from digest.selection.example_ids import MOST_IDS, read_ids
from digest.selection.lists import read_points, written_list, written_points

UNKNOWN_PARAMETER = "unknown_parameter"
ENCODED_TWICE = "encoded_twice"
_LONGEST_LIST = 2_000
_LONGEST_IDS = 5_000
_SHOWN_CHARACTERS = 60
# A sign that has to be escaped in a query string, a space, or a letter beyond ASCII.
_ENCODED = re.compile(r"%(?:2[0235-9A-CF]|3[A-F]|5[BD]|7C|[C-F][0-9A-F]%[89AB][0-9A-F])", re.IGNORECASE)


class Params(BaseModel):
    """What may stand behind the question mark of some address, and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown(cls, given: Any) -> Any:
        """Refuse a name that is no parameter here, and say which are; one without a value is as good as absent.

        Parameters that readers and caches add are dropped, see `api.foreign`.
        """
        ours = {
            name: value for name, value in given.items() if name in cls.model_fields or not is_foreign(name, str(value))
        }
        unknown = next((name for name in ours if name not in cls.model_fields), None)
        if unknown is None:
            return {name: _decoded_once(name, value) for name, value in ours.items() if value != ""}
        near = difflib.get_close_matches(unknown, cls.model_fields, n=1)
        facts = {
            "name": unknown[:_SHOWN_CHARACTERS],
            "hint": f"did you mean {near[0]}? " if near else "",
            "allowed": ", ".join(cls.model_fields),
        }
        raise PydanticCustomError(UNKNOWN_PARAMETER, "unknown parameter {name}; {hint}allowed are {allowed}", facts)


def _decoded_once(name: str, value: Any) -> Any:
    """Return *value*, or refuse one that was encoded twice: nobody looks for `%22`."""
    found = _ENCODED.search(value) if isinstance(value, str) else None
    if found is None:
        return value
    facts = {"name": name, "found": found[0], "meant": unquote(found[0]), "hint": "encode the address once"}
    raise PydanticCustomError(
        ENCODED_TWICE,
        "{name} is encoded twice: write {meant} where it says {found}, then encode the address once",
        facts,
    )


def _single_spaced(value: Any) -> Any:
    return (" ".join(value.split()) or None) if isinstance(value, str) else value


Title = Annotated[
    Annotated[str, Field(max_length=200)] | None,
    BeforeValidator(_single_spaced),
    Field(
        description="The feed's title; without it the categories, or the feed's own title, and the filter in words.",
        examples=["Diffusion"],
    ),
]


class FeedParams(Params):
    """Parameters of feeds. Every one narrows; none widens a configured feed."""

    types: Annotated[
        str | None,
        Field(
            max_length=100,
            description="Announce types, separated by commas: `new`, `cross`, `replace`, `replace-cross`.",
            examples=["new", "new,cross,replace"],
        ),
    ] = None
    days: Annotated[
        int | None,
        Field(ge=1, le=60, description="Number of announcement days to include, back from the newest.", examples=[3]),
    ] = None
    like: Annotated[
        str | None,
        Field(
            max_length=_LONGEST_IDS,
            description=(
                f"arXiv ids or links of papers that you like, separated by commas, {MOST_IDS} at most: similar papers come first. "
                "With `min_score` or `top` the others are left out."
            ),
            examples=["2501.01234,hep-th/9901001"],
        ),
    ] = None
    dislike: Annotated[
        str | None,
        Field(
            max_length=_LONGEST_IDS,
            description="The same for papers of which you want fewer like them.",
            examples=["2501.04321"],
        ),
    ] = None
    keywords: Annotated[
        str | None,
        Field(
            max_length=_LONGEST_LIST,
            description=(
                "Words or phrases with points, separated by commas: papers with more points come first. "
                "Only in feeds of categories; a configured feed has its own."
            ),
            examples=["diffusion:3,survey:-1"],
        ),
    ] = None
    top: Annotated[
        int | None,
        Field(
            ge=1,
            le=1000,
            description="Maximum number of papers from each announcement day; the best ones stay.",
            examples=[20],
        ),
    ] = None
    limit: Annotated[int | None, Field(ge=1, le=5000, description="Maximum number of papers.", examples=[50])] = None
    include: Annotated[
        str | None,
        Field(
            max_length=_LONGEST_LIST,
            description="Words or phrases, separated by commas; at least one must appear in title or abstract. `-word` excludes.",
            examples=["diffusion,flow matching"],
        ),
    ] = None
    exclude: Annotated[
        str | None,
        Field(
            max_length=_LONGEST_LIST,
            description="Words or phrases, separated by commas; none may appear in title or abstract.",
            examples=["survey"],
        ),
    ] = None
    q: Annotated[
        str | None,
        Field(
            max_length=_LONGEST_LIST,
            description=(
                "Filter in arXiv's query syntax: `ti: au: abs: co: jr: cat: id: all:`, phrases, AND OR ANDNOT, "
                "parentheses; `-word` is NOT, `|` is OR."
            ),
            examples=['ti:"language model" ANDNOT abs:survey', "diffusion -image"],
        ),
    ] = None
    author: Annotated[
        str | None,
        Field(
            max_length=_LONGEST_LIST,
            description="Authors, separated by semicolons, in any spelling; one must have written the paper, none with a minus.",
            examples=["Y. Bengio", "Bengio, Y.; Hinton"],
        ),
    ] = None
    has: Annotated[str | None, Field(description="`code`: only papers that link a repository or project page.")] = None
    min_score: Annotated[float | None, Field(description="Minimum score, in feeds with scores.", examples=[2])] = None
    sort: Annotated[
        str | None, Field(description="`score`: best first within a day (the default); `date`: arXiv's order.")
    ] = None
    summary: Annotated[
        SummaryMode | None, Field(description="Summaries to show: `auto`, `builtin`, `model` or `none`.")
    ] = None
    lang: Annotated[
        LanguageTag | None,
        Field(
            max_length=40,
            description="Language of model summaries, a BCP 47 tag; only stored ones are shown.",
            examples=["zh-CN"],
        ),
    ] = None
    title_form: Annotated[
        TitleForm | None,
        Field(
            description=(
                "Titles of papers, where a model has translated them: `original`, `translated`, or `both` (the translation, "
                "then the original)."
            )
        ),
    ] = None
    math: Annotated[
        MathMode | None, Field(description="Math in item content: `auto`, `unicode`, `mathml` or `tex`.")
    ] = None
    compat: Annotated[
        Compat | None, Field(description="`arxiv`: item text and guid in the form of arXiv's own feed.")
    ] = None
    group: Annotated[
        Literal["day", "week"] | None,
        Field(
            description=(
                "`day`: one item for each announcement day, its digest; `limit` then counts for each day. `week`: one item "
                "for each week that is over; with `sort=score`, `top` then counts for each week."
            )
        ),
    ] = None
    title: Title = None

    @field_validator("like", "dislike", mode="after")
    @classmethod
    def _bare_ids(cls, text: str | None, info: ValidationInfo) -> str | None:
        return ",".join(read_ids(text, name=info.field_name or "like")) if text else None

    @field_validator("keywords", mode="after")
    @classmethod
    def _readable_points(cls, text: str | None) -> str | None:
        return written_points(read_points(text)) or None if text else None

    @model_validator(mode="after")
    def _each_id_on_one_side(self) -> Self:
        both = sorted({*_ids(self.like)} & {*_ids(self.dislike)})
        if both:
            raise InputError(f"{both[0]} is in like and in dislike", name="dislike", hint="take it out of one of them")
        return self

    @property
    def is_weekly(self) -> bool:
        """Whether items are weeks."""
        return self.group == "week"

    def selection(self) -> Selection:
        """Return the filters and the examples as a selection.

        Raises:
            pydantic.ValidationError: A value is not acceptable.
        """
        given = {name: value for name in Filters.model_fields if (value := getattr(self, name)) not in {None, ""}}
        return Selection.model_validate({**given, "scoring": self._scoring()})

    def _scoring(self) -> Scoring:
        points = read_points(self.keywords or "")
        return Scoring.model_validate({"like": _ids(self.like), "dislike": _ids(self.dislike), "keywords": points})

    def view(self, base: View) -> View:
        """Return *base* with what these parameters change."""
        return _changed(base, self)

    def canonical(self) -> list[tuple[str, str]]:
        """Return the parameters in canonical form: sorted, without doubles in lists and without those that say nothing."""
        chosen = self.selection()
        pairs = {
            "types": ",".join(one for one in AnnounceType if one in (chosen.types or ())),
            "days": str(self.days or ""),
            "like": ",".join(chosen.scoring.like),
            "dislike": ",".join(chosen.scoring.dislike),
            "keywords": self.keywords or "",
            "top": str(chosen.top or ""),
            "limit": str(chosen.limit or ""),
            "include": written_list(chosen.include),
            "exclude": written_list(chosen.exclude),
            "q": str(chosen.q or ""),
            "author": ";".join(sorted(set(chosen.author))),
            "has": ",".join(sorted(set(chosen.has))),
            "min_score": "" if chosen.min_score is None else _number(chosen.min_score),
            "sort": chosen.sort or "",
            **dict(_of_view(self)),
            "group": self.group or "",
            "title": self.title or "",
        }
        return sorted((name, value) for name, value in pairs.items() if value)


def _joined(text: Any) -> Any:
    """Join categories with `+`, whatever is between them; `cs.CL+cs.AI` has a blank there, as in a form."""
    return "+".join(re.split(r"[\s,+]+", text.strip())) if isinstance(text, str) else text


SpecText = Annotated[str, BeforeValidator(_joined)]
"""Categories or archives joined with `+`, commas or spaces, as the value of a parameter."""


class SearchParams(Params):
    """Parameters of search feeds."""

    query: Annotated[
        str,
        Field(max_length=1_000, description="A query of arXiv's API.", examples=['au:"del maestro" AND cat:quant-ph']),
    ]
    summary: Annotated[SummaryMode | None, Field(description="Summaries to show: `auto`, `builtin` or `none`.")] = None
    math: Annotated[MathMode | None, Field(description="Math in item content.")] = None
    compat: Annotated[
        Compat | None, Field(description="`arxiv`: item text and guid in the form of arXiv's own feed.")
    ] = None
    title: Title = None

    def view(self, base: View) -> View:
        """Return *base* with what these parameters change."""
        return _changed(base, self)

    def canonical(self) -> list[tuple[str, str]]:
        """Return the parameters in canonical form: sorted, defaults left out; the query stays as it is."""
        titled = [("title", self.title)] if self.title else []
        return sorted([("query", self.query), *titled, *_of_view(self)])


class OpmlParams(Params):
    """Parameters of the subscription list."""

    spec: Annotated[
        str | None,
        Field(
            max_length=500,
            description="Feeds to list instead, separated by commas; `+` joins the categories of one feed.",
            examples=["cs.LG,hep-th", "cs.LG+stat.ML,hep-th"],
        ),
    ] = None

    @property
    def specs(self) -> tuple[str, ...]:
        """The spec of each feed."""
        return tuple(spec for text in (self.spec or "").split(",") if (spec := _joined(text)))

    def canonical(self) -> list[tuple[str, str]]:
        """Return the parameters in canonical form: no blanks, `+` between the categories of one feed."""
        return [("spec", ",".join(self.specs))] if self.specs else []


def _changed(base: View, params: BaseModel) -> View:
    chosen = {name: value for name in View.model_fields if (value := getattr(params, name, None)) is not None}
    return base.model_copy(update=chosen)


def _of_view(params: BaseModel) -> list[tuple[str, str]]:
    """Return the parameters that change the view; `compat=none` is the default."""
    values = [(name, str(value)) for name in View.model_fields if (value := getattr(params, name, None)) is not None]
    return [(name, value) for name, value in values if (name, value) != ("compat", "none")]


class FeedFileParams(FeedParams):
    """Parameters of feeds as files, which may go on elsewhere."""

    cursor: Annotated[
        str | None,
        Field(
            max_length=500,
            description="Where a feed that was too long goes on; take the whole address from `next_url` or `prev-archive`.",
        ),
    ] = None

    @model_validator(mode="after")
    def _no_days_behind(self) -> Self:
        if self.cursor and self.group:
            raise InputError("feeds of days and weeks don't go on elsewhere", name="cursor", hint="leave it out")
        return self

    def canonical(self) -> list[tuple[str, str]]:
        """Return the parameters in canonical form."""
        return sorted([*super().canonical(), *([("cursor", self.cursor)] if self.cursor else [])])


FeedQuery = Annotated[FeedFileParams, Query()]


PageNumber = Annotated[int, Field(ge=1, le=1000, description="Which page of the papers, from 1.")]

Wait = Annotated[bool, Field(description="Whether a page waits for arXiv, `1` for yes; feeds always do.")]


Ui = Annotated[
    Literal["en", "zh"] | None, Field(description="Language of a page; without it the server's, `server.language`.")
]


def feed_request(spec_text: str, params: FeedParams) -> FeedRequest:
    """Return the request of an ad-hoc feed.

    Raises:
        InputError: No such category, or more points are asked for than papers can have.
    """
    _check_points(Scoring(), params)
    return FeedRequest(
        spec=parse_spec(spec_text),
        selection=params.selection(),
        days=params.days or DEFAULT_DAYS,
        days_given=params.days is not None,
        view=params.view(View()),
        asked_title=params.title,
    )


def narrowed(base: FeedRequest, params: FeedParams) -> FeedRequest:
    """Return a configured feed's request, narrowed by the parameters.

    Raises:
        InputError: More points are asked for than papers can have.
    """
    if params.keywords:
        raise InputError(
            "a configured feed has keywords of its own",
            name="keywords",
            hint="set scoring.keywords of this feed in the configuration, or ask for its categories",
        )
    _check_points(base.selection.scoring, params)
    return base.narrowed(params.selection(), params.days, params.view(base.view), params.title)


def _check_points(scoring: Scoring, params: FeedParams) -> None:
    if (params.min_score or 0) > 0 and not (scoring.gives_points or params.like or params.dislike or params.keywords):
        raise InputError(
            "nothing gives points in this feed, so min_score would leave no paper",
            name="min_score",
            hint="points come from examples (like=) and keywords=, or from `scoring` of a feed in the configuration",
        )


def _ids(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _number(value: float) -> str:
    """Return the shortest text that means exactly *value*; -0 is 0."""
    return repr(value + 0.0).removesuffix(".0")
