"""What the operator sets for the model: where it is, the key, time and money."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from digest.config.credentials import split_address
from digest.models import Frozen

OPENAI_URL = "https://api.openai.com/v1"
"""Where the `OPENAI_*` variables lead without `OPENAI_BASE_URL`."""

KEY_VARIABLE = "LLM_API_KEY"

_CHAT_PATH = "/chat/completions"


def _endpoint_address(value: str) -> str:
    parts = split_address(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("expected an address like https://api.example.org/v1, without query or fragment")
    if parts.username or parts.password:
        raise ValueError("expected an address without user name and password; the key has its own setting")
    return value.rstrip("/").removesuffix(_CHAT_PATH)


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


class Budget(Frozen):
    """Most that may be spent in one period, over all feeds and instances; None: no limit."""

    calls: int | None = Field(None, ge=0, description="Requests that reached the model, failed ones included.")
    tokens: int | None = Field(None, ge=0, description="Tokens read and written together.")
    money: float | None = Field(None, ge=0, description="In the currency of the prices.")


class Prices(Frozen):
    """What the provider asks for a million tokens; 0 for a model of one's own."""

    input: float = Field(0.0, ge=0)
    output: float = Field(0.0, ge=0)
    currency: str = Field("USD", min_length=1, max_length=8)


_DAILY = Budget(calls=500, tokens=2_000_000)
_MONTHLY = Budget(calls=10_000, tokens=30_000_000)


def _completed(defaults: Budget) -> Callable[[Any], Any]:
    """Return what adds to a budget as configured the default limits that it doesn't name."""

    def complete(value: Any) -> Any:
        return {**defaults.model_dump(), **value} if isinstance(value, Mapping) else value

    return complete


class ModelConfig(Frozen):
    """The model behind an OpenAI-compatible endpoint. Without `model` there is none, and nothing is ever sent."""

    base_url: Annotated[str, BeforeValidator(_stripped), AfterValidator(_endpoint_address)] | None = None
    """The address before `/chat/completions`; None: OpenAI's."""
    api_key: Annotated[SecretStr, BeforeValidator(_stripped)] | None = None
    """Only ever from the environment; None where the endpoint needs none."""
    model: Annotated[str, BeforeValidator(_stripped)] | None = Field(None, min_length=1, max_length=200)
    timeout_s: float = Field(60.0, ge=1, le=900)
    """Longest time of one request."""
    total_timeout_s: float = Field(180.0, ge=1, le=3600)
    """Longest time for one paper, with all requests and pauses."""
    attempts: int = Field(3, ge=1, le=10)
    """Most tries of one request that meets a passing failure."""
    concurrency: int = Field(4, ge=1, le=64)
    """Most papers asked for at once by one process."""
    context_tokens: int = Field(16_000, ge=2000, le=2_000_000)
    """What the model can read and write together; decides how much of a full text is sent."""
    limit_mb: float = Field(2.0, ge=0.1, le=50)
    """Largest answer accepted."""
    inline_seconds: float = Field(0.0, ge=0, le=20)
    """How long a reader's request may wait for the model; 0: never."""
    keep_days: int = Field(180, ge=1, le=3650)
    """Days for which model summaries are kept."""
    prices: Prices = Prices()
    daily: Annotated[Budget, BeforeValidator(_completed(_DAILY))] = _DAILY
    """Limits that aren't set keep their defaults; one that is set to null is off."""
    monthly: Annotated[Budget, BeforeValidator(_completed(_MONTHLY))] = _MONTHLY

    @model_validator(mode="after")
    def _money_needs_prices(self) -> Self:
        limited = self.daily.money is not None or self.monthly.money is not None
        if limited and not (self.prices.input or self.prices.output):
            raise ValueError("a budget of money needs prices; set prices.input and prices.output")
        return self

    @property
    def is_enabled(self) -> bool:
        """Whether there is a model to ask: it is named, and its address or key is known."""
        return self.model is not None and (self.base_url is not None or self.api_key is not None)

    @property
    def missing(self) -> str:
        """What keeps a half-configured model from being used, for status and the command line; "" if nothing does."""
        if self.model is None and (self.base_url or self.api_key):
            return "no model is named: set LLM_MODEL"
        if self.model is not None and not self.is_enabled:
            return "the model has neither address nor key: set LLM_BASE_URL or LLM_API_KEY"
        return ""

    @property
    def address(self) -> str:
        """The endpoint's base address."""
        return self.base_url or OPENAI_URL


def environment_values(environ: Mapping[str, str], base_url: str | None = None) -> dict[str, str]:
    """Return `base_url`, `api_key` and `model` as far as the environment sets them.

    `LLM_BASE_URL`, `LLM_API_KEY` and `LLM_MODEL` come first, then `OPENAI_BASE_URL`, `OPENAI_API_KEY`
    and `OPENAI_MODEL`. OpenAI's key is used only for the address that goes with it, so that it is
    never shown to another provider. Empty variables count as not set.

    Args:
        environ: The environment.
        base_url: The address from elsewhere (a file), used where no variable sets one.
    """
    found = {key: value.strip() for key, value in environ.items() if value.strip()}
    own_address = (found.get("OPENAI_BASE_URL") or OPENAI_URL).rstrip("/")
    address = found.get("LLM_BASE_URL") or base_url or found.get("OPENAI_BASE_URL")
    key = found.get(KEY_VARIABLE)
    if not key and (address or OPENAI_URL).rstrip("/").removesuffix(_CHAT_PATH) == own_address:
        key = found.get("OPENAI_API_KEY")
    values = {"base_url": address, "api_key": key, "model": found.get("LLM_MODEL") or found.get("OPENAI_MODEL")}
    return {name: value for name, value in values.items() if value}
