"""Addresses to answers: what arXiv's hosts say to a GET at a given moment."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.demo_arxiv import feeds, pages, query
from tests.demo_arxiv.archive import EASTERN, ONE_DAY, Archive, Version
from tests.demo_arxiv.taxonomy import ARCHIVES, CANONICAL, SpecError, categories_of, parse_spec

CATCH_UP_DAYS = 90
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Reply:
    """One answer, as it goes over the wire."""

    body: bytes
    status: int = 200
    content_type: str = HTML
    headers: dict[str, str] = field(default_factory=dict)


def respond(archive: Archive, target: str, now: datetime) -> Reply:
    """Answer the request *target* (path and query, any of arXiv's hosts) at the moment *now*."""
    split = urlsplit(target)
    path, parameters = unquote(split.path), dict(parse_qsl(split.query, keep_blank_values=True))
    if found := re.fullmatch(r"/(rss|atom)(?:/(.*))?", path):
        return _feed(archive, found[1], found[2] or "", now)
    if found := re.fullmatch(r"/list/([^/]+)/new", path):
        return _listing(archive, found[1], now)
    if found := re.fullmatch(r"/catchup/([^/]+)/([^/]+)", path):
        return _catch_up(archive, found[1], found[2], parameters, now)
    if path == "/api/query":
        today = now.astimezone(EASTERN).date()
        status, body = query.answer(archive, parameters, now, today)
        return Reply(body, status, "application/atom+xml; charset=utf-8")
    if found := re.fullmatch(r"/(abs|html|pdf)/(.+)", path):
        return _paper(archive, found[1], found[2], now)
    return _refusal(404, "Not Found")


def _refusal(status: int, message: str) -> Reply:
    return Reply(pages.render_page(str(status), f"<h1>{pages.linked(message)}</h1>\n"), status)


def _feed(archive: Archive, kind: str, spec: str, now: datetime) -> Reply:
    if not spec:
        return Reply(f"No archive specified. Archives are: {', '.join(sorted(ARCHIVES))}.".encode())
    eastern = now.astimezone(EASTERN)
    today = eastern.date()
    try:
        names = parse_spec(spec)
        rows = archive.listing(today, categories_of(names), as_of=today)
        status, body = 200, feeds.render_feed(kind, names, rows, today)
    except SpecError as error:
        status, body = 400, feeds.render_error(kind, spec, str(error), today)
    midnight = datetime.combine(today + ONE_DAY, time(), EASTERN)
    headers = {
        "ETag": hashlib.sha256(body).hexdigest(),
        "Cache-Control": f"max-age={int(midnight.timestamp() - eastern.timestamp())}",
    }
    return Reply(body, status, f"application/{kind}+xml", headers)


def _context(text: str) -> str:
    """Return the one archive or category that a page is about, aliases followed; pages mind the case."""
    names = parse_spec(text)
    if names != [text]:
        raise SpecError(text)
    return CANONICAL.get(text, text)


def _listing(archive: Archive, text: str, now: datetime) -> Reply:
    try:
        context = _context(text)
    except SpecError:
        return _refusal(400, f"Invalid archive or category: {text}")
    day = archive.listing_day(now)
    rows = archive.listing(day, categories_of([context]), as_of=day, crosses_within=False)
    return Reply(pages.render_listing(context, day, rows))


def _catch_up(archive: Archive, text: str, day_text: str, parameters: dict[str, str], now: datetime) -> Reply:
    try:
        context = _context(text)
    except SpecError:
        return _refusal(400, "Invalid subject. Subject must be an archive, category or 'grp_physics'")
    abstracts = parameters.get("abs") == "True"
    if context != text:
        location = f"/catchup/{context}/{day_text}?page=1&abs={abstracts}"
        return Reply(b"", 301, headers={"Location": location})
    try:
        day = date.fromisoformat(day_text)
    except ValueError:
        return _refusal(400, f"Invalid date: {day_text}. Date must be in form YYYY-MM-DD")
    latest = max(archive.listing_day(now), now.astimezone(EASTERN).date())
    if day > latest:
        return _refusal(400, f"Invalid date: {day_text}. Can't request date later than today")
    if day < latest - timedelta(days=CATCH_UP_DAYS):
        return _refusal(400, f"Invalid date: {day_text}. Catchup only allowed for past {CATCH_UP_DAYS} days")
    rows = []
    if day > latest - timedelta(days=7) and parameters.get("page", "1") == "1":
        rows = archive.listing(day, categories_of([context]), as_of=latest, crosses_within=False)
    return Reply(pages.render_catch_up(context, day, rows, abstracts=abstracts))


def _paper(archive: Archive, kind: str, ident: str, now: datetime) -> Reply:
    version = archive.find(ident, archive.listing_day(now))
    if version is None:
        return _refusal(404, f"Article '{ident}' not found")
    modified = {"Last-Modified": format_datetime(version.updated, usegmt=True)}
    if kind == "abs":
        return Reply(pages.render_abstract_page(version), headers=modified | {"Cache-Control": "max-age=3600"})
    if version.withdrawn:
        return _refusal(404, f"This version of {version.id} has been withdrawn and is unavailable")
    if kind == "html":
        if not version.paper.html:
            return _refusal(404, f"No HTML for '{ident}'")
        return Reply(pages.render_full_text(version), headers=modified)
    return _pdf(version, modified)


def _pdf(version: Version, headers: dict[str, str]) -> Reply:
    body = pages.render_pdf(version)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    name = f'inline; filename="{version.id}v{version.number}.pdf"'
    return Reply(body, 200, "application/pdf", headers | {"ETag": tag, "Content-Disposition": name})
