"""Which store is chosen, and that no secret is ever told."""

import logging
from pathlib import Path

import pytest

from digest.errors import ConfigError
from digest.store.factory import open_store
from digest.store.memory import MemoryStore
from digest.store.resilient import ResilientStore

REST = {"URL": "https://eu1-calm-cat.upstash.example", "TOKEN": "s3cret"}


def kind_and_place(url=None, **environ):
    return open_store(url, environ).describe()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("memory://", "memory"),
        ("sqlite:///var/cache/digest.sqlite3", "sqlite (/var/cache/digest.sqlite3)"),
        ("sqlite:////var/cache/digest.sqlite3", "sqlite (/var/cache/digest.sqlite3)"),
        ("sqlite:///var/my%20cache.db", "sqlite (/var/my cache.db)"),
        ("redis://cache", "redis (cache:6379/0)"),
        ("redis://:s3cret@cache:7000/2", "redis (cache:7000/2)"),
        ("rediss://user:s3cret@cache.example:7000", "redis (cache.example:7000/0)"),
        ("https://:s3cret@eu1-calm-cat.upstash.example", "upstash (eu1-calm-cat.upstash.example)"),
        ("https://s3cret@eu1-calm-cat.upstash.example/", "upstash (eu1-calm-cat.upstash.example)"),
        (" memory:// ", "memory"),
    ],
)
def test_the_operator_chooses_by_url(url, expected):
    assert kind_and_place(url) == expected
    assert kind_and_place(None, CACHE_URL=url, REDIS_URL="redis://other") == expected


def test_the_rest_token_may_stand_beside_the_url():
    assert kind_and_place(REST["URL"], CACHE_TOKEN="s3cret") == "upstash (eu1-calm-cat.upstash.example)"


@pytest.mark.parametrize(
    "url",
    [
        "memory",
        "cache.sqlite3",
        "/var/cache.sqlite3",
        "sqlite://",
        "sqlite:///",
        "sqlite://cache.sqlite3",
        "sqlite:///var/cache/",
        "redis://",
        "redis://:s3cret@cache:port",
        "redis://:s3cret@cache/name",
        "https://eu1-calm-cat.upstash.example",
        "http://:s3cret@eu1-calm-cat.upstash.example",
        "postgres://user:s3cret@cache/db",
        "redis://[s3cret",
    ],
)
def test_a_bad_url_names_the_expected_forms_and_no_secret(url):
    with pytest.raises(ConfigError) as caught:
        open_store(url, {})
    message = str(caught.value)
    assert message.startswith("CACHE_URL: ")
    for form in ("memory://", "sqlite:///", "redis://", "rediss://", "upstash.io"):
        assert form in message
    assert "s3cret" not in message


VARIABLES = {
    "UPSTASH_REDIS_REST_URL": "https://one.example",
    "UPSTASH_REDIS_REST_TOKEN": "s3cret",
    "KV_REST_API_URL": "https://two.example",
    "KV_REST_API_TOKEN": "s3cret",
    "REDIS_URL": "rediss://default:s3cret@three.example:6379",
    "KV_URL": "rediss://default:s3cret@four.example:6379",
    "STORAGE_UPSTASH_REDIS_REST_URL": "https://five.example",
    "STORAGE_UPSTASH_REDIS_REST_TOKEN": "s3cret",
    "STORAGE_KV_REST_API_URL": "https://six.example",
    "STORAGE_KV_REST_API_TOKEN": "s3cret",
    "STORAGE_REDIS_URL": "rediss://default:s3cret@seven.example:6379",
    "STORAGE_KV_URL": "rediss://default:s3cret@eight.example:6379",
}


def test_platform_variables_are_taken_in_order():
    left, taken = dict(VARIABLES), []
    while left:
        place = kind_and_place(**left, VERCEL="1")
        host = place.partition("(")[2].partition(".")[0]
        taken.append(host)
        left = {name: value for name, value in left.items() if name.endswith("TOKEN") or f"{host}.example" not in value}
        if not any(name.endswith("URL") for name in left):
            break
    assert taken == ["one", "two", "three", "four", "five", "six", "seven", "eight"]


def test_the_read_only_token_is_never_taken():
    environ = {
        "KV_REST_API_URL": "https://two.example",
        "KV_REST_API_READ_ONLY_TOKEN": "s3cret",
        "STORAGE_KV_REST_API_URL": "https://six.example",
        "STORAGE_KV_REST_API_READ_ONLY_TOKEN": "s3cret",
        "VERCEL": "1",
    }
    assert kind_and_place(**environ) == "memory"


def test_empty_variables_count_as_unset():
    assert kind_and_place("", CACHE_URL="", REDIS_URL="", KV_URL="redis://cache", VERCEL="1") == "redis (cache:6379/0)"


def test_a_platform_variable_that_is_no_redis_is_ignored_aloud(caplog):
    with caplog.at_level(logging.WARNING, "digest.store.factory"):
        assert kind_and_place(REDIS_URL="s3cret", KV_URL="sqlite:///etc/passwd", VERCEL="1") == "memory"
    assert "REDIS_URL" in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize("name", ["VERCEL", "AWS_LAMBDA_FUNCTION_NAME"])
def test_without_a_lasting_disk_it_is_memory(name, tmp_path):
    assert isinstance(open_store(None, {name: "1", "HOME": str(tmp_path)}), MemoryStore)


def test_on_a_machine_it_is_a_file_in_the_cache_folder(tmp_path):
    store = open_store(None, {"HOME": str(tmp_path)})
    assert isinstance(store, ResilientStore)
    assert store.describe() == f"sqlite ({tmp_path}/.cache/arxiv-digest/cache.sqlite3)"
    assert kind_and_place(HOME="/nowhere", XDG_CACHE_HOME=str(tmp_path)) == (
        f"sqlite ({tmp_path}/arxiv-digest/cache.sqlite3)"
    )


def test_a_relative_cache_folder_is_ignored(tmp_path):
    assert str(tmp_path) in kind_and_place(HOME=str(tmp_path), XDG_CACHE_HOME="cache")


def test_nothing_is_created_before_it_is_used(tmp_path):
    open_store(None, {"HOME": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_can_not_be_written_means_memory(tmp_path):
    occupied = tmp_path / "file"
    occupied.write_text("not a folder")
    assert kind_and_place(HOME=str(occupied)) == "memory"
    assert kind_and_place(XDG_CACHE_HOME=str(Path("/proc/self"))) == "memory"
    assert kind_and_place() == "memory"
