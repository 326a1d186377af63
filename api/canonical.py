"""One address for one meaning: what else means the same is sent to it, and addresses that are too long are refused."""

from urllib.parse import parse_qsl, quote

from fastapi import Request

from api.foreign import without_foreign
from digest.errors import InputError
from digest.feeds.addresses import with_query
from digest.words import LANGUAGES

LONGEST_ADDRESS = 4_000
"""Characters of an address with examples, links already turned into ids."""


class NotCanonicalError(Exception):
    """The query string means the same as that of `location`, where the client should ask."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


def with_wait(pairs: list[tuple[str, str]], *, wait: bool) -> list[tuple[str, str]]:
    """Return *pairs* with the parameter of a page that waits."""
    return sorted([*pairs, ("wait", "1")]) if wait else pairs


def with_ui(pairs: list[tuple[str, str]], ui: str | None) -> list[tuple[str, str]]:
    """Return *pairs* with the parameter of a page in another language."""
    return sorted([*pairs, ("ui", ui)]) if ui else pairs


def ui_of(request: Request) -> str:
    """Return the language that a page was asked for in, "" for the server's own.

    Raises:
        InputError: There is no table of words for it.
    """
    asked = next((value for name, value in parse_qsl(request.url.query) if name == "ui"), "")
    if asked and asked not in LANGUAGES:
        raise InputError(
            f"these pages don't speak {asked[:40]!r}", name="ui", hint=f"known languages are {', '.join(LANGUAGES)}"
        )
    return asked


def waits(request: Request) -> bool:
    """Tell whether a page was asked for that waits for arXiv."""
    return ("wait", "1") in parse_qsl(request.url.query)


def later_path(request: Request) -> str:
    """Return the path at which the page of *request* waits for arXiv; "" if this one does."""
    if waits(request):
        return ""
    return with_query(
        quote(request.scope["path"], safe="/+,"), with_wait(without_foreign(parse_qsl(request.url.query)), wait=True)
    )


def check_canonical(request: Request, canonical: list[tuple[str, str]]) -> str:
    """Return the canonical query string with its question mark, "" for none.

    Compares decoded values: clients differ in what they escape, and a redirect that only
    changes an escape would go round in circles with some.

    Raises:
        InputError: A parameter is given twice.
        NotCanonicalError: The request's query string is another one.
    """
    given = parse_qsl(request.url.query, keep_blank_values=True)
    names = [name for name, _ in without_foreign(given)]
    double = next((name for name in names if names.count(name) > 1), None)
    if double:
        raise InputError(f"{double} is given twice", name=double, hint="separate several values with commas")
    if any(name in {"like", "dislike"} for name, _ in canonical):
        _check_length(with_query(request.url.path, canonical))
    if given != canonical:
        raise NotCanonicalError(with_query(request.url.path, canonical))
    return with_query("", canonical)


def _check_length(address: str) -> None:
    """Refuse an address with so many examples that clients or proxies may cut it.

    Raises:
        InputError: It is longer than `LONGEST_ADDRESS`.
    """
    if len(address) > LONGEST_ADDRESS:
        raise InputError(
            f"an address with examples has at most {LONGEST_ADDRESS:,} characters, not {len(address):,}",
            name="like",
            hint="leave examples out, or put them into config.yaml",
        )
