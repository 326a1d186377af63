"""`config.yaml` and the environment to one frozen `Config`: the only reader of either for settings.

Every scalar can be overridden by an environment variable: `DIGEST_` and the path in capitals,
dots and dashes as underscores (`feeds.machine-learning.limit` is `DIGEST_FEEDS_MACHINE_LEARNING_LIMIT`).
A few have the short names that platforms and people expect, see `_SHORT_NAMES`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from digest.config import Config, FeedConfig
from digest.errors import ConfigError
from digest.hosting import is_serverless
from digest.llm.settings import KEY_VARIABLE, environment_values

KeyPath = tuple[str, ...]
"""Where a setting stands: `("feeds", "machine-learning", "limit")`."""

DEFAULT_PATH = Path(__file__).resolve().parent.parent / "config.yaml"

_SHORT_NAMES = {
    "ARXIV_URL": "arxiv.url",
    "CACHE_URL": "cache.url",
    "PORT": "server.port",
    "PUBLIC_URL": "server.public_url",
}
_PREFIX = "DIGEST_"
_SERVERLESS_ANSWER_MB = 4.3
"""Vercel lets 4.5 MB through; Lambda 6 MB, but base64 makes them 4.5."""
_YAML_WORDS = {"tuple": "list", "Tuple": "list", "dictionary": "mapping"}
_PYTHON_WORDS = re.compile(r"[Tt]uple|dictionary| or instance of \w+")


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
        # Without the error itself: it shows values, and an address from the environment may hold a password.
        raise ConfigError("\n".join(dict.fromkeys(problems))) from None


def _load_yaml(text: str, filename: str) -> tuple[dict[str, Any], dict[KeyPath, int]]:
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
        lines: dict[KeyPath, int] = {}
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


def _note_lines(node: Any, path: KeyPath, lines: dict[KeyPath, int], filename: str) -> None:
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


def variable_name(path: KeyPath) -> str:
    """Return the environment variable that overrides the scalar at *path*."""
    return _PREFIX + "_".join(path).replace("-", "_").upper()


def scalar_paths(feed_names: Iterable[str]) -> Iterator[KeyPath]:
    """Yield the path of every scalar setting, those of the named feeds included."""
    yield from _scalars(Config, ())
    for name in feed_names:
        yield from _scalars(FeedConfig, ("feeds", name))


def _scalars(model: type[BaseModel], path: KeyPath) -> Iterator[KeyPath]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _scalars(kind, (*path, name))
        elif not any(word in str(kind) for word in ("tuple", "dict", "SecretStr")):
            yield (*path, field.alias or name)


def _apply_environment(data: dict[str, Any], origins: dict[KeyPath, str], environ: Mapping[str, str]) -> None:
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


def _refuse_key(data: dict[str, Any], origins: Mapping[KeyPath, str]) -> None:
    """Refuse a key in the file before anything can show it."""
    model = data.get("model")
    if isinstance(model, dict) and "api_key" in model:
        raise ConfigError(
            f"{origins['model', 'api_key']}: model.api_key: a key does not belong in a file; "
            f"set the environment variable {KEY_VARIABLE}"
        )


def _apply_model_environment(data: dict[str, Any], origins: dict[KeyPath, str], environ: Mapping[str, str]) -> None:
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
    if is_serverless(environ):
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


def _describe(problem: Any, origins: Mapping[KeyPath, str], filename: str) -> str:
    path = tuple(str(part) for part in problem["loc"] if part != "[key]")
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
    if problem["type"] == "string_type" and isinstance(problem["input"], bool | int | float | date):
        message += "; put it in quotes"  # YAML reads no, on, 2026 and 2026-01-29 as something else
    if not path:
        return f"{place}: {message}"  # of settings that don't go together; what was found is all of them
    return f"{place}: {key}: {message}; found {problem['input']!r}"[:600]


def _names_at(path: KeyPath) -> list[str]:
    model: type[BaseModel] = Config
    for part in path:
        if part == "feeds":
            return [field.alias or name for name, field in FeedConfig.model_fields.items()]
        kind = model.model_fields[part].annotation if part in model.model_fields else None
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            model = kind
    return list(model.model_fields)
