"""Pages of profiles. None of them holds the server's token, and none but the owner's holds an owner's key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import NamedTuple

from digest.feeds.addresses import FeedAddress
from digest.feeds.papers import FeedContent
from digest.models import Entry, Paper
from digest.profiles.addresses import (
    LABELS,
    OFFERED,
    OFFERED_SAVED,
    Deed,
    deed_path,
    feed_address,
    owner_path,
    saved_address,
)
from digest.profiles.learning import MOST_EXAMPLES, Learnt
from digest.profiles.profile import MOST_SAVED, MOST_VOTES, UNUSED_DAYS, Profile
from digest.rendering.content import title_text
from digest.rendering.pages.builder import SUMMARY_KEYS, TYPE_BOXES, Form
from digest.rendering.pages.templating import Site, render_template
from digest.words import Words

PAPERS_SHOWN = 150
"""Cards on the page of a feed."""
_UNDOING = {Deed.MORE: Deed.UNDO, Deed.LESS: Deed.UNDO, Deed.SAVE: Deed.UNSAVE, Deed.UNSAVE: Deed.SAVE}
_DONE = {
    Deed.MORE: "me.done.more",
    Deed.LESS: "me.done.less",
    Deed.UNDO: "me.done.undo",
    Deed.SAVE: "me.done.save",
    Deed.UNSAVE: "me.done.unsave",
}


@dataclass(frozen=True)
class MyPage:
    """A page with papers: whose, where, in which words, and whether for its owner alone, who may see the votes."""

    profile: Profile
    site: Site
    words: Words
    is_own: bool = False

    def chosen(self, paper: str) -> set[Deed]:
        """Return what was done with a paper, as far as it may be seen here."""
        if not self.is_own:
            return set()
        votes = {Deed.MORE if vote.liked else Deed.LESS for vote in self.profile.votes if vote.paper == paper}
        return votes | {Deed.SAVE for one in self.profile.saved if one.paper == paper}

    @property
    def spoken(self) -> Site:
        """The site in the words of the profile's feed."""
        return replace(self.site, words=self.words)


class Choice(NamedTuple):
    """A link below a paper, what takes it back, and whether it was chosen."""

    deed: Deed
    label: str
    path: str
    undo: str
    is_chosen: bool
    done: str


class Marked(NamedTuple):
    """A paper that was voted for or saved, as far as it is known."""

    ident: str
    title: str
    day: date
    label: str


@dataclass(frozen=True)
class OwnerPage:
    """What the owner's page shows.

    Attributes:
        learnt: What weighs most.
        papers: Those that are known, by id.
        form: The settings as they are, or as they were sent with what is wrong in them.
        stateless: A public feed that ranks alike.
        warning: Why the profile may not last, as a key of words; "" where it does.
    """

    profile: Profile
    learnt: Learnt
    papers: Mapping[str, Paper]
    form: Form
    stateless: FeedAddress
    warning: str = ""
    undo_labels: Mapping[str, str] = field(default_factory=dict)


def render_my_start(site: Site, *, create: str, refusal: str = "", problem: str = "") -> str:
    """Render the page on which profiles are made.

    Args:
        site: Whose page it is.
        create: The address that makes one.
        refusal: Why none can be made, as a key of words; "" if one can.
        problem: What is wrong with an export that was given.
    """
    return render_template(
        "me_start.html.j2", site, create=create, refusal=refusal, problem=problem, unused_days=UNUSED_DAYS
    )


def render_owner(page: OwnerPage, site: Site, words: Words) -> str:
    """Render the owner's page."""
    profile = page.profile
    votes = [
        _marked(vote.paper, vote.at.date(), page.papers, words("me.vote.more" if vote.liked else "me.vote.less"))
        for vote in profile.votes
    ]
    saved = [_marked(one.paper, one.at.date(), page.papers, "") for one in profile.saved]
    return render_template(
        "me_owner.html.j2",
        replace(site, words=words),
        page=page,
        votes=votes,
        saved=saved,
        here_path=owner_path(profile),
        feed=feed_address(profile),
        saved_feed=saved_address(profile),
        types=TYPE_BOXES,
        summaries=SUMMARY_KEYS,
        most_examples=MOST_EXAMPLES,
        most_votes=MOST_VOTES,
        most_saved=MOST_SAVED,
        unused_days=UNUSED_DAYS,
    )


def render_my_papers(content: FeedContent, page: MyPage) -> str:
    """Render the papers of a profile's feed, each with its links."""
    shown = content.entries[:PAPERS_SHOWN]
    totals = Counter(entry.paper.announced for entry in content.entries)
    days = [
        (day, [(entry, _choices(page, entry.paper.id, OFFERED)) for entry in group], totals[day])
        for day, group in groupby(shown, key=lambda entry: entry.paper.announced)
    ]
    return render_template(
        "me_papers.html.j2",
        page.spoken,
        title=content.request.shown_title,
        address=feed_address(page.profile),
        days=days,
        hidden=len(content.entries) - len(shown),
        saved=saved_address(page.profile),
    )


def render_my_saved(entries: Sequence[Entry], page: MyPage) -> str:
    """Render the saved papers."""
    shown = [(entry, _choices(page, entry.paper.id, OFFERED_SAVED)) for entry in entries[:PAPERS_SHOWN]]
    return render_template(
        "me_saved.html.j2",
        page.spoken,
        address=saved_address(page.profile),
        shown=shown,
        hidden=len(entries) - len(shown),
    )


def render_deed(site: Site, deed: Deed, paper: str, known: Paper | None, *, undo: str = "", is_done: bool) -> str:
    """Render the small page behind a link of an item: before the button was pressed, or after.

    It tells nothing of the profile: whoever has the item may see it.

    Args:
        site: Whose page it is, in the words of the feed.
        deed: What the button does.
        paper: The arXiv id.
        known: The paper, None where it isn't known here.
        undo: The path that takes it back.
        is_done: Whether the button was pressed.
    """
    return render_template(
        "me_deed.html.j2",
        site,
        label=LABELS[deed],
        done=_DONE[deed] if is_done else "",
        votes=deed in {Deed.MORE, Deed.LESS, Deed.UNDO},
        undo=undo,
        paper=paper,
        title=title_text(known) if known else f"arXiv:{paper}",
    )


def render_deleted(site: Site) -> str:
    """Render what is said when a profile was deleted."""
    return render_template("me_deleted.html.j2", site)


def undoing(deed: Deed) -> Deed | None:
    """Return what takes a deed back."""
    return _UNDOING.get(deed)


def _choices(page: MyPage, paper: str, offered: Sequence[Deed]) -> list[Choice]:
    profile, root = page.profile, page.site.root
    chosen = page.chosen(paper)
    return [
        Choice(
            deed,
            page.words(LABELS[deed]),
            root + deed_path(profile, deed, paper),
            root + deed_path(profile, _UNDOING[deed], paper),
            deed in chosen,
            page.words(_DONE[deed]),
        )
        for deed in offered
    ]


def _marked(ident: str, day: date, papers: Mapping[str, Paper], label: str) -> Marked:
    paper = papers.get(ident)
    return Marked(ident, title_text(paper) if paper else f"arXiv:{ident}", day, label)
