"""The protocol's official client against the real application, over a socket."""

import asyncio
import json
from contextlib import asynccontextmanager

import httpx2
import pytest
import uvicorn
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from api.factory import create_app

pytestmark = [pytest.mark.anyio, pytest.mark.end_to_end]


@asynccontextmanager
async def served(site):
    """Serve the site on a free port and give the address of its endpoint."""
    app = create_app(site.config, environ=site.environ, make=lambda _config, _environ: site.service(), now=site.clock)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - the server tells it in no other way
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/mcp"
    finally:
        server.should_exit = True
        await serving


@pytest.mark.parametrize(("mode", "revision"), [("auto", "2026-07-28"), ("2026-07-28", "2026-07-28"), ("legacy", None)])
async def test_the_official_client_reads_a_feed_to_its_end(site, mode, revision):
    site.environ = {"ACCESS_TOKEN": "sesame"}
    headers = {"authorization": "Bearer sesame"}
    async with (
        served(site) as url,
        httpx2.AsyncClient(headers=headers) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        assert revision in {None, client.protocol_version}
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools][:2] == ["list_feeds", "papers"]
        ids, cursor = [], ""
        while cursor is not None:
            result = await client.call_tool("papers", {"spec": "cs.LG", "top": 20, "cursor": cursor})
            assert not result.is_error
            answer = json.loads(result.content[0].text)
            ids += [paper["id"] for paper in answer["papers"]]
            cursor = answer.get("cursor")
        assert len(ids) == len(set(ids)) == answer["total"]
        again = await client.call_tool("papers", {"spec": "cs.LG", "since": answer["receipt"]["id"]})
        assert "everything since your last call" in again.content[0].text
        assert (await client.call_tool("papers", {"spec": "cs.XX"})).is_error


@pytest.mark.parametrize("pause_s", [0.0, 0.6])
async def test_a_body_may_come_slowly(site, pause_s):
    """Whoever watches for clients that hang up must not take their bodies."""
    body = json.dumps({"jsonrpc": "2.0", "id": 7, "method": "ping"}).encode()
    async with served(site) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", httpx2.URL(url).port)
        head = f"POST /mcp HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        for part in (head.encode() + body[:9], body[9:20], body[20:]):
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause_s)
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
    assert answer.startswith(b"HTTP/1.1 200")
    assert json.loads(answer.partition(b"\r\n\r\n")[2]) == {"jsonrpc": "2.0", "id": 7, "result": {}}
