"""HTML pages, through Jinja2 with escaping on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from digest import __version__
from digest.config import Config

if TYPE_CHECKING:
    from jinja2 import Environment


def render_home(config: Config, base_url: str) -> str:
    """Render the home page: what is offered and how to subscribe."""
    return _environment().get_template("home.html.j2").render(config=config, base_url=base_url)


def render_api_page(openapi: Mapping[str, Any]) -> str:
    """Render the API's description for people."""
    operations = [
        {"path": path, "method": method.upper(), **operation}
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    ]
    return _environment().get_template("api.html.j2").render(info=openapi["info"], operations=operations)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("digest"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.globals["version"] = __version__
    return made
