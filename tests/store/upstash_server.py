"""A small stand-in for Upstash's REST dialect: it checks what the real one checks and hands commands to a real Redis."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import redis

TOKEN = "AX-token"


class _Handler(BaseHTTPRequestHandler):
    server: "UpstashServer"
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append(body)
        if self.server.answer_instead:
            self._answer(*self.server.answer_instead)
        elif self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._answer(401, b'{"error":"Unauthorized"}')
        elif self.path != "/":
            self._answer(404, b"404 page not found")
        else:
            self._answer(*_run(self.server.redis, body))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _run(client: redis.Redis, body: bytes) -> tuple[int, bytes]:
    try:
        command = json.loads(body)
    except ValueError:
        return 400, b'{"error":"ERR failed to parse command"}'
    if not isinstance(command, list) or not command or not all(isinstance(word, str | int | float) for word in command):
        return 400, b'{"error":"ERR failed to parse command"}'
    try:
        with client.client() as connection:
            connection.response_callbacks.clear()
            reply = connection.execute_command(*command)
    except redis.ResponseError as error:
        text = f"{error.status_code or ''} {error}".strip()
        return 400, json.dumps({"error": text}).encode()
    except redis.RedisError as error:
        return 503, json.dumps({"error": str(error)}).encode()
    return 200, json.dumps({"result": _as_json(reply)}).encode()


def _as_json(reply: object) -> object:
    if isinstance(reply, bytes):
        return reply.decode(errors="replace")  # REST carries text: other bytes are lost, as with the real one
    return [_as_json(part) for part in reply] if isinstance(reply, list) else reply


class UpstashServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, client: redis.Redis) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.redis = client
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.requests: list[bytes] = []
        self.answer_instead: tuple[int, bytes] | None = None


@contextmanager
def upstash_server(client: redis.Redis) -> Iterator[UpstashServer]:
    with UpstashServer(client) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
