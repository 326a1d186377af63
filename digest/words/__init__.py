"""Every word that a reader sees on pages, in items of feeds and in messages: one table a language, one key a text.

A text is a `str.format` pattern with named values. A text that depends on a number is a pair, for one and for any other
number; the number is the value `count`, and `{count:,}` writes it with separators. Tests compare the tables: the same
keys, the same values in each text, and no key that nothing uses.

Templates say `say("key", name=value)`, and `say_html` where the table's text holds markup; Python takes a language's
`Words` as an argument.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from digest.words.chinese import CHINESE
from digest.words.english import ENGLISH

if TYPE_CHECKING:
    from markupsafe import Markup

Text = str | tuple[str, str]
"""A pattern, or the patterns for one and for any other number."""
TABLES: Mapping[str, Mapping[str, Text]] = MappingProxyType({"en": ENGLISH, "zh": CHINESE})
"""The tables by the primary subtag of their language (BCP 47, https://www.rfc-editor.org/rfc/rfc5646)."""
LANGUAGES = tuple(TABLES)


@dataclass(frozen=True)
class Words:
    """The words of one language; what its table lacks is said in English.

    Attributes:
        language: The table's language, as `lang` of HTML has it: "en", "zh".
    """

    language: str = "en"
    _table: Mapping[str, Text] = field(default_factory=lambda: ENGLISH, repr=False)

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of *key* as plain text, with *values* in it; a key that no table has is a KeyError."""
        return self._pattern(key, values).format(**values)

    def html(self, key: str, **values: object) -> Markup:
        """Return a text whose pattern is HTML, with *values* escaped unless they are markup themselves."""
        from markupsafe import Markup

        return Markup(self._pattern(key, values)).format(**values)  # noqa: S704 - the tables are ours; format escapes

    def _pattern(self, key: str, values: Mapping[str, object]) -> str:
        text = self._table.get(key) or ENGLISH[key]
        if isinstance(text, str):
            return text
        return text[0] if values["count"] == 1 else text[1]


ENGLISH_WORDS = Words()


def words_in(language: str | None) -> Words:
    """Return the words of a language tag such as "zh-CN"; English where there is no table for it.

    Whatever stands behind the primary subtag is ignored.
    """
    primary = (language or "en").replace("_", "-").partition("-")[0].lower()
    return Words(primary, TABLES[primary]) if primary in TABLES else ENGLISH_WORDS
