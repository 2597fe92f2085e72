"""Requests that no browser sends, byte by byte, to the real server."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def port():
    """The port of a server that runs the application without a database."""
    port = free_port()
    path = os.pathsep.join([str(ROOT), str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    server = subprocess.Popen(
        [
            *(sys.executable, "-W", "ignore", "-m", "granian", "--interface", "wsgi", "--factory"),
            *("--host", "127.0.0.1", "--port", str(port), "--blocking-threads", "2", "security.door:served"),
        ],
        env={**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "ignore"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _each in range(300):
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, "the server did not start"
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def send(port, raw, patience=5.0):
    """The status of each answer to these bytes; none if the server hung up or waits for more."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
        try:
            connection.sendall(raw)
            while part := connection.recv(65536):
                answer += part
        except (TimeoutError, ConnectionError):
            pass
    return [int(line.split()[1]) for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.")]


def request(line, *headers, body=b""):
    return b"\r\n".join([line + b" HTTP/1.1", *headers, b"Connection: close", b"", body])


HOST = b"Host: localhost"


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (request(b"GET /healthz", HOST), 200),
        (request(b"GET /%zz%ff%fe", HOST), 400),
        (request(b"GET /echo%ff", HOST), 400),
        (request(b"GET /echo\xff", HOST), 400),
        (request(b"GET /echo%00", HOST), 400),
        (request(b"GET /echo?a=%zz", HOST), 400),
        (request(b"GET /echo", HOST, b"Host: evil.example"), 400),
        (request(b"GET /echo"), 400),
        (b"GET /echo HTTP/1.0\r\n\r\n", 400),
        (request(b"TRACE /echo", HOST), 405),
        (request(b"JEFF /echo", HOST), 501),
        (
            request(
                b"POST /echo", HOST, FORM[:-2], b"Content-Length: 3", b"Content-Length: 5", body=b"a=1&b"
            ),
            400,
        ),
        (request(b"POST /echo", HOST, FORM[:-2], b"Content-Length: 999999999", body=b"a=1"), 413),
        (request(b"POST /echo", HOST, b"Content-Length: -1", body=b"a=1"), 400),
        (
            request(
                b"POST /echo", HOST, FORM[:-2], b"Transfer-Encoding: chunked", body=b"3\r\na=1\r\n0\r\n\r\n"
            ),
            411,
        ),
        (request(b"GET /echo", HOST, *(b"X-%d: 1" % number for number in range(20_000))), 431),
    ],
)
def test_malformed_requests_are_the_askers_fault(port, raw, status):
    assert send(port, raw)[:1] == [status]


@pytest.mark.parametrize(
    "headers",
    [
        (b"Content-Length: 4", b"Transfer-Encoding: chunked"),
        (b"Content-Length: 4", b"Transfer-Encoding: xchunked"),
        (b"Content-Length: 4", b"Content-Length: 60"),
        (b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"),
        (b"Transfer-Encoding : chunked", b"Content-Length: 4"),
    ],
)
def test_no_request_is_smuggled_behind_another(port, headers):
    smuggled = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    raw = b"\r\n".join([b"POST /echo HTTP/1.1", HOST, *headers, b"", smuggled])
    statuses = send(port, raw)
    assert statuses[0] >= 400
    assert 200 not in statuses


def test_noise_never_is_our_fault_and_the_server_lives(port):
    noise = random.Random(4711)
    template = request(b"POST /echo?q=1", HOST, FORM[:-2], b"Content-Length: 7", body=b"a=1&b=2")
    for _each in range(100):
        raw = bytearray(template)
        for _change in range(noise.randint(1, 6)):
            where = noise.randrange(len(raw))
            raw[where : where + noise.randint(0, 3)] = noise.randbytes(noise.randint(0, 3))
        assert all(status < 500 or status == 501 for status in send(port, bytes(raw), 0.3))
    assert send(port, request(b"GET /healthz", HOST)) == [200]
