"""
HTTP in, HTTP out: what may be asked, and what an answer looks like. Decides nothing about signed URLs: see `desk.py`.

Every answer is JSON. A refusal is ``{"error": …, "hint": …, "code": …}``; where time helps, there is a ``Retry-After``.
"""

from __future__ import annotations

import json
from http import HTTPStatus

from aiohttp import web

from .desk import Desk
from .peers import HasOptions, Peer, may_ask, peer_of
from .refusals import Code, Refused

SIGNED_URL = "/signed-url"
HEALTH = "/health"
# What the access log needs to know of a request that was answered.
AGENT = web.RequestKey("agent", str)
PEER = web.RequestKey("peer", Peer)
REFUSED = web.RequestKey("refused", str)
_ANSWER_HEADERS = {"Cache-Control": "no-store", "Connection": "close", "Server": "talkbox-broker"}


class App:
    """
    Answer one request at a time, for `aiohttp.web.Server`.

    Args:
        desk: Gives signed URLs.
        own_uid: The user that the broker runs as.
        socket_gid: The group of the socket it answers on.
    """

    def __init__(self, desk: Desk, *, own_uid: int, socket_gid: int) -> None:
        self._desk, self._own_uid, self._socket_gid = desk, own_uid, socket_gid

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Return the answer to `request`."""
        try:
            self._let_in(request)
            return await self._answered(request)
        except Refused as refused:
            request[REFUSED] = str(refused)
            return refusal(refused)

    def _let_in(self, request: web.BaseRequest) -> None:
        peer = identify(request)
        if peer is None or not may_ask(peer, own_uid=self._own_uid, socket_gid=self._socket_gid):
            raise Refused(
                403,
                Code.NOT_ALLOWED,
                f"user {peer.uid if peer else 'unknown'} may not use the broker",
                hint="join the socket's group: `sudo usermod --append --groups talkbox USER`, then log in again",
            )

    async def _answered(self, request: web.BaseRequest) -> web.Response:
        if request.path not in (SIGNED_URL, HEALTH):
            raise Refused(404, Code.NOT_FOUND, "no such path", hint=f"there are {SIGNED_URL}?agent_id=… and {HEALTH}")
        if request.method != "GET":
            raise Refused(405, Code.BAD_REQUEST, "only GET is answered", hint=f"GET {request.path}")
        if request.path == HEALTH:
            return _json(HTTPStatus.OK, self._desk.health())
        agents = request.query.getall("agent_id", [])
        if len(agents) != 1 or not agents[0]:
            raise Refused(400, Code.BAD_REQUEST, "which agent?", hint=f"GET {SIGNED_URL}?agent_id=…, once")
        request[AGENT] = agents[0]
        return _json(HTTPStatus.OK, {"signed_url": await self._desk.signed_url(agents[0])})


def identify(request: web.BaseRequest) -> Peer | None:
    """Return who asks, `None` if it hung up already; and note it for the access log."""
    connection: HasOptions | None = request.get_extra_info("socket")
    if connection is None:
        return None
    request[PEER] = peer_of(connection)
    return request[PEER]


def refusal(refused: Refused) -> web.Response:
    """Return `refused` as an answer."""
    response = _json(refused.status, {"error": str(refused), "hint": refused.hint, "code": refused.code})
    if refused.retry_after_s is not None:
        response.headers["Retry-After"] = str(refused.retry_after_s)
    if refused.status is HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = "GET"
    return response


def _json(status: HTTPStatus, content: dict[str, object]) -> web.Response:
    response = web.Response(
        status=status,
        body=f"{json.dumps(content)}\n".encode(),
        content_type="application/json",
        headers=_ANSWER_HEADERS,
    )
    response.force_close()
    return response
