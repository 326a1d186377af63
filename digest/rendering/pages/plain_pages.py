"""Pages without papers of their own: help, and the papers that a reader saved in the browser."""

from __future__ import annotations

from digest.rendering.pages.templating import Site, render_template

FILTERS = (
    ("q", "diffusion -image", "help.filter_words"),
    ("q", 'ti:"language model" OR abs:LLM*', "help.filter_fields"),
    ("q", "co:accepted co:ICLR", "help.filter_comment"),
    ("q", "cat:stat.ML ANDNOT cat:cs.CV", "help.filter_category"),
    ("include", "diffusion,flow matching", "help.filter_include"),
    ("exclude", "survey,review", "help.filter_exclude"),
    ("author", "Bengio, Y.;Hinton", "help.filter_author"),
    ("has", "code", "help.filter_code"),
    ("types", "new", "help.filter_types"),
    ("days", "3", "help.filter_days"),
)
"""Examples of filters: parameter, value, key of what it does."""
RANKING = (
    ("like", "2501.01234,hep-th/9901001", "help.rank_like"),
    ("keywords", "diffusion:3,survey:-1", "help.rank_keywords"),
    ("top", "20", "help.rank_top"),
    ("min_score", "2", "help.rank_score"),
)
WORDS = (
    ("help.word_announcement", "help.word_announcement_is"),
    ("help.word_archive", "help.word_archive_is"),
    ("help.word_cross", "help.word_cross_is"),
    ("help.word_revised", "help.word_revised_is"),
    ("help.word_complete", "help.word_complete_is"),
    ("help.word_digest", "help.word_digest_is"),
)
TROUBLES = (
    ("help.trouble_empty", "help.trouble_empty_is"),
    ("help.trouble_config", "help.trouble_config_is"),
    ("help.trouble_offline", "help.trouble_offline_is"),
    ("help.trouble_many", "help.trouble_many_is"),
)


def render_help(site: Site) -> str:
    """Render what filters, ranking and our words mean, and the keys."""
    return render_template("help.html.j2", site, filters=FILTERS, ranking=RANKING, words=WORDS, troubles=TROUBLES)


def render_saved(site: Site) -> str:
    """Render the frame that a script fills with the papers saved in the browser."""
    return render_template("saved.html.j2", site)
