"""The JSON API, its description, and the pages and probes beside it."""

import asyncio
import base64
import json
import re
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.arxiv.taxonomy import groups
from digest.config.reading import parse_config
from digest.models import Entry, Paper

pytestmark = pytest.mark.anyio


async def pages_of(client, query):
    """Follow the cursors and return all pages."""
    pages, cursor = [], ""
    while cursor is not None:
        # In canonical order: cursor, everything else.
        response = await client.get(f"/api/papers?{f'cursor={cursor}&' if cursor else ''}{query}")
        assert response.status_code == 200, response.text
        pages.append(response.json())
        cursor = pages[-1]["cursor"]
    return pages


def members_of(schemas, name):
    """Return the members of a schema and of all that it refers to, as `Schema.member`."""
    found, left = {}, [name]
    while left:
        name = left.pop()
        members = schemas[name].get("properties", {})
        found |= {f"{name}.{member}": described for member, described in members.items()}
        referred = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(members)))
        left += [other for other in referred if not any(known.startswith(f"{other}.") for known in found)]
    return found


class TestPapers:
    async def test_are_those_of_the_feed_in_its_order(self, client):
        page = (await client.get("/api/papers?spec=cs.LG")).json()
        feed = (await client.get("/json/cs.LG")).json()
        assert [entry["paper"]["links"]["abs"] for entry in page["entries"]] == [item["id"] for item in feed["items"]]
        assert (page["total"], page["cursor"]) == (len(feed["items"]), None)

    async def test_where_there_are_none_each_condition_says_what_it_leaves(self, client):
        page = (await client.get("/api/papers?q=xylophone+AND+model&spec=cs.LG")).json()
        assert page["total"] == 0
        assert [one["words"] for one in page["conditions"][1:]] == [
            "xylophone anywhere",
            "model anywhere",
            "the whole query, read as xylophone AND model",
        ]
        assert [one["papers"] > 0 for one in page["conditions"]] == [True, False, True, False]
        assert (await client.get("/api/papers?spec=cs.LG")).json()["conditions"] == []

    async def test_are_the_models_as_they_are(self, client):
        page = (await client.get("/api/papers?page_size=5&spec=cs.LG")).json()
        for entry in page["entries"]:
            without_links = {name: value for name, value in entry["paper"].items() if name != "links"}
            assert Entry.model_validate({**entry, "paper": without_links}).model_dump(mode="json") == entry

    @pytest.mark.parametrize(
        "query", ["page_size=3&spec=cs.LG", "page_size=7&spec=cs.LG%2Bstat.ML", "feed=machines&page_size=4"]
    )
    async def test_come_page_by_page_each_once(self, client, query):
        pages = await pages_of(client, query)
        ids = [entry["paper"]["id"] for page in pages for entry in page["entries"]]
        assert len(pages) > 1
        assert len(ids) == len(set(ids)) == pages[0]["total"]
        whole = (
            await client.get("/api/papers?" + "&".join(part for part in query.split("&") if "page_size" not in part))
        ).json()
        assert ids == [entry["paper"]["id"] for entry in whole["entries"]]

    async def test_an_announcement_between_two_pages_shifts_nothing(self, site):
        async with site.client() as client:
            first = (await client.get("/api/papers?page_size=3&spec=cs.LG")).json()
            everything = (await client.get("/api/papers?spec=cs.LG")).json()["entries"]
        site.clock.advance(days=1)
        await site.service().operations.fetch(["cs.LG"])
        async with site.client() as client:
            second = (await client.get(f"/api/papers?cursor={first['cursor']}&page_size=3&spec=cs.LG")).json()
        ids = [entry["paper"]["id"] for entry in second["entries"]]
        assert ids == [entry["paper"]["id"] for entry in everything[3:6]]

    async def test_take_the_parameters_of_feeds(self, client):
        entries = (await client.get("/api/papers?limit=2&spec=cs.LG&types=new")).json()["entries"]
        assert [entry["paper"]["announce_type"] for entry in entries] == ["new", "new"]

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("", "give either spec or feed"),
            ("feed=machines&spec=cs.LG", "give either spec or feed"),
            ("spec=cs.XX", "unknown category cs.XX"),
            ("page_size=0&spec=cs.LG", "page_size: input should be greater than or equal to 1"),
            ("page_size=501&spec=cs.LG", "less than or equal to 500"),
            ("speck=cs.LG", "unknown parameter speck; did you mean spec? allowed are "),
            ("pagesize=3&spec=cs.LG", "unknown parameter pagesize; did you mean page_size? allowed are "),
        ],
    )
    async def test_a_mistake_is_told_with_what_is_allowed(self, client, query, said):
        response = await client.get(f"/api/papers?{query}")
        assert response.status_code == 400
        assert said in response.json()["detail"]

    async def test_an_unknown_feed_is_404(self, client):
        response = await client.get("/api/papers?feed=nothing")
        assert (response.status_code, response.json()["detail"]) == (
            404,
            "no feed is named 'nothing'; configured are: machines, languages",
        )

    async def test_a_cursor_of_other_parameters_is_refused(self, client):
        cursor = (await client.get("/api/papers?page_size=3&spec=cs.LG")).json()["cursor"]
        response = await client.get(f"/api/papers?cursor={cursor}&page_size=3&spec=cs.CL")
        assert response.status_code == 400
        assert response.json() == {
            "type": "about:blank",
            "title": "Bad Request",
            "status": 400,
            "detail": "this cursor belongs to other parameters",
            "parameter": "cursor",
            "hint": "start again without one",
        }

    @pytest.mark.parametrize("member", ["q", "d", "s", "i"])
    @pytest.mark.parametrize("value", [None, 5, [], {}, "x", 10**309, float("nan")])
    async def test_a_cursor_that_was_tampered_with_never_breaks_the_server(self, client, member, value):
        cursor = (await client.get("/api/papers?page_size=3&spec=cs.LG")).json()["cursor"]
        mark = json.loads(base64.urlsafe_b64decode(cursor + "==")) | {"i": "2611.99999", member: value}
        tampered = base64.urlsafe_b64encode(json.dumps(mark, separators=(",", ":")).encode()).decode().rstrip("=")
        response = await client.get(f"/api/papers?cursor={tampered[:500]}&page_size=3&spec=cs.LG")
        assert response.status_code in {200, 400}

    @pytest.mark.parametrize("cursor", ["x", "AAAA", "%00", "e30", "W10", "bnVsbA", "%F0%9F%A7%AA", "a" * 500])
    async def test_what_is_no_cursor_is_refused(self, client, cursor):
        response = await client.get(f"/api/papers?cursor={cursor}&spec=cs.LG")
        assert (response.status_code, response.json()["parameter"]) == (400, "cursor")


class TestPaper:
    @pytest.mark.parametrize("form", ["{}", "{}v1", "arXiv:{}", "https://arxiv.org/abs/{}"])
    async def test_is_found_under_each_spelling_of_its_id(self, client, form):
        listed = (await client.get("/api/papers?limit=1&spec=cs.LG")).json()["entries"][0]["paper"]
        response = await client.get(f"/api/papers/{form.format(listed['id'])}")
        assert response.status_code == 200
        assert response.json()["id"] == listed["id"]
        assert Paper.model_validate({name: value for name, value in response.json().items() if name != "links"})

    async def test_is_as_strong_as_in_any_listing(self, client):
        entries = (await client.get("/api/papers?spec=cs.CL%2Bcs.LG%2Bstat.ML&types=new")).json()["entries"]
        for entry in entries:
            assert (await client.get(f"/api/papers/{entry['paper']['id']}")).json()["announce_type"] == "new"

    async def test_of_a_replaced_one_has_changed_when_it_was_replaced(self, client):
        entries = (await client.get("/api/papers?spec=cs.CL%2Bcs.LG%2Bstat.ML")).json()["entries"]
        replaced = next(entry["paper"] for entry in entries if entry["paper"]["replaced"])
        response = await client.get(f"/api/papers/{replaced['id']}")
        # Announced the evening before, at 20:00 in New York.
        assert f", {int(replaced['replaced'][-2:]):02} " in response.headers["last-modified"]
        assert response.headers["last-modified"].endswith("01:00:00 GMT")

    async def test_that_is_not_held_is_404_and_no_id_is_400(self, client):
        missing = await client.get("/api/papers/2501.00001")
        assert (missing.status_code, missing.json()["detail"]) == (
            404,
            "2501.00001 is not stored on this server",
        )
        wrong = await client.get("/api/papers/quantum")
        assert (wrong.status_code, wrong.json()["hint"]) == (400, "expected e.g. 2601.05174 or hep-th/9901001")

    async def test_another_version_than_the_held_one_is_404(self, client):
        listed = (await client.get("/api/papers?limit=1&spec=cs.LG")).json()["entries"][0]["paper"]
        response = await client.get(f"/api/papers/{listed['id']}v99")
        assert response.status_code == 404
        assert response.json()["detail"] == f"version 99 of {listed['id']} is not stored; version 1 is"

    async def test_an_old_id_has_a_slash(self, client):
        assert (await client.get("/api/papers/hep-th/9901001")).status_code == 404


class TestOthers:
    async def test_feeds_lists_the_configured_ones_with_addresses_that_work(self, client):
        listed = (await client.get("/api/feeds")).json()
        assert [one["name"] for one in listed] == ["machines", "languages"]
        for one in listed:
            for name in ("rss", "atom", "json_feed"):
                assert (await client.get(one[name])).status_code == 200

    async def test_feeds_lists_topics_too(self, site):
        topics = parse_config("topics: {owls: {label: About owls, q: owls, categories: [stat.ML]}}", {}).topics
        site.config = site.config.model_copy(update={"topics": topics})
        async with site.client() as client:
            listed = (await client.get("/api/feeds")).json()
        assert [one["name"] for one in listed] == ["machines", "languages", "owls"]
        assert (listed[2]["title"], listed[2]["categories"]) == ("About owls", ["stat.ML"])

    async def test_categories_is_the_taxonomy(self, client):
        listed = (await client.get("/api/categories")).json()["groups"]
        assert [group["id"] for group in listed] == [group.code for group in groups()]
        found = {one["id"]: one for group in listed for archive in group["archives"] for one in archive["categories"]}
        assert found["cs.LG"]["name"] == "Machine Learning"
        assert found["math.IT"]["alias_of"] == "cs.IT"

    async def test_status_tells_what_is_held_and_asks_arxiv_nothing(self, site):
        async with site.client() as client:
            status = (await client.get("/api/status")).json()
        assert site.arxiv.requests == []
        assert status["store"] == {"kind": "memory", "place": "memory", "degraded": False, "refusal": None}
        assert [(one["context"], one["newest_day"]) for one in status["contexts"]] == [
            ("cs.CL", "2026-11-18"),
            ("cs.LG", "2026-11-18"),
            ("stat.ML", "2026-11-18"),
        ]
        assert status["schedule"]["next_expected_change"] == "2026-11-19T05:00:00Z"

    async def test_status_tells_what_went_wrong(self, cold_site):
        cold_site.arxiv.now_reply(httpx.Response(429))
        async with cold_site.client() as client:
            await client.get("/rss/cs.LG")
            status = (await client.get("/api/status")).json()
        assert status["arxiv"]["refusals"] >= 1
        assert 500 < status["arxiv"]["cooldowns_s"]["feeds"] <= 720
        (context,) = status["contexts"]
        assert context["failures"] == 1
        assert "refused with status 429" in context["last_error"]

    @pytest.mark.parametrize("path", ["/api/feeds", "/api/categories", "/api/status", "/api/papers?spec=cs.LG"])
    async def test_scripts_of_other_pages_may_read_it(self, client, path):
        response = await client.get(path)
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.headers["content-type"].startswith("application/json")


@pytest.fixture(scope="module")
def openapi(filled_site):
    """The description as the server gives it, made once: that takes longer than all that is asked of it."""

    async def read():
        async with filled_site.copy().client() as client:
            return (await client.get("/openapi.json")).json()

    return asyncio.run(read())


class TestOpenApi:
    def test_describes_every_route_and_parameter(self, openapi):
        assert openapi["openapi"].startswith("3.")
        assert {"/rss/{spec}", "/feeds/{name}.rss", "/api/papers", "/api/papers/{paper_id}", "/api/feeds", "/api/categories", "/api/status"} <= set(openapi["paths"])  # fmt: skip
        for path, operations in openapi["paths"].items():
            for method, operation in operations.items():
                place = f"{method} {path}"
                assert operation.get("summary"), place
                assert operation.get("description"), place
                for parameter in operation.get("parameters", ()):
                    assert parameter.get("description"), f"{place}: {parameter['name']}"
                for status, answer in operation["responses"].items():
                    assert answer["description"], f"{place}: {status}"

    def test_describes_every_member_of_the_status(self, openapi):
        members = members_of(openapi["components"]["schemas"], "Status")
        assert members.keys() >= {
            "Status.now",
            "ContextDay.announced",
            "Counts.new",
            "ArxivStatus.cooldowns_s",
            "LedgerRow.money",
        }
        assert [name for name, member in members.items() if not member.get("description")] == []

    def test_promises_no_answer_that_is_never_given(self, openapi):
        for operations in openapi["paths"].values():
            for operation in operations.values():
                assert "422" not in operation["responses"]
                for status, answer in operation["responses"].items():
                    assert ("application/problem+json" in answer.get("content", {})) == (status >= "400")
        assert "HTTPValidationError" not in openapi.get("components", {}).get("schemas", {})

    @pytest.mark.parametrize(
        ("path", "asked", "status"),
        [
            ("/api/papers", "/api/papers?spec=cs.LG&limit=5", 301),
            ("/api/papers", "/api/papers", 400),
            ("/api/papers", "/api/papers?feed=nothing", 404),
            ("/api/papers/{paper_id}", "/api/papers/quantum", 400),
            ("/api/papers/{paper_id}", "/api/papers/2501.00001", 404),
            ("/opml.xml", "/opml.xml?spec=", 301),
            ("/search/rss", "/search/rss", 400),
        ],
    )
    async def test_tells_of_each_answer_that_is_given(self, client, openapi, path, asked, status):
        assert (await client.get(asked)).status_code == status
        assert str(status) in openapi["paths"][path]["get"]["responses"]

    def test_has_ids_of_operations_each_once(self, openapi):
        ids = [
            operation["operationId"] for operations in openapi["paths"].values() for operation in operations.values()
        ]
        assert len(ids) == len(set(ids))

    def test_references_exist(self, openapi):
        for piece in json.dumps(openapi).split('"$ref": "#/components/schemas/')[1:]:
            assert piece.partition('"')[0] in openapi["components"]["schemas"]


class TestPages:
    @pytest.mark.parametrize("path", ["/", "/docs"])
    async def test_are_html_with_a_strict_policy_and_no_script_in_the_text(self, client, path):
        response = await client.get(path)
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "'unsafe-inline'" not in response.headers["content-security-policy"]
        assert (
            re.findall(
                r"<script(?! (?:defer )?src=\"/static/| type=\"application/json\" id=\"page-words\">\{)", response.text
            )
            == []
        )

    async def test_home_offers_the_feeds(self, client):
        page = (await client.get("/")).text
        assert "Machines that learn" in page
        assert 'href="http://papers.test/feeds/machines.rss"' in page

    async def test_docs_describe_every_parameter(self, client, openapi):
        page = (await client.get("/docs")).text
        for path, operations in openapi["paths"].items():
            assert path in page
            for operation in operations.values():
                assert all(f"{parameter['name']}" in page for parameter in operation.get("parameters", ()))

    async def test_probes(self, client):
        assert (await client.get("/healthz")).json() == {"status": "alive"}
        assert (await client.get("/readyz")).json() == {"ready": True, "reason": "ready"}

    async def test_a_server_on_a_stand_in_store_is_not_ready(self, site):
        site.store.degraded = True
        async with site.client() as client:
            response = await client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["ready"] is False

    async def test_a_store_that_refuses_writes_is_told_everywhere(self, site):
        site.store.refusal = "READONLY You can't write against a read only replica."
        async with site.client() as client:
            response = await client.get("/readyz")
            status = (await client.get("/api/status")).json()
            page = (await client.get("/status")).text
        assert response.status_code == 503
        assert "READONLY" in response.json()["reason"]
        assert status["store"]["degraded"]
        assert status["store"]["refusal"].startswith("READONLY")
        assert "refuses writes" in page

    @pytest.mark.parametrize(("path", "kind"), [("/robots.txt", "text/plain"), ("/static/style.css", "text/css")])
    async def test_files(self, client, path, kind):
        response = await client.get(path)
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(kind)


class TestHostileRequests:
    @pytest.mark.parametrize("host", ['evil"><script>alert(1)</script>', "a b", "x" * 300])
    async def test_a_host_cannot_write_markup(self, client, host):
        for path in ("/", "/rss/cs.LG"):
            response = await client.get(path, headers={"host": host})
            assert "<script>alert" not in response.text

    @settings(max_examples=15)
    @given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), min_size=5, max_size=10))
    def test_any_parameter_is_an_answer_or_a_refusal(self, filled_site, parameters):
        async def ask():
            async with filled_site.copy().client() as client:
                for name, value in parameters:
                    response = await client.get(
                        f"/api/papers?spec=cs.LG&{quote(name, safe='')}={quote(value, safe='')}"
                    )
                    assert response.status_code in {200, 301, 400}

        asyncio.run(ask())
