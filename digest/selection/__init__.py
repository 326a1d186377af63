"""Which papers, scored how, in which order, how many: pure functions over papers that are already here.

parse_query   a filter in arXiv's query syntax to a `Query`
Selection     everything that a reader can ask for; `narrow` restricts one by another
select        papers to entries, with the account of what was left out
explain       the same for one paper, rule by rule
account_for   how many papers each condition leaves, for a selection that leaves none
"""

from digest.selection.accounting import Condition, account_for
from digest.selection.bibtex import read_bibtex
from digest.selection.explaining import Step, explain
from digest.selection.indexing import PaperIndex
from digest.selection.lists import split_list
from digest.selection.query import Query, spelled_alike
from digest.selection.query_parser import parse_query
from digest.selection.selecting import LeftOut, Selected, select
from digest.selection.selection import Filters, Keyword, Scoring, Selection, Topic, narrow
from digest.selection.similar import Example
from digest.selection.wishes import WishAccount
from digest.selection.wording import filter_words

__all__ = [
    "Condition",
    "Example",
    "Filters",
    "Keyword",
    "LeftOut",
    "PaperIndex",
    "Query",
    "Scoring",
    "Selected",
    "Selection",
    "Step",
    "Topic",
    "WishAccount",
    "account_for",
    "explain",
    "filter_words",
    "narrow",
    "parse_query",
    "read_bibtex",
    "select",
    "spelled_alike",
    "split_list",
]
