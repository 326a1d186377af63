"""arxiv-digest: arXiv's listings, filtered, ranked, summarised and served as feeds."""

__version__ = "0.2.0"
