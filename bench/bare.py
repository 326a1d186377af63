"""What the application is compared with: nothing but FastAPI and one route for each kind of answer."""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import FastAPI, Response

BODY_VARIABLE = "BENCH_BODY"
_TAG = '"0123456789abcdef0123456789abcdef"'

app = FastAPI()
_body = Path(os.environ[BODY_VARIABLE]).read_bytes() if BODY_VARIABLE in os.environ else b""


@app.get("/feed")
async def feed() -> Response:
    return Response(_body, media_type="application/rss+xml")


@app.get("/unchanged")
async def unchanged() -> Response:
    return Response(status_code=304, headers={"etag": _TAG})
