"""Addresses from settings, shown without what may be secret."""

import pytest

from digest.config.credentials import shown_value, split_address, without_credentials


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://example.org/v1", "https://example.org/v1"),
        ("http://localhost:11434/v1", "http://localhost:11434/v1"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("sqlite:////var/lib/cache.sqlite3", "sqlite:////var/lib/cache.sqlite3"),
        ("memory://", "memory://"),
        ("redis://:SECRET@cache:6379/0", "redis://***@cache:6379/0"),
        ("https://me:SECRET@example.org/x", "https://***@example.org/x"),
        ("https://SECRET@example.org", "https://***@example.org"),
        ("https://example.org/v1?api_key=SECRET", "https://example.org/v1?***"),
        ("https://example.org/#SECRET", "https://example.org/#***"),
        ("me:SECRET@example.org", "***@example.org"),
        ("//me:SECRET@example.org", "//***@example.org"),
        # Signs that a password should have escaped.
        ("https://me:SEC@RET@example.org", "https://***@example.org"),
        ("redis://:SEC?RET@cache", "redis://***"),
        ("https://me:SEC/RET@example.org", "https://***"),
        ("https://me:x SECRET@example.org", "https://***"),
        ("https://example.org/?mail=a@SECRET", "https://***"),
        # The host was forgotten.
        ("https://me:SECRET", "https://***"),
        ("me:SECRET", "***"),
    ],
)
def test_user_information_query_and_fragment_are_hidden(address, shown):
    assert without_credentials(address) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("no address: @home?", "'no address: @home?'"),
        (7, "7"),
        (["a", "http://u:SECRET@h"], "['a', 'http://***@h']"),
        ({"http://u:SECRET@h": ("https://h?SECRET",)}, "{'http://***@h': ['https://h?***']}"),
        ([1 << 20_000], "something too large to show"),
    ],
)
def test_values_of_any_kind_are_shown_without_credentials(value, shown):
    assert shown_value(value) == shown


@pytest.mark.parametrize(
    "address", ["https://h:SECRET", "https://me:SECRET#1@h", "http://[SECRET", "https://\u2100SECRET"]
)
def test_an_address_that_can_t_be_split_is_refused_without_its_parts(address):
    with pytest.raises(ValueError, match="expected an address") as refused:
        split_address(address)
    assert "SECRET" not in str(refused.value)
    assert refused.value.__suppress_context__
