"""Papers made ready for comparison: each text is folded once, when a rule first asks for it."""

from __future__ import annotations

from functools import cached_property

from digest.models import Paper
from digest.selection.authors import Name, NamePattern, has_author, may_have_author, name_text, parse_name
from digest.selection.categories import spellings
from digest.selection.words import Form, Vocabulary, Words, compounds, fold, spaced, spaced_compounds


class Text:
    """One text of a paper, answering which terms it holds.

    Strings are searched, not sets of words: preparing a thousand abstracts is most of the work, and a
    search in one takes less than a microsecond.
    """

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        folded = fold(text)
        self._folded = folded
        self._words = f" {folded.replace('-', ' ')} "  # with more than one space here and there
        self._compounds = f" {' '.join(compounds(folded))} " if "-" in folded else ""
        self._vocabulary = vocabulary

    @property
    def words(self) -> list[str]:
        """The words as they stand, then neighbours in a compound as one word."""
        return (self._words + self._compounds).split()

    @property
    def singular(self) -> list[str]:
        """The words in singular, in order."""
        return list(map(self._vocabulary.__getitem__, self._words.split()))

    @property
    def spellings(self) -> dict[str, str]:
        """Each word in singular, and how the text spells it first."""
        return {self._vocabulary[word]: word for word in reversed(self._words.split())}

    def has(self, term: Words) -> bool:
        """Tell whether the term's words stand here, next to each other and in order."""
        if term.prefix:
            return any(raw in text for raw in term.raw for text in self._raw)
        return any(map(self._has_form, term.forms))

    def _has_form(self, form: Form) -> bool:
        for beginning, inflections in form.words:
            # Most texts hold no word that begins like this: one search then says so.
            in_words = beginning in self._words and _holds_one(self._words, inflections)
            if not in_words and not (beginning in self._compounds and _holds_one(self._compounds, inflections)):
                return False
        if not form.phrase:
            return True
        if form.phrases:
            return any(phrase in text for text in self._raw for phrase in form.phrases)
        return any(form.phrase in text for text in self._singular)

    @cached_property
    def _raw(self) -> list[str]:
        """The text's words in order: compounds in parts, and where there are any, as one word."""
        flat = spaced(self._folded)
        return [flat, spaced_compounds(self._folded)] if self._compounds else [flat]

    @cached_property
    def _singular(self) -> list[str]:
        return [f" {' '.join(map(self._vocabulary.__getitem__, text.split()))} " for text in self._raw]


def _holds_one(text: str, words: tuple[str, ...]) -> bool:
    for word in words:  # noqa: SIM110  # half the time of any() with a generator
        if word in text:
            return True
    return False


_NOTHING = Text("", Vocabulary())


class IndexedPaper:
    """A paper with its texts, names and categories in comparable form."""

    def __init__(self, paper: Paper, vocabulary: Vocabulary) -> None:
        self.paper = paper
        self._vocabulary = vocabulary
        self.profiles: dict[str, bytes] = {}
        """Its profile by the version of the fit, once it was made (see `similar.Profiles`)."""

    @cached_property
    def title(self) -> Text:
        """The title."""
        return Text(self.paper.title, self._vocabulary)

    @cached_property
    def abstract(self) -> Text:
        """The abstract."""
        return Text(self.paper.abstract, self._vocabulary)

    @cached_property
    def comment(self) -> Text:
        """The authors' comment; empty where the source has none."""
        return Text(self.paper.comment, self._vocabulary) if self.paper.comment else _NOTHING

    @cached_property
    def journal_ref(self) -> Text:
        """The journal reference; empty where the source has none."""
        return Text(self.paper.journal_ref, self._vocabulary) if self.paper.journal_ref else _NOTHING

    def has_author(self, pattern: NamePattern) -> bool:
        """Tell whether one of the authors is what the pattern asks for."""
        return may_have_author(self._name_text, pattern) and has_author(self._names, pattern)

    @cached_property
    def _name_text(self) -> str:
        return name_text(author.name for author in self.paper.authors)

    @cached_property
    def _names(self) -> tuple[Name, ...]:
        return tuple(parse_name(author.name) for author in self.paper.authors)

    @cached_property
    def carried(self) -> tuple[str, ...]:
        """The categories as the paper carries them, in lower case."""
        return tuple(category.lower() for category in self.paper.categories)

    @cached_property
    def categories(self) -> frozenset[str]:
        """The same, with the other name of those that have two."""
        return frozenset(name.lower() for category in self.paper.categories for name in spellings(category))


class PaperIndex:
    """Indexed papers, each made once. Keep one as long as its papers are asked about; it grows with them."""

    def __init__(self) -> None:
        self._vocabulary = Vocabulary()
        self._by_identity: dict[int, IndexedPaper] = {}

    def __getitem__(self, paper: Paper) -> IndexedPaper:
        """Return the paper indexed. The same object is recognised, an equal one is indexed anew."""
        found = self._by_identity.get(id(paper))
        if found is None:  # the index holds the paper, so its identity can't be reused
            found = self._by_identity[id(paper)] = IndexedPaper(paper, self._vocabulary)
        return found
