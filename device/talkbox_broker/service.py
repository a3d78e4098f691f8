"""The service that makes signed URLs, over HTTPS. The only module that sends the key anywhere."""

from __future__ import annotations

import errno
import json
import urllib.request
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import aiohttp

from . import refusals
from .addresses import CONVERSATION_PATH, is_loopback, signed_url_flaw
from .credential import ApiKey
from .settings import Settings

_MAX_ANSWER_BYTES = 64 * 1024
_MAX_LINE_BYTES = 8 * 1024


class Service:
    """
    Ask the service's HTTP API. An async context manager; `fetch` works inside it.

    Args:
        settings: The server, and how long a connection may take.
        key: Sent in the header ``xi-api-key``, to this server and nowhere else.
        version: Of this program.
    """

    def __init__(self, settings: Settings, key: ApiKey, *, version: str) -> None:
        self.host = urlsplit(settings.server).hostname or ""
        self._server, self._key = settings.server.rstrip("/"), key
        self._proxy = _proxy_for(settings.server)
        self._connect_timeout_s = settings.connect_timeout_s
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=settings.connect_timeout_s),
            headers={"User-Agent": f"talkbox-broker/{version}", "Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # a small answer must not become a large one
            trust_env=False,  # it would read ~/.netrc too
            max_line_size=_MAX_LINE_BYTES,
            max_field_size=_MAX_LINE_BYTES,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._session.close()

    async def fetch(self, agent_id: str) -> str:
        """See `SignedUrls`."""
        try:
            async with self._session.get(
                f"{self._server}{CONVERSATION_PATH}/get-signed-url",
                params={"agent_id": agent_id},
                headers={"xi-api-key": self._key.value},
                allow_redirects=False,
                proxy=self._proxy,
            ) as answer:
                body = await _read(answer.content)
                status, headers = answer.status, answer.headers
        except TimeoutError as error:  # of the connection; the whole is timed by whoever asks
            raise refusals.timed_out(self.host, after_s=self._connect_timeout_s) from error
        except (aiohttp.ClientError, OSError) as error:
            proxy = isinstance(error, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError)
            raise refusals.unreachable(_below(error), host="the proxy" if proxy else self.host) from error
        if status != 200:
            raise refusals.refused_by_service(status, headers, body, host=self.host, key=self._key)
        url = _signed_url(body)
        if flaw := signed_url_flaw(url, server=self._server, agent_id=agent_id):
            raise refusals.no_signed_url(flaw, host=self.host)
        return str(url)


async def _read(content: aiohttp.StreamReader) -> bytes:
    """Read to the end, or one byte more than an answer may have."""
    body = b""
    while len(body) <= _MAX_ANSWER_BYTES and (piece := await content.read(_MAX_ANSWER_BYTES + 1 - len(body))):
        body += piece
    return body


def _signed_url(body: bytes) -> object:
    try:
        answer: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer.get("signed_url") if isinstance(answer, dict) else None


def _below(error: Exception) -> Exception | str:
    """Find the system's error below aiohttp's, which has the number, or the certificate's fault; or say it in words."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return error.certificate_error
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.os_error
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError):
        return ConnectionResetError(errno.ECONNRESET, "it hung up")
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"it refuses ({error.status})"
    return "it does not speak HTTP" if isinstance(error, aiohttp.ClientResponseError) else error


def _proxy_for(server: str) -> str | None:
    """Return the environment's proxy for `server`; never one for this very machine."""
    parts = urlsplit(server)
    host = parts.hostname or ""
    if is_loopback(host) or urllib.request.proxy_bypass(host):
        return None
    proxy = urllib.request.getproxies().get(parts.scheme)
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"
