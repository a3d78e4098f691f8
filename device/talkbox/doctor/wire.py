"""The network as it is. Every look is over within seconds. Nothing that is sent holds a secret."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import time
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from .patience import within
from .ports import Handshake

LIMIT_S = 6.0
TRIPS = 5
_MOST_BYTES = 64 * 1024


class ThisWire:
    """Implements `ports.Wire`; see there."""

    def proxy(self, host: str, *, secure: bool) -> str:
        """Return the environment's proxy for `host`, without user and password; ``""``: none."""
        parts = _proxy(host, secure=secure)
        return f"{parts.hostname}:{parts.port or 80}" if parts is not None else ""

    def lookup(self, host: str, port: int) -> tuple[str, ...]:
        """Return the addresses of a name."""
        # Python cannot give up a look-up: a name server that is silent keeps it for half a minute.
        found = within(
            LIMIT_S, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM), what=f"the name {host}"
        )
        return tuple(dict.fromkeys(str(address[0]) for *_, address in found))

    def handshake(self, host: str, port: int) -> Handshake:
        """Open TLS, verified, ask for the server's time, and close."""
        return within(2 * LIMIT_S, lambda: _handshake(host, port), what=f"TLS with {host}")

    def round_trips_ms(self, host: str, port: int) -> tuple[float, ...]:
        """Return how long opening a connection took, `TRIPS` times."""
        family, kind, protocol, _name, address = within(
            LIMIT_S, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM), what=f"the name {host}"
        )[0]
        trips = []
        for _ in range(TRIPS):
            with socket.socket(family, kind, protocol) as connection:
                connection.settimeout(LIMIT_S)
                began_s = time.monotonic()
                connection.connect(address)
                trips.append(1000 * (time.monotonic() - began_s))
        return tuple(trips)

    def health(self, socket: str) -> tuple[int, str]:
        """Ask for ``/health`` on a unix socket; return status and body."""
        connection = _UnixConnection(socket)
        try:
            connection.request("GET", "/health")
            answer = connection.getresponse()
            return answer.status, answer.read(_MOST_BYTES).decode("utf-8", "replace")
        except http.client.HTTPException as error:
            raise OSError(f"no answer in HTTP: {type(error).__name__}") from error
        finally:
            connection.close()


class _UnixConnection(http.client.HTTPConnection):
    """HTTP to a path in place of a host."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=LIMIT_S)
        self._path = path

    def connect(self) -> None:
        """Connect to the path."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(LIMIT_S)
        self.sock.connect(self._path)


def _handshake(host: str, port: int) -> Handshake:
    proxy = _proxy(host, secure=True)
    context = ssl.create_default_context()
    if proxy is None:
        connection = http.client.HTTPSConnection(host, port, timeout=LIMIT_S, context=context)
    else:
        connection = http.client.HTTPSConnection(
            proxy.hostname or "", proxy.port or 80, timeout=LIMIT_S, context=context
        )
        connection.set_tunnel(host, port, headers=_credentials(proxy.username, proxy.password))
    try:
        connection.connect()
        tls = connection.sock
        assert isinstance(tls, ssl.SSLSocket)  # noqa: S101  that is what an HTTPSConnection opens
        certificate = tls.getpeercert() or {}
        version = tls.version() or "TLS"
        return Handshake(
            version=version,
            until_s=ssl.cert_time_to_seconds(str(certificate["notAfter"])),
            ahead_s=_ahead_s(connection),
        )
    finally:
        connection.close()


def _ahead_s(connection: http.client.HTTPSConnection) -> float | None:
    """Return how far this clock is ahead of the server's, to a second; `None`: it does not say."""
    try:
        began_s = time.time()
        connection.request("HEAD", "/")
        date = connection.getresponse().headers["Date"]
        between_s = (began_s + time.time()) / 2
        ahead_s = between_s - parsedate_to_datetime(date).timestamp() - 0.5  # the header leaves the fraction out
    except (OSError, http.client.HTTPException, TypeError, ValueError):
        return None
    return round(ahead_s, 1)


def _proxy(host: str, *, secure: bool) -> SplitResult | None:
    """Return the proxy that the environment names for `host`, as the conversation would take it."""
    address = getproxies().get("https" if secure else "http", "")
    if not address or proxy_bypass(host):
        return None
    parts = urlsplit(address if "://" in address else f"http://{address}")
    return parts if parts.hostname else None


def _credentials(user: str | None, password: str | None) -> dict[str, str]:
    if user is None:
        return {}
    plain = f"{unquote(user)}:{unquote(password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {base64.b64encode(plain).decode('ascii')}"}
