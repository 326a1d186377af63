"""`config.yaml` and the environment to one frozen `Config`: the only reader of either for settings.

Every scalar can be overridden by an environment variable: `DIGEST_` and the path in capitals,
dots and dashes as underscores (`feeds.machine-learning.limit` is `DIGEST_FEEDS_MACHINE_LEARNING_LIMIT`).
A few have the short names that platforms and people expect, see `_SHORT_NAMES`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from digest.errors import ConfigError, InputError
from digest.llm.plans import TextSource, normal_tag
from digest.llm.schemas import SummarySchema
from digest.llm.settings import KEY_VARIABLE, ModelConfig, environment_values
from digest.models import Frozen
from digest.selection import Filters, Scoring, Selection, Topic
from digest.taxonomy import Spec, parse_spec
from digest.views import MathMode, Replacements, SummaryMode, View

N = TypeVar("N")

DEFAULT_PATH = Path(__file__).resolve().parent.parent / "config.yaml"

_SHORT_NAMES = {
    "ARXIV_URL": "arxiv.url",
    "CACHE_URL": "cache.url",
    "HOST": "server.host",
    "PORT": "server.port",
    "PUBLIC_URL": "server.public_url",
}
_PREFIX = "DIGEST_"
_SERVERLESS_VARIABLES = ("VERCEL", "AWS_LAMBDA_FUNCTION_NAME")
_SERVERLESS_ANSWER_MB = 4.3
"""Vercel lets 4.5 MB through; Lambda 6 MB, but base64 makes them 4.5."""
_YAML_WORDS = {"tuple": "list", "Tuple": "list", "dictionary": "mapping"}
_PYTHON_WORDS = re.compile(r"[Tt]uple|dictionary| or instance of \w+")
_FEED_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    _ = parts.port  # raises ValueError for one that is no number
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("expected an address like https://example.org, without query or fragment")
    if parts.username is not None:
        raise ValueError("expected an address without user name and password: it is shown to others")
    return value.rstrip("/")


WebAddress = Annotated[str, AfterValidator(_web_address)]


def _categories(value: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return parse_spec("+".join(value)).contexts
    except InputError as error:
        raise ValueError(f"{error} {error.hint}".strip()) from error


def _terms(value: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return Selection(include=value).include
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error


Terms = Annotated[tuple[str, ...], AfterValidator(_terms)]


class ServerConfig(Frozen):
    """How the server presents itself and where it listens."""

    title: str = Field("arXiv digest", min_length=1, max_length=200)
    public_url: WebAddress | None = None
    """Address under which readers reach the server; None: taken from each request."""
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    contact: str | None = Field(None, max_length=200)
    """Mail or web address, sent to arXiv in the User-Agent so that they can reach the operator."""
    metrics: bool = False
    """Whether `/metrics` gives numbers for Prometheus."""
    max_answer_mb: float = Field(0.0, ge=0)
    """Length in MB (a million bytes) that a feed may have; the last entries give way, and its receipt says so. 0: any
    length, but on Vercel and Lambda a little less than what they let through."""
    new_categories_per_hour: int = Field(60, ge=0, le=100_000)
    """Categories that nobody asked for before, which one client's address may ask for; 0: no limit."""

    @property
    def max_answer_bytes(self) -> int:
        """`max_answer_mb` in bytes."""
        return int(self.max_answer_mb * 1_000_000)


class ArxivConfig(Frozen):
    """How arXiv is asked."""

    url: WebAddress | None = None
    """One base address for all of arXiv's services (a mirror, a test server); None: arXiv itself, https only."""
    interval_s: float = Field(3.0, ge=3.0, le=600)
    """Seconds between the end of one request and the start of the next. arXiv's terms ask for three."""
    timeout_s: float = Field(60.0, ge=1, le=600)
    """Longest time one request to arXiv may take, all in all."""
    limit_mb: float = Field(24.0, ge=1, le=200)
    """Largest answer accepted from arXiv, uncompressed."""


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

    categories: Annotated[tuple[str, ...], AfterValidator(_categories)] = ()
    """Where its own feed looks; empty: in the categories of all configured feeds."""


def _language(value: str) -> str:
    try:
        return normal_tag(value)
    except InputError as error:
        raise ValueError(f"{error}; {error.hint}") from error


LanguageTag = Annotated[str, AfterValidator(_language)]


class FeedConfig(Filters):
    """One named feed: which categories, which of their papers, shown and summarised how."""

    model_config = ConfigDict(validate_by_name=False, validate_by_alias=True)

    title: str | None = Field(None, max_length=200)
    description: str | None = Field(None, max_length=1000)
    categories: Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_categories)]
    days: int = Field(7, ge=1, le=60)
    """Announcements that the feed keeps."""
    scoring: Scoring = Scoring()
    math: MathMode = MathMode.AUTO
    summary: SummaryMode = SummaryMode.AUTO
    replacements: Replacements = Replacements.UPDATE
    summary_schema: SummarySchema = Field(SummarySchema.TLDR, alias="schema")
    """What a model writes; `schema` in the file, which is the name of something else in pydantic."""
    language: LanguageTag = "en"
    """What a model writes in, a BCP 47 tag."""
    source: TextSource = TextSource.ABSTRACT
    """What a model reads."""

    def selection(self, topics: tuple[Topic, ...]) -> Selection:
        """Return filters, points and topics as a selection."""
        filters = {name: getattr(self, name) for name in Filters.model_fields}
        return Selection(**filters, scoring=self.scoring, topics=topics)

    @property
    def view(self) -> View:
        """How the feed is shown."""
        return View(math=self.math, summary=self.summary, replacements=self.replacements)

    @property
    def spec(self) -> Spec:
        """The categories as a spec."""
        return parse_spec("+".join(self.categories))


def _feed_names(feeds: dict[str, N]) -> dict[str, N]:
    for name in feeds:
        if not _FEED_NAME.fullmatch(name):
            raise ValueError(
                f"feed name {name!r}: expected small letters, digits and single dashes, like machine-learning"
            )
    return feeds


class Config(Frozen):
    """Everything that can be set."""

    server: ServerConfig = ServerConfig()
    arxiv: ArxivConfig = ArxivConfig()
    cache: CacheConfig = CacheConfig()
    model: ModelConfig = ModelConfig()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    feeds: Annotated[dict[str, FeedConfig], AfterValidator(_feed_names)] = Field(default_factory=dict)
    topics: Annotated[dict[str, TopicConfig], AfterValidator(_feed_names)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_apart(self) -> Self:
        if shared := sorted(self.feeds.keys() & self.topics.keys()):
            raise ValueError(f"topics.{shared[0]}: a feed has this name already, and each topic is a feed, too")
        return self

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


def load_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """Read the configuration from *path* (None: the shipped `config.yaml`) and the environment.

    Raises:
        ConfigError: One line a problem: file and line (or environment variable), key,
            what was expected, what was found, and the nearest valid name for an unknown one.
    """
    where = path or DEFAULT_PATH
    try:
        text = where.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{where}: no such file; give another with --config or DIGEST_CONFIG") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{where}: can't be read: {error}") from error
    return parse_config(text, environ, filename=where.name)


def parse_config(text: str, environ: Mapping[str, str], *, filename: str = "config.yaml") -> Config:
    """Make a `Config` of YAML text and environment variables.

    Raises:
        ConfigError: As in `load_config`.
    """
    data, lines = _load_yaml(text, filename)
    origins = {path: f"{filename}:{line}" for path, line in lines.items()}
    _refuse_key(data, origins)
    _apply_environment(data, origins, environ)
    _apply_model_environment(data, origins, environ)
    _apply_platform(data, environ)
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        problems = [_describe(problem, origins, filename) for problem in _independent(error.errors())]
        raise ConfigError("\n".join(dict.fromkeys(problems))) from error


Path_ = tuple[str, ...]


def _load_yaml(text: str, filename: str) -> tuple[dict[str, Any], dict[Path_, int]]:
    """Return the document and, for each path in it, its line (from 1)."""
    import yaml

    try:
        loader = yaml.SafeLoader(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(f"{filename}:{line}: not valid YAML: {error.reason} (#x{error.character:04x})") from error
    try:
        node = loader.get_single_node()
        if node is None:
            return {}, {}
        if not isinstance(node, yaml.MappingNode):
            raise ConfigError(f"{filename}:1: expected keys such as `feeds:`, found {node.tag.rsplit(':', 1)[-1]}")
        lines: dict[Path_, int] = {}
        _note_lines(node, (), lines, filename)
        data = _without_blanks(loader.construct_document(node))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigError(f"{filename}:{line}: not valid YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # an impossible date; an alias within itself
        raise ConfigError(f"{filename}: not valid YAML: {error}") from error
    finally:
        loader.dispose()
    return data, lines


def _without_blanks(data: dict[Any, Any]) -> dict[Any, Any]:
    """Drop known keys that have no value, as a section has whose lines are all commented out."""
    return {key: value for key, value in data.items() if value is not None or key not in Config.model_fields}


def _note_lines(node: Any, path: Path_, lines: dict[Path_, int], filename: str) -> None:
    import yaml

    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            line = key.start_mark.line + 1
            if inner in lines:
                raise ConfigError(f"{filename}:{line}: {'.'.join(inner)} stands twice, first in line {lines[inner]}")
            lines[inner] = line
            _note_lines(value, inner, lines, filename)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[(*path, str(index))] = value.start_mark.line + 1
            _note_lines(value, (*path, str(index)), lines, filename)


def variable_name(path: Path_) -> str:
    """Return the environment variable that overrides the scalar at *path*."""
    return _PREFIX + "_".join(path).replace("-", "_").upper()


def scalar_paths(feed_names: Iterator[str] | list[str]) -> Iterator[Path_]:
    """Yield the path of every scalar setting, those of the named feeds included."""
    yield from _scalars(Config, ())
    for name in feed_names:
        yield from _scalars(FeedConfig, ("feeds", name))


def _scalars(model: type[BaseModel], path: Path_) -> Iterator[Path_]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _scalars(kind, (*path, name))
        elif not any(word in str(kind) for word in ("tuple", "dict", "SecretStr")):
            yield (*path, field.alias or name)


def _apply_environment(data: dict[str, Any], origins: dict[Path_, str], environ: Mapping[str, str]) -> None:
    feeds = data.get("feeds")
    names = [name for name in feeds if isinstance(name, str)] if isinstance(feeds, dict) else []
    known = {variable_name(path): path for path in scalar_paths(names)}
    for variable, text in sorted(environ.items(), key=lambda item: item[0] not in _SHORT_NAMES):  # the long name wins
        short = _SHORT_NAMES.get(variable)
        if short is None and (not variable.startswith(_PREFIX) or variable == "DIGEST_CONFIG"):
            continue
        path = tuple(short.split(".")) if short else known.get(variable)
        if path is None and variable == variable_name(("model", "api_key")):
            raise ConfigError(f"{variable}: no such setting; the key is set with {KEY_VARIABLE}")
        if path is None:
            near = difflib.get_close_matches(variable, known, n=1)
            raise ConfigError(f"{variable}: no such setting" + (f"; did you mean {near[0]}?" if near else ""))
        if not text:
            continue
        inner = data
        for part in path[:-1]:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                break
        else:
            inner[path[-1]] = text
            origins[path] = f"environment variable {variable}"


def _refuse_key(data: dict[str, Any], origins: Mapping[Path_, str]) -> None:
    """Refuse a key in the file before anything can show it."""
    model = data.get("model")
    if isinstance(model, dict) and "api_key" in model:
        raise ConfigError(
            f"{origins['model', 'api_key']}: model.api_key: a key does not belong in a file; "
            f"set the environment variable {KEY_VARIABLE}"
        )


def _apply_model_environment(data: dict[str, Any], origins: dict[Path_, str], environ: Mapping[str, str]) -> None:
    """Let `LLM_*`, and where nothing else is set `OPENAI_*`, say where the model is; our own long names win."""
    model = data.get("model", {})
    if not isinstance(model, dict):
        return
    own = {f"LLM_{name.upper()}": environ.get(variable_name(("model", name))) for name in ("base_url", "model")}
    known = {**environ, **{name: value for name, value in own.items() if value}}
    known["LLM_MODEL"] = known.get("LLM_MODEL") or str(model.get("model") or "")
    address = model.get("base_url")
    found = environment_values(known, address if isinstance(address, str) else None)
    for name, value in found.items():
        if model.get(name) == value:
            continue
        model[name] = SecretStr(value) if name == "api_key" else value
        short = f"{'LLM' if known.get(f'LLM_{name.upper()}') else 'OPENAI'}_{name.upper()}"
        origins["model", name] = f"environment variable {short}"
    if model:
        data["model"] = model


def _apply_platform(data: dict[str, Any], environ: Mapping[str, str]) -> None:
    """Take from the platform what is not set: how long answers may be, and Vercel's production domain as public address.

    The domain only in production: all other domains of a deployment are behind a login.
    """
    found: dict[str, Any] = {}
    if any(environ.get(name) for name in _SERVERLESS_VARIABLES):
        found["max_answer_mb"] = _SERVERLESS_ANSWER_MB
    domain = environ.get("VERCEL_PROJECT_PRODUCTION_URL")
    if domain and environ.get("VERCEL_ENV") == "production":
        found["public_url"] = f"https://{domain}"
    server = data.setdefault("server", {}) if found else None
    if isinstance(server, dict):
        data["server"] = server | {name: value for name, value in found.items() if not server.get(name)}


def _independent(problems: Sequence[Any]) -> list[Any]:
    """Leave out what only follows from another problem: a list is too short once its bad items are gone."""
    places = [problem["loc"] for problem in problems]
    return [
        problem
        for problem, place in zip(problems, places, strict=True)
        if problem["type"] != "too_short" or not any(other[:-1] == place for other in places)
    ]


def _describe(problem: Any, origins: Mapping[Path_, str], filename: str) -> str:
    path = tuple(str(part) for part in problem["loc"])
    place = next((origins[path[:n]] for n in range(len(path), 0, -1) if path[:n] in origins), filename)
    key = ".".join(path)
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(path[-1], _names_at(path[:-1]), n=1)
        hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(_names_at(path[:-1]))}"
        return f"{place}: {key}: no such setting; {hint}"
    message = _PYTHON_WORDS.sub(lambda word: _YAML_WORDS.get(word[0], ""), problem["msg"].removeprefix("Value error, "))
    message = message[:1].lower() + message[1:]
    if problem["type"] == "missing":
        return f"{place}: {key}: missing; it has no default"
    return f"{place}: {key}: {message}; found {problem['input']!r}"[:600]


def _names_at(path: Path_) -> list[str]:
    model: type[BaseModel] = Config
    for part in path:
        if part == "feeds":
            return [field.alias or name for name, field in FeedConfig.model_fields.items()]
        kind = model.model_fields[part].annotation if part in model.model_fields else None
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            model = kind
    return list(model.model_fields)
