"""Requests as bytes on a connection, through each of the HTTP parsers that a server may run with."""

import socket
import threading
from contextlib import contextmanager

import pytest
import uvicorn

from api.factory import create_app
from digest.config.settings import Config

CHUNKS = b"0\r\n\r\n"
SECOND = b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"


@contextmanager
def served(parser):
    """Serve an application with *parser*, and give the port."""
    listening = socket.create_server(("127.0.0.1", 0))
    app = create_app(Config(), environ={})
    server = uvicorn.Server(uvicorn.Config(app, http=parser, lifespan="off", log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def answer_to(port, request):
    """Return all that comes until the server closes the connection, or falls silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(request)
        received, is_closed = b"", False
        try:
            while part := connection.recv(65536):
                received += part
            is_closed = True
        except TimeoutError:
            pass
        except ConnectionResetError:
            is_closed = True
        return received, is_closed


@pytest.mark.parametrize("parser", ["h11", "httptools"])
def test_a_request_with_a_length_and_chunks_is_refused_and_the_connection_closed(parser):
    head = b"GET /healthz HTTP/1.1\r\nHost: h\r\n%s\r\n"
    lengths = (b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n")
    with served(parser) as port:
        for order in (lengths, lengths[::-1]):
            received, is_closed = answer_to(port, head % b"".join(order) + CHUNKS + SECOND)
            assert received.startswith(b"HTTP/1.1 400 ")
            assert received.count(b"HTTP/1.1") == 1
            assert is_closed
        for one in lengths[1:]:
            received, is_closed = answer_to(port, head % one + CHUNKS + SECOND)
            assert received.count(b"HTTP/1.1 200 OK") == 2
            assert not is_closed
