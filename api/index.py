"""Entry of every platform: `app` for Vercel and uvicorn, `handler` for AWS Lambda."""

from typing import Any

from api.factory import create_app
from digest.rendering.formats import FORMATS

_TEXT_TYPES = [
    "text/",
    "application/json",
    "application/problem+json",
    "application/xml",
    *(one.bare_type for one in FORMATS.values()),
]

app = create_app()


def __getattr__(name: str) -> Any:
    # AWS Lambda asks for api.index.handler; nothing else does, so mangum is imported only there.
    if name == "handler":
        from mangum import Mangum

        made = globals()["handler"] = Mangum(app, lifespan="off", text_mime_types=_TEXT_TYPES)
        return made
    raise AttributeError(name)
