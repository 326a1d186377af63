"""A profile as a value: settings, votes with their dates, what is saved. Every change makes another value.

Changes are by paper, so two devices that vote at the same time never undo each other's votes: each change is made to
what the other one left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, AwareDatetime, Field, field_validator

from digest.arxiv.identifiers import parse_identifier
from digest.errors import InputError
from digest.models import Frozen
from digest.profiles.keys import ROOT_BYTES, Key, Kind, ident_of, make_key, opens

MOST_VOTES = 1_000
"""Votes that a profile keeps; the oldest give way."""
MOST_SAVED = 1_000
"""Papers that may be saved; no further one is taken."""
UNUSED_DAYS = 400
"""A profile that nobody used for so many days is deleted."""
LATEST = 1
"""The version of exports that this program writes, and the newest that it reads."""


def _bare_id(text: str) -> str:
    found = parse_identifier(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is no arXiv id")
    return found.id


PaperId = Annotated[str, Field(max_length=80), AfterValidator(_bare_id)]


class Vote(Frozen):
    """More like this paper, or less like it."""

    paper: PaperId
    liked: bool
    at: AwareDatetime


class Saved(Frozen):
    """A paper that is saved."""

    paper: PaperId
    at: AwareDatetime


_Dated = TypeVar("_Dated", Vote, Saved)


class Profile(Frozen):
    """All that is known of a reader.

    Attributes:
        root: The secret behind the keys, in hexadecimal digits.
        editions: Which keys of each kind are valid, see `keys`.
        spec: Categories, joined with `+`.
        query: The parameters of the feed in canonical form, as an address has them.
        votes: Newest first, one a paper.
        saved: Newest first, one a paper.
        created: The day on which it was made.
    """

    root: Annotated[str, Field(pattern=rf"^[0-9a-f]{{{2 * ROOT_BYTES}}}$")]
    editions: dict[Kind, Annotated[str, Field(pattern=r"^[0-9a-z]{0,32}$")]]
    spec: Annotated[str, Field(min_length=1, max_length=2_000)]
    query: tuple[tuple[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=2_000)]], ...] = ()
    votes: Annotated[tuple[Vote, ...], Field(max_length=MOST_VOTES)] = ()
    saved: Annotated[tuple[Saved, ...], Field(max_length=MOST_SAVED)] = ()
    created: date

    @field_validator("editions")
    @classmethod
    def _every_kind(cls, editions: dict[Kind, str]) -> dict[Kind, str]:
        if missing := [kind.name.lower() for kind in Kind if kind not in editions]:
            raise ValueError(f"the edition of {missing[0]} is missing")
        return editions

    @field_validator("votes", "saved")
    @classmethod
    def _one_a_paper(cls, marks: tuple[_Dated, ...]) -> tuple[_Dated, ...]:
        return _newest_of_each(marks)

    @property
    def ident(self) -> str:
        """What names the profile in the store."""
        return ident_of(bytes.fromhex(self.root))

    def key(self, kind: Kind, paper: str = "") -> str:
        """Return the present key of a kind; *paper*: the one that a vote key is for."""
        return make_key(bytes.fromhex(self.root), kind, self.editions[kind], paper)

    def liked(self, most: int | None = None) -> tuple[str, ...]:
        """Return the papers to find more like, those voted for last first; *most* of them."""
        return _papers(self.votes, liked=True)[:most]

    def disliked(self, most: int | None = None) -> tuple[str, ...]:
        """Return the papers to find less like, the same way."""
        return _papers(self.votes, liked=False)[:most]

    def with_votes(self, votes: Iterable[Vote]) -> Self:
        """Return the profile with more votes; of two on one paper the later one counts, and the oldest give way."""
        return self._with(votes=_newest_of_each((*votes, *self.votes))[:MOST_VOTES])

    def without_votes(self, papers: Collection[str]) -> Self:
        """Return the profile without its votes on *papers*."""
        return self._with(votes=tuple(vote for vote in self.votes if vote.paper not in papers))

    def with_saved(self, saved: Iterable[Saved]) -> Self:
        """Return the profile with more papers saved.

        Raises:
            InputError: There would be too many.
        """
        known = {one.paper for one in self.saved}
        together = _newest_of_each((*(one for one in saved if one.paper not in known), *self.saved))
        if len(together) > MOST_SAVED:
            raise InputError(f"a profile saves {MOST_SAVED:,} papers at most", name="save", hint="remove some first")
        return self._with(saved=together)

    def without_saved(self, papers: Collection[str]) -> Self:
        """Return the profile with *papers* saved no longer."""
        return self._with(saved=tuple(one for one in self.saved if one.paper not in papers))

    def _with(self, **changes: object) -> Self:
        return self.model_copy(update=changes)


class Exported(Profile):
    """A profile as its owner gets it, and gives it back."""

    format: Literal["arxiv-digest profile"] = "arxiv-digest profile"
    version: Annotated[int, Field(ge=1, le=LATEST)] = LATEST


def is_opened(profile: Profile, key: Key, paper: str = "") -> bool:
    """Tell whether *key* is one of the profile's present keys; *paper*: what a vote key has to be for."""
    return opens(key, bytes.fromhex(profile.root), profile.editions, paper)


def with_settings(profile: Profile, spec: str, query: Iterable[tuple[str, str]]) -> Profile:
    """Return the profile with another feed."""
    return profile.model_copy(update={"spec": spec, "query": tuple(query)})


def renewed(profile: Profile, kind: Kind, edition: str) -> Profile:
    """Return the profile with new keys of one kind."""
    return profile.model_copy(update={"editions": {**profile.editions, kind: edition}})


def merged(profile: Profile, other: Profile) -> Profile:
    """Return the profile with the votes and saved papers of *other* beside its own; its settings and keys stay.

    Raises:
        InputError: There would be too many saved papers.
    """
    return profile.with_votes(other.votes).with_saved(other.saved)


def exported(profile: Profile) -> str:
    """Return the profile as JSON for its owner: with the root, so that it opens everything."""
    members = {name: getattr(profile, name) for name in Profile.model_fields}
    return Exported.model_construct(**members).model_dump_json(indent=1) + "\n"


def restored(text: bytes | str) -> Profile:
    """Return the profile of an export.

    Raises:
        pydantic.ValidationError: It is none.
    """
    read = Exported.model_validate_json(text)
    return Profile(**{name: getattr(read, name) for name in Profile.model_fields})


def new_editions() -> Mapping[Kind, str]:
    """Return the editions of a new profile's keys."""
    return dict.fromkeys(Kind, "")


def _papers(votes: Iterable[Vote], *, liked: bool) -> tuple[str, ...]:
    return tuple(vote.paper for vote in votes if vote.liked is liked)


def _newest_of_each(marks: Iterable[_Dated]) -> tuple[_Dated, ...]:
    """Return the last mark of each paper, newest first; of equal times the one that comes first here."""
    found: dict[str, _Dated] = {}
    for mark in marks:
        known = found.get(mark.paper)
        if known is None or mark.at > known.at:
            found[mark.paper] = mark
    return tuple(sorted(found.values(), key=lambda mark: mark.at, reverse=True))
