"""Profiles: `/me`, where they are made, and below it the addresses that their keys open.

Reading changes nothing: what a GET shows is at most a page with a button. The key in the path is the protection against
forged requests; beside it, a POST is refused that a browser calls another site's. `Origin` isn't looked at: with our
referrer policy browsers send `null` there.
"""

import asyncio
import gzip
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from api import problems
from api.access import Gate
from api.canonical import LONGEST_ADDRESS, check_canonical, ui_of, with_ui
from api.context import Service, admission, base_url
from api.forms import fields_of, read_body
from api.limiting import client_of
from api.params import FeedParams, feed_request
from api.problems import describe
from api.responses import accepts_gzip, names_any, tags_of
from api.routes_pages import PAGE_HEADERS
from digest.arxiv.taxonomy import parse_spec
from digest.errors import InputError, NotFoundError
from digest.feeds.papers import FeedRequest
from digest.profiles.addresses import HOME, Deed, deed_path, owner_path, stateless_address
from digest.profiles.keys import Kind
from digest.profiles.profile import Profile, exported, restored, with_settings
from digest.rendering.bodies import PACKED_FROM_BYTES
from digest.rendering.documents import HTML, JSON, Document, etag_for
from digest.rendering.formats import FORMATS
from digest.rendering.pages.builder import Form
from digest.rendering.pages.me import (
    OwnerPage,
    render_deed,
    render_deleted,
    render_my_start,
    render_owner,
    undoing,
)
from digest.rendering.pages.reading import TEXT_TYPES
from digest.rendering.pages.templating import Site
from digest.selection.example_ids import ids_named_in, read_ids
from digest.service.profiles import REFUSALS, RefusedError
from digest.service.service import DigestService
from digest.store.lasting import Refusal
from digest.words import ENGLISH_WORDS, Words, words_in

_PRIVATE = {"Cache-Control": "private, no-cache"}
_NEVER = {"Cache-Control": "no-store"}
_GZIP_LEVEL = 5
_FIRST_TOP = 20
"""Papers a day of a new profile's feed."""
_FIRST_SPEC = "cs.LG"
"""Its categories where no feed is configured."""
_MOST_CONTEXTS = 10
_SETTINGS = frozenset(FeedParams.model_fields) - {
    "like",
    "dislike",
    "group",
    "compat",
    "min_score",
    "limit",
    "sort",
    "math",
}
_FEED_ENDINGS = (*FORMATS, "bib")


def _own_site_only(request: Request) -> None:
    """Refuse what a browser says that another site's page sends; programs say nothing.

    Source: W3C, https://www.w3.org/TR/fetch-metadata/.
    """
    if request.method == "POST" and request.headers.get("sec-fetch-site", "").strip().lower() == "cross-site":
        raise CrossSiteError


class CrossSiteError(Exception):
    """A page of another site sent a form here."""


router = APIRouter(include_in_schema=False, dependencies=[Depends(_own_site_only)])


@router.get(HOME)
async def start(request: Request, service: Service) -> Response:
    """The page on which profiles are made, or that says why none can be made here."""
    check_canonical(request, with_ui([], ui_of(request)))
    return await _start(request, service)


@router.post(HOME)
async def make(request: Request, service: Service) -> Response:
    """Make a profile, or restore the one of an export: a form, or the export itself as JSON."""
    body = await read_body(request)
    client = client_of(request.scope)
    is_json = request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
    fields = {"export": body.decode(errors="replace")} if is_json else fields_of(body)
    try:
        if text := fields.get("export", ""):
            given = _read_export(text)
            profile = await service.profiles.restore(given, client=client, anew="anew" in fields)
        else:
            profile = await service.profiles.create(*_first_settings(service), client=client)
    except RefusedError as error:
        if _wants_json(request):
            raise
        return await _start(request, service, refusal=error.refusal, status=503)
    except InputError as error:
        if is_json or _wants_json(request):
            raise
        problem = f"{error}{f': {error.hint}' if error.hint else ''}"
        return await _start(request, service, problem=problem, status=400)
    if is_json or _wants_json(request):
        return JSONResponse(_addresses(request, service, profile), 201, _NEVER)
    return _see(owner_path(profile))


@router.get(HOME + "/{name}")
async def by_key(request: Request, service: Service, name: str) -> Response:
    """The owner's page; or what a read key gives: the page of the feed, and with an ending the feed itself."""
    key, _, ending = name.partition(".")
    if ending and ending not in _FEED_ENDINGS:
        raise NotFoundError(ENGLISH_WORDS("me.error.unknown"))
    kinds = (Kind.READ,) if ending else (Kind.OWNER, Kind.READ)
    profile, kind = await service.profiles.open(key, *kinds)
    if kind is Kind.OWNER:
        return await _owner(request, service, profile)
    wanted, known, admit = _wanted(profile), partial(_knows, request), admission(request)
    if ending:
        base = base_url(request, service)
        document = await service.profile_feeds.feed(profile, wanted, ending, base_url=base, known=known, admit=admit)
    else:
        site = _site(request, service)
        document = await service.profile_feeds.page(profile, wanted, site, is_own=False, known=known, admit=admit)
    return await _answer(request, document)


@router.get(HOME + "/{key}/{name}")
async def part(request: Request, service: Service, key: str, name: str) -> Response:
    """What belongs to a profile: saved papers for a read key, exports for the owner's."""
    stem, _, ending = name.partition(".")
    if stem == "saved" and ending in {"", *_FEED_ENDINGS}:
        profile, _ = await service.profiles.open(key, Kind.READ)
        document = await service.profile_feeds.saved(
            profile,
            _wanted(profile),
            ending,
            site=_site(request, service),
            known=partial(_knows, request),
            admit=admission(request),
        )
        return await _answer(request, document)
    if name not in {"papers", "export.json", "liked.bib"}:
        raise NotFoundError(ENGLISH_WORDS("me.error.unknown"))
    profile, _ = await service.profiles.open(key, Kind.OWNER)
    if name == "papers":
        known, site = partial(_knows, request), _site(request, service)
        return await _answer(
            request,
            await service.profile_feeds.page(
                profile, _wanted(profile), site, is_own=True, known=known, admit=admission(request)
            ),
        )
    is_json = name == "export.json"
    text = exported(profile) if is_json else await service.profile_feeds.liked(profile, admission(request))
    return Response(text, media_type=JSON if is_json else TEXT_TYPES["bib"], headers=_NEVER)


@router.get(HOME + "/{key}/{deed}/{paper:path}")
async def ask(request: Request, service: Service, key: str, deed: str, paper: str) -> Response:
    """The page with one button behind a link of an item. Feed readers and mail scanners fetch links: nothing changes."""
    wanted = _deed(deed)
    profile, _ = await service.profiles.open(key, Kind.VOTE, paper=paper)
    return await _deed_page(request, service, profile, wanted, paper, is_done=False)


@router.post(HOME + "/{key}/{deed}/{paper:path}")
async def act(request: Request, service: Service, key: str, deed: str, paper: str) -> Response:
    """Press that button."""
    wanted = _deed(deed)
    profile, _ = await service.profiles.open(key, Kind.VOTE, paper=paper)
    profile = await service.profiles.mark(profile, wanted, (paper,))
    await service.profile_feeds.look_up((paper,), admission(request))
    if _wants_json(request):
        return JSONResponse({"paper": paper, "done": wanted}, headers=_NEVER)
    return await _deed_page(request, service, profile, wanted, paper, is_done=True)


@router.post(HOME + "/{key}/settings")
async def change_settings(request: Request, service: Service, key: str) -> Response:
    """Give the feed other categories or another filter."""
    profile, _ = await service.profiles.open(key, Kind.OWNER)
    fields = fields_of(await read_body(request))
    problems_found: dict[str, str] = {}
    settings = _read_settings(fields, problems_found)
    if settings is None:
        form = _form_of(fields, problems_found)
        return await _owner(request, service, profile, form=form, status=400)
    await service.profiles.change(profile.ident, lambda kept: with_settings(kept, *settings))
    return _see(f"{owner_path(profile)}#settings")


@router.post(HOME + "/{key}/votes")
async def change_votes(request: Request, service: Service, key: str) -> Response:
    """Vote on pasted papers, save them, or take a vote or a saved paper back."""
    profile, _ = await service.profiles.open(key, Kind.OWNER)
    fields = fields_of(await read_body(request))
    taken_back = {Deed.UNDO: fields.get("undo"), Deed.UNSAVE: fields.get("unsave")}
    try:
        deed = next((deed for deed, paper in taken_back.items() if paper), None)
        if deed is None:
            deed, papers = _deed(fields.get("as", "")), _pasted(fields.get("papers", ""))
        else:
            papers = read_ids(taken_back[deed] or "", name=deed)
        await service.profiles.mark(profile, deed, papers)
        await service.profile_feeds.look_up(papers, admission(request))
    except InputError as error:
        form = _form_of(
            _settings_fields(profile) | fields, {"papers": f"{error}{f': {error.hint}' if error.hint else ''}"}
        )
        return await _owner(request, service, profile, form=form, status=400)
    return _see(f"{owner_path(profile)}#{'saved' if deed in {Deed.SAVE, Deed.UNSAVE} else 'votes'}")


@router.post(HOME + "/{key}/renew")
async def renew(request: Request, service: Service, key: str) -> Response:
    """Replace the keys of one kind."""
    profile, _ = await service.profiles.open(key, Kind.OWNER)
    name = fields_of(await read_body(request)).get("kind", "")
    kind = next((kind for kind in Kind if kind.name.lower() == name), None)
    if kind is None:
        raise InputError(f"kind is one of {', '.join(kind.name.lower() for kind in Kind)}", name="kind")
    return _see(owner_path(await service.profiles.renew(profile, kind)))


@router.post(HOME + "/{key}/delete")
async def delete(request: Request, service: Service, key: str) -> Response:
    """Delete everything."""
    profile, _ = await service.profiles.open(key, Kind.OWNER)
    if "sure" not in fields_of(await read_body(request)):
        raise InputError(ENGLISH_WORDS("me.error.sure"), name="sure")
    await service.profiles.delete(profile.ident)
    return _page(render_deleted(_site(request, service)), headers=_NEVER)


async def _start(
    request: Request, service: DigestService, *, refusal: Refusal | None = None, problem: str = "", status: int = 200
) -> Response:
    """Answer with the page on which profiles are made. Where the server is closed, its form brings the token along."""
    gate: Gate = request.app.state.gate
    refusal = refusal or await service.profiles.refusal()
    site = _site(request, service)
    page = render_my_start(
        site, create=gate.link(site.root + HOME), refusal=REFUSALS[refusal] if refusal else "", problem=problem
    )
    return _page(page, status=status, headers=_NEVER)


async def _owner(
    request: Request, service: DigestService, profile: Profile, *, form: Form | None = None, status: int = 200
) -> Response:
    refusal = await service.profiles.refusal()
    told, papers = await service.profile_feeds.learnt(profile)
    page = OwnerPage(
        profile,
        told,
        papers,
        form or _form_of(_settings_fields(profile), {}),
        stateless_address(profile, longest=LONGEST_ADDRESS),
        REFUSALS[refusal] if refusal is Refusal.EVICTS else "",
    )
    body = render_owner(page, _site(request, service), _words(profile)).encode()
    tag = etag_for(body)
    if status == 200 and _knows(request, tag):
        return Response(status_code=304, headers={**_PRIVATE, "ETag": tag})
    return _page(body, status=status, headers={**_PRIVATE, "ETag": tag} if status == 200 else _NEVER)


async def _deed_page(
    request: Request, service: DigestService, profile: Profile, deed: Deed, paper: str, *, is_done: bool
) -> Response:
    back = undoing(deed)
    page = render_deed(
        _site(request, service, _words(profile)),
        deed,
        paper,
        await service.profile_feeds.paper(paper),
        undo=deed_path(profile, back, paper) if back else "",
        is_done=is_done,
    )
    return _page(page, headers=_NEVER)


def _deed(text: str) -> Deed:
    if text not in set(Deed):
        raise NotFoundError(ENGLISH_WORDS("me.error.unknown"))
    return Deed(text)


def _pasted(text: str) -> tuple[str, ...]:
    """Return the arXiv ids of a list, or of a BibTeX file."""
    found = ids_named_in(text) if "@" in text or "{" in text else read_ids(text, name="papers")
    if not found:
        raise InputError(ENGLISH_WORDS("me.error.papers"), name="papers")
    return found


def _read_export(text: str) -> Profile:
    """Return the profile of an export, its settings checked as those of a form.

    Raises:
        InputError: It is none.
    """
    try:
        given = restored(text)
    except ValidationError as error:
        found = error.errors()[0]
        place = ".".join(map(str, found["loc"])) or "JSON"
        raise InputError(ENGLISH_WORDS("me.error.export", problem=f"{place}: {found['msg']}"), name="export") from None
    problems_found: dict[str, str] = {}
    settings = _read_settings(_settings_fields(given), problems_found)
    if settings is None:
        told = "; ".join(f"{name}: {problem}" for name, problem in problems_found.items())
        raise InputError(ENGLISH_WORDS("me.error.export", problem=told), name="export")
    return with_settings(given, *settings)


def _read_settings(
    fields: Mapping[str, str], problems_found: dict[str, str]
) -> tuple[str, list[tuple[str, str]]] | None:
    """Return categories and canonical parameters of a form; None where something in it is wrong."""
    unknown = next((name for name in fields if name not in {"spec", *_SETTINGS}), None)
    if unknown:
        problems_found[unknown] = f"{unknown[:40]} is no setting of a profile"
    try:
        spec = str(parse_spec(fields.get("spec", "")))
        params = FeedParams.model_validate({name: text for name, text in fields.items() if name in _SETTINGS})
        feed_request(spec, params)
    except InputError as error:
        name = error.name if error.name in {"spec", *_SETTINGS} else "spec"
        problems_found.setdefault(name, f"{error}. {error.hint}".strip(". ") + ".")
        return None
    except ValidationError as error:
        for one in error.errors():
            found = describe(one)
            problems_found.setdefault(found["parameter"], found["detail"].removeprefix(f"{found['parameter']}: "))
        return None
    return None if problems_found else (spec, params.canonical())


def _first_settings(service: DigestService) -> tuple[str, list[tuple[str, str]]]:
    """Return what a new profile's feed shows: the configured feeds' categories."""
    contexts = service.config.contexts[:_MOST_CONTEXTS]
    return "+".join(contexts) or _FIRST_SPEC, [("top", str(_FIRST_TOP))]


def _settings_fields(profile: Profile) -> dict[str, str]:
    return {"spec": profile.spec.replace("+", ", "), **dict(profile.query)}


def _form_of(fields: Mapping[str, str], problems_found: Mapping[str, str]) -> Form:
    types = tuple(fields["types"].split(",")) if fields.get("types") else Form({}).types
    return Form(fields, types=types, problems=problems_found)


def _wanted(profile: Profile) -> FeedRequest:
    return feed_request(profile.spec, FeedParams.model_validate(dict(profile.query)))


def _words(profile: Profile) -> Words:
    return words_in(dict(profile.query).get("lang"))


def _site(request: Request, service: DigestService, words: Words = ENGLISH_WORDS) -> Site:
    """Return what pages of profiles say about the server: never the token of a closed one."""
    return Site(service.config.server.title, base_url=base_url(request, service), words=words)


def _addresses(request: Request, service: DigestService, profile: Profile) -> dict[str, Any]:
    from digest.profiles.addresses import feed_address, saved_address

    base, feed, saved = base_url(request, service), feed_address(profile), saved_address(profile)
    return {
        "owner": base + owner_path(profile),
        "feeds": {name: base + feed.feed(name) for name in FORMATS},
        "page": base + feed.page(),
        "saved": {name: base + saved.feed(name) for name in FORMATS},
    }


def _see(path: str) -> Response:
    """Send the browser on with a GET."""
    return RedirectResponse(path, 303, _NEVER)


def _page(body: str | bytes, *, headers: Mapping[str, str], status: int = 200) -> Response:
    return HTMLResponse(body, status, {**PAGE_HEADERS, **headers})


async def _answer(request: Request, document: Document) -> Response:
    """Answer with a document for this client alone; nothing of it is kept."""
    tags = tags_of(document.etag)
    packs = request.app.state.compress and accepts_gzip(request.headers.get("accept-encoding", "").encode("latin-1"))
    body = document.body
    is_packed = packs and (len(body) >= PACKED_FROM_BYTES or document.content is None)
    headers = {**_PRIVATE, "ETag": tags[1] if is_packed else tags[0]}
    if request.app.state.compress:
        headers["Vary"] = "Accept-Encoding"
    if document.media_type == HTML:
        headers |= PAGE_HEADERS
    if document.content is None:
        return Response(status_code=304, headers=headers)
    if is_packed:
        body = await asyncio.to_thread(gzip.compress, body, _GZIP_LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers={**headers, "Content-Type": document.media_type})


def _knows(request: Request, tag: str) -> bool:
    return names_any(request.headers.get("if-none-match", ""), tags_of(tag))


def _wants_json(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return "json" in accept and "text/html" not in accept


def refuse_other_sites(request: Request, _: CrossSiteError) -> Response:
    """Answer that a page of another site may not act for a reader."""
    return problems.problem(request, 403, ENGLISH_WORDS("me.error.cross_site"), headers=_NEVER)
