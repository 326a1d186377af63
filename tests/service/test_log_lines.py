"""Every log line is one JSON object, whatever it says."""

import json
import logging
import sys

import pytest

from digest.service.log_lines import JsonLines, quieten_libraries


def line_of(message, *, logger="digest.test", level=logging.WARNING, exc_info=None):
    record = logging.LogRecord(logger, level, __file__, 1, message, (), exc_info)
    text = JsonLines().format(record)
    assert "\n" not in text
    return json.loads(text)


@pytest.mark.parametrize(
    "message", ["plain", 'with "quotes"\nand lines', "{", "{}", "{not json}", "{'a': 1}", '{"a} b}', "é\u2028"]
)
def test_any_message_is_one_object(message):
    line = line_of(message)
    assert line["message"] == message
    assert (line["level"], line["logger"]) == ("warning", "digest.test")
    assert line["time"].endswith("+00:00")


def test_the_facts_of_a_request_stand_beside_the_time():
    line = line_of(json.dumps({"request": "abc", "status": 200}), logger="api.requests", level=logging.INFO)
    assert line["request"] == "abc"
    assert line["status"] == 200
    assert "message" not in line


def test_a_traceback_is_part_of_the_line():
    try:
        int("no")
    except ValueError:
        line = line_of("failed", exc_info=sys.exc_info())
    assert "ValueError: invalid literal" in line["traceback"]


@pytest.mark.parametrize(("name", "level"), [("httpx", logging.INFO), ("stamina", logging.WARNING)])
def test_what_libraries_say_of_each_request_is_left_out(name, level, monkeypatch):
    for library in ("httpx", "stamina"):
        monkeypatch.setattr(logging.getLogger(library), "level", logging.NOTSET)
    quieten_libraries()
    assert not logging.getLogger(name).isEnabledFor(level)
