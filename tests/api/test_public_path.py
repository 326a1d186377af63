"""A public address with a path: every link and redirect stays below it, whatever the proxy in front does."""

import asyncio
import re
import shutil
import socket
import subprocess
import threading
from contextlib import asynccontextmanager, contextmanager
from html import unescape
from urllib.parse import urljoin

import httpx
import pytest
import uvicorn

from api.factory import create_app

pytestmark = pytest.mark.anyio

ROOT = "/home/papers"
STARTS = (
    "/",
    "/status",
    "/list/cs.LG",
    "/build?spec=cs.LG",
    "/digest",
    "/docs",
    "/opml.xml",
    "/rss/cs.LG",
    "/json/cs.LG",
)
REDIRECTED = {
    "/rss/cs.LG?limit=3&days=2": "/rss/cs.LG?days=2&limit=3",
    "/list/cs.LG?limit=3&days=2": "/list/cs.LG?days=2&limit=3",
    "/digest/2026-11-18?spec=cs.lg": "/digest/2026-11-18?spec=cs.LG",
    "/build?spec=cs.lg": "/build?spec=cs.LG",
}
_LINK = re.compile(
    r"""(?:\s(?:href|src|action|data-bib|data-md|xmlUrl|htmlUrl)=|"(?:home_page_url|feed_url)": ?)"([^"]*)\"|<link>([^<]*)</link>"""
)
NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port};
    location {root}/ {{ proxy_pass http://127.0.0.1:{behind}{tail}; proxy_set_header Host $http_host; }}
  }}
}}
"""


def below(site, origin="http://papers.test"):
    server = site.config.server.model_copy(update={"public_url": origin + ROOT})
    site.config = site.config.model_copy(update={"server": server})
    return site


class Stripping(httpx.ASGITransport):
    """Passes on what is below the path, without it, as most proxies do; nothing else is there."""

    async def handle_async_request(self, request):
        path = request.url.raw_path.decode()
        if not path.startswith(f"{ROOT}/"):
            return httpx.Response(404)
        inner = httpx.Request(
            request.method, request.url.copy_with(raw_path=path.removeprefix(ROOT).encode()), headers=request.headers
        )
        return await super().handle_async_request(inner)


class Passing(Stripping):
    """Passes the path on as it is."""

    async def handle_async_request(self, request):
        if not request.url.path.startswith(f"{ROOT}/"):
            return httpx.Response(404)
        return await httpx.ASGITransport.handle_async_request(self, request)


@asynccontextmanager
async def client_through(site, transport):
    app = create_app(site.config, environ=site.environ, make=lambda _config, _environ: site.service())
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport(app=app), base_url="http://papers.test") as client,
    ):
        yield client


def links_of(address, body):
    found = (unescape(one or two) for one, two in _LINK.findall(body))
    return {urljoin(address, link).partition("#")[0] for link in found}


async def crawl(client, origin):
    """Ask for the start addresses and for all they link to on this server; return every address and its status."""
    statuses = {}
    for start in STARTS:
        address = f"{origin}{ROOT}{start}"
        answer = await client.get(address)
        statuses[address] = answer.status_code
        for link in links_of(address, answer.text):
            if link.startswith(origin) and link not in statuses:
                statuses[link] = (await client.get(link, follow_redirects=True)).status_code
    return statuses


def check(statuses, origin):
    assert len(statuses) > 40
    assert {link for link in statuses if not link.startswith(f"{origin}{ROOT}/")} == set()
    assert {link: status for link, status in statuses.items() if status != 200} == {}


@pytest.mark.parametrize("proxy", [Stripping, Passing])
class TestBehindAProxy:
    async def test_every_link_leads_somewhere_below_the_path(self, site, proxy):
        async with client_through(below(site), proxy) as client:
            check(await crawl(client, "http://papers.test"), "http://papers.test")

    async def test_redirects_stay_below_the_path_and_lead_there(self, site, proxy):
        async with client_through(below(site), proxy) as client:
            for asked, wanted in REDIRECTED.items():
                answer = await client.get(ROOT + asked)
                assert answer.is_redirect, asked
                assert answer.headers["location"] == ROOT + wanted
                assert (await client.get(answer.headers["location"])).status_code == 200

    async def test_a_redirect_keeps_the_key_of_a_closed_server(self, site, proxy):
        site.environ["ACCESS_TOKEN"] = "token"
        async with client_through(below(site), proxy) as client:
            answer = await client.get(f"{ROOT}/rss/cs.LG?limit=03&key=token")
            assert answer.headers["location"] == f"{ROOT}/rss/cs.LG?limit=3&key=token"
            assert (await client.get(f"{ROOT}/rss/cs.LG")).status_code == 401
            assert (await client.get(f"{ROOT}/healthz")).status_code == 200

    async def test_errors_and_the_description_know_the_path(self, site, proxy):
        async with client_through(below(site), proxy) as client:
            page = await client.get(f"{ROOT}/nothing", headers={"accept": "text/html"})
            assert page.status_code == 404
            assert all(
                link.startswith(f"http://papers.test{ROOT}/")
                for link in links_of(f"http://papers.test{ROOT}/x", page.text)
            )
            assert (await client.get(f"{ROOT}/openapi.json")).json()["servers"] == [{"url": ROOT}]


async def test_the_path_alone_is_the_home_page_and_a_similar_one_is_not(site):
    async with client_through(below(site), httpx.ASGITransport) as client:
        assert (await client.get(ROOT)).text == (await client.get("/")).text
        assert (await client.get(f"{ROOT}s/rss/cs.LG")).status_code == 404


async def test_without_a_path_nothing_is_added(site):
    async with site.client() as client:
        assert (await client.get("/rss/cs.LG?limit=03")).headers["location"] == "/rss/cs.LG?limit=3"
        assert "servers" not in (await client.get("/openapi.json")).json()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def behind_nginx(site, folder, tail):
    """Serve *site* behind nginx; *tail* is what its `proxy_pass` ends in: a slash takes the path off."""
    listening, port = socket.create_server(("127.0.0.1", 0)), free_port()
    origin = f"http://127.0.0.1:{port}"
    site = below(site, origin)
    app = create_app(site.config, environ=site.environ, make=lambda _config, _environ: site.service())
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    settings = folder / "nginx.conf"
    settings.write_text(
        NGINX.format(folder=folder, port=port, behind=listening.getsockname()[1], root=ROOT, tail=tail),
        encoding="utf-8",
    )
    proxy = subprocess.Popen(["nginx", "-e", str(folder / "error.log"), "-c", str(settings)])
    try:
        yield origin
    finally:
        proxy.terminate()
        proxy.wait()
        server.should_exit = True
        thread.join()


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed (Debian: apt-get install nginx-light)")
@pytest.mark.parametrize("tail", ["/", ""])
async def test_every_link_works_behind_nginx(site, tmp_path, tail):
    with behind_nginx(site, tmp_path, tail) as origin:
        async with httpx.AsyncClient(timeout=30) as client:
            for _ in range(100):
                try:
                    await client.get(f"{origin}{ROOT}/healthz")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
            check(await crawl(client, origin), origin)
            for asked, wanted in REDIRECTED.items():
                location = (await client.get(f"{origin}{ROOT}{asked}")).headers["location"]
                assert urljoin(origin, location) == f"{origin}{ROOT}{wanted}"
