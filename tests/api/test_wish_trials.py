"""Trying a wish: on the command line over past days, and in a browser, where only the owner may and little is spent."""

import json

import httpx
import pytest

from api.factory import create_app
from api.owner import BOUND
from digest.errors import InputError
from digest.llm.trial_account import CALLS_A_DAY, NAME
from tests.api.test_wishes import FEEDS, MODEL, WISH, Grader, wished
from tests.builders import make_config
from tests.sites import ARXIV_URL

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("proves_all")]

TOKEN = "open sesame"
FORM = {"spec": "cs.CL", "wants": "language models that reason about taste"}
LOCAL = {BOUND: "127.0.0.1"}
CLOSED = {"ACCESS_TOKEN": TOKEN}
HERE = {"host": "127.0.0.1:8000"}


@pytest.fixture
def proves_all(monkeypatch):
    """Let every quote be about the wish: the papers of these tests are made up."""
    monkeypatch.setattr("digest.llm.proofs.shares_content", lambda _quote, _wish: True)


def basic(token):
    import base64

    return "Basic " + base64.b64encode(f"any:{token}".encode()).decode()


async def post(site, environ, *, headers=None, form=None, client="127.0.0.1", query=""):
    """Send the form; return the answer and how many papers the model was asked for."""
    site.model = Grader()
    site.config = make_config(FEEDS + MODEL, arxiv_url=ARXIV_URL)
    site.environ = environ
    app = create_app(site.config, environ=environ, make=lambda *_: site.service())
    transport = httpx.ASGITransport(app, client=(client, 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://digest.test") as sender:
        answer = await sender.post(f"/build/wish{query}", data={**FORM, **(form or {})}, headers=headers or {})
    await app.state.backend.aclose()
    return answer, sum(map(len, site.model.requests))


class TestWhoMay:
    @pytest.mark.parametrize(
        ("environ", "headers", "form"),
        [
            (CLOSED, {"authorization": f"Bearer {TOKEN}"}, {}),
            (CLOSED, {"authorization": basic(TOKEN)}, {"token": TOKEN}),
            (
                CLOSED,
                {"authorization": basic(TOKEN), "sec-fetch-site": "same-origin", "origin": "null"},
                {"token": TOKEN},
            ),
            (LOCAL, HERE, {}),
            (LOCAL, {"host": "localhost:8000"}, {}),
            (LOCAL, {"host": "[::1]:8000"}, {}),
            ({BOUND: "::1"}, HERE, {}),
            ({BOUND: "localhost"}, HERE, {}),
            (LOCAL, HERE | {"sec-fetch-site": "same-origin", "origin": "null"}, {}),
            (LOCAL, HERE | {"sec-fetch-site": "none"}, {}),
        ],
    )
    async def test_the_owner(self, site, environ, headers, form):
        answer, asked = await post(site, environ, headers=headers, form=form)
        assert answer.status_code == 200
        assert "no-store" in answer.headers["cache-control"]
        assert asked > 0

    @pytest.mark.parametrize(
        ("environ", "headers", "form"),
        [
            ({}, {}, {}),
            ({}, HERE, {}),
            ({}, HERE, {"token": TOKEN}),
            ({}, {"authorization": "Bearer "}, {"token": ""}),
            (CLOSED, {"authorization": basic(TOKEN)}, {}),
            (CLOSED, {"authorization": basic(TOKEN)}, {"token": "wrong"}),
            (CLOSED, {"authorization": basic(TOKEN), "sec-fetch-site": "cross-site"}, {"token": TOKEN}),
            (CLOSED, {"authorization": f"Bearer {TOKEN}", "origin": "http://evil.test"}, {}),
            (LOCAL, {}, {}),
            (LOCAL, {"host": "papers.example.org"}, {}),
            (LOCAL, {"host": "127.0.0.1.evil.test"}, {}),
            (LOCAL, {"host": "localhost.evil.test:8000"}, {}),
            (LOCAL, HERE | {"x-forwarded-for": "127.0.0.1"}, {}),
            (LOCAL, HERE | {"forwarded": "for=127.0.0.1"}, {}),
            (LOCAL, HERE | {"x-real-ip": "127.0.0.1"}, {}),
            (LOCAL, HERE | {"via": "1.1 proxy"}, {}),
            (LOCAL, HERE | {"sec-fetch-site": "cross-site"}, {}),
            (LOCAL, HERE | {"sec-fetch-site": "same-site"}, {}),
            (LOCAL, HERE | {"origin": "null"}, {}),
            (LOCAL, HERE | {"origin": "http://evil.test"}, {}),
            ({BOUND: "0.0.0.0"}, HERE, {}),
            ({BOUND: "::"}, HERE, {}),
            ({BOUND: "192.168.1.7"}, HERE, {}),
            ({BOUND: ""}, HERE, {}),
        ],
    )
    async def test_nobody_else_and_nothing_is_spent(self, site, environ, headers, form):
        answer, asked = await post(site, environ, headers=headers, form=form)
        assert (answer.status_code, asked) == (403, 0)
        assert answer.headers["cache-control"].endswith("no-store")

    async def test_a_key_in_the_address_opens_the_server_but_not_the_purse(self, site):
        answer, asked = await post(site, CLOSED, query="?key=open+sesame")
        assert (answer.status_code, asked) == (403, 0)

    async def test_a_client_elsewhere(self, site):
        answer, asked = await post(site, LOCAL, headers=HERE, client="10.0.0.7")
        assert (answer.status_code, asked) == (403, 0)

    async def test_without_the_token_a_closed_server_stays_closed(self, site):
        answer, asked = await post(site, CLOSED, form={"token": TOKEN})
        assert (answer.status_code, asked) == (401, 0)

    async def test_a_get_spends_nothing(self, site):
        async with site.client() as client:
            assert (await client.get("/build/wish")).status_code in {404, 405}


class TestInABrowser:
    async def test_the_most_promising_papers_of_the_newest_day_are_shown_with_their_quotes(self, site):
        answer, asked = await post(site, LOCAL, headers=HERE)
        assert asked <= 16 * 2
        assert "<mark>" in answer.text
        assert FORM["wants"] in answer.text

    async def test_it_has_a_small_budget_of_its_own(self, site):
        day = site.clock.now.date().isoformat()
        namespaced = site.service()
        await namespaced.aclose()
        service = wished(site)
        await service.wish_trials._store.increment(f"wishes:tried:{day}", CALLS_A_DAY)
        trial = await service.wish_trials.in_a_browser(service.feeds.named("wished"), FORM["wants"])
        assert site.model.requests == []
        assert f"the {CALLS_A_DAY} requests a day for trying wishes are spent" in trial.problem
        await service.aclose()

    async def test_what_it_costs_has_a_row_of_its_own(self, site):
        service = wished(site)
        await service.wish_trials.in_a_browser(service.feeds.named("wished"), FORM["wants"])
        status = await service.operations.status()
        assert {row.feed for row in status.summaries.ledger} == {NAME}
        await service.aclose()

    @pytest.mark.parametrize("form", [{"wants": ""}, {"spec": ""}, {"wants": "short"}, {"spec": "no.such"}])
    async def test_an_incomplete_form_spends_nothing(self, site, form):
        answer, asked = await post(site, LOCAL, headers=HERE, form=form)
        assert (answer.status_code, asked) == (400, 0)

    async def test_hostile_text_is_escaped(self, site):
        answer, _ = await post(site, LOCAL, headers=HERE, form={"wants": "<script>alert(1)</script> and more"})
        assert "<script>alert" not in answer.text

    async def test_the_builder_offers_it_only_where_a_model_is_configured(self, site):
        async with site.client() as client:
            assert "/build/wish" not in (await client.get("/build?spec=cs.CL")).text
        site.config = make_config(FEEDS + MODEL, arxiv_url=ARXIV_URL)
        async with site.client() as client:
            assert 'action="/build/wish"' in (await client.get("/build?spec=cs.CL")).text


class TestOverDays:
    async def test_grades_and_precision_against_papers_that_are_known(self, site):
        service = wished(site, more="    min_grade: 3\n", grader=Grader(lambda paper: 3 if len(paper.title) % 2 else 1))
        request = service.feeds.named("wished")
        first = await service.wish_trials.over_days(request, days=5)
        known = [first.good[0].id, first.papers[-1].id]
        trial = await service.wish_trials.over_days(request, days=5, against=known)
        assert trial.calls == 0 or trial.refused
        assert (trial.known, trial.found) == (2, 1)
        assert trial.precision == 1 / len(trial.good)
        assert trial.good[0].quote
        await service.aclose()

    async def test_the_feed_pays_for_none_of_it_again(self, site):
        service = wished(site)
        request = service.feeds.named("wished")
        await service.wish_trials.over_days(request, days=3)
        expected = await service.summaries.forecast_grades()
        assert expected["wished"].papers <= 1  # the hostile one
        await service.aclose()

    async def test_another_wish_may_be_given_and_a_first_stage_alone_spends_nothing(self, site):
        service = wished(site)
        request = service.feeds.named("wished")
        trial = await service.wish_trials.over_days(request, days=3, wants="proofs about knots", graded=False)
        assert (trial.wishes, trial.good, site.model.requests) == (("proofs about knots",), (), [])
        forecast = await service.wish_trials.forecast(request, days=3)
        assert forecast.papers > 0
        with pytest.raises(InputError, match="sentence or a phrase"):
            await service.wish_trials.over_days(request, days=3, wants="x")
        await service.aclose()

    async def test_it_can_be_told_as_json(self, site):
        service = wished(site, model=False)
        trial = await service.wish_trials.over_days(service.feeds.named("wished"), days=3)
        told = json.loads(trial.model_dump_json())
        assert told["wishes"] == [WISH]
        assert "no model is configured" in told["problem"]
        await service.aclose()
