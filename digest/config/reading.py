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
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError

from digest.config.credentials import shown_value, without_credentials
from digest.config.deliveries import DeliveryConfig, variable_of
from digest.config.hosting import is_serverless
from digest.config.model import KEY_VARIABLE, environment_values
from digest.config.settings import Config, FeedConfig, TopicConfig
from digest.config.yaml_text import LENGTH_LIMIT, KeyPath, load_yaml
from digest.errors import ConfigError

DEFAULT_PATH = Path(__file__).resolve().parents[2] / "config.yaml"

_SHORT_NAMES = {
    "ARXIV_URL": "arxiv.url",
    "CACHE_URL": "cache.url",
    "PORT": "server.port",
    "PUBLIC_URL": "server.public_url",
}
_NAMED: Mapping[str, type[BaseModel]] = {"feeds": FeedConfig, "topics": TopicConfig, "deliveries": DeliveryConfig}
"""Sections whose members have names of their own."""
_SHOWN_CHARACTERS = 120
_PROBLEMS_LIMIT = 50
_PREFIX = "DIGEST_"
_ADDRESSES = frozenset({"url", "public_url", "base_url"})
"""Settings whose values may hold credentials, at least by mistake."""
_DELIVERY_SECRETS = ("url", "token")
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
        with where.open(encoding="utf-8") as file:
            text = file.read(LENGTH_LIMIT + 1)  # a file that never ends is refused as too long
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
    document, lines = load_yaml(text, filename)
    data = _without_blanks(document)
    origins = {path: f"{filename}:{line}" for path, line in lines.items()}
    _refuse_key(data, origins)
    _refuse_delivery_secrets(data, origins)
    _apply_environment(data, origins, environ)
    _apply_delivery_environment(data, origins, environ)
    _apply_model_environment(data, origins, environ)
    _apply_platform(data, environ)
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        found = _independent(error.errors())
        problems = list(dict.fromkeys(_describe(problem, origins, filename) for problem in found[:_PROBLEMS_LIMIT]))
        keys = (".".join(_key_path(problem)) for problem in found[:_PROBLEMS_LIMIT])
        # Without the error itself: it shows values, and an address from the environment may hold a password.
        raise ConfigError("\n".join(problems), settings=filter(None, keys)) from None


def _without_blanks(data: dict[Any, Any]) -> dict[Any, Any]:
    """Drop known keys that have no value, as a section has whose lines are all commented out."""
    return {key: value for key, value in data.items() if value is not None or key not in Config.model_fields}


def variable_name(path: KeyPath) -> str:
    """Return the environment variable that overrides the scalar at *path*."""
    return _PREFIX + "_".join(path).replace("-", "_").upper()


def scalar_paths(feed_names: Iterable[str], delivery_names: Iterable[str] = ()) -> Iterator[KeyPath]:
    """Yield the path of every scalar setting, those of the named feeds and deliveries included."""
    yield from _scalars(Config, ())
    for name in feed_names:
        yield from _scalars(FeedConfig, ("feeds", name))
    for name in delivery_names:
        yield from _scalars(DeliveryConfig, ("deliveries", name))


def _scalars(model: type[BaseModel], path: KeyPath) -> Iterator[KeyPath]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _scalars(kind, (*path, name))
        elif not any(word in str(kind) for word in ("tuple", "dict", "SecretStr")):
            yield (*path, field.alias or name)


def _apply_environment(data: dict[str, Any], origins: dict[KeyPath, str], environ: Mapping[str, str]) -> None:
    names = [[name for name in _section(data, part) if isinstance(name, str)] for part in ("feeds", "deliveries")]
    known = {variable_name(path): path for path in scalar_paths(*names)}
    for variable, text in sorted(environ.items(), key=lambda item: item[0] not in _SHORT_NAMES):  # the long name wins
        short = _SHORT_NAMES.get(variable)
        if short is None and (not variable.startswith(_PREFIX) or variable == "DIGEST_CONFIG"):
            continue
        path = tuple(short.split(".")) if short else known.get(variable)
        if path is None and variable == variable_name(("model", "api_key")):
            raise ConfigError(f"{variable}: no such setting; the key is set with {KEY_VARIABLE}", settings=(variable,))
        if path is None:
            near = difflib.get_close_matches(variable, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ConfigError(f"{variable}: no such setting{hint}", settings=(variable,))
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
            f"set the environment variable {KEY_VARIABLE}",
            settings=("model.api_key",),
        )


def _section(data: Mapping[str, Any], name: str) -> dict[Any, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _refuse_delivery_secrets(data: dict[str, Any], origins: Mapping[KeyPath, str]) -> None:
    """Refuse an address or a token in the file before anything can show it."""
    for name, target in _section(data, "deliveries").items():
        for secret in _DELIVERY_SECRETS:
            if isinstance(target, dict) and secret in target:
                place = origins.get(("deliveries", str(name), secret), "deliveries")
                variable = variable_of(str(name), secret)
                raise ConfigError(
                    f"{place}: deliveries.{name}.{secret}: it does not belong in a file; "
                    f"set the environment variable {variable}",
                    settings=(f"deliveries.{name}.{secret}",),
                )


def _apply_delivery_environment(data: dict[str, Any], origins: dict[KeyPath, str], environ: Mapping[str, str]) -> None:
    """Give each target the address and the token that the environment has for it."""
    for name, target in _section(data, "deliveries").items():
        if not isinstance(target, dict) or not isinstance(name, str):
            continue
        for secret in _DELIVERY_SECRETS:
            variable = variable_of(name, secret)
            if value := environ.get(variable, "").strip():
                target[secret] = SecretStr(value)
                origins["deliveries", name, secret] = f"environment variable {variable}"


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


def _key_path(problem: Any) -> KeyPath:
    return tuple(str(part) for part in problem["loc"] if part != "[key]")


def _describe(problem: Any, origins: Mapping[KeyPath, str], filename: str) -> str:
    path = _key_path(problem)
    place = next((origins[path[:n]] for n in range(len(path), 0, -1) if path[:n] in origins), filename)
    key = without_credentials(".".join(path)) if any("//" in part for part in path) else ".".join(path)
    if problem["type"] == "extra_forbidden":
        return f"{place}: {key}: no such setting; {_nearest(path)}"
    message = _PYTHON_WORDS.sub(lambda word: _YAML_WORDS.get(word[0], ""), problem["msg"].removeprefix("Value error, "))
    message = message[:1].lower() + message[1:]
    if problem["type"] == "missing":
        return f"{place}: {key}: missing; it has no default"
    if problem["type"] == "string_type" and isinstance(problem["input"], bool | int | float | date):
        message += "; put it in quotes"  # YAML reads no, on, 2026 and 2026-01-29 as something else
    if not path:
        return f"{place}: {message}"  # of settings that don't go together; what was found is all of them
    if problem["type"] == "value_error" and isinstance(problem["input"], dict):
        return f"{place}: {key}: {message}"  # of settings that don't go together; found is all of the section
    found = shown_value(problem["input"], is_address=path[-1] in _ADDRESSES)
    return f"{place}: {key}: {message}; found {_shortened(found)}"[:600]


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"


def _nearest(path: KeyPath) -> str:
    """Return a hint for a setting that there isn't: one of its name nearby, a similar one, or all there are."""
    name, model = path[-1], _model_at(path[:-1])
    names = _names_of(model)
    deeper = [f"{section}.{name}" for section in names if name in _names_of(_model_of(model, section))]
    if deeper:
        return f"did you mean {deeper[0]}?"
    if near := difflib.get_close_matches(name, names, n=1):
        return f"did you mean {near[0]}?"
    if len(path) > 1 and name in _names_of(_model_at(path[:-2])):
        return f"did you mean {'.'.join((*path[:-2], name))}, one level up?"
    return f"expected one of {', '.join(names)}"


def _model_at(path: KeyPath) -> type[BaseModel] | None:
    """Return the model whose settings stand at *path*; None where there are none, as in `feeds` itself."""
    model: type[BaseModel] | None = Config
    for depth, part in enumerate(path):
        if depth == 0 and part in _NAMED:
            if len(path) == 1:
                return None
            continue
        if depth == 1 and path[0] in _NAMED:
            model = _NAMED[path[0]]
        elif not part.isdecimal():
            model = _model_of(model, part)
    return model


def _model_of(model: type[BaseModel] | None, name: str) -> type[BaseModel] | None:
    """Return the model of the section *name* of *model*, also if it is a list of such; None if it is no section."""
    fields = {field.alias or key: field for key, field in model.model_fields.items()} if model else {}
    kinds = (fields[name].annotation, *get_args(fields[name].annotation)) if name in fields else ()
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _names_of(model: type[BaseModel] | None) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()] if model else []
