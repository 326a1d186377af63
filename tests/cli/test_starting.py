"""Starting: a port that is taken, and a Python without the packages."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from digest.cli.commands import bound_socket
from digest.errors import DigestError

ROOT = Path(__file__).resolve().parents[2]


def test_a_port_in_use_is_refused_with_another_one_to_try():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DigestError, match=rf"^Port {port} is in use\. Try: make serve PORT={port + 1}$"):
            bound_socket("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(DigestError, match=r"^can't listen on 192\.0\.2\.1, port 8000: "):
        bound_socket("192.0.2.1", 8000)


def test_port_0_takes_a_free_one():
    with bound_socket("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        assert listening.getsockname()[1] > 0


@pytest.mark.end_to_end
def test_a_python_without_the_packages_says_what_to_run():
    run = [sys.executable, "-S", "-m", "digest", "check"]
    done = subprocess.run(run, check=False, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "lacks the package typer" in done.stderr
    assert ".venv/bin/python -m digest" in done.stderr
    assert "Traceback" not in done.stderr
