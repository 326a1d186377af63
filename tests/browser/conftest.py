"""A real browser and a real server: Debian's chromium through Playwright, uvicorn in a thread."""

import asyncio
import os
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from api.factory import create_app
from tests.sites import Site, fill_site

ROOT = Path(__file__).resolve().parents[2]
AXE_PLACES = (
    Path(os.environ.get("AXE_CORE", ROOT / "node_modules/axe-core/axe.min.js")),
    ROOT / ".venv/node_modules/axe-core/axe.min.js",
)


@contextmanager
def serving(site: Site) -> Iterator[str]:
    """Serve *site* on a free port of this machine and give its address."""
    app = create_app(site.config, environ={}, make=lambda _config, _environ: site.service())
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 20
        while not server.started and time.monotonic() < deadline:
            thread.join(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="module")
def browser():
    # For one module only: while Playwright runs, no other event loop can be started in this thread.
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def axe():
    """The source of axe-core, which finds what keeps people from using a page."""
    found = next((path for path in AXE_PLACES if path.is_file()), None)
    if found is None:
        pytest.skip("axe-core is not installed: npm install --no-save --prefix .venv axe-core")
    return found.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def address():
    """Where a server that holds a week of papers can be reached."""
    with ThreadPoolExecutor(1) as thread:
        site = thread.submit(asyncio.run, fill_site()).result()
    with serving(site) as base:
        yield base


@pytest.fixture
def open_page(browser, address):
    """Open a path in a window of its own; arguments are the window's. What the browser complains about fails the test."""
    contexts, complaints = [], []

    def make(path="/", *, base=address, expect=(), **window):
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | window))
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                if message.type == "error" and not any(part in message.text for part in expect)
                else None
            ),
        )
        page.goto(base + path)
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []
