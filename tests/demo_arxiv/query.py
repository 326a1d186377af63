"""The query API: arXiv's search language over the week's papers, answered in Atom."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from xml.sax.saxutils import escape, quoteattr

from tests.demo_arxiv.archive import Archive, Version
from tests.demo_arxiv.feeds import DECLARATION
from tests.demo_arxiv.pages import names_of
from tests.demo_arxiv.text import folded, to_unicode

MAX_RESULTS = 10_000
_TOKEN = re.compile(r'\s*(\(|\)|(?:\w+:)?"[^"]*"|\w+:\[[^\]]*\]|[^\s()"]+)')
_ARXIV_ID = re.compile(r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v[1-9]\d*)?")
_SORT_KEYS = {"relevance": None, "lastUpdatedDate": "updated", "submittedDate": "published"}
_FEED = DECLARATION + (
    '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom"'
    """ xmlns="http://www.w3.org/2005/Atom">
  <id>{id}</id>
  <title>{title}</title>
  <updated>{now}</updated>
{link}  <opensearch:itemsPerPage>{per_page}</opensearch:itemsPerPage>
  <opensearch:totalResults>{total}</opensearch:totalResults>
  <opensearch:startIndex>{start}</opensearch:startIndex>
{entries}</feed>
"""
)

Predicate = Callable[[Version], bool]


class QueryError(ValueError):
    """A request that arXiv refuses: status, and the message for the error feed."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def answer(archive: Archive, parameters: Mapping[str, str], now: datetime, today: date) -> tuple[int, bytes]:
    """Return status and body for the parameters of `/api/query`."""
    try:
        return 200, _results(archive, parameters, now, today)
    except QueryError as error:
        return error.status, _error(str(error), now)


def _results(archive: Archive, parameters: Mapping[str, str], now: datetime, today: date) -> bytes:
    query, ids = parameters.get("search_query", ""), parameters.get("id_list", "")
    start, size = _number(parameters, "start", 0), _number(parameters, "max_results", 10)
    if not query and not ids:
        raise QueryError("Either a search_query or id_list must be specified for the classic API.")
    if size == 0 or start + size > MAX_RESULTS:
        raise QueryError("The server encountered an internal error and was unable to complete your request.", 500)
    found = _listed(archive, ids, today) if ids else archive.week(today)
    if query:
        found = [version for version in found if parse_query(query)(version)]
    found = _sorted(found, parameters)
    asked = f"search_query={query}&id_list={ids}&start={start}&max_results={size}"
    link = f"https://arxiv.org/api/query?search_query={query}&start={start}&max_results={size}&id_list={ids}"
    return _FEED.format(
        id="https://arxiv.org/api/" + base64.b64encode(hashlib.sha1(asked.encode()).digest()).decode().rstrip("="),
        title=escape(f"arXiv Query: {asked}"),
        now=_stamp(now),
        link=f'  <link href={quoteattr(link)} type="application/atom+xml"/>\n',
        per_page=size,
        total=len(found),
        start=start,
        entries="".join(_entry(version) for version in found[start : start + size]),
    ).encode()


def _number(parameters: Mapping[str, str], name: str, default: int) -> int:
    text = parameters.get(name) or str(default)
    if not text.lstrip("-").isdigit():
        raise QueryError(f"{name} must be an integer")
    if int(text) < 0:
        raise QueryError(f"{name} must be non-negative")
    return int(text)


def _listed(archive: Archive, ids: str, today: date) -> list[Version]:
    for ident in ids.split(","):
        if not _ARXIV_ID.fullmatch(ident.strip()):
            raise QueryError(f"incorrect id format for {ident}")
    versions = [archive.find(ident.strip(), today) for ident in ids.split(",")]
    return [version for version in versions if version]


def _sorted(found: list[Version], parameters: Mapping[str, str]) -> list[Version]:
    by, order = parameters.get("sortBy") or "relevance", parameters.get("sortOrder") or "descending"
    if by not in _SORT_KEYS:
        raise QueryError(f"sortBy must be in: {', '.join(_SORT_KEYS)}")
    if order not in {"ascending", "descending"}:
        raise QueryError("sortOrder must be in: ascending, descending")
    key = _SORT_KEYS[by]
    return sorted(found, key=lambda version: getattr(version, key), reverse=order == "descending") if key else found


def parse_query(query: str) -> Predicate:
    """Compile a query as arXiv reads it: no precedence, right to left, OR between bare neighbours.

    Raises:
        QueryError: It is not well-formed.
    """
    tokens = _TOKEN.findall(query)
    predicate, rest = _expression(tokens, query)
    if rest:
        raise QueryError(f"Invalid query string: '{query}'")
    return predicate


def _expression(tokens: list[str], query: str) -> tuple[Predicate, list[str]]:
    if not tokens or tokens[0] in {")", "AND", "OR", "ANDNOT", "NOT"}:
        raise QueryError(f"Invalid query string: '{query}'")
    if tokens[0] == "(":
        left, tokens = _expression(tokens[1:], query)
        if not tokens:
            raise QueryError(f"Invalid query string: '{query}'")
        tokens = tokens[1:]
    else:
        left, tokens = _term(tokens[0], query), tokens[1:]
    if not tokens or tokens[0] == ")":
        return left, tokens
    operator = tokens[0] if tokens[0] in {"AND", "OR", "ANDNOT", "NOT"} else ""
    right, tokens = _expression(tokens[1:] if operator else tokens, query)
    if operator == "AND":
        return lambda version: left(version) and right(version), tokens
    if operator in {"ANDNOT", "NOT"}:
        return lambda version: left(version) and not right(version), tokens
    return lambda version: left(version) or right(version), tokens


def _term(token: str, query: str) -> Predicate:
    field, colon, value = token.partition(":")
    if not colon or field not in {*_FIELDS, "cat", "submittedDate", "lastUpdatedDate"}:
        field, value = "all", token
    if field.endswith("Date"):
        return _submitted_between(value)
    value = value.strip('"').replace("_", " ")
    if field == "cat":
        name, star = re.escape(value.removesuffix("*")), value.endswith("*")
        category = re.compile(name + (".*" if star else ""))
        return lambda version: any(category.fullmatch(c) for c in version.categories)
    words = re.findall(r"\w+\*?", folded(value))
    if not words:
        raise QueryError(f"Invalid query string: '{query}'")
    phrase = re.compile(r"\b" + r"\W+".join(w[:-1] + r"\w*" if w.endswith("*") else w for w in words) + r"\b")
    return lambda version: phrase.search(folded(_FIELDS[field](version))) is not None


_FIELDS: dict[str, Callable[[Version], str]] = {
    "ti": lambda version: version.title,
    "au": lambda version: "; ".join(version.authors),
    "abs": lambda version: version.abstract,
    "co": lambda version: version.comment or "",
    "jr": lambda version: version.paper.journal_ref or "",
    "id": lambda version: version.id,
}
_FIELDS["all"] = lambda version: " \n ".join(
    [*(text(version) for name, text in _FIELDS.items() if name != "all"), *version.categories]
)


def _submitted_between(value: str) -> Predicate:
    found = re.fullmatch(r"\[(\d{8,14}) TO (\d{8,14})\]", value)
    if not found:
        raise QueryError("The server encountered an internal error and was unable to complete your request.", 500)
    first, last = found[1].ljust(14, "0"), found[2] + "235959"[len(found[2]) - 8 :]
    return lambda version: first <= f"{version.published:%Y%m%d%H%M%S}" <= last


def _entry(version: Version) -> str:
    address = f"arxiv.org/abs/{version.id}v{version.number}"
    scheme = 'scheme="http://arxiv.org/schemas/atom"'
    lines = [
        f"<id>http://{address}</id>",
        f"<title>{escape(to_unicode(version.title))}</title>",
        f"<updated>{_stamp(version.updated)}</updated>",
        f'<link href="https://{address}" rel="alternate" type="text/html"/>',
        f'<link href="https://{address.replace("abs", "pdf")}" rel="related" type="application/pdf" title="pdf"/>',
        f"<summary>{escape(to_unicode(version.abstract))}</summary>",
        *(f'<category term="{category}" {scheme}/>' for category in version.categories),
        f"<published>{_stamp(version.published)}</published>",
    ]
    if version.comment:
        lines.append(f"<arxiv:comment>{escape(to_unicode(version.comment))}</arxiv:comment>")
    lines.append(f'<arxiv:primary_category term="{version.categories[0]}"/>')
    if version.paper.journal_ref:
        lines.append(f"<arxiv:journal_ref>{escape(to_unicode(version.paper.journal_ref))}</arxiv:journal_ref>")
    for name, affiliation in names_of(version):
        shown = f"\n      <arxiv:affiliation>{escape(affiliation)}</arxiv:affiliation>" if affiliation else ""
        lines.append(f"<author>\n      <name>{escape(name)}</name>{shown}\n    </author>")
    for doi in (version.paper.doi or "").split():
        lines += [
            f"<arxiv:doi>{escape(doi)}</arxiv:doi>",
            f'<link rel="related" href={quoteattr("https://doi.org/" + doi)} title="doi"/>',
        ]
    return "  <entry>\n" + "".join(f"    {line}\n" for line in lines) + "  </entry>\n"


def _error(message: str, now: datetime) -> bytes:
    link = "https://arxiv.org/api/errors#" + message.replace(" ", "_")
    entry = (
        f"  <entry>\n    <id>{escape(link)}</id>\n    <title>Error</title>\n    <updated>{_stamp(now)}</updated>\n"
        f'    <link href={quoteattr(link)} rel="alternate" type="text/html"/>\n'
        f"    <summary>{escape(message)}</summary>\n    <author>\n      <name>arXiv api core</name>\n    </author>\n"
        "  </entry>\n"
    )
    head = {"id": "https://arxiv.org/", "title": "arXiv Search Results", "now": _stamp(now), "link": ""}
    return _FEED.format(**head, per_page=1, total=1, start=0, entries=entry).encode()


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
