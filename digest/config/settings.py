"""What can be set, with defaults and checks: one frozen `Config`, read from file and environment by `config_file`."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from digest.arxiv.taxonomy import Spec, parse_spec
from digest.config.credentials import split_address
from digest.config.deliveries import DeliveryConfig
from digest.config.model import ModelConfig
from digest.config.summary_plans import LanguageTag, TextSource
from digest.config.summary_schemas import SummarySchema
from digest.config.views import MathMode, Replacements, SummaryMode, TitleForm, View
from digest.errors import InputError
from digest.models import Frozen
from digest.selection import Filters, Scoring, Selection, Topic
from digest.selection.libraries import check_example_name
from digest.selection.wishes import HIGHEST, Unjudged, Wishes, WishList

_FEED_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def _web_address(value: str) -> str:
    parts = split_address(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("expected an address like https://example.org, without query or fragment")
    if parts.username is not None:
        raise ValueError("expected an address without user name and password: it is shown to others")
    return value.rstrip("/")


WebAddress = Annotated[str, AfterValidator(_web_address)]


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _categories(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        return ()
    try:
        return parse_spec("+".join(value)).contexts
    except InputError as error:
        raise ValueError(f"{error} {error.hint}".strip()) from error


def _as_list(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Categories = Annotated[tuple[str, ...], BeforeValidator(_as_list), AfterValidator(_categories)]
"""A list, or one text with `+`, commas or spaces between the categories."""


def _terms(value: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return Selection(include=value).include
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error


Terms = Annotated[tuple[str, ...], AfterValidator(_terms)]


class ServerConfig(Frozen):
    """How the server presents itself and where it listens."""

    title: str = Field("arXiv digest", min_length=1, max_length=200)
    language: LanguageTag = "en"
    """Language of the pages, `en` or `zh`; others are shown in English."""
    public_url: WebAddress | None = None
    """Address under which readers reach the server; None: taken from each request."""
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    contact: str | None = Field(None, max_length=200)
    """Mail or web address, sent to arXiv in the User-Agent so that they can reach the operator."""
    metrics: bool = False
    """Whether `/metrics` gives numbers for Prometheus."""
    max_answer_mb: float = Field(15.0, ge=0)
    """Length in MB (a million bytes) that a feed may have; the last entries give way, and its receipt says so. 0: any
    length. On Vercel and Lambda the default is a little less than what they let through. Where neither the address nor the
    configuration says how many days or papers, a feed has 4 MB or 1,500 papers, and the newest day whole."""
    new_categories_per_hour: int = Field(60, ge=0, le=100_000)
    """Categories that nobody asked for before, which one client's address may ask for; 0: no limit."""
    profiles_per_day: int = Field(10, ge=0, le=100_000)
    """Profiles (feeds that learn) that one client's address may make in a day; 0: this server offers none."""

    @property
    def max_answer_bytes(self) -> int:
        """`max_answer_mb` in bytes."""
        return int(self.max_answer_mb * 1_000_000)


class ArxivConfig(Frozen):
    """How arXiv is asked."""

    url: WebAddress | None = None
    """One base address for all of arXiv's services (a mirror, a test server); None: arXiv itself, https only."""
    demo: bool = False
    """Whether a stub on this machine plays arXiv with invented papers: pages say so, and nothing pauses between requests."""
    interval_s: float = Field(3.0, ge=3.0, le=600)
    """Seconds between the end of one request and the start of the next. arXiv's terms ask for three."""
    timeout_s: float = Field(60.0, ge=1, le=600)
    """Longest time one request to arXiv may take, all in all."""
    wait_s: float = Field(8.0, ge=0, le=15)
    """Seconds that readers wait for the first check of an announcement, from its start; 0: they get what is stored at once.
    Feed readers give up after 20."""
    limit_mb: float = Field(24.0, ge=1, le=200)
    """Largest answer accepted from arXiv, uncompressed."""

    @model_validator(mode="after")
    def _demo_is_on_this_machine(self) -> Self:
        if self.demo and not (self.url and is_loopback(split_address(self.url).hostname or "")):
            raise ValueError("demo needs arxiv.url to be a stub on this machine, like http://127.0.0.1:8791")
        return self


class CacheConfig(Frozen):
    """Where listings are kept."""

    url: str | None = None
    """`memory://`, `sqlite:///path`, `redis://…`; None: the best that needs nothing."""
    keep_days: int = Field(100, ge=14, le=3650)
    """Days for which listings are kept."""
    keep_warm_s: float = Field(60.0, ge=0, le=86400)
    """Seconds between looks whether a feed that was read lately is due, so that who polls once a week misses nothing.
    0: arXiv is asked on request only."""


class TopicConfig(Topic):
    """A named query: tags the entries that it fits, and is a feed itself."""

    categories: Categories = ()
    """Where its own feed looks; empty: in the categories of all configured feeds."""


class FeedConfig(Filters):
    """One named feed: which categories, which of their papers, shown and summarised how."""

    model_config = ConfigDict(validate_by_name=False, validate_by_alias=True)

    title: str | None = Field(None, max_length=200)
    description: str | None = Field(None, max_length=1000)
    categories: Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(_as_list), AfterValidator(_categories)]
    days: int = Field(7, ge=1, le=60)
    """Announcements that the feed keeps."""
    scoring: Scoring = Scoring()
    wants: WishList = ()
    """What the reader wishes for, in plain words."""
    not_wants: WishList = ()
    judge_limit: int = Field(60, ge=1, le=1000)
    """Papers of each announcement day that a model grades at most."""
    min_grade: int | None = Field(None, ge=1, le=HIGHEST)
    unjudged: Unjudged = Unjudged.WAIT
    """What becomes of papers without a grade where `min_grade` is set."""
    math: MathMode = MathMode.AUTO
    title_form: TitleForm = TitleForm.ORIGINAL
    summary: SummaryMode = SummaryMode.AUTO
    replacements: Replacements = Replacements.UPDATE
    summary_schema: SummarySchema = Field(SummarySchema.TLDR, alias="schema")
    """What a model writes; `schema` in the file, which is the name of something else in pydantic."""
    language: LanguageTag = "en"
    """What a model writes in, a BCP 47 tag."""
    source: TextSource = TextSource.ABSTRACT
    """What a model reads."""
    deliver: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    """Names of `deliveries` that each of its days is sent to."""

    @field_validator("scoring")
    @classmethod
    def _check_examples(cls, scoring: Scoring) -> Scoring:
        for name in (*scoring.like, *scoring.dislike):
            try:
                check_example_name(name)
            except InputError as error:
                raise ValueError(f"{error} {error.hint}".strip()) from error
        return scoring

    @model_validator(mode="after")
    def _check_points(self) -> Self:
        if (self.min_score or 0) > 0 and not (self.scoring.gives_points or self.wants):
            raise ValueError("min_score would leave no paper, since nothing in scoring gives points")
        return self

    @model_validator(mode="after")
    def _check_wishes(self) -> Self:
        try:
            self.wishes  # noqa: B018 - it checks them together
        except ValidationError as error:
            raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error
        return self

    @property
    def wishes(self) -> Wishes:
        """What is wished for, with what it is used with."""
        return Wishes(**{name: getattr(self, name) for name in Wishes.model_fields})

    def selection(self, topics: tuple[Topic, ...]) -> Selection:
        """Return filters, points, wishes and topics as a selection."""
        filters = {name: getattr(self, name) for name in Filters.model_fields}
        return Selection(**filters, scoring=self.scoring, wishes=self.wishes, topics=topics)

    @property
    def terms(self) -> tuple[str, ...]:
        """The words that the feed looks for: those that must occur, and those that give points."""
        scoring = (keyword.terms[0] for keyword in self.scoring.keywords if keyword.weight > 0)
        return tuple(dict.fromkeys((*self.include, *scoring)))

    @property
    def view(self) -> View:
        """How the feed is shown."""
        return View(math=self.math, summary=self.summary, replacements=self.replacements, title_form=self.title_form)

    @property
    def spec(self) -> Spec:
        """The categories as a spec."""
        return parse_spec("+".join(self.categories))


def _feed_name(name: str) -> str:
    if not _FEED_NAME.fullmatch(name):
        raise ValueError(f"feed name {name!r}: expected small letters, digits and single dashes, like machine-learning")
    return name


FeedName = Annotated[str, AfterValidator(_feed_name)]


class Config(Frozen):
    """Everything that can be set."""

    server: ServerConfig = ServerConfig()
    arxiv: ArxivConfig = ArxivConfig()
    cache: CacheConfig = CacheConfig()
    model: ModelConfig = ModelConfig()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    feeds: dict[FeedName, FeedConfig] = Field(default_factory=dict)
    topics: dict[FeedName, TopicConfig] = Field(default_factory=dict)
    deliveries: dict[FeedName, DeliveryConfig] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_apart(self) -> Self:
        if shared := sorted(self.feeds.keys() & self.topics.keys()):
            raise ValueError(f"topics.{shared[0]}: a feed has this name already, and each topic is a feed, too")
        return self

    @model_validator(mode="after")
    def _topics_have_a_place(self) -> Self:
        if self.topics and not self.contexts:
            raise ValueError(
                f"topics.{min(self.topics)}.categories: missing; there is no feed whose categories could be used"
            )
        return self

    @model_validator(mode="after")
    def _deliveries_are_named(self) -> Self:
        for name, feed in self.feeds.items():
            for target in feed.deliver:
                if target not in self.deliveries:
                    known = ", ".join(self.deliveries) or "none"
                    raise ValueError(f"feeds.{name}.deliver: no delivery is named {target!r}; configured are: {known}")
        return self

    @property
    def feed_names(self) -> tuple[str, ...]:
        """The names of everything under `/feeds/`: the feeds, then the topics."""
        return (*self.feeds, *self.topics)

    @property
    def tagging(self) -> tuple[Topic, ...]:
        """The topics as what tags entries."""
        return tuple(Topic(label=topic.label, q=topic.q) for topic in self.topics.values())

    @property
    def contexts(self) -> tuple[str, ...]:
        """The contexts of all configured feeds and topics, sorted."""
        in_feeds = {context for feed in self.feeds.values() for context in feed.categories}
        in_topics = {context for topic in self.topics.values() for context in topic.categories}
        return tuple(sorted(in_feeds | in_topics))
