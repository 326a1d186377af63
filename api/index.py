"""Entry of every platform: `app` for Vercel and uvicorn, `handler` for AWS Lambda."""

import gc
from typing import Any

# What is imported stays for good: looking for garbage among it costs a tenth of a cold start.
_collects = gc.isenabled()
gc.disable()

from api.factory import create_app  # noqa: E402 - the collector rests first
from digest.rendering.formats import FORMATS  # noqa: E402

_TEXT_TYPES = [
    "text/",
    "application/json",
    "application/problem+json",
    "application/xml",
    *(one.bare_type for one in FORMATS.values()),
]

app = create_app()

gc.freeze()
if _collects:
    gc.enable()


def __getattr__(name: str) -> Any:
    # AWS Lambda asks for api.index.handler; nothing else does, so mangum is imported only there.
    if name == "handler":
        from mangum import Mangum

        made = globals()["handler"] = Mangum(app, lifespan="off", text_mime_types=_TEXT_TYPES)
        return made
    raise AttributeError(name)
