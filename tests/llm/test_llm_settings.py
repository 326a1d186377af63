"""Settings of the model, and keys that stay secret."""

import pytest

from digest.config.model import Budget, ModelConfig, Prices
from digest.config.reading import parse_config
from digest.errors import ConfigError
from tests.llm.llm_kit import KEY


def configured(environ: dict[str, str], text: str = "") -> ModelConfig:
    return parse_config(text, environ).model


def test_without_a_model_nothing_is_enabled() -> None:
    assert not configured({}).is_enabled
    half = configured({"OPENAI_API_KEY": KEY})
    assert not half.is_enabled
    assert "LLM_MODEL" in half.missing
    assert "LLM_BASE_URL" in configured({"LLM_MODEL": "m"}).missing


def test_a_local_endpoint_needs_no_key() -> None:
    made = configured({"LLM_BASE_URL": "http://localhost:11434/v1/", "LLM_MODEL": "qwen"})
    assert made.is_enabled
    assert made.missing == ""
    assert made.address == "http://localhost:11434/v1"


def test_own_names_come_before_openai_s() -> None:
    environ = {"OPENAI_BASE_URL": "https://a.test/v1", "OPENAI_API_KEY": "sk-a", "OPENAI_MODEL": "a"}
    made = configured(environ)
    assert (made.address, made.model, made.api_key and made.api_key.get_secret_value()) == (
        "https://a.test/v1",
        "a",
        "sk-a",
    )
    made = configured(environ | {"LLM_BASE_URL": "https://b.test/v1", "LLM_API_KEY": " sk-b\n", "LLM_MODEL": "b"})
    assert (made.address, made.model, made.api_key and made.api_key.get_secret_value()) == (
        "https://b.test/v1",
        "b",
        "sk-b",
    )


def test_openai_s_key_is_not_shown_to_another_provider() -> None:
    assert configured({"LLM_BASE_URL": "https://b.test/v1", "OPENAI_API_KEY": KEY, "LLM_MODEL": "m"}).api_key is None
    filed = "model: {model: m, base_url: 'https://b.test/v1'}"
    assert configured({"OPENAI_API_KEY": KEY}, filed).api_key is None
    assert configured({"OPENAI_API_KEY": KEY}, "model: {model: m}").api_key is not None


def test_the_environment_changes_only_what_it_names() -> None:
    filed = "model: {model: m, base_url: 'https://b.test/v1', daily: {calls: 7}}"
    made = configured({"LLM_MODEL": "n"}, filed)
    assert made == configured({}, filed).model_copy(update={"model": "n"})


def test_a_whole_chat_address_is_understood() -> None:
    assert ModelConfig(base_url="https://b.test/v1/chat/completions").address == "https://b.test/v1"


@pytest.mark.parametrize("url", ["ftp://b.test", "b.test/v1", "https://user:pass@b.test/v1", "https://b.test/v1?key=1"])
def test_other_addresses_are_refused_without_showing_the_key(url: str) -> None:
    with pytest.raises(ConfigError, match="LLM_BASE_URL") as caught:
        configured({"LLM_BASE_URL": url, "LLM_API_KEY": KEY, "LLM_MODEL": "m"})
    assert KEY not in str(caught.value)


def test_a_budget_of_money_needs_prices() -> None:
    with pytest.raises(ValueError, match="prices"):
        ModelConfig(daily=Budget(money=1.0))
    ModelConfig(daily=Budget(money=1.0), prices=Prices(input=0.1))
