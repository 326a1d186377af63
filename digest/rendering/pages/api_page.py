"""The JSON API for people, and the page of an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from digest.rendering.pages.templating import Site, render_template


def render_api_page(site: Site, openapi: Mapping[str, Any]) -> str:
    """Render the API's description for people."""
    operations = [
        {"path": path, "method": method.upper(), **operation}
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    ]
    return render_template("api.html.j2", site, info=openapi["info"], operations=operations)


def render_error(site: Site, *, status: int, title: str, detail: str, hint: str, path: str) -> str:
    """Render what is wrong and where to go from here."""
    return render_template("error.html.j2", site, status=status, title=title, detail=detail, hint=hint, path=path)
