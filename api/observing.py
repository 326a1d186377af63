"""One structured line a request, request ids, `Server-Timing`, and counts for `/metrics`."""

import json
import logging
import re
import secrets
import time
from typing import Any

from starlette.types import Scope

from api.metrics import Metrics
from api.private_paths import shown_path
from digest.config.settings import Config
from digest.costs import Costs
from digest.service.log_lines import REQUESTS, configure_logging

log = logging.getLogger(REQUESTS)

_HOT_TIMING = (b"server-timing", b'cache;desc="hot"')
_GIVEN_ID = re.compile(rb"[A-Za-z0-9._:-]{1,64}")


class Exchange:
    """One request under way.

    Attributes:
        request_id: What a proxy gave it (`X-Request-ID`), else made here.
        costs: Its account.
        is_hot: Whether the answer was remembered.
        status: Of the answer, 0 while there is none.
    """

    __slots__ = ("costs", "is_hot", "request_id", "started", "status")

    def __init__(self, scope: Scope) -> None:
        self.started = time.perf_counter()
        self.request_id = _given_id(scope) or secrets.token_hex(6)
        self.costs = Costs()
        self.is_hot = False
        self.status = 0

    @property
    def cache(self) -> str:
        """How the answer came about: `hot`, `rendered`, `fresh`, or `none` for what isn't cached."""
        return "hot" if self.is_hot else self.costs.outcome or "none"

    @property
    def seconds(self) -> float:
        """Time since the request came in."""
        return time.perf_counter() - self.started

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return the headers that tell about this request.

        Source: W3C, https://www.w3.org/TR/server-timing/.
        """
        if self.is_hot:
            return [(b"x-request-id", self.request_id.encode()), _HOT_TIMING]
        timing = f'cache;desc="{self.cache}", total;dur={self.seconds * 1000:.1f}'
        if self.costs.upstream_requests:
            timing += f', arxiv;dur={self.costs.upstream_s * 1000:.0f};desc="{self.costs.upstream_requests} requests"'
        return [(b"x-request-id", self.request_id.encode()), (b"server-timing", timing.encode())]


def _given_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _GIVEN_ID.fullmatch(value):
            return str(value, "ascii")
    return ""


class Observer:
    """Notes every exchange: in the log, and for `/metrics` if that is on."""

    def __init__(self) -> None:
        self.metrics: Metrics | None = None

    def configure(self, config: Config) -> None:
        """Set up what the configuration asks for."""
        configure_logging(config.log_level)
        if config.server.metrics and self.metrics is None:
            self.metrics = Metrics()

    def note(self, scope: Scope, exchange: Exchange) -> None:
        """Note an exchange that has ended. The query is left out: it may hold a key or what somebody reads."""
        path = shown_path(scope["path"])
        if self.metrics:
            self.metrics.count(path, exchange.status, exchange.cache, exchange.seconds)
        if not log.isEnabledFor(logging.INFO):
            return
        facts: dict[str, Any] = {
            "request": exchange.request_id,
            "method": scope["method"],
            "path": path,
            "status": exchange.status,
            "ms": round(exchange.seconds * 1000, 1),
            "cache": exchange.cache,
        }
        if exchange.costs.upstream_requests:
            facts["arxiv_requests"] = exchange.costs.upstream_requests
            facts["arxiv_ms"] = round(exchange.costs.upstream_s * 1000)
        log.info("%s", json.dumps(facts))
