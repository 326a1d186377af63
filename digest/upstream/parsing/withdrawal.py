"""Withdrawals: arXiv announces them as replacements, and only the text says what they are.

One notice in free words is at the beginning of comment or abstract, in a comment also behind the pages and after
each sentence. arXiv's administrators put "arXiv admin note:" before theirs.
"""

from __future__ import annotations

import re

_PAPER = r"(?:papers?|articles?|pre-?prints?|e-?prints?|submissions?|manuscripts?|contributions?)"
_WORK = rf"(?:{_PAPER}|works?|notes?|versions?|documents?|drafts?|reports?|stud(?:y|ies)|letters?|surveys?|thes[ie]s|chapters?|entry)"
# "The report was withdrawn" may be any report; "this report" is the one at hand.
_THIS = (
    rf"(?:(?:(?:this|our|my|present|current|said|whole|entire|original|previous|earlier|first|arxiv)\s+|versions?\s+\d+\s+of\s+"
    rf"|v\d+\s+of\s+)+(?:the\s+|this\s+)?(?:arxiv\s+)?{_WORK}|(?:the\s+(?:(?:present|current|above|arxiv|submitted)\s+)*)?(?:arxiv\s+)?{_PAPER})"
)
_ADVERB = r"(?:(?:\w+ly|now|hereby|herewith|being|since|been|also|just|again|therefore)\s+)*"
_AUTHORS = (
    r"(?:(?:the|all|its|both)\s+)*(?:(?:first|corresponding|submitting)\s+)?"
    r"(?:authors?|submitters?|arxiv(?:\s+(?:administrators?|admins?|moderators?|staff))?|administrators?|moderators?)"
)
_BY = rf"(?:(?:temporarily|permanently|voluntarily)\s+)?by\s+(?:{_AUTHORS}|me|us|request)"
_REASON = (
    r"(?:due|owing|because|pending|until|till|in\s+order|on\s+account|at\s+the\s+request|for\s+(?:\w+\s+)?(?:revisions?|corrections?)|"
    r"(?:as|since)\s+(?:it|the|this|we|there|I|some|an?))"
)
_ELSEWHERE = r"(?!\s+from\s+(?!arxiv|the\s+arxiv|public))"
_ARXIV_DID = r"(?=\s+(?:by\s+(?:the\s+)?(?:arxiv|administrators?|moderators?)|from\s+(?:the\s+)?arxiv)\b)"

_NOTICE = re.compile(
    rf"""(?:
        # This paper has now been withdrawn. This version has been removed by arXiv administrators.
        {_THIS} \s+ (?:(?:has|have|had)\s+{_ADVERB}been|is|are|was|were) \s+ {_ADVERB}
            (?:withdrawn|retracted|removed{_ARXIV_DID})
      | {_THIS} \s+ (?:withdrawn|retracted|removed{_ARXIV_DID}) (?=\s*(?:$|[.,;:(\]])|\s+(?:{_BY}|{_REASON})\b)
      | {_THIS} \s+ (?:will|shall|must|should|needs?\s+to|has\s+to) \s+ be \s+ (?:withdrawn|retracted)
        # Withdrawn by the authors due to …
      | (?:withdrawn|retracted|removed{_ARXIV_DID}) (?=\s+(?:{_BY}|{_REASON})\b)
        # Withdrawn. [Withdrawn] see v1. Withdrawn: error in Lemma 3.
      | (?:withdrawn|retracted) (?=\W*$|\W+(?:see\s|superseded|replaced|(?:an?\s+|the\s+)?(?:\w+\s+)?
            (?:errors?|mistakes?|gaps?|flaws?|bugs?)\s+(?:in|of|was|were|has|found)\b))
        # We have decided to withdraw the manuscript. I am withdrawing this paper.
      | (?:{_AUTHORS}|we|I) \s+ (?:(?:have|has|had|am|are|is|was|were|would|will|must|do|wish|want|like|decided|chosen|need|
            now|to|asked|requested|arxiv)\s+|hereby\s+|therefore\s+|\w+ly\s+)*
            (?:withdraw(?:s|n|ing)?|withdrew|retract(?:s|ed|ing)?) \s+ (?:(?:it|this)(?=\s*(?:$|[.,;:]))|{_THIS})
    )\b {_ELSEWHERE}""",
    re.IGNORECASE | re.VERBOSE,
)
_BARE = re.compile(
    rf"""(?:(?:temporarily|voluntarily|now)\s+)?
    (?:(?:withdrawn|retracted) (?=\s*(?:$|[.,;:!)\]/–—])|\s+-|\s+(?:for|as|since|after|following|upon|given|in)\b)
      | (?:withdrawal|retraction) (?=\s+(?:{_BY}|due|owing|because|pending|requested|notice)\b)
      | (?:request|notice) \s+ (?:for|of) \s+ (?:the\s+)? (?:withdrawal|retraction)
    )\b {_ELSEWHERE}""",
    re.IGNORECASE | re.VERBOSE,
)
"""What says enough in a comment; an abstract may begin so ("Withdrawn: a history of banknotes")."""
_WHY_FIRST = r"(?:(?:due|owing)\s+to\s+[^.;,]{1,160},\s+|because\s+of\s+[^.;,]{1,160},\s+)?"
_LEAD = re.compile(
    r"[\W_]{0,20}(?:arxiv\s+admin(?:istrator)?s?\s+notes?\s*[:.,–—-]*\s*)?" + _WHY_FIRST + r"[\W_]{0,20}", re.IGNORECASE
)
_SENTENCE = re.compile(r"[.;:!?)\]]\s+|,\s+|\s+[–—-]+\s+|\n+")


def is_withdrawal(comment: str | None, abstract: str) -> bool:
    """Tell whether comment or abstract holds a withdrawal notice.

    "This paper has been withdrawn by the authors due to …", "arXiv admin note: This version has been removed by arXiv
    administrators …"; in a comment also "Withdrawn: error in Lemma 3", and behind other things ("7 pages; this paper
    has been withdrawn"). Mentions ("supersedes a withdrawn paper") and withdrawals from a conference are none.

    Source: arXiv help, https://info.arxiv.org/help/withdraw.html.
    """
    return _comment_says_so(comment or "") or _begins_with(_NOTICE, abstract)


def _comment_says_so(comment: str) -> bool:
    if _begins_with(_NOTICE, comment) or _begins_with(_BARE, comment):
        return True
    return any(_begins_with(_NOTICE, comment, end.end()) for end in _SENTENCE.finditer(comment[:2000]))


def _begins_with(notice: re.Pattern[str], text: str, start: int = 0) -> bool:
    lead = _LEAD.match(text, start)
    return notice.match(text, lead.end() if lead else start) is not None
