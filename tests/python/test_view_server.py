"""The server of tare view, spoken to over raw sockets: what it serves, whom it refuses, its end."""

import os
import socket
import subprocess
import sys
import threading
import time

import pytest
from tare.viewer import server as module
from tare.viewer.server import MOST_CONNECTIONS, Server

PAGE = b"<!doctype html>" + bytes(range(256)) * 4096  # more than one piece
PATIENCE = 30


class Running:
    """A server in a thread of its own, as serve_until_nobody_looks runs it."""

    def __init__(self, **options):
        self.server = Server(PAGE, **options)
        self.thread = threading.Thread(target=self.server.serve_until_nobody_looks, daemon=True)
        self.thread.start()
        self.host = f"127.0.0.1:{self.server.port}"
        self.path = f"/{self.server.token}/"

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.server.port), timeout=PATIENCE)

    def ask(self, first, *headers, host=True):
        """Everything that comes back until the server closes."""
        lines = [first, *([f"Host: {self.host}"] if host else []), *headers, "Connection: close"]
        return self.exchange("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def exchange(self, data):
        with self.connect() as connection:
            connection.sendall(data)
            return read_all(connection)

    def get(self, *headers, path=None, method="GET", **options):
        return self.ask(f"{method} {path or self.path} HTTP/1.1", *headers, **options)

    def stream(self):
        connection = self.connect()
        connection.sendall(f"GET {self.path}alive HTTP/1.1\r\nHost: {self.host}\r\n\r\n".encode())
        received = b""
        while b"retry:" not in received:
            received += connection.recv(4096)
        assert b"Content-Type: text/event-stream" in received
        return connection

    def ended(self, seconds=PATIENCE):
        self.thread.join(seconds)
        return not self.thread.is_alive()


def read_all(connection):
    received = b""
    while True:
        try:
            part = connection.recv(1 << 16)
        except ConnectionResetError:
            return received
        if not part:
            return received
        received += part


def status(answer):
    return int(answer.split(b" ", 2)[1])


def read_answer(connection):
    """One answer of a connection that stays."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(1)
    size = int(received.split(b"Content-Length: ")[1].split(b"\r\n")[0])
    body = b""
    while len(body) < size:
        body += connection.recv(size - len(body))
    return received, body


@pytest.fixture
def start():
    started = []

    def call(**options):
        started.append(Running(**options))
        return started[-1]

    yield call
    for running in started:
        if running.thread.is_alive():
            running.server.tabs.enter()
            with running.server.tabs.changed:
                running.server.tabs.grace_seconds = 0.0
            running.server.tabs.leave()
        assert running.ended()


# ---- what it serves ----


def test_the_page_and_its_headers(start):
    running = start()
    head, _, body = running.get().partition(b"\r\n\r\n")
    assert body == PAGE
    first, *lines = head.decode().split("\r\n")
    assert first == "HTTP/1.1 200 OK"
    assert dict(line.split(": ", 1) for line in lines) == {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(PAGE)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
        "Content-Security-Policy": "frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Connection": "close",
    }


def test_head_is_the_same_without_the_page(start):
    running = start()
    head = running.get(method="HEAD")
    assert head.endswith(b"\r\n\r\n") and f"Content-Length: {len(PAGE)}".encode() in head
    assert head == running.get().partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def test_it_listens_on_this_machine_alone(start):
    running = start()
    assert running.server.socket.getsockname() == ("127.0.0.1", running.server.port)
    assert running.server.url == f"http://{running.host}{running.path}"


def test_tokens_are_long_and_never_the_same(start):
    tokens = {start().server.token for _ in range(3)}
    assert len(tokens) == 3 and all(len(token) >= 22 for token in tokens)


def test_a_connection_may_ask_again(start):
    running = start()
    asked = f"GET {running.path} HTTP/1.1\r\nHost: {running.host}\r\n\r\n".encode()
    with running.connect() as connection:
        for _ in range(3):
            connection.sendall(asked)
            head, body = read_answer(connection)
            assert b"Connection: keep-alive" in head and body == PAGE
        connection.sendall(asked + asked)  # both at once
        assert [read_answer(connection)[1] for _ in range(2)] == [PAGE, PAGE]


def test_older_clients_get_one_answer(start):
    running = start()
    asked = f"GET {running.path} HTTP/1.0\r\nHost: {running.host}\r\n\r\n"
    answer = running.exchange(asked.encode())
    assert status(answer) == 200 and b"Connection: close" in answer


def test_a_request_may_come_in_pieces(start):
    running = start()
    with running.connect() as connection:
        for byte in f"GET {running.path} HTTP/1.1\r\nHost: {running.host}\r\n\r\n".encode():
            connection.sendall(bytes([byte]))
        assert read_answer(connection)[1] == PAGE


# ---- whom it refuses ----


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1", "localhost", "127.0.0.1:1", "[::1]:{port}", "127.0.0.2:{port}",
     "evil.example:{port}", "127.0.0.1:{port}.evil.example", "127.0.0.1:{port},evil", ""],
)  # fmt: skip
def test_another_host_is_misdirected(start, host):
    running = start()
    answer = running.get("Host: " + host.format(port=running.server.port), host=False)
    assert status(answer) == 421 and PAGE not in answer


def test_no_host_and_two_hosts_are_refused(start):
    running = start()
    assert status(running.get(host=False)) == 421
    assert status(running.get("Host: evil.example")) == 400


def test_localhost_is_this_machine_too(start):
    running = start()
    for name in ("localhost", "LocalHost", "127.0.0.1"):
        answer = running.get(f"Host: {name}:{running.server.port}", host=False)
        assert status(answer) == 200


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Origin: http://evil.example", 403),
        ("Origin: null", 403),
        ("Origin: http://127.0.0.1:1", 403),
        ("Origin: https://127.0.0.1:{port}", 403),
        ("Origin: http://127.0.0.1:{port}", 200),
        ("Origin: http://localhost:{port}", 200),
        ("Sec-Fetch-Site: cross-site", 403),
        ("Sec-Fetch-Site: same-site", 403),
        ("Sec-Fetch-Site: whatever", 403),
        ("Sec-Fetch-Site: same-origin", 200),
        ("Sec-Fetch-Site: none", 200),
        ("sec-fetch-site:none", 200),
    ],
)
def test_other_sites_are_refused(start, header, expected):
    running = start()
    for path in (running.path, "/"):
        answer = running.get(header.format(port=running.server.port), path=path)
        assert status(answer) == (404 if expected == 200 and path == "/" else expected)
        assert b"Access-Control" not in answer


@pytest.mark.parametrize(
    "path",
    ["/", "/TOKEN", "//TOKEN/", "TOKEN/", "/TOKEN//", "/TOKEN/x", "/TOKEN/alive/", "/TOKEN/?x",
     "/TOKEN/../TOKEN/", "/TOKEN/%61live", "/%2e/", "/wrong/", "/TOKENx/", "/TOKE/", "/favicon.ico",
     "http://127.0.0.1/TOKEN/", "*", "/TOKEN/alive?x", "/\xff/", "/etc/passwd"],
)  # fmt: skip
def test_other_paths_do_not_exist(start, path):
    running = start()
    token = running.server.token
    wanted = path.replace("TOKEN", token).replace("TOKE/", token[:-1] + "/")
    answer = running.get(path=wanted)
    assert status(answer) == 404 and token.encode() not in answer


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get"])
def test_other_methods_are_not_allowed(start, method):
    running = start()
    answer = running.get(method=method)
    assert status(answer) == 405 and b"Allow: GET, HEAD\r\n" in answer


def test_the_stream_has_no_head_and_requests_have_no_body(start):
    running = start()
    assert status(running.get(path=running.path + "alive", method="HEAD")) == 405
    assert status(running.get("Content-Length: 5")) == 405
    assert status(running.get("Transfer-Encoding: chunked")) == 405


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Length: 0", "Content-Length: 0"),
        ("Content-Length: 5", "Content-Length: 0"),
        ("Transfer-Encoding: x", "transfer-encoding: y"),
        ("Connection: keep-alive",),  # and the one that ask() adds
    ],
)
def test_headers_that_say_where_a_request_ends_come_once(start, headers):
    assert status(start().get(*headers)) == 400


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\r\n\r\n", 400),
        (b"GET\r\n\r\n", 400),
        (b"GET /\r\n\r\n", 400),
        (b"GET  / HTTP/1.1\r\n\r\n", 400),
        (b"GET / x HTTP/1.1\r\n\r\n", 400),
        (b"G\x00T / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\nOrigin: y\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 505),
        (b"GET / HTCPCP/1.0\r\n\r\n", 505),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
        (b"GET /" + b"x" * 3000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET /" + b"x" * 100_000, 414),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 10_000 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000, 431),
    ],
)
def test_what_is_no_proper_request(start, data, expected):
    assert status(start().exchange(data)) == expected


def test_random_bytes_are_survived(start):
    running = start(head_seconds=0.2)
    for size in (1, 100, 5000, 50_000):
        answer = running.exchange(os.urandom(size) + b"\r\n\r\n")
        assert not answer or status(answer) in (400, 414, 421, 431)
    assert status(running.get()) == 200


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as client:
            client.bind(("::ffff:127.0.0.1", 0))
    except OSError:
        return False
    return True


ADDRESSES = ["127.0.0.1", *(["::ffff:127.0.0.1"] if has_ipv6() else [])]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(("sudo", "expected"), [("", 403), ("65534", 200), ("x", 403)])
def test_other_users_are_not_served(start, monkeypatch, sudo, expected, address):
    monkeypatch.setenv("SUDO_UID", sudo)
    running = start()
    script = (
        "import encodings.idna, os, socket, sys\n"
        "os.setuid(65534)\n"
        f"with socket.create_connection(({address!r}, {running.server.port})) as c:\n"
        f"    c.sendall(b'GET {running.path} HTTP/1.1\\r\\nHost: {running.host}\\r\\n\\r\\n')\n"
        "    sys.stdout.write(c.recv(12).decode())\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (f"HTTP/1.1 {expected}", "")
    assert status(running.get()) == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_are_spelled_as_the_system_does(start, address):
    running = start()
    table, prefix = module.TABLES[ADDRESSES.index(address)]
    with socket.create_connection((address, running.server.port)) as connection:
        own = module.spell_address(("127.0.0.1", connection.getsockname()[1]), prefix)
        peer = module.spell_address(("127.0.0.1", connection.getpeername()[1]), prefix)
        assert [own, peer] in [fields[1:3] for fields in module.connections(table)]


@pytest.mark.parametrize(
    ("tables", "expected"),
    [(["empty"], 403), (["empty", "missing"], 403), (["missing"], 200), ([], 200),
     (["garbage"], 403)],
)  # fmt: skip
def test_who_is_not_in_the_systems_list_is_refused(start, tmp_path, monkeypatch, tables, expected):
    (tmp_path / "empty").write_text("  sl  local_address rem_address\n")
    (tmp_path / "garbage").write_bytes(b"\xff\n\n\x00 x\n")
    looks = []
    look = module.connections
    monkeypatch.setattr(module, "connections", lambda table: looks.append(table) or look(table))
    ours = [str(tmp_path / name) for name in tables]
    monkeypatch.setattr(module, "TABLES", [(table, b"") for table in ours])
    assert status(start().get()) == expected
    # A connection of the server before may still be at it, with the system's own tables.
    assert [table for table in looks if table in ours] == 2 * ours


# ---- many, slow, gone ----


def test_slow_requests_are_dropped(start):
    running = start(head_seconds=0.3)
    with running.connect() as silent, running.connect() as slow:
        slow.sendall(b"GET / HT")
        assert read_all(silent) == read_all(slow) == b""
    assert status(running.get()) == 200


def test_dripping_does_not_extend_the_time(start):
    running = start(head_seconds=0.5)
    with running.connect() as connection:
        began = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011  reset or broken pipe, when it was closed
            while time.monotonic() - began < PATIENCE:
                connection.sendall(b"x")
                time.sleep(0.02)
    assert time.monotonic() - began < PATIENCE


def test_who_does_not_read_is_dropped(start):
    running = start(send_seconds=0.3)
    running.server.page = bytes(64 << 20)  # more than the system keeps for a connection
    with running.connect() as connection:
        connection.sendall(f"GET {running.path} HTTP/1.1\r\nHost: {running.host}\r\n\r\n".encode())
        wait_until(lambda: running.server.free._value == MOST_CONNECTIONS - 1)
        wait_until(lambda: running.server.free._value == MOST_CONNECTIONS)
        assert len(read_all(connection)) < len(running.server.page)
    running.server.page = PAGE
    assert status(running.get()) == 200


def wait_until(true):
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_fifty_at_once_are_served(start):
    running = start()
    connections = [running.connect() for _ in range(50)]
    asked = f"GET {running.path} HTTP/1.1\r\nHost: {running.host}\r\n\r\n".encode()
    for connection in connections:
        connection.sendall(asked)
    for connection in connections:
        assert read_answer(connection)[1] == PAGE
        connection.close()


def test_beyond_the_bound_connections_are_closed_and_others_go_on(start):
    running = start()
    held = [running.connect() for _ in range(MOST_CONNECTIONS)]
    wait_until(lambda: running.server.free._value == 0)
    with running.connect() as refused:
        assert read_all(refused) == b""
    for connection in held:
        connection.close()
    wait_until(lambda: running.server.free._value == MOST_CONNECTIONS)
    assert status(running.get()) == 200


def test_nothing_is_printed_whatever_happens(start, capfd):
    running = start(head_seconds=0.2)
    running.get()
    running.get(path="/")
    running.exchange(b"\xff\r\n\r\n")
    with running.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.sendall(b"GET")  # and a reset
    wait_until(lambda: running.server.free._value == MOST_CONNECTIONS)
    assert capfd.readouterr() == ("", "")


# ---- its end ----


def test_it_ends_after_the_last_page_has_gone(start):
    running = start(grace_seconds=0.2)
    first, second = running.stream(), running.stream()
    first.close()
    assert not running.ended(0.6)
    second.close()
    assert running.ended()
    with pytest.raises(ConnectionRefusedError):
        running.connect()


def test_it_does_not_end_before_the_first_one_came(start):
    running = start(grace_seconds=0.05, loading_seconds=0.05)
    running.get()  # by something that has no event stream
    running.get(method="HEAD")
    assert not running.ended(0.4)


def test_a_page_that_is_loaded_again_is_not_left_alone(start):
    running = start(grace_seconds=0.1, loading_seconds=PATIENCE)
    page = running.stream()
    running.get()
    page.close()
    assert not running.ended(0.5)  # although nobody holds a stream: one is about to
    page = running.stream()
    assert not running.ended(0.3)
    page.close()
    assert running.ended()


def test_a_page_that_never_finishes_loading_does_not_hold_it(start):
    running = start(grace_seconds=0.05, loading_seconds=0.3)
    page = running.stream()
    running.get()
    page.close()
    assert running.ended()


def test_the_heart_beats_and_finds_who_is_gone(start, monkeypatch):
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.05)
    running = start(grace_seconds=0.05)
    page = running.stream()
    received = b""
    while received.count(b":\n\n") < 3:
        received += page.recv(100)
    page.close()
    assert running.ended()


def test_a_stream_on_which_something_is_said_ends(start):
    running = start(grace_seconds=0.05)
    page = running.stream()
    page.sendall(b"x" * 10)
    assert read_all(page) == b""
    assert running.ended()


def test_two_servers_do_not_know_each_other(start):
    one, two = start(), start()
    assert one.server.port != two.server.port
    assert status(one.get(path=two.path)) == 404
    assert status(one.get()) == status(two.get()) == 200


def test_a_port_is_taken_once(start):
    running = start()
    with pytest.raises(OSError, match="Address already in use"):
        Server(PAGE, running.server.port)


def test_a_port_can_be_taken_again_at_once(start):
    running = start(grace_seconds=0.0)
    page = running.stream()
    page.close()
    assert running.ended()
    again = Running(port=running.server.port)
    assert status(again.get()) == 200
    again.stream().close()
    again.server.tabs.grace_seconds = 0.0
    assert again.ended()
