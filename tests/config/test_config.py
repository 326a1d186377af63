"""What config.yaml and the environment make of the settings, and how each mistake is told."""

import re
import time
import traceback
from itertools import pairwise
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.config.reading import DEFAULT_PATH, load_config, parse_config, scalar_paths, variable_name
from digest.config.settings import Config
from digest.errors import ConfigError
from digest.models import AnnounceType
from digest.selection import parse_query

FEED = """\
feeds:
  machines:
    categories: [cs.LG, stat.ML]
"""


def aliases(first, more):
    """Return a document in which each of eight lines repeats the one before several times."""
    names = "abcdefghi"
    lines = [f"a: &a {first}"] + [f"{new}: &{new} {more.format(old)}" for old, new in pairwise(names)]
    return "\n".join(lines) + "\n"


def problem_of(text, environ=None):
    with pytest.raises(ConfigError) as caught:
        parse_config(dedent(text), environ or {})
    return str(caught.value)


class TestShippedFile:
    def test_loads_unchanged_with_three_example_feeds(self):
        config = load_config(None, {})
        assert len(config.feeds) == 3
        assert config.server.port == 8000
        assert config.arxiv.url is None

    def test_leaves_every_setting_outside_feeds_at_its_default(self):
        assert load_config(None, {}).model_copy(update={"feeds": {}}) == Config()

    def test_examples_that_are_commented_out_are_valid_too(self):
        text = DEFAULT_PATH.read_text(encoding="utf-8")
        uncommented = re.sub(r"^( *)# ((?:  )?[a-z_]+:(?: .*)?)$", r"\1\2", text, flags=re.MULTILINE)
        config = parse_config(uncommented, {})
        assert config.server.public_url == "https://papers.example.org"
        assert config.cache.url == "sqlite:////var/lib/arxiv-digest/cache.sqlite3"


class TestFile:
    def test_an_empty_one_gives_the_defaults(self):
        assert parse_config("", {}) == parse_config("# nothing\n", {}) == Config()

    def test_a_section_whose_lines_are_all_commented_out_has_its_defaults(self):
        assert parse_config("server:\n  # port: 1\nfeeds:\nlog_level:\n", {}) == Config()

    def test_that_is_absent_is_named(self, tmp_path):
        with pytest.raises(ConfigError, match=r"nowhere\.yaml: no such file; .*--config"):
            load_config(tmp_path / "nowhere.yaml", {})

    def test_that_is_no_text_is_named(self, tmp_path):
        (tmp_path / "odd.yaml").write_bytes(b"server: \xff\xfe")
        with pytest.raises(ConfigError, match=r"odd\.yaml: can't be read"):
            load_config(tmp_path / "odd.yaml", {})

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("server: [1\nfeeds: x", "config.yaml:2: not valid YAML"),
            ("server:\n\tport: 1", "config.yaml:2: not valid YAML"),
            ("a: b: c", "config.yaml:1: not valid YAML: mapping values are not allowed here"),
            ("\n- cs.LG\n", "config.yaml:1: expected keys such as `feeds:`, found seq"),
            ("? [a, b]\n: 1\n", "config.yaml:1: not valid YAML: found unhashable key"),
            ("server:\n  title: \x01", "config.yaml:2: not valid YAML: special characters are not allowed (#x0001)"),
            ("server:\n  title: 2026-13-45", "config.yaml: not valid YAML: month must be in 1..12"),
            ("a: &a [*a]", "config.yaml: not valid YAML: maximum recursion"),
            ("server: !!python/object/apply:os.system ['x']", "config.yaml:1: not valid YAML: could not determine"),
        ],
    )
    def test_that_is_no_yaml_is_refused_with_the_line(self, text, said):
        assert problem_of(text).startswith(said)

    @pytest.mark.parametrize(
        ("line", "hint"),
        [
            ("q: ti:a AND abs: b", "put the value in single quotes: q: '…'"),
            ('q: "a b" AND c', "put the value in single quotes: q: '…'"),
            ("title: Bob's: x", "put the value in single quotes: title: '…'"),
            ("title: [draft] x", "put the value in single quotes: title: '…'"),
            ("include: [*former]", "put the value in single quotes: include: '…'"),
            ("q: !survey", "put the value in single quotes: q: '…'"),
            ("title: @home", "put the value in single quotes: title: '…'"),
            ("title: 100%: x", "put the value in single quotes: title: '…'"),
            ("title: 'Bob's'", "write each ' inside single quotes twice: title: 'it''s'"),
            ('title: "never closed', "the quote that begins in line 3 is never closed"),
            ("title: x\n      days: 3", "is the indentation the same as that of its neighbours?"),
            ("title: x\n   days: 3", "is the indentation the same as that of its neighbours?"),
            ("\tdays: 3", "indent with blanks, not with tabs"),
        ],
    )
    def test_a_sign_that_means_something_in_yaml_is_explained(self, line, hint):
        assert problem_of(f"feeds:\n  a:\n    {line}").endswith(f"; {hint}")

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (aliases("[x, x, x, x, x, x, x, x, x]", "[*{0}, *{0}, *{0}, *{0}, *{0}, *{0}, *{0}, *{0}, *{0}]"), "more than 50,000 entries"),
            (aliases("{k: v}", "{{a: *{0}, b: *{0}, c: *{0}, d: *{0}, e: *{0}, f: *{0}, g: *{0}, h: *{0}}}"), "more than 50,000 entries"),
            (aliases("{k: v}", "{{<<: [*{0}, *{0}, *{0}, *{0}, *{0}, *{0}, *{0}, *{0}]}}"), "more than 50,000 entries"),
            (aliases("[x, x]", "[*{0}, *{0}, *{0}]") + "? *i\n: 1\n", "found unhashable key"),
            ("server: {port: 0x" + "f" * 5000 + "}", "a number of 5002 digits"),
            ("server: {port: 1" + ":1" * 3000 + "}", "a number of 6001 digits"),
            ("# " + "x" * 200_000, "longer than 200,000 characters"),
            ("[" * 1_500, "maximum recursion depth exceeded"),
        ],
    )  # fmt: skip
    def test_what_would_take_all_memory_is_refused_at_once(self, text, said):
        began = time.process_time()
        assert said in problem_of(text)
        assert time.process_time() - began < 15

    def test_aliases_may_be_used_as_they_are_meant(self):
        text = "feeds:\n  a: &a\n    categories: [cs.LG]\n    days: 3\n  b:\n    <<: *a\n    days: 5\n"
        feeds = parse_config(text, {}).feeds
        assert (feeds["b"].categories, feeds["b"].days) == (("cs.LG",), 5)

    def test_a_file_without_end_is_refused(self):
        if Path("/dev/zero").exists():
            with pytest.raises(ConfigError, match="longer than"):
                load_config(Path("/dev/zero"), {})

    def test_a_key_that_stands_twice_is_refused_with_both_lines(self):
        assert problem_of("server:\n  port: 1\n  port: 2\n") == (
            "config.yaml:3: server.port is set twice, first in line 2"
        )

    @given(st.text(max_size=80))
    def test_any_text_is_a_configuration_or_a_config_error(self, text):
        said = ""
        try:
            parse_config(text, {})
        except ConfigError as error:
            said = str(error)
        assert not said or said.startswith("config.yaml")


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("server:\n  titel: x", "config.yaml:2: server.titel: no such setting; did you mean title?"),
            ("sever:\n  port: 1", "config.yaml:1: sever: no such setting; did you mean server?"),
            (
                "cache:\n  zzz: 1",
                "config.yaml:2: cache.zzz: no such setting; expected one of url, keep_days, keep_warm_s",
            ),
            (
                "server:\n  port: eighty",
                "config.yaml:2: server.port: input should be a valid integer, unable to parse string as an integer; found 'eighty'",
            ),
            (
                "arxiv:\n  interval_s: 1",
                "config.yaml:2: arxiv.interval_s: input should be greater than or equal to 3; found 1",
            ),
            ("log_level: loud", "config.yaml:1: log_level: input should be 'debug', 'info', 'warning' or 'error'; found 'loud'"),
            ("server: 3", "config.yaml:1: server: input should be a valid mapping; found 3"),
            ("feeds: [cs.LG]", "config.yaml:1: feeds: input should be a valid mapping; found ['cs.LG']"),
            ("feeds:\n  a:\n", "config.yaml:2: feeds.a: input should be a valid mapping; found None"),
            ("feeds:\n  2026:\n    categories: [cs]", "config.yaml:2: feeds.2026: input should be a valid string; put it in quotes; found 2026"),
            ("server:\n  title: 2026-01-29", "config.yaml:2: server.title: input should be a valid string; put it in quotes; found datetime.date(2026, 1, 29)"),
            ("feeds:\n  a:\n    categories: [cs]\n    include: [no]", "config.yaml:4: feeds.a.include.0: input should be a valid string; put it in quotes; found False"),
        ],
    )  # fmt: skip
    def test_are_told_with_line_key_expected_and_found(self, text, said):
        assert problem_of(text) == said

    def test_points_that_no_paper_can_have_are_told(self):
        said = problem_of("feeds:\n  a: {categories: [cs], min_score: 1}")
        assert said.startswith(
            "config.yaml:2: feeds.a: min_score would leave no paper, since nothing in scoring gives points"
        )

    def test_in_a_feed_are_told_all_at_once(self):
        said = problem_of(
            """\
            feeds:
              machines:
                categories: [cs.LG, cs.LX]
                types: [nwe]
                limits: 3
                include: ["*"]
                exclude: 5
              empty: {}
            """
        )
        assert said.splitlines() == [
            "config.yaml:4: feeds.machines.types.0: input should be 'new', 'cross', 'replace' or 'replace-cross'; found 'nwe'",
            "config.yaml:6: feeds.machines.include: \"*\" has nothing to look for: a term is a word or phrase, * may end it; found ['*']",
            "config.yaml:7: feeds.machines.exclude: input should be a valid list; found 5",
            "config.yaml:3: feeds.machines.categories: unknown category cs.LX; did you mean cs.CL?; found ['cs.LG', 'cs.LX']",
            "config.yaml:5: feeds.machines.limits: no such setting; did you mean limit?",
            "config.yaml:8: feeds.empty.categories: missing; it has no default",
        ]

    def test_a_feed_needs_a_category(self):
        said = problem_of("feeds:\n  a:\n    categories: []")
        assert (
            said
            == "config.yaml:3: feeds.a.categories: list should have at least 1 item after validation, not 0; found []"
        )

    @pytest.mark.parametrize(
        ("text", "hint"),
        [
            ("feeds:\n  a:\n    categories: [cs]\n    keywords: [x]", "config.yaml:4: feeds.a.keywords: no such setting; did you mean scoring.keywords?"),
            ("public_url: x", "config.yaml:1: public_url: no such setting; did you mean server.public_url?"),
            ("feeds: {a: {categories: [cs], scoring: {limit: 3}}}", "config.yaml:1: feeds.a.scoring.limit: no such setting; did you mean feeds.a.limit, one level up?"),
            ("feeds: {a: {categories: [cs], scoring: {scorr: x}}}", "config.yaml:1: feeds.a.scoring.scorr: no such setting; did you mean scorer?"),
            ("topics: {a: {label: x, q: y, categories: [cs], titles: z}}", "config.yaml:1: topics.a.titles: no such setting; expected one of label, q, categories"),
            ("model: {daily: {call: 3}}", "config.yaml:1: model.daily.call: no such setting; did you mean calls?"),
        ],
    )  # fmt: skip
    def test_a_setting_in_the_wrong_place_is_told_where_it_belongs(self, text, hint):
        assert problem_of(text) == hint

    def test_a_bad_name_is_told_with_its_line_and_not_with_all_feeds(self):
        text = "feeds:\n  good:\n    categories: [cs.LG]\n  Bad Name:\n    categories: [cs.CL]\n"
        assert problem_of(text) == (
            "config.yaml:4: feeds.Bad Name: feed name 'Bad Name': expected small letters, digits and single dashes, "
            "like machine-learning; found 'Bad Name'"
        )

    def test_a_long_value_is_cut_and_many_mistakes_are_counted_out(self):
        assert problem_of(f"log_level: {'x' * 900}").endswith("x…")
        assert problem_of("".join(f"k{n}: 1\n" for n in range(3000))).count("\n") == 49

    @pytest.mark.parametrize("name", ["Machines", "a_b", "a--b", "-a", "a.b", "ä", "a/b"])
    def test_a_feed_name_must_fit_an_address(self, name):
        assert f"feed name {name!r}: expected small letters, digits and single dashes" in problem_of(
            f"feeds:\n  {name}:\n    categories: [cs.LG]"
        )

    @pytest.mark.parametrize(
        "address",
        ["example.org", "ftp://example.org", "https://", "https://x.org/?a=b", "https://x.org/#a", "https://x:port", "http://[::1"],
    )  # fmt: skip
    def test_an_address_must_be_one_of_the_web(self, address):
        assert problem_of(f"server:\n  public_url: '{address}'").startswith("config.yaml:2: server.public_url: ")

    def test_a_topic_needs_categories_where_nothing_else_has_any(self):
        said = "config.yaml: topics.robots.categories: missing; there is no feed whose categories could be used"
        assert problem_of("topics:\n  robots: {label: Robots, q: robot}\n") == said
        assert parse_config("topics:\n  robots: {label: Robots, q: robot, categories: [cs.RO]}\n", {}).topics

    def test_a_mistake_between_settings_shows_no_values_of_others(self):
        text = FEED + "topics:\n  machines: {label: Machines, q: robot}\n"
        with pytest.raises(ConfigError) as caught:
            parse_config(text, {"CACHE_URL": f"redis://:{SECRET}@localhost"})
        assert str(caught.value).startswith("config.yaml: topics.machines: a feed has this name already")
        assert SECRET not in "".join(traceback.format_exception(caught.value))

    @pytest.mark.parametrize("variable", ["LLM_BASE_URL", "ARXIV_URL", "PUBLIC_URL", "DIGEST_MODEL_BASE_URL"])
    @pytest.mark.parametrize(
        "address",
        ["http://u:{}@h", "https://h?k={}", "ftp://u:{}@h", "u:{}@h", "https://h/#{}", "https://u:{}#@h", "https://u:{}\u2100@h", "https://u:{}"],
    )  # fmt: skip
    def test_no_address_shows_its_credentials(self, variable, address):
        with pytest.raises(ConfigError) as caught:
            parse_config("", {variable: address.format(SECRET), "LLM_MODEL": "m"})
        assert SECRET not in "".join(traceback.format_exception(caught.value))
        assert caught.value.settings in {("model.base_url",), ("arxiv.url",), ("server.public_url",)}

    @pytest.mark.parametrize(
        "text",
        ["cache: 'redis://u:{}@h'", "model: ['http://u:{}@h']", "model: {{base_url: {{x: 'http://u:{}@h'}}}}", "feeds: 'http://{}@h'"],
    )  # fmt: skip
    def test_nor_does_one_in_the_wrong_place(self, text):
        assert SECRET not in problem_of(text.format(SECRET))

    def test_an_address_may_hold_no_password(self):
        assert "without user name and password" in problem_of("arxiv:\n  url: https://me:secret@example.org")


class TestFeed:
    def test_has_defaults_for_everything_but_categories(self):
        feed = parse_config(FEED, {}).feeds["machines"]
        assert feed.selection(()).effective_types == (AnnounceType.NEW, AnnounceType.CROSS)
        assert (feed.days, feed.limit, feed.include, feed.exclude) == (7, None, (), ())
        assert str(feed.spec) == "cs.LG+stat.ML"

    def test_categories_are_made_canonical(self):
        config = parse_config("feeds:\n  a:\n    categories: [math.it, CS.lg]", {})
        assert config.feeds["a"].categories == ("cs.IT", "cs.LG")

    def test_becomes_a_selection(self):
        text = FEED + "    types: [new]\n    limit: 5\n    include: [LLM, language model]\n    exclude: [survey]\n"
        selection = parse_config(text, {}).feeds["machines"].selection(())
        assert selection.types == (AnnounceType.NEW,)
        assert (selection.limit, selection.include, selection.exclude) == (5, ("LLM", "language model"), ("survey",))


class TestWishes:
    @pytest.mark.parametrize(
        ("given", "wishes"),
        [
            ("wants: new data sets for speech", [("new data sets for speech", 1.0)]),
            ("wants: [new data sets, maps of dust]", [("new data sets", 1.0), ("maps of dust", 1.0)]),
            ("wants: {new data sets: 2, maps of dust: 0.5}", [("new data sets", 2.0), ("maps of dust", 0.5)]),
            ("wants: {text: new  data sets, weight: 3}", [("new data sets", 3.0)]),
            (
                "wants: [new data sets, {text: maps of dust, weight: 3}]",
                [("new data sets", 1.0), ("maps of dust", 3.0)],
            ),
            ("wants: 低资源语言的语音数据集合", [("低资源语言的语音数据集合", 1.0)]),
        ],
    )
    def test_are_given_as_text_list_or_mapping(self, given, wishes):
        config = parse_config(FEED + f"    {given}\n", {})
        assert [(one.text, one.weight) for one in config.feeds["machines"].wishes.wants] == wishes

    @pytest.mark.parametrize(
        ("given", "problem"),
        [
            ("wants: data", "at least 8 characters"),
            ("wants: transformers", "a sentence or a phrase"),
            ("wants: [aa bb cc 1, aa bb cc 2, aa bb cc 3, aa bb cc 4, aa bb cc 5, aa bb cc 6]", "at most 5"),
            ("wants: [new data sets, New  Data Sets]", "one wish is there twice"),
            ("wants: {new data sets: 0}", "greater than 0"),
            ("wants: {text: new data sets, wait: 1}", "wait"),
            ("min_grade: 3", "min_grade needs wants"),
            ("{not_wants: surveys of the field, min_grade: 3}", "min_grade needs wants"),
            ("{wants: new data sets, min_grade: 5}", "less than or equal to 4"),
            ("{wants: new data sets, unjudged: later}", "'wait', 'show' or 'hide'"),
        ],
    )
    def test_that_make_no_sense_are_refused(self, given, problem):
        given = given.strip("{}") if given.startswith("{") else given
        lines = "".join(
            f"    {line}\n" for line in (given.split(", ") if "min_grade" in given or "unjudged" in given else [given])
        )
        with pytest.raises(ConfigError, match=problem):
            parse_config(FEED + lines, {})


VALUES = {
    "server.title": ("Papers", "Papers"),
    "server.language": ("zh-CN", "zh-CN"),
    "server.public_url": ("https://p.example.org/", "https://p.example.org"),
    "server.host": ("0.0.0.0", "0.0.0.0"),
    "server.port": ("8080", 8080),
    "server.contact": ("me@example.org", "me@example.org"),
    "server.metrics": ("true", True),
    "server.max_answer_mb": ("2.5", 2.5),
    "server.new_categories_per_hour": ("7", 7),
    "server.profiles_per_day": ("7", 7),
    "arxiv.url": ("http://127.0.0.1:8791", "http://127.0.0.1:8791"),
    "arxiv.demo": ("true", True),
    "arxiv.interval_s": ("4.5", 4.5),
    "arxiv.timeout_s": ("10", 10.0),
    "arxiv.wait_s": ("5", 5.0),
    "arxiv.limit_mb": ("5", 5.0),
    "cache.url": ("memory://", "memory://"),
    "cache.keep_days": ("30", 30),
    "cache.keep_warm_s": ("5", 5.0),
    "model.base_url": ("http://localhost:11434/v1/", "http://localhost:11434/v1"),
    "model.model": ("qwen", "qwen"),
    "model.timeout_s": ("300", 300.0),
    "model.total_timeout_s": ("600", 600.0),
    "model.attempts": ("2", 2),
    "model.concurrency": ("1", 1),
    "model.context_tokens": ("4096", 4096),
    "model.limit_mb": ("1", 1.0),
    "model.inline_seconds": ("2", 2.0),
    "model.keep_days": ("90", 90),
    "model.prices.input": ("0.15", 0.15),
    "model.prices.output": ("0.6", 0.6),
    "model.prices.currency": ("EUR", "EUR"),
    "model.daily.calls": ("9", 9),
    "model.daily.tokens": ("9000", 9000),
    "model.daily.money": ("0", 0.0),
    "model.monthly.calls": ("99", 99),
    "model.monthly.tokens": ("99000", 99000),
    "model.monthly.money": ("0", 0.0),
    "log_level": ("debug", "debug"),
    "feeds.machines.title": ("Machines", "Machines"),
    "feeds.machines.description": ("All of them", "All of them"),
    "feeds.machines.days": ("3", 3),
    "feeds.machines.top": ("20", 20),
    "feeds.machines.scoring.reasons": ("words", "words"),
    "feeds.machines.limit": ("50", 50),
    "feeds.machines.q": ("ti:neural", parse_query("ti:neural")),
    "feeds.machines.min_score": ("-2.5", -2.5),
    "feeds.machines.judge_limit": ("30", 30),
    "feeds.machines.min_grade": ("3", 3),
    "feeds.machines.unjudged": ("show", "show"),
    "feeds.machines.sort": ("date", "date"),
    "feeds.machines.scoring.scorer": ("substring", "substring"),
    "feeds.machines.scoring.title_weight": ("3", 3.0),
    "feeds.machines.scoring.like_weight": ("4", 4.0),
    "feeds.machines.math": ("tex", "tex"),
    "feeds.machines.title_form": ("both", "both"),
    "feeds.machines.summary": ("none", "none"),
    "feeds.machines.replacements": ("new-item", "new-item"),
    "feeds.machines.schema": ("full", "full"),
    "feeds.machines.language": ("zh_cn", "zh-CN"),
    "feeds.machines.source": ("fulltext", "fulltext"),
}
"""Every scalar with a value as text and as it must arrive."""


def value_at(config, path):
    for part in path.replace(".schema", ".summary_schema").split("."):
        config = config[part] if isinstance(config, dict) else getattr(config, part)
    return config


class TestEnvironment:
    def test_the_table_of_this_test_names_every_scalar(self):
        assert {".".join(path) for path in scalar_paths(["machines"])} == set(VALUES)

    @pytest.mark.parametrize("path", VALUES)
    def test_overrides_every_scalar(self, path):
        text, expected = VALUES[path]
        prices = "" if "prices" in path else "model: {prices: {input: 1}}\n"  # a budget of money needs them
        wants = "    wants: machines that repair themselves\n" if path.endswith("min_grade") else ""
        stub = "arxiv: {url: 'http://127.0.0.1:8791'}\n" if path == "arxiv.demo" else ""  # a demo is on this machine
        config = parse_config(FEED + wants + prices + stub, {variable_name(tuple(path.split("."))): text})
        assert value_at(config, path) == expected
        assert value_at(parse_config(FEED, {}), path) != expected

    def test_a_feed_with_dashes_has_underscores_there(self):
        text = "feeds:\n  machine-learning:\n    categories: [cs.LG]"
        config = parse_config(text, {"DIGEST_FEEDS_MACHINE_LEARNING_LIMIT": "7"})
        assert config.feeds["machine-learning"].limit == 7

    @pytest.mark.parametrize(
        ("variable", "text", "path", "expected"),
        [
            ("PORT", "9000", "server.port", 9000),
            ("PUBLIC_URL", "https://p.example.org", "server.public_url", "https://p.example.org"),
            ("ARXIV_URL", "http://localhost:1", "arxiv.url", "http://localhost:1"),
            ("CACHE_URL", "memory://", "cache.url", "memory://"),
        ],
    )
    def test_has_short_names(self, variable, text, path, expected):
        assert value_at(parse_config("", {variable: text}), path) == expected

    @pytest.mark.parametrize("turn", [1, -1])
    def test_the_long_name_wins_over_the_short_one_in_any_order(self, turn):
        both = [("PORT", "1"), ("DIGEST_SERVER_PORT", "2")]
        assert parse_config("", dict(both[::turn])).server.port == 2

    def test_fills_a_section_that_has_no_lines(self):
        assert parse_config("server:\n", {"PORT": "9"}).server.port == 9

    def test_an_empty_variable_counts_as_unset(self):
        assert parse_config("server:\n  port: 5", {"PORT": ""}).server.port == 5

    def test_a_bad_value_is_told_with_its_variable(self):
        assert problem_of("server:\n  port: 5", {"DIGEST_SERVER_PORT": "x"}) == (
            "environment variable DIGEST_SERVER_PORT: server.port: input should be a valid integer, "
            "unable to parse string as an integer; found 'x'"
        )

    def test_an_unknown_variable_of_ours_is_refused_with_the_nearest(self):
        assert problem_of("", {"DIGEST_SERVER_TITEL": "x"}) == (
            "DIGEST_SERVER_TITEL: no such setting; did you mean DIGEST_SERVER_TITLE?"
        )
        assert "did you mean DIGEST_FEEDS_MACHINES_LIMIT?" in problem_of(FEED, {"DIGEST_FEEDS_MACHINE_LIMIT": "1"})

    def test_variables_of_others_and_the_path_of_the_file_are_no_settings(self):
        assert parse_config("", {"HOME": "/root", "DIGEST_CONFIG": "x.yaml", "DIGESTION": "1"}) == Config()


SECRET = "sk-not-for-a-file"


class TestModel:
    def test_is_off_until_it_is_named(self):
        assert not parse_config("", {}).model.is_enabled
        assert not parse_config("", {"LLM_API_KEY": SECRET}).model.is_enabled
        assert parse_config("", {"LLM_API_KEY": SECRET, "LLM_MODEL": "m"}).model.is_enabled

    @pytest.mark.parametrize(
        "text", ["model:\n  api_key: {}", "model: {{model: m, api_key: {}}}", "model: {{api_key: {}, zzz: 1}}"]
    )
    def test_a_key_in_the_file_is_refused_without_showing_it(self, text):
        said = problem_of(text.format(SECRET))
        assert re.fullmatch(r"config\.yaml:\d: model\.api_key: a key does not belong in a file; .* LLM_API_KEY", said)

    def test_a_key_under_our_long_name_is_told_where_it_belongs(self):
        said = problem_of("", {"DIGEST_MODEL_API_KEY": SECRET})
        assert said == "DIGEST_MODEL_API_KEY: no such setting; the key is set with LLM_API_KEY"

    def test_the_key_is_in_no_dump_and_no_message(self):
        config = parse_config("", {"LLM_API_KEY": SECRET, "LLM_MODEL": "m"})
        assert config.model.api_key.get_secret_value() == SECRET
        assert SECRET not in repr(config) + str(config) + config.model_dump_json()
        assert SECRET not in problem_of("model:\n  daily: {money: 1}\n  zzz: 3", {"LLM_API_KEY": SECRET})

    @pytest.mark.parametrize(
        ("text", "environ", "model", "base_url"),
        [
            ("model: {model: filed}", {}, "filed", None),
            ("model: {model: filed}", {"LLM_MODEL": "short"}, "short", None),
            ("model: {model: filed}", {"OPENAI_MODEL": "theirs"}, "filed", None),
            ("", {"OPENAI_MODEL": "theirs"}, "theirs", None),
            ("", {"LLM_MODEL": "short", "DIGEST_MODEL_MODEL": "long"}, "long", None),
            ("model: {base_url: 'http://file.test/v1'}", {"OPENAI_BASE_URL": "http://o.test"}, None, "http://file.test/v1"),
            ("model: {base_url: 'http://file.test/v1'}", {"LLM_BASE_URL": "http://l.test"}, None, "http://l.test"),
            ("", {"LLM_BASE_URL": "http://l.test", "DIGEST_MODEL_BASE_URL": "http://d.test"}, None, "http://d.test"),
        ],
    )  # fmt: skip
    def test_the_nearest_word_counts(self, text, environ, model, base_url):
        found = parse_config(text, environ).model
        assert (found.model, found.base_url) == (model, base_url)

    def test_a_bad_value_is_told_with_its_variable(self):
        said = problem_of("", {"LLM_BASE_URL": "ftp://x"})
        assert said.startswith("environment variable LLM_BASE_URL: model.base_url: expected an address like")

    def test_a_feed_says_what_is_written_in_what_language(self):
        feed = parse_config(FEED + "    schema: analysis\n    language: zh_hans\n    source: fulltext\n", {})
        found = feed.feeds["machines"]
        assert (found.summary_schema, found.language, found.source) == ("analysis", "zh-Hans", "fulltext")

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("schema: long", "feeds.machines.schema: input should be 'tldr', 'analysis', 'translate' or 'full'"),
            ("language: Chinese", "feeds.machines.language: 'Chinese' is no language tag; expected a BCP 47 tag"),
            ("source: pdf", "feeds.machines.source: input should be 'abstract' or 'fulltext'"),
            ("shema: full", "feeds.machines.shema: no such setting; did you mean schema?"),
        ],
    )
    def test_mistakes_of_a_feed_are_told(self, line, said):
        assert problem_of(FEED + f"    {line}\n").startswith(f"config.yaml:4: {said}")


class TestVercel:
    def test_the_production_domain_is_the_public_address(self):
        environ = {"VERCEL_ENV": "production", "VERCEL_PROJECT_PRODUCTION_URL": "papers.vercel.app"}
        assert parse_config("", environ).server.public_url == "https://papers.vercel.app"
        assert parse_config("server:\n", environ).server.public_url == "https://papers.vercel.app"

    def test_what_the_operator_set_comes_first(self):
        environ = {"VERCEL_ENV": "production", "VERCEL_PROJECT_PRODUCTION_URL": "papers.vercel.app"}
        own = "https://papers.example.org"
        assert parse_config(f"server:\n  public_url: {own}", environ).server.public_url == own
        assert parse_config("", {**environ, "PUBLIC_URL": own}).server.public_url == own

    def test_a_preview_has_the_address_of_the_request(self):
        environ = {"VERCEL_ENV": "preview", "VERCEL_PROJECT_PRODUCTION_URL": "papers.vercel.app"}
        assert parse_config("", environ).server.public_url is None

    @pytest.mark.parametrize("variable", ["VERCEL", "AWS_LAMBDA_FUNCTION_NAME"])
    def test_feeds_are_no_longer_than_the_platform_lets_through(self, variable):
        assert parse_config("", {variable: "1"}).server.max_answer_bytes == 4_300_000
        assert parse_config("server:\n  max_answer_mb: 2\n", {variable: "1"}).server.max_answer_bytes == 2_000_000
        assert parse_config("", {}).server.max_answer_bytes == 15_000_000
