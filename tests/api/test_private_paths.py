"""Addresses of profiles are keys: no log, count or page of an error holds one."""

import asyncio
import io
import logging

import httpx
import pytest
import uvicorn

from api.factory import create_app
from api.private_paths import is_private, shown_path
from digest.errors import StoreError
from tests.fakes import FakeLasting, until

KEY = "rweyebpmvbvuvhb6bpbr3td3v5ngqcjvnpjeyhal5"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"/me/{KEY}", "/me/-"),
        (f"/me/{KEY}.rss", "/me/-"),
        (f"/me/{KEY}/saved.rss", "/me/-"),
        (f"/me/v{KEY[1:]}/more/hep-th/9901001", "/me/-"),
        ("/me/anything", "/me/-"),
        (f"/arxiv/me/{KEY}", "/arxiv/me/-"),
        (f"//me/{KEY}", "//me/-"),
        (f"/Me/{KEY}", "/me/-"),
        (f"/{KEY}.rss", "//me/-"),
        (f"/rss/{KEY.upper()}", "/rss//me/-"),
        (f"/me/{KEY}\n/x", "/me/-"),
        ("/me", "/me"),
        ("/rss/cs.LG", "/rss/cs.LG"),
        ("/feeds/home/messages", "/feeds/home/messages"),
        ("/name/x", "/name/x"),
    ],
)
def test_what_is_shown_of_a_path(path, shown):
    assert shown_path(path) == shown


@pytest.mark.parametrize(
    ("path", "expected"), [("/me", True), ("/me/x", True), ("/men", False), ("/rss/me/x", False), ("/", False)]
)
def test_which_paths_are_private(path, expected):
    assert is_private(path) is expected


@pytest.fixture
def my_site(site):
    site.lasting = FakeLasting()
    return site


async def addresses_of(client):
    made = (await client.post("/me", headers={"accept": "application/json"})).json()
    read = made["feeds"]["rss"]
    item = (await client.get(made["feeds"]["json"])).json()["items"][0]
    link = item["content_html"].rpartition('href="')[2].partition('"')[0]
    return [made["owner"], read, made["page"], link]


@pytest.mark.anyio
async def test_the_request_log_and_the_metrics_hide_them(my_site, caplog):
    server = my_site.config.server.model_copy(update={"metrics": True})
    my_site.config = my_site.config.model_copy(update={"server": server})
    with caplog.at_level(logging.DEBUG):
        async with my_site.client() as client:
            addresses = await addresses_of(client)
            for address in addresses:
                for change in (address, address + "x", address.replace("/me/", "//me/")):
                    await client.get(change)
                    await client.get(change, headers={"accept": "text/html"})
            metrics = (await client.get("/metrics")).text
    keys = {address.split("/me/")[1].partition("/")[0].partition(".")[0] for address in addresses}
    told = caplog.text + metrics
    assert "/me/-" in told
    assert 'kind="me"' in metrics
    assert not [key for key in keys if key in told]


@pytest.mark.anyio
async def test_a_fault_is_logged_without_them(my_site, caplog):
    async with my_site.client() as client:
        addresses = await addresses_of(client)
        my_site.lasting.fails = RuntimeError("nobody foresaw this")
        for address in addresses:
            answer = await client.get(address)
            assert answer.status_code == 500
            assert address.split("/me/")[1] not in answer.text
        my_site.lasting.fails = StoreError("down")
        page = await client.get(addresses[0], headers={"accept": "text/html"})
        assert addresses[0].split("/me/")[1] not in page.text
    assert "nobody foresaw this" in caplog.text
    assert not [one for one in addresses if one.split("/me/")[1].partition("/")[0].partition(".")[0] in caplog.text]


@pytest.mark.end_to_end
@pytest.mark.parametrize("http", ["h11", "httptools"])
@pytest.mark.parametrize("root", ["", "/arxiv"])
def test_uvicorn_s_own_access_log_hides_them(my_site, http, root):
    """Whoever starts uvicorn by hand has its access log on."""
    if root:
        server = my_site.config.server.model_copy(update={"public_url": f"http://papers.test{root}"})
        my_site.config = my_site.config.model_copy(update={"server": server})
    app = create_app(my_site.config, environ={}, make=lambda _config, _environ: my_site.service(), now=my_site.clock)
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    access = logging.getLogger("uvicorn.access")
    access.addHandler(handler)
    access.setLevel(logging.INFO)

    async def ask():
        server = uvicorn.Server(uvicorn.Config(app, port=0, http=http, log_config=None, access_log=True))
        serving = asyncio.create_task(server.serve())
        await until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            made = (await client.post(f"{root}/me?x=1", headers={"accept": "application/json"})).json()
            paths = [httpx.URL(made["owner"]).path, httpx.URL(made["feeds"]["rss"]).path]
            statuses = [(await client.get(path, params={"utm_source": "x"})).status_code for path in paths]
            statuses.append((await client.get(f"{root}/rss/cs.LG?days=2")).status_code)
        server.should_exit = True
        await serving
        return paths, statuses

    try:
        paths, statuses = asyncio.run(ask())
    finally:
        access.removeHandler(handler)
    assert statuses == [200, 200, 200]
    assert log.getvalue().count(f"{root}/me/-") == 2
    assert f"{root}/rss/cs.LG?days=2" in log.getvalue()
    assert not [path for path in paths if path.rpartition("/")[2].partition(".")[0] in log.getvalue()]
