"""Numbers for Prometheus. Off unless `server.metrics` is on; the library is imported only then."""

import os
from typing import Any

from digest.rendering.formats import FORMATS
from digest.reports.status import Status

_KINDS = frozenset({*FORMATS, "list", "feeds", "search", "digest", "api", "static", "me"})
_BUCKETS = (0.001, 0.005, 0.025, 0.1, 0.5, 1, 3, 10, 20)


class Metrics:
    """Counts of this process, or of all processes of a server where `PROMETHEUS_MULTIPROC_DIR` is set."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self._own = CollectorRegistry()
        self._requests = Counter(
            "digest_requests", "Requests answered.", ("kind", "status", "cache"), registry=self._own
        )
        self._seconds = Histogram(
            "digest_request_seconds", "Time to the end of the answer.", ("cache",), buckets=_BUCKETS, registry=self._own
        )

    def count(self, path: str, status: int, cache: str, seconds: float) -> None:
        """Count one answer."""
        self._requests.labels(_kind(path), str(status), cache).inc()
        self._seconds.labels(cache).observe(seconds)

    def text(self, status: Status) -> tuple[bytes, str]:
        """Return everything in Prometheus' text format, with its media type.

        Args:
            status: Of the server, now.
        """
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        state = CollectorRegistry()
        state.register(_State(status))
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            counted = CollectorRegistry()
            MultiProcessCollector(counted)  # type: ignore[no-untyped-call]  # theirs has no annotations
        else:
            counted = self._own
        return generate_latest(counted) + generate_latest(state), CONTENT_TYPE_LATEST


class _State:
    """The server's state as gauges, read when it is asked for."""

    def __init__(self, status: Status) -> None:
        self._status = status

    def collect(self) -> Any:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        arxiv = self._status.arxiv
        counted = {"requests": arxiv.requests, "failures": arxiv.failures, "refusals": arxiv.refusals}
        for name, number in counted.items():
            yield CounterMetricFamily(f"digest_arxiv_{name}", f"arXiv: {name}, by this process.", value=number)
        yield GaugeMetricFamily(
            "digest_store_degraded",
            "1 while memory replaces the store, because it doesn't answer or refuses writes.",
            value=self._status.store.degraded,
        )
        behind = GaugeMetricFamily("digest_behind", "1 while a newer announcement is expected.", labels=["context"])
        failures = GaugeMetricFamily("digest_failures", "Failed attempts in a row.", labels=["context"])
        checked = GaugeMetricFamily("digest_checked_timestamp_seconds", "Last usable answer.", labels=["context"])
        for one in self._status.contexts:
            behind.add_metric([one.context], one.behind_calendar)
            failures.add_metric([one.context], one.failures)
            if one.checked_at:
                checked.add_metric([one.context], one.checked_at.timestamp())
        yield from (behind, failures, checked)


def _kind(path: str) -> str:
    """Return what kind of address *path* is: few values, whatever is asked for."""
    first = path.split("/", 2)[1]
    return first if first in _KINDS else "other"
