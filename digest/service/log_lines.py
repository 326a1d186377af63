"""Log lines: JSON, one object a line, for programs; plain text on a terminal."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

REQUESTS = "api.requests"
"""The logger of request lines: each message is a JSON object."""
_OURS = ("api", "digest")
_TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"


class JsonLines(logging.Formatter):
    """One JSON object a record: time (UTC), level, logger, message; or the facts of a request."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        message = record.getMessage()
        if record.name == REQUESTS:  # a JSON object already
            return (
                f'{{"time": "{moment}", "level": "{record.levelname.lower()}", "logger": "{record.name}", {message[1:]}'
            )
        line = {"time": moment, "level": record.levelname.lower(), "logger": record.name}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps({**line, "message": message}, ensure_ascii=False)


def quieten_libraries() -> None:
    """Keep libraries from logging what a log must not hold, or what it holds already."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs every address it fetches
    logging.getLogger("stamina").setLevel(logging.ERROR)  # that it tries again; the failure itself is our line


def configure_logging(level: str) -> None:
    """Send log lines of *level* (`debug` … `error`) and above to standard error, unless the platform has its own handlers.

    Vercel and AWS Lambda have: there only the level is set.
    """
    root = logging.getLogger()
    quieten_libraries()
    for name in _OURS:
        logging.getLogger(name).setLevel(level.upper())
    if root.handlers:
        return
    # What no line of ours shows needn't be looked up for each (Python's logging how-to, "Optimization").
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(_TEXT) if sys.stderr.isatty() else JsonLines())
    root.addHandler(handler)
    root.setLevel(level.upper())
