"""Start the command line: `python -m digest`."""

import sys

if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever has no environment may have any Python
        sys.exit(f"arxiv-digest needs Python 3.11 to 3.14, and this is {sys.version.split()[0]}. Run: make serve")
    try:
        from digest.cli.commands import main
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in {"api", "digest"}:
            raise
        sys.exit(
            f"This Python ({sys.executable}) lacks the package {error.name}. `make serve` sets up an environment and starts "
            "the server; after that, run: .venv/bin/python -m digest"
        )
    main()
