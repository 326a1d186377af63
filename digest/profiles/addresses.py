"""Where a profile's pages and feeds are; only whoever holds the key that is in an address finds anything there."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from digest.feeds.addresses import FeedAddress, spec_address
from digest.feeds.document import Action
from digest.profiles.keys import Kind
from digest.profiles.profile import Profile
from digest.words import Words

HOME = "/me"
"""Where profiles are made."""


class Deed(StrEnum):
    """What a vote key lets its holder do with one paper; part of an address."""

    MORE = "more"
    LESS = "less"
    UNDO = "undo"
    SAVE = "save"
    UNSAVE = "unsave"


OFFERED = (Deed.MORE, Deed.LESS, Deed.SAVE)
"""What is below a paper of the feed."""
OFFERED_SAVED = (Deed.MORE, Deed.LESS, Deed.UNSAVE)
"""What is below a paper that is saved."""
LABELS = {
    Deed.MORE: "me.more",
    Deed.LESS: "me.less",
    Deed.UNDO: "me.undo",
    Deed.SAVE: "me.save",
    Deed.UNSAVE: "me.unsave",
}
"""What each is called, as keys of words."""


def owner_path(profile: Profile) -> str:
    """Return the path of the owner's page."""
    return f"{HOME}/{profile.key(Kind.OWNER)}"


def feed_address(profile: Profile) -> FeedAddress:
    """Return where the feed is, in every format and as a page."""
    path = f"{HOME}/{profile.key(Kind.READ)}"
    return FeedAddress(path, f"{path}.{{}}")


def saved_address(profile: Profile) -> FeedAddress:
    """Return where the saved papers are."""
    path = f"{HOME}/{profile.key(Kind.READ)}/saved"
    return FeedAddress(path, f"{path}.{{}}")


def deed_path(profile: Profile, deed: Deed, paper: str) -> str:
    """Return the path of the small page on which something is done with a paper."""
    return f"{HOME}/{profile.key(Kind.VOTE, paper)}/{deed}/{paper}"


def actions_for(
    profile: Profile, paper: str, words: Words, *, base_url: str, offered: Sequence[Deed] = OFFERED
) -> tuple[Action, ...]:
    """Return the links below a paper."""
    return tuple(Action(words(LABELS[deed]), base_url + deed_path(profile, deed, paper)) for deed in offered)


def stateless_address(profile: Profile, *, longest: int) -> FeedAddress:
    """Return a public feed that ranks alike, by as many of the last votes as its address has room for.

    Args:
        profile: Whose votes.
        longest: Characters that the address may have.
    """
    liked, disliked = profile.liked(), profile.disliked()
    for most in range(max(len(liked), len(disliked)), -1, -1):
        sides = (("like", liked[:most]), ("dislike", disliked[:most]))
        named = [(name, ",".join(sorted(papers))) for name, papers in sides if papers]
        address = spec_address(profile.spec, sorted([*profile.query, *named]))
        if len(address.feed("atom")) <= longest:
            break
    return address
