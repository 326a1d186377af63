"""The repository or project page that a paper links to in its abstract or comment."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from digest.text.text_tables import names

_HOSTS: Final = names(
    "github.com gitlab.com bitbucket.org codeberg.org huggingface.co gitee.com sr.ht git.sr.ht sourceforge.net "
    "anonymous.4open.science modelscope.cn code.google.com gist.github.com hf.co framagit.org git.overleaf.com"
)
_ARCHIVES: Final = names(
    "zenodo.org osf.io figshare.com kaggle.com dataverse.harvard.edu codeocean.com colab.research.google.com"
)
_PAGES: Final = (".github.io", ".gitlab.io", ".gitee.io", ".pages.dev", ".netlify.app", ".vercel.app", ".readthedocs.io",
                 ".readthedocs.org", ".hf.space", ".streamlit.app", ".codeberg.page", ".notion.site", ".web.app")  # fmt: skip
_NEVER: Final = ("arxiv.org", "doi.org", "youtube.com", "youtu.be", "openreview.net", "creativecommons.org", "ieee.org", "acm.org",
                 "springer.com", "sciencedirect.com", "nature.com", "wiley.com", "overleaf.com", "twitter.com", "x.com",
                 "wikipedia.org", "orcid.org", "bilibili.com", "vimeo.com")  # fmt: skip
# Chinese and Japanese writing, full-width marks, and the stops of other scripts: what follows is the sentence.
_NO_ADDRESS = "、-ヿ㐀-鿿가-힣！-￮،؛؟।«»…"
_ADDRESS = re.compile(
    r"(?:https?://|(?<![\w@./-])(?=(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|huggingface\.co|"
    r"anonymous\.4open\.science|[\w-]+\.github\.io)/))(?:\\[_%#&~]|(?!https?://)[^\s\\{}<>\"|^`“”‘’"
    + _NO_ADDRESS
    + "]){1,1000}",
    re.IGNORECASE,
)
_PHRASE = re.compile(
    r"(?:\bcodes?\b|\brepositor(?:y|ies)\b|\bsoftware\b|\bpackage\b|\bimplementation\b|\bproject\s*(?:web)?\s?(?:page|site)|"
    r"\bhome\s?page\b|\bwebsite\b|\bdemos?\b|\bdatasets?\b|\bbenchmark\b)"
    r"[^.!?]{0,160}$",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?'\"*_~»”’…"
_NO_CODE = ("/datasets/", "/collections/", "/papers/", "/spaces/")
_GATHERING = re.compile(
    r"leader-?board|challenge|competition|conference|workshop|(?<![a-z])(?:conf|neurips|nips|icml|iclr|cvpr|iccv|eccv|wacv|aaai|"
    r"ijcai|kdd|sigir|emnlp|naacl|eacl|aclweb|aclanthology|interspeech|icassp|icra|miccai|codalab|codabench|paperswithcode)(?![a-z])",
    re.IGNORECASE,
)
"""What addresses of leaderboards and conferences hold."""
_PARTS: Final = {
    "github.com": 2,
    "bitbucket.org": 2,
    "codeberg.org": 2,
    "gitee.com": 2,
    "huggingface.co": 2,
    "hf.co": 2,
}
_DEEPER: Final = frozenset({"datasets", "spaces", "collections", "papers", "models"})


def find_code_url(*texts: str) -> str | None:
    """Find the repository or project page linked in *texts*, normalised; None if there is none.

    Repositories come before archives of code and data, those before project pages, those before other
    addresses that the sentence calls code, data or project page; in each class the first one counts.
    Trailing punctuation, brackets, `.git`, `www.`, queries and trailing slashes are taken off;
    the result is `https`.
    """
    best: tuple[int, str] | None = None
    for text in texts:
        if not text or ("://" not in text and ".io" not in text and "git" not in text and "huggingface" not in text):
            continue
        for found in _ADDRESS.finditer(text):
            ranked = _rank(_trimmed(found[0]), text[max(0, found.start() - 200) : found.start()])
            if ranked and (best is None or ranked[0] < best[0]):
                best = ranked
    return best[1] if best else None


def is_repository(url: str) -> bool:
    """Tell whether an address that `find_code_url` found is a repository's on a code host; others are project pages and data."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    is_other = host in {"huggingface.co", "hf.co"} and parts.path.startswith(_NO_CODE)
    return not is_other and (host in _HOSTS or host.startswith(("gitlab.", "git.")))


def is_project(url: str) -> bool:
    """Tell whether an address that is no repository's may be a project's page: not a hub of data, a leaderboard, or a conference."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    is_data = host in _ARCHIVES or (host in {"huggingface.co", "hf.co"} and parts.path.startswith(_NO_CODE))
    return not is_data and _GATHERING.search(host + parts.path) is None


def _trimmed(address: str) -> str:
    address = re.sub(r"\\(.)", r"\1", address)
    while address:
        last = address[-1]
        pairs = {")": "(", "]": "["}
        if (
            last in _TRAILING
            or (last in pairs and address.count(last) > address.count(pairs[last]))
            or last in {"(", "["}
        ):
            address = address[:-1]
        else:
            break
    return address if "://" in address else f"https://{address}"


def _rank(address: str, before: str) -> tuple[int, str] | None:  # noqa: PLR0911 (one return a class)
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    if "." not in host or parts.username or any(host == never or host.endswith(f".{never}") for never in _NEVER):
        return None
    segments = [segment for segment in parts.path.split("/") if segment]
    if host in _HOSTS or host.startswith(("gitlab.", "git.")):
        path = _repository(host, segments)
        if path is None:
            return None
        datasets = host in {"huggingface.co", "hf.co"} and path.startswith(("datasets/", "collections/", "papers/"))
        return int(datasets), f"https://{host}{port}/{path}"
    path = "/".join(segments)
    query = f"?{parts.query}" if parts.query and host not in _ARCHIVES and not host.endswith(_PAGES) else ""
    url = f"https://{host}{port}{f'/{path}' if path or query else ''}{query}"
    if host in _ARCHIVES:
        return (1, url) if path else None
    if host.endswith(_PAGES) or (host == "sites.google.com" and path):
        return 2, url
    return (3, url) if _PHRASE.search(before) else None


def _repository(host: str, segments: list[str]) -> str | None:
    """The path of a repository on a code host; None for a mere user page."""
    wanted = _PARTS.get(host, 0)
    if wanted and segments and segments[0] in _DEEPER:
        wanted = 3
    if len(segments) < max(wanted, 1):
        return None
    if wanted:
        tree = segments[wanted : wanted + 1] in (["tree"], ["blob"]) and len(segments) > wanted + 2
        segments = segments if tree else segments[:wanted]
    if "-" in segments:  # GitLab's own pages of a repository
        segments = segments[: segments.index("-")]
    if not segments:
        return None
    segments = [*segments[:-1], segments[-1].removesuffix(".git")]
    return "/".join(segments) if segments[-1] else None
