"""What a profile's keys give to read: its feed in every format and as a page, what is saved, what it has learnt.

Nothing here is kept in the memory of renderings or in the store of rendered feeds: each answer is made for the one who asks,
unless its tag, which names everything that it depends on, says that they have it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from digest import __version__
from digest.arxiv.taxonomy import parse_spec
from digest.clock import Clock
from digest.config.settings import Config
from digest.costs import Admit
from digest.errors import TooManyRequestsError, UnavailableError
from digest.feeds.addresses import spec_address
from digest.feeds.document import FeedDocument
from digest.feeds.papers import FeedContent, FeedRequest, document_of, with_builtin
from digest.feeds.room import room_of
from digest.listings.examples import Examples, Ranking
from digest.listings.expiry import UNDECIDED
from digest.models import Entry, Paper
from digest.profiles.addresses import OFFERED_SAVED, actions_for, feed_address, saved_address
from digest.profiles.keys import Kind
from digest.profiles.learning import MOST_EXAMPLES, Learnt, learnt, scoring_of
from digest.profiles.profile import Profile
from digest.rendering.bibtex import bibtex
from digest.rendering.documents import HTML, Document
from digest.rendering.fitting import render_fitting
from digest.rendering.formats import FORMATS
from digest.rendering.pages.me import MyPage, render_my_papers, render_my_saved
from digest.rendering.pages.reading import TEXT_TYPES
from digest.rendering.pages.templating import Site
from digest.service.contents import Contents, Material, fingerprint
from digest.service.model_desk import ModelDesk
from digest.service.profile_shelf import ServedShelf
from digest.service.profiles import reachable
from digest.service.rendering_threads import RenderingThreads
from digest.store.lasting import LastingStore, Refusal
from digest.words import Words, words_in

_WAIT = timedelta(seconds=8)
"""Feed readers give up after 20 s."""
_RETRY = timedelta(seconds=60)

KnownTag = Callable[[str], bool]
"""Tells of a tag whether the client has that content."""


class ProfileFeeds:
    """Feeds and pages of profiles.

    Args:
        config: The settings.
        lasting: Where it is remembered what feeds showed.
        contents: What feeds hold.
        examples: The papers behind votes.
        desk: Summaries by a model.
        threads: Where the work is done.
        now: The clock.
    """

    def __init__(
        self,
        config: Config,
        *,
        lasting: LastingStore | Refusal,
        contents: Contents,
        examples: Examples,
        desk: ModelDesk,
        threads: RenderingThreads,
        now: Clock,
    ) -> None:
        self._config = config
        self._lasting = lasting
        self._contents = contents
        self._examples = examples
        self._desk = desk
        self._threads = threads
        self._now = now

    async def feed(
        self, profile: Profile, wanted: FeedRequest, name: str, *, base_url: str, known: KnownTag, admit: Admit
    ) -> Document:
        """Return a profile's feed; without its bytes if the client has them.

        Args:
            profile: Whose feed.
            wanted: What its settings ask for.
            name: Of a format of `FORMATS`, or of a text of `TEXT_TYPES`.
            base_url: The public address of this server.
            known: Tells what the client has.
            admit: Asked before arXiv is asked for what nobody asked for before.

        Raises:
            UnavailableError: Nothing is stored and arXiv gives nothing now, or none of the papers voted for is known yet.
            TooManyRequestsError: *admit* refuses to let arXiv be asked.
        """
        words = words_in(wanted.view.lang)

        def make(content: FeedContent) -> bytes:
            if name == "bib":
                return bibtex(entry.paper for entry in content.entries).encode()
            document = self._document(profile, content, words, name, base_url)
            return render_fitting(document, FORMATS[name].papers(), self._config.server.max_answer_bytes)

        media_type = TEXT_TYPES["bib"] if name == "bib" else FORMATS[name].media_type
        return await self._made(profile, wanted, media_type, make, name, base_url, known=known, admit=admit)

    async def page(
        self, profile: Profile, wanted: FeedRequest, site: Site, *, is_own: bool, known: KnownTag, admit: Admit
    ) -> Document:
        """Return the page with the papers of a profile's feed; if it *is own*, with the votes, for its owner alone.

        Raises:
            UnavailableError: As for the feed.
            TooManyRequestsError: As for the feed.
        """
        page = MyPage(profile, site, words_in(wanted.view.lang), is_own)

        def make(content: FeedContent) -> bytes:
            return render_my_papers(content, page).encode()

        marks = (repr((profile.votes, profile.saved)) if is_own else "", repr(site))
        return await self._made(profile, wanted, HTML, make, *marks, known=known, admit=admit, reasons_told=is_own)

    async def saved(
        self, profile: Profile, wanted: FeedRequest, name: str, *, site: Site, known: KnownTag, admit: Admit
    ) -> Document:
        """Return the saved papers, those saved last first: as a feed, as BibTeX, or, without a *name*, as a page.

        Raises:
            UnavailableError: Some of them are not known yet.
            TooManyRequestsError: *admit* refuses to let arXiv be asked for them.
        """
        media_type = FORMATS[name].media_type if name in FORMATS else TEXT_TYPES.get(name, HTML)
        papers = await self._whole([one.paper for one in profile.saved], admit)
        tag = self._tag(profile, [paper.model_dump_json() for paper in papers], media_type, repr(site), "saved")
        if known(tag):
            return _document(None, media_type, tag, profile)
        words = words_in(wanted.view.lang)

        def make() -> bytes:
            if name == "bib":
                return bibtex(papers).encode()
            entries = with_builtin([Entry(paper=paper) for paper in papers], wanted.view.summary)
            if not name:
                return render_my_saved(entries, MyPage(profile, site, words)).encode()
            return FORMATS[name].papers()(self._saved_document(profile, wanted, entries, name, site.base_url))

        return _document(await self._threads.run(make, weight=len(papers)), media_type, tag, profile)

    async def liked(self, profile: Profile, admit: Admit) -> str:
        """Return the papers voted for as BibTeX.

        Raises:
            UnavailableError: Some of them are not known yet.
            TooManyRequestsError: *admit* refuses to let arXiv be asked for them.
        """
        return bibtex(await self._whole(profile.liked(), admit))

    async def learnt(self, profile: Profile) -> tuple[Learnt, Mapping[str, Paper]]:
        """Return what a profile has learnt, and those of its papers that are known here. Asks arXiv nothing."""
        marked = [*(vote.paper for vote in profile.votes), *(one.paper for one in profile.saved)]
        papers = await self._examples.held_papers(list(dict.fromkeys(marked)), listed=False)
        liked, disliked = (
            [papers[ident] for ident in idents if ident in papers]
            for idents in (profile.liked(MOST_EXAMPLES), profile.disliked(MOST_EXAMPLES))
        )
        told = await self._threads.run(lambda: learnt(liked, disliked), weight=len(liked) + len(disliked))
        return told, papers

    async def look_up(self, idents: Sequence[str], admit: Admit) -> None:
        """Begin to find papers that were voted for or saved, so that pages and the ranking know them soon."""
        with suppress(TooManyRequestsError):  # the feed asks again when it is read, and says so then
            await self._examples.papers(idents, admit=admit)

    async def paper(self, ident: str) -> Paper | None:
        """Return a paper that is known here. Asks arXiv nothing."""
        return (await self._examples.held_papers([ident])).get(ident)

    async def _whole(self, idents: Sequence[str], admit: Admit) -> list[Paper]:
        """Return papers, all but those that arXiv doesn't know."""
        found = await self._examples.papers(idents, wait=_WAIT, admit=admit)
        if not found.is_whole:
            raise UnavailableError(words_in(None)("me.error.settling"), retry_after=_RETRY)
        return [found.papers[ident] for ident in idents if ident in found.papers]

    async def _made(
        self,
        profile: Profile,
        wanted: FeedRequest,
        media_type: str,
        make: Callable[[FeedContent], bytes],
        *marks: str,
        known: KnownTag,
        admit: Admit,
        reasons_told: bool = False,
    ) -> Document:
        """Return what *make* makes of the feed's content; *marks* name what it depends on beside."""
        request = _request(profile, wanted, titles=reasons_told)
        material = await self._material(profile, request, admit)
        tag = self._tag(profile, material.mark, await self._desk.edition(request), media_type, *marks)
        if known(tag):
            return _document(None, media_type, tag, profile)

        def document(content: FeedContent) -> Document:
            return Document(make(content), media_type, tag, content.last_modified, UNDECIDED)

        room = room_of(request, self._config.server.max_answer_bytes, "")
        made, _ = await self._contents.render(material, document, begun=lambda: None, room=room)
        return made

    async def _material(self, profile: Profile, request: FeedRequest, admit: Admit) -> Material:
        await self._examples.settle(request.selection, wait=_WAIT, admit=admit)
        assert not isinstance(self._lasting, Refusal), "a profile was opened"
        memory = ServedShelf(self._lasting, profile.ident, now=self._now)
        with reachable():
            material = await self._contents.gather(request, admit=admit, memory=memory)
        if _is_unranked(material.ranking):
            raise UnavailableError(words_in(None)("me.error.settling"), retry_after=_RETRY)
        return material

    def _tag(self, profile: Profile, *parts: object) -> str:
        """Return the tag of an answer: listing, votes and settings are in *parts*, the keys in its links are added."""
        keys = (profile.key(Kind.READ), profile.editions[Kind.VOTE])
        return f'"{fingerprint(__version__, keys, *parts)[:32]}"'

    def _document(self, profile: Profile, content: FeedContent, words: Words, name: str, base_url: str) -> FeedDocument:
        address = feed_address(profile)
        rest = spec_address(profile.spec, [pair for pair in profile.query if pair[0] != "top"])
        document = document_of(
            content,
            self_url=base_url + address.feed(name),
            page_url=base_url + address.page(),
            rest_url=base_url + rest.page(),
        )
        actions = {
            entry.paper.id: actions_for(profile, entry.paper.id, words, base_url=base_url) for entry in content.entries
        }
        return document.model_copy(update={"actions": actions})

    def _saved_document(
        self,
        profile: Profile,
        wanted: FeedRequest,
        entries: Sequence[Entry],
        name: str,
        base_url: str,
    ) -> FeedDocument:
        address, words = saved_address(profile), words_in(wanted.view.lang)
        return FeedDocument(
            title=words("me.saved_title"),
            description=words("me.saved_description"),
            self_url=base_url + address.feed(name),
            page_url=base_url + address.page(),
            updated=_updated(profile),
            entries=tuple(entries),
            math=wanted.view.math,
            actions={
                entry.paper.id: actions_for(profile, entry.paper.id, words, base_url=base_url, offered=OFFERED_SAVED)
                for entry in entries
            },
        )


def _request(profile: Profile, wanted: FeedRequest, *, titles: bool) -> FeedRequest:
    """Return the request of a profile's feed: its settings and its votes.

    A reason names no paper that the reader voted for, unless *titles* may be told: items of feeds get shared.
    """
    scoring = scoring_of(profile, reasons="titles" if titles else "words")
    words = words_in(wanted.view.lang)
    return replace(
        wanted,
        selection=wanted.selection.model_copy(update={"scoring": scoring}),
        title=words("me.feed_title", spec=", ".join(parse_spec(profile.spec).contexts)),
    )


def _is_unranked(ranking: Ranking) -> bool:
    """Tell whether there are votes, but no paper is known yet that was voted for."""
    return bool(ranking.asked and not ranking.examples and (ranking.is_settling or ranking.is_lacking))


def _updated(profile: Profile) -> datetime:
    """Return when papers were saved last; without any, when the profile was made."""
    return max((one.at for one in profile.saved), default=datetime.combine(profile.created, time(), UTC))


def _document(body: bytes | None, media_type: str, tag: str, profile: Profile) -> Document:
    return Document(body, media_type, tag, _updated(profile), UNDECIDED)
