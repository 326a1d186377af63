"""Write "Deploy with Vercel" buttons for a fork into the README: `make deploy-button REPO=you/fork`."""

import re
import sys
from pathlib import Path
from urllib.parse import urlencode

README = Path(__file__).resolve().parents[1] / "README.md"
IMAGE = "https://vercel.com/button"
NEW = "https://vercel.com/new/clone"
REDIS = (
    '[{"type":"integration","protocol":"storage","productSlug":"upstash-kv",'
    '"integrationSlug":"upstash","allowConnectExistingProduct":true}]'
)
_PLACE = re.compile(r"(<!-- deploy-button -->\n).*?(<!-- /deploy-button -->)", re.DOTALL)
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")


def buttons(repository: str) -> str:
    """Return Markdown for two buttons: one plain, one that adds a Redis.

    Raises:
        ValueError: *repository* isn't `owner/name`, as GitHub writes it.

    Source: Vercel, "Deploy Button", https://vercel.com/docs/deploy-button.
    """
    if not _REPOSITORY.fullmatch(repository):
        raise ValueError(f"REPO must be the owner and name of your fork, such as you/arxiv-digest, not {repository!r}")
    asked = {
        "repository-url": f"https://github.com/{repository}",
        "project-name": "arxiv-feeds",
        "repository-name": "arxiv-feeds",
    }
    plain = f"[![Deploy with Vercel]({IMAGE})]({NEW}?{urlencode(asked)})"
    redis = f"[![Deploy with Vercel and Redis]({IMAGE})]({NEW}?{urlencode(asked | {'stores': REDIS})})"
    return f"{plain}\n{redis}\n"


def with_buttons(text: str, repository: str) -> str:
    """Return *text* with the buttons between its two marks, in place of any that are there.

    Raises:
        ValueError: The marks are missing, or *repository* isn't `owner/name`.
    """
    written = buttons(repository)
    if not _PLACE.search(text):
        raise ValueError("README.md has no line <!-- deploy-button --> followed by <!-- /deploy-button -->")
    return _PLACE.sub(lambda found: found[1] + written + found[2], text)


def main() -> int:
    try:
        README.write_text(with_buttons(README.read_text(encoding="utf-8"), "".join(sys.argv[1:])), encoding="utf-8")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print("README.md now has the buttons. Commit and push it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
