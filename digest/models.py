"""The values that travel between the parts: frozen, validated, without behaviour beyond simple derivations.

Every instant has a zone; one without is refused, since nobody could tell on which day it falls.

One paper's way: a *listing* (what arXiv announced for one category on one day) holds *papers*;
merging and selection make *entries* of them; renderers turn entries into bytes.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    computed_field,
    model_validator,
)

from digest.arxiv.identifiers import abs_url, html_url, pdf_url


class Frozen(BaseModel):
    """Base of all values: immutable, unknown members refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class AnnounceType(StrEnum):
    """How arXiv announced a paper in a category, strongest first (see `rank`)."""

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"
    REPLACE_CROSS = "replace-cross"

    @property
    def rank(self) -> int:
        """Strength when announcements of one paper meet: 0 is the strongest."""
        return _RANKS[self]

    @property
    def is_replacement(self) -> bool:
        """Whether a later version was announced."""
        return _RANKS[self] > 1


_RANKS = {announce_type: rank for rank, announce_type in enumerate(AnnounceType)}


class Author(Frozen):
    """One author as displayed, `First Last`, with the affiliation where arXiv gives one."""

    name: str
    affiliation: str | None = None


def _author_from_text(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


AuthorField = Annotated[Author, BeforeValidator(_author_from_text)]


class Links(Frozen):
    """A paper's pages at arXiv, without version: always the latest."""

    abs: str
    pdf: str
    html: str


class Paper(Frozen):
    r"""One version of one paper, as announced.

    Text is clean (see `digest.text`): Unicode letters, single spaces, no control characters;
    math stays TeX between dollars. `abstract` may hold paragraph breaks (`\n\n`).
    """

    id: str
    """arXiv id without version: `2601.05174`, `hep-th/9901001`."""
    version: int | None = None
    """None where the source doesn't tell (listing pages seldom do)."""
    title: str
    authors: tuple[AuthorField, ...] = ()
    more_authors: bool = False
    """The source says that there are authors it doesn't name ("et al.")."""
    abstract: str = ""
    categories: tuple[str, ...]
    """As arXiv gives them, primary first, aliases not folded."""
    primary_category: str
    announce_type: AnnounceType
    announced: date
    """The day of the announcement that brought this paper into the listing (arXiv's date, US Eastern)."""
    replaced: date | None = None
    """The day of the newest announcement of a later version, where one was seen."""
    published: AwareDatetime | None = None
    """When version 1 was submitted, UTC; only some sources tell."""
    updated: AwareDatetime | None = None
    """When this version was submitted, UTC; only some sources tell."""
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    """Space-separated where there are several."""
    license: str | None = None
    withdrawn: bool = False
    code_url: str | None = None
    """A repository or project page linked in abstract or comment."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def links(self) -> Links:
        """The paper's pages at arXiv."""
        return Links(abs=abs_url(self.id), pdf=pdf_url(self.id), html=html_url(self.id))


class Nearest(Frozen):
    """The example that a paper resembles most, and how one sees it."""

    title: str = ""
    """Empty where it is in a private library: only the shared words are told then."""
    link: str | None = None
    """Its page at arXiv; None where it has no arXiv id, or none that may be told."""
    words: tuple[str, ...] = ()
    """Up to three words that both use, the one that weighs most first; folded to lower case."""


class Proof(Frozen):
    """A passage of a paper that shows why a model graded it so: the paper's own text, never the model's."""

    quote: str
    field: str
    """`title` or `abstract`."""


class Match(Frozen):
    """Why an entry scored: one rule's contribution."""

    rule: str
    """`keyword`, `author`, `category`, `like`, `dislike`, `substring`, `topic`, …"""
    term: str
    """The term as configured, for display."""
    field: str
    """Where it was found: `title`, `abstract`, `authors`, `categories`, `comment`."""
    points: float
    nearest: Nearest | None = None
    """With `like` and `dislike`, whose term is the id of an example; with a wish that no model graded, the shared words."""
    grade: int | None = None
    """What a model gave the paper for the wish that is the term, 0 to 4."""
    proof: Proof | None = None
    """With a grade of 2 or more."""


class Summary(Frozen):
    """What a paper says, in parts; each is optional, none is ever a placeholder."""

    engine: str
    """`builtin`, or the model's name."""
    language: str
    """BCP 47 tag of the parts, `en`, `zh-CN`; `und` where it isn't known."""
    tldr: str | None = None
    title: str | None = None
    background: str | None = None
    motivation: str | None = None
    method: str | None = None
    innovation: str | None = None
    result: str | None = None
    conclusion: str | None = None
    abstract: str | None = None
    full: str | None = None
    """A longer text in Markdown."""
    created: AwareDatetime | None = None
    """When a model wrote it, UTC; None for the built-in, which is a function of the abstract."""


class Standing(StrEnum):
    """How far a paper came in a feed with wishes."""

    JUDGED = "judged"
    """A model graded it for every wish."""
    NOT_JUDGED = "not judged"
    """It is to be judged, or no grade could be believed: it has its place by likeness to the wishes."""
    NOT_CONSIDERED = "not considered"
    """Too many papers of its day promise more."""


class Entry(Frozen):
    """One paper in one feed or digest."""

    paper: Paper
    score: float = 0.0
    matches: tuple[Match, ...] = ()
    tags: tuple[str, ...] = ()
    """Labels of the topics that the paper belongs to."""
    summary: Summary | None = None
    standing: Standing | None = None
    """None in a feed without wishes."""


class Counts(Frozen):
    """Numbers of papers by announce type."""

    new: int = Field(0, description="New papers.")
    cross: int = Field(0, description="Papers of other categories, cross-listed here.")
    replace: int = Field(0, description="Later versions of papers that have their primary category here.")
    replace_cross: int = Field(0, description="Later versions of papers that are cross-listed here.")

    @property
    def total(self) -> int:
        """All types together."""
        return self.new + self.cross + self.replace + self.replace_cross

    def __add__(self, other: Counts) -> Counts:
        """Add type by type."""
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in Counts.model_fields})


class Source(StrEnum):
    """Where a listing came from."""

    ANNOUNCEMENT_FEED = "announcement-feed"
    LISTING_PAGE = "listing-page"
    CATCH_UP_PAGE = "catch-up-page"
    QUERY_API = "query-api"

    @property
    def service(self) -> str:
        """The service behind it: what fails there fails for all its sources (both pages are one)."""
        return "pages" if self in {Source.LISTING_PAGE, Source.CATCH_UP_PAGE} else self.value


PARSER_VERSION = 2
"""Version of what the parsers make of a source's text; raised when they read authors, titles or withdrawals better.

Where two readings of one paper meet, the newer one wins; days of a window that an older version read are read again.
"""


class Read(Frozen):
    """Base of what parsers made, stored with their version."""

    parser: int = PARSER_VERSION

    @model_validator(mode="before")
    @classmethod
    def _stored_without_version(cls, value: Any, info: ValidationInfo) -> Any:
        """Take what comes from a store without a version for the work of the first parsers."""
        if info.mode == "json" and isinstance(value, dict):
            return {"parser": 1, **value}
        return value


class Listing(Read):
    """What arXiv announced for one context (category or archive) on one day, as far as one source says.

    A day without announcement is a listing without papers.
    """

    context: str
    """Canonical category (`cs.LG`) or archive (`cs`)."""
    day: date
    """arXiv's date of the announcement, US Eastern."""
    papers: tuple[Paper, ...]
    """In arXiv's order."""
    source: Source
    announced: Counts | None = None
    """arXiv's own totals, where the source states them."""
    asked: tuple[str, ...]
    """The contexts of the request that brought it; more than one for a union."""
    provisional: bool = False
    """A union could not tell for every paper whether it belongs here; asking for the context alone settles it."""
    backfilled: bool = False
    """Filled in after its day from a source with history."""
    agreed: tuple[Source, ...] = ()
    """Of a listing without papers: other sources that have none either."""
    fetched_at: AwareDatetime
    """When this content was first seen, UTC."""

    @property
    def counts(self) -> Counts:
        """How many papers the listing holds, by type."""
        number = Counter(paper.announce_type for paper in self.papers)
        return Counts(
            new=number[AnnounceType.NEW],
            cross=number[AnnounceType.CROSS],
            replace=number[AnnounceType.REPLACE],
            replace_cross=number[AnnounceType.REPLACE_CROSS],
        )
