"""Everything that can go wrong, as one tree. Each class carries the facts; messages say what to do.

DigestError
├── ConfigError              config.yaml or the environment is wrong: the start is refused
├── InputError               a request or argument is wrong (HTTP 400, exit status 2)
│   ├── UnknownContextError      no such category or archive
│   └── QuerySyntaxError         a filter can't be parsed; points at the place
├── NotFoundError            well-formed, but there is no such thing (404)
│   └── UnknownFeedError         no feed of that name is configured
│   └── GoneError                there was, and it was deleted (410)
├── TooManyRequestsError     this client asks for too much now (429)
├── UnavailableError         nothing to serve now, try again later (503)
├── UpstreamError            arXiv gave no usable answer
│   ├── FetchError               no body: network, status, deadline, size
│   │   ├── RateLimitedError         arXiv asked us to slow down
│   │   └── NoAnswerError            the host can't be reached, or says nothing in time
│   │       └── NoConnectionError        there is no connection to it at all
│   └── ParseError               a body that is not what it should be
├── ModelError               no summary from the model
│   ├── EndpointError            the model's endpoint can't be used: connection, status, key, quota
│   ├── AnswerError              it can, but there is no usable summary of this paper
│   └── BudgetError              it was not asked: the budget is spent
└── StoreError               the store failed; callers carry on without it
    └── StoreFullError           it can be read, but takes no more writes now
        └── ValueTooLargeError   it takes writes, but not one of this size
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta


class DigestError(Exception):
    """Base of all errors of this program."""


class ConfigError(DigestError):
    """The configuration can't be used. The message has one line a problem, and never a credential.

    Attributes:
        settings: The keys or environment variables at fault, as far as they are known: all that
            strangers may be told.
    """

    def __init__(self, message: str, *, settings: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.settings = tuple(dict.fromkeys(settings))


class InputError(DigestError):
    """A value from outside is not acceptable.

    Attributes:
        name: The parameter or argument.
        hint: What to do instead, "" if the message says it all.
    """

    def __init__(self, message: str, *, name: str, hint: str = "") -> None:
        super().__init__(message)
        self.name = name
        self.hint = hint


class UnknownContextError(InputError):
    """No category or archive of that name."""


class QuerySyntaxError(InputError):
    """A filter query can't be parsed; `position` is the offset of the first character that doesn't fit."""

    def __init__(self, message: str, *, name: str, position: int, hint: str = "") -> None:
        super().__init__(message, name=name, hint=hint)
        self.position = position


class NotFoundError(DigestError):
    """There is no such thing."""


class GoneError(NotFoundError):
    """There was such a thing; it was deleted and doesn't come back."""


class UnknownFeedError(NotFoundError):
    """No feed of that name is configured."""


class TooManyRequestsError(DigestError):
    """A client asks for more than it may now; `retry_after` says when it may again."""

    def __init__(self, message: str, *, retry_after: timedelta) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class UnavailableError(DigestError):
    """Nothing to serve now; `retry_after` says when it is worth asking again.

    Attributes:
        next_try: When arXiv is asked again, UTC; None while it is being asked.
        offline: Whether this machine has no connection to arXiv at all.
    """

    def __init__(
        self, message: str, *, retry_after: timedelta, next_try: datetime | None = None, offline: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.next_try = next_try
        self.offline = offline


class UpstreamError(DigestError):
    """arXiv gave no usable answer; `url` is what was asked."""

    def __init__(self, message: str, *, url: str = "") -> None:
        super().__init__(message)
        self.url = url


class FetchError(UpstreamError):
    """No body: connection, status, deadline or size. `status` is None where there was no answer."""

    def __init__(self, message: str, *, url: str = "", status: int | None = None) -> None:
        super().__init__(message, url=url)
        self.status = status


class RateLimitedError(FetchError):
    """arXiv asked us to slow down (403, 406, 429, 503); `retry_after` is None where it didn't say for how long."""

    def __init__(
        self, message: str, *, url: str = "", status: int | None = None, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(message, url=url, status=status)
        self.retry_after = retry_after


class NoAnswerError(FetchError):
    """The host can't be reached, or sent no first byte in time; another address there would fare no better now."""


NO_CONNECTION = "no connection to "
"""What the message of a `NoConnectionError` begins with, also where only the message was kept."""


class NoConnectionError(NoAnswerError):
    """There is no connection to the host: no network, no such name, refused. Nothing was sent."""


class ParseError(UpstreamError):
    """A body that is not what it should be: malformed, truncated, an error page. It is refused whole."""


class ModelError(DigestError):
    """No summary from the model. Messages never hold the key."""


class EndpointError(ModelError):
    """The model's endpoint can't be used; other papers would fare no better.

    Attributes:
        passing: True where it may work again by itself (overload, a broken connection); False where
            someone must act (key, quota, model name).
        status: The HTTP status, None where there was no answer.
        retry_after: How long the endpoint asked to be left alone, None where it didn't say.
        answers: False where there is nothing at that address that could know the paper: no connection, a
            gateway's error, a web page.
    """

    def __init__(
        self,
        message: str,
        *,
        passing: bool,
        status: int | None = None,
        retry_after: timedelta | None = None,
        answers: bool = True,
    ) -> None:
        super().__init__(message)
        self.answers = answers
        self.passing = passing
        self.status = status
        self.retry_after = retry_after


class AnswerError(ModelError):
    """The endpoint works, but gave no usable summary of this paper.

    Attributes:
        too_long: The text exceeds the model's context.
        again: Asking once more may help.
    """

    def __init__(self, message: str, *, too_long: bool = False, again: bool = False) -> None:
        super().__init__(message)
        self.too_long = too_long
        self.again = again


class BudgetError(ModelError):
    """Not asked: one more call could pass a limit of the budget, which the message names."""


class StoreError(DigestError):
    """The store can't be read or written now."""


class StoreFullError(StoreError):
    """The store answers and can be read, but refused a write: full, read-only, or the value is too large."""


class ValueTooLargeError(StoreFullError):
    """The store refused one value for its size; smaller ones may be taken."""
