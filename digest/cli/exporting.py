"""A server's addresses as files: where each goes, and how pages and feeds name each other then.

The server's own answers are what is written, so exported feeds read like served ones. Pages get relative links, so that
they work from any folder; feeds keep absolute ones, as readers need them.
"""

from __future__ import annotations

import os
import posixpath
import re
import tempfile
from collections.abc import Callable, Iterator
from html import escape, unescape
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from digest.rendering.formats import FORMATS
from digest.rendering.pages.reading import TEXT_TYPES

_DAY = r"\d{4}-\d{2}-\d{2}"
_PLAIN = re.compile(
    rf"/(?:opml\.xml|favicon\.ico|apple-touch-icon\.png|static/[\w.-]+|feeds/[\w-]+\.(?:{'|'.join([*FORMATS, *TEXT_TYPES])})|digest/feed\.(?:{'|'.join(FORMATS)}))"
)
_TEXT_ENDINGS = tuple(f".{ending}" for ending in TEXT_TYPES)
_DIGEST = re.compile(rf"/digest(?:/(?P<name>{_DAY}|feed)(?P<ending>\.\w+)?)?")
_FEED_PAGE = re.compile(r"/feeds/(?P<name>[a-z0-9-]+)")
_TAG = re.compile(r"<(?:a|link|script|img|form|div)\b[^>]*>")
_ADDRESS = re.compile(r'(?P<before>\s(?:href|src|data-bib|data-md)=")(?P<url>[^"]*)"')
_ANCHOR = re.compile(r"<a\b[^>]*?\shref=\"(?P<url>[/?][^\"]*)\"[^>]*>(?P<text>.*?)</a>", re.DOTALL)
_FRAME = re.compile(r'<(header|footer) class="site">.*?</\1>', re.DOTALL)
_FORMS = re.compile(
    r'<form class="find".*?</form>\n?|(?<=<form class="filter" role="search" method="get") action="[^"]*"', re.DOTALL
)
"""What asks the server: the box that finds things, and where the filter of a list goes on."""

_PAPERS = "/papers/"

Known = Callable[[str], bool]


def file_of(url: str) -> str | None:
    """Return the file, relative to the exported folder, of a path on the server with its query; None for what isn't exported."""
    parts = urlsplit(url)
    path, query = parts.path, dict(parse_qsl(parts.query))
    if path.startswith("/static/"):
        query.pop("v", None)
    feed, layout, page = (query.pop(name, "") for name in ("feed", "layout", "page"))
    if query or not re.fullmatch(r"[a-z0-9-]*", feed):
        return None
    if path in {"/", "/help", "/saved"}:
        return f"{path[1:]}/index.html".lstrip("/")
    if path in {"/api/feeds", "/api/categories"}:
        return f"{path[1:]}.json"
    if found := _DIGEST.fullmatch(path):
        return _digest_file(found, feed, layout, page)
    if found := _FEED_PAGE.fullmatch(path):
        return f"feeds/{found['name']}/{_page_file(page)}"
    # The papers of one page as text are among all of the feed's.
    return path[1:] if _PLAIN.fullmatch(path) and (not page or path.endswith(_TEXT_ENDINGS)) else None


def _page_file(page: str) -> str:
    return f"page-{page}.html" if page.isdigit() and page != "1" else "index.html"


def _digest_file(found: re.Match[str], feed: str, layout: str, page: str) -> str:
    folder = f"feeds/{feed}/digest" if feed else "digest"
    name, ending = found["name"], found["ending"]
    if not name:
        return f"{folder}/index.html"
    if not ending:
        return f"{folder}/{name}/{_page_file(page)}"
    return f"{folder}/{name}.{layout}{ending}" if layout else f"{folder}/{name}{ending}"


def links_of(page: str, root: str) -> Iterator[str]:
    """Yield the paths, with their queries and without *root*, that a page refers to on its own server."""
    for tag in _TAG.findall(page):
        for found in _ADDRESS.finditer(tag):
            if (path := _own_path(unescape(found["url"]), root)) is not None:
                yield path


def with_relative_links(page: str, file: str, root: str, known: Known) -> str:
    """Return a page as it is in *file*: links to files that are *known* are relative, others of the server are gone.

    Args:
        page: HTML of our own templates.
        file: Where it will be, relative to the exported folder.
        root: The path that the server's public address has, mostly "".
        known: Whether a file is, or will be, there.
    """

    def target(url: str) -> str | None:
        """Return what to link to instead; the same for other servers; None for what isn't exported."""
        path = _own_path(unescape(url), root)
        if path is None:
            return None if url.startswith("?") else url
        wanted = file_of(path)
        if wanted is None or not known(wanted):
            return None
        fragment = urlsplit(path).fragment
        return escape(posixpath.relpath(wanted, posixpath.dirname(file)) + (f"#{fragment}" if fragment else ""))

    def unlinked(found: re.Match[str]) -> str:
        if target(found["url"]) is not None:
            return found[0]
        return "" if _is_of_paper(found["url"], root) else found["text"]

    def dropped(found: re.Match[str]) -> str:
        return found[0] if target(found["url"]) is not None else ""

    def relative(tag: re.Match[str]) -> str:
        def changed(found: re.Match[str]) -> str:
            url = target(found["url"])
            return f'{found["before"]}{url}"' if url is not None else ""

        text = _ADDRESS.sub(changed, tag[0])
        # A link element without an address means nothing.
        return "" if text != tag[0] and tag[0].startswith("<link") and "href=" not in text else text

    page = _FRAME.sub(lambda frame: _ANCHOR.sub(dropped, frame[0]), _FORMS.sub("", page))
    return _TAG.sub(relative, _ANCHOR.sub(unlinked, page))


def _is_of_paper(url: str, root: str) -> bool:
    """Tell whether a link leads to the page of one paper: that isn't exported, and without it the link's text says nothing."""
    return (_own_path(unescape(url), root) or "").startswith(_PAPERS)


def with_exported_addresses(feed: str, base_url: str) -> str:
    """Return a feed (in any format) whose addresses of a feed's digests are those of the exported files."""
    pattern = re.compile(rf"{re.escape(base_url)}(/digest(?:/[\w.-]+)?\?(?:(?:&(?:amp;)*)?(?:feed|page)=[a-z0-9-]+)+)")

    def exported(found: re.Match[str]) -> str:
        file = file_of(re.sub("&(?:amp;)*", "&", found[1]))
        return f"{base_url}/{file.removesuffix('index.html')}" if file else found[0]

    return pattern.sub(exported, feed)


def write_if_changed(path: Path, body: bytes) -> bool:
    """Write a file unless it has these bytes already; nobody ever sees half of it. Return whether it was written.

    Raises:
        OSError: It can't be written.
    """
    if path.is_file() and path.read_bytes() == body:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True


def _own_path(url: str, root: str) -> str | None:
    """Return a path of our own server without *root*, None for anything else."""
    if not url.startswith("/") or url.startswith("//"):
        return None
    if root and not (url == root or url.startswith((f"{root}/", f"{root}?"))):
        return None
    rest = url[len(root) :]
    return rest if rest.startswith("/") else f"/{rest}"
