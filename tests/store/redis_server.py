"""A real redis-server of our own, on a free port, holding nothing on disk."""

import shutil
import socket
import subprocess
from datetime import timedelta
from pathlib import Path

import redis

BINARY = shutil.which("redis-server")


class RedisServer:
    """Start, kill, start again; and let its time pass."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = _free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis(port=self.port, protocol=2)

    def start(self) -> None:
        assert BINARY
        options = {"port": self.port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": self._folder}
        command = [BINARY, *(str(word) for name, value in options.items() for word in (f"--{name}", value))]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for line in self._process.stdout:
            if "Ready to accept connections" in line:
                return
        raise RuntimeError(f"redis-server ended with status {self._process.wait()}")

    def kill(self) -> None:
        self.client.close()
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def reset(self) -> None:
        self.client.config_set("maxmemory", 0)
        self.client.flushall()

    def advance(self, by: timedelta) -> None:
        """Let time pass for every key: its remaining life is shortened."""
        for key in self.client.scan_iter():
            left_ms = self.client.pttl(key)
            if left_ms >= 0:  # one that has no end answers -1
                self.client.pexpire(key, left_ms - int(by / timedelta(milliseconds=1)))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
