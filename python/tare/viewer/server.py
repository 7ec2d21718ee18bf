"""The local server of `tare view`: one page, for one user, on this machine alone.

It listens on 127.0.0.1, and each run has an address that cannot be guessed:

    GET, HEAD /TOKEN/        the page
    GET       /TOKEN/alive   an event stream that a page holds open for as long as it is looked at

Everything else is refused, in this order: what is no proper request (400, 414, 431, 505), another
Host (421), a request that some other site makes (403), methods (405), other paths (404). A web page
that the user visits can thus neither read this one nor find it; another user of the machine could
see the address among the browser's arguments, so whose connection it is comes first of all (403). A
connection has HEAD_SECONDS for each request, and SEND_SECONDS for each piece of an answer; there
are MOST_CONNECTIONS at most. No request is logged.

The server ends when no page has been looked at for some seconds, but not before the first one was.
"""

from __future__ import annotations

import hmac
import os
import secrets
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

HOST = "127.0.0.1"
GRACE_SECONDS = 5.0  # after the last page has gone: it may be loading again
LOADING_SECONDS = 60.0  # that a browser may take from the page to its event stream
HEAD_SECONDS = 10.0
SEND_SECONDS = 10.0
HEARTBEAT_SECONDS = 15.0  # finds out that a tunnel has lost its other end
RETRY_MS = 1000  # after which a page connects again: well within GRACE_SECONDS
MOST_CONNECTIONS = 64
MOST_LINE_BYTES = 2048
MOST_HEAD_BYTES = 16 << 10
DRAIN_SECONDS = 0.5
MOST_DRAINS = 8
PIECE_BYTES = 256 << 10

# Headers that two readers of one request could otherwise understand in two ways.
ONCE = ("host", "origin", "sec-fetch-site", "content-length", "transfer-encoding", "connection")

# Where the system lists connections, and how much stands there before the four bytes of an address:
# a client may spell ours as one of IPv6.
TABLES = (
    ("/proc/net/tcp", b""),
    ("/proc/net/tcp6", bytes(10) + b"\xff\xff"),
)
LOOKS = 2  # a table may change while it is read
NOBODY = -1

ALWAYS = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("Content-Security-Policy", "frame-ancestors 'none'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)


class Request(NamedTuple):
    method: str
    path: bytes
    headers: dict[str, str]
    goes_on: bool  # whether the connection may have another one


class Refusal(Exception):
    """An answer that is no page."""

    def __init__(self, status: HTTPStatus, words: str = "", allow: str = "") -> None:
        super().__init__(words or status.phrase)
        self.status = status
        self.allow = allow


class Tabs:
    """Who looks at the page, and since when nobody does."""

    def __init__(self, grace_seconds: float, loading_seconds: float) -> None:
        self.grace_seconds = grace_seconds
        self.loading_seconds = loading_seconds
        self.changed = threading.Condition()
        self.open_count = 0
        self.until: float | None = None  # None: nobody came yet

    def load(self) -> None:
        """The page was asked for; before the first time anybody looks that means nothing."""
        with self.changed:
            if self.until is not None:
                self.until = max(self.until, time.monotonic() + self.loading_seconds)

    def enter(self) -> None:
        with self.changed:
            self.open_count += 1
            self.until = 0.0
            self.changed.notify_all()

    def leave(self) -> None:
        with self.changed:
            self.open_count -= 1
            self.until = max(self.until or 0.0, time.monotonic() + self.grace_seconds)
            self.changed.notify_all()

    def wait_for_nobody(self) -> None:
        with self.changed:
            while True:
                left = None
                if self.until is not None and not self.open_count:
                    left = self.until - time.monotonic()
                    if left <= 0:
                        return
                self.changed.wait(left)


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves one page. OSError when the port is not to be had; 0 takes any."""

    allow_reuse_address = True  # what a Tare before this one has left behind
    daemon_threads = True
    block_on_close = False
    request_queue_size = MOST_CONNECTIONS

    def __init__(
        self,
        page: bytes,
        port: int = 0,
        *,
        grace_seconds: float = GRACE_SECONDS,
        loading_seconds: float = LOADING_SECONDS,
        head_seconds: float = HEAD_SECONDS,
        send_seconds: float = SEND_SECONDS,
    ) -> None:
        self.page = page
        self.token = secrets.token_urlsafe(16)
        self.tabs = Tabs(grace_seconds, loading_seconds)
        self.head_seconds = head_seconds
        self.send_seconds = send_seconds
        self.free = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self.users = own_users(os.environ)
        super().__init__((HOST, port), Connection)
        self.port: int = self.server_address[1]
        names = [f"{name}:{self.port}" for name in (HOST, "localhost")]
        if self.port == 80:
            names += [HOST, "localhost"]
        self.hosts = frozenset(names)
        self.origins = frozenset(f"http://{name}" for name in names)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/{self.token}/"

    def serve_until_nobody_looks(self) -> None:
        """Returns some seconds after the last page has gone; Ctrl-C ends it like any program."""
        thread = threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True)
        thread.start()
        try:
            self.tabs.wait_for_nobody()
        finally:
            self.shutdown()
            self.server_close()

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:
        if not self.free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no more threads
            self.free.release()
            self.shutdown_request(request)

    def process_request_thread(
        self, request: socket.socket, client_address: tuple[str, int]
    ) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Whatever one connection did, the others go on and the terminal stays quiet."""


class Connection(socketserver.BaseRequestHandler):
    """One connection: requests, one after the other."""

    server: Server
    request: socket.socket

    def handle(self) -> None:
        self.pending = b""
        user = user_of(self.request.getpeername(), self.request.getsockname())
        if user is not None and user not in self.server.users:
            self.refuse(Refusal(HTTPStatus.FORBIDDEN, "this page is another user's"))
            return
        while self.answer_one():
            pass

    def answer_one(self) -> bool:
        """False when there is no other request to come."""
        try:
            head = self.read_head()
            if head is None:
                return False
            request = parse(head)
            check_origin(request, self.server.hosts, self.server.origins)
            return self.answer(request) and request.goes_on
        except Refusal as refusal:
            self.refuse(refusal)
        except OSError:  # it has gone, or took too long
            pass
        return False

    def read_head(self) -> bytes | None:
        """All up to the empty line; None when the other side has no more to say."""
        deadline = time.monotonic() + self.server.head_seconds
        while b"\r\n\r\n" not in self.pending:
            line = self.pending.partition(b"\r\n")[0]
            if len(line) > MOST_LINE_BYTES and b"\r\n" not in self.pending:
                raise Refusal(HTTPStatus.REQUEST_URI_TOO_LONG)
            if len(self.pending) > MOST_HEAD_BYTES:
                raise Refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self.request.settimeout(left)
            received = self.request.recv(4096)
            if not received:
                return None
            self.pending += received
        head, _, self.pending = self.pending.partition(b"\r\n\r\n")
        return head

    def answer(self, request: Request) -> bool:
        if request.method not in ("GET", "HEAD"):
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, allow="GET, HEAD")
        before, token, name = (request.path.split(b"/") + [b"", b""])[:3]
        known = hmac.compare_digest(token, self.server.token.encode())
        if before or not known or request.path.count(b"/") != 2 or name not in (b"", b"alive"):
            raise Refusal(HTTPStatus.NOT_FOUND)
        if name:
            if request.method == "HEAD":
                raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, allow="GET")
            self.stay()
            return False
        if request.method == "GET":
            self.server.tabs.load()
        self.send(head_of(HTTPStatus.OK, "text/html", len(self.server.page), request.goes_on))
        if request.method == "GET":
            self.send(self.server.page)
        return True

    def stay(self) -> None:
        """Holds the event stream until the other side goes."""
        self.server.tabs.enter()
        try:
            self.send(head_of(HTTPStatus.OK, "text/event-stream", None, False))
            self.send(b"retry: %d\n\n" % RETRY_MS)
            while not self.says_something():
                self.send(b":\n\n")
        finally:
            self.server.tabs.leave()

    def says_something(self) -> bool:
        """Ends the stream: who holds one has nothing to say but that it goes."""
        self.request.settimeout(HEARTBEAT_SECONDS)
        try:
            self.request.recv(1)
        except TimeoutError:
            return False
        return True

    def send(self, content: bytes) -> None:
        view = memoryview(content)
        for start in range(0, len(view), PIECE_BYTES):
            self.request.settimeout(self.server.send_seconds)
            self.request.sendall(view[start : start + PIECE_BYTES])

    def refuse(self, refusal: Refusal) -> None:
        words = f"{refusal}\n".encode()
        more = (("Allow", refusal.allow),) if refusal.allow else ()
        try:
            self.send(head_of(refusal.status, "text/plain", len(words), False, more) + words)
            self.request.shutdown(socket.SHUT_WR)
            self.request.settimeout(DRAIN_SECONDS)
            # Closed with bytes unread, the system would take the answer back.
            for _ in range(MOST_DRAINS):
                if not self.request.recv(MOST_HEAD_BYTES):
                    break
        except OSError:
            pass


def head_of(
    status: HTTPStatus,
    kind: str,
    size_bytes: int | None,
    goes_on: bool,
    more: tuple[tuple[str, str], ...] = (),
) -> bytes:
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        f"Content-Type: {kind}; charset=utf-8",
        *(f"{name}: {value}" for name, value in (*ALWAYS, *more)),
    ]
    if size_bytes is not None:
        lines.append(f"Content-Length: {size_bytes}")
    lines += [f"Connection: {'keep-alive' if goes_on else 'close'}", "", ""]
    return "\r\n".join(lines).encode("ascii")


# ---- requests ----


def parse(head: bytes) -> Request:
    """Stricter than HTTP: what browsers do not send is not understood."""
    first, *lines = head.split(b"\r\n")
    if len(first) > MOST_LINE_BYTES:
        raise Refusal(HTTPStatus.REQUEST_URI_TOO_LONG)
    words = first.split(b" ")
    if len(words) != 3 or not words[0].isalpha():
        raise Refusal(HTTPStatus.BAD_REQUEST)
    method, path, version = words
    if version not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise Refusal(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
    headers: dict[str, str] = {}
    for name, value in map(parse_header, lines):
        if name in headers and name in ONCE:
            raise Refusal(HTTPStatus.BAD_REQUEST)
        headers[name] = value
    if "transfer-encoding" in headers or headers.get("content-length", "0") != "0":
        raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "no request here has a body", "GET, HEAD")
    goes_on = version == b"HTTP/1.1" and headers.get("connection", "").lower() != "close"
    return Request(method.decode("ascii"), path, headers, goes_on)


def parse_header(line: bytes) -> tuple[str, str]:
    name, colon, value = line.partition(b":")
    if not colon or not name or name != name.strip() or b"\0" in line or b"\n" in line:
        raise Refusal(HTTPStatus.BAD_REQUEST)
    return name.decode("latin-1").lower(), value.decode("latin-1").strip()


def check_origin(request: Request, hosts: frozenset[str], origins: frozenset[str]) -> None:
    """Is it asked under our own name, and by our own page or the user?"""
    if request.headers.get("host", "").lower() not in hosts:
        raise Refusal(HTTPStatus.MISDIRECTED_REQUEST)
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "none")
    if (origin is not None and origin not in origins) or site not in ("none", "same-origin"):
        raise Refusal(HTTPStatus.FORBIDDEN, "Type or paste the address instead of following a link")


# ---- the other side ----


def own_users(environ: Mapping[str, str]) -> frozenset[int]:
    """This one; root, who may forward a connection; and who has become root by sudo."""
    users = {0, os.getuid()}
    before = environ.get("SUDO_UID", "")
    if os.getuid() == 0 and before.isascii() and before.isdigit():
        users.add(int(before))
    return frozenset(users)


def user_of(peer: tuple[str, int], own: tuple[str, int]) -> int | None:
    """Whose end of the connection the other one is. NOBODY where the system lists no such
    connection; None where it lists none at all, without /proc: then the token alone decides."""
    found = None
    for _ in range(LOOKS):
        for table, prefix in TABLES:
            listed = connections(table)
            if listed is None:
                continue
            found = NOBODY
            wanted = [spell_address(peer, prefix), spell_address(own, prefix)]
            for fields in listed:
                if fields[1:3] == wanted:
                    return int(fields[7])
    return found


def connections(table: str) -> list[list[str]] | None:
    """The lines of a table, as words; None where it cannot be read."""
    try:
        with open(table, encoding="ascii", errors="replace") as stream:
            return [line.split() for line in stream][1:]
    except OSError:
        return None


def spell_address(address: tuple[str, int], prefix: bytes = b"") -> str:
    """As the tables have it: each four bytes as a number of this machine's, and the port."""
    data = prefix + socket.inet_aton(address[0])
    numbers = [int.from_bytes(data[at : at + 4], sys.byteorder) for at in range(0, len(data), 4)]
    return "".join(f"{number:08X}" for number in numbers) + f":{address[1]:04X}"
