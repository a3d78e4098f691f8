"""The service's place in a measurement: takes the device's speech with the time of its arrival, and sends as told."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosedError
from websockets.http11 import Request, Response

RATE_HZ = 16_000
MESSAGE_S = 0.25
"""How much speech one message of `Service.talk_on` carries."""

_PATIENCE_S = 20.0


class Service:
    """
    One client at a time. Everything is on the loop; all times are `time.monotonic`.

    Attributes:
        url: Where it listens.
        handshake_s: How long the next clients wait for their handshake.
        arrivals: Every chunk of the session, and when it came.
    """

    def __init__(self) -> None:
        self.url = ""
        self.handshake_s = 0.0
        self.arrivals: list[tuple[float, NDArray[np.int16]]] = []
        self._client: ServerConnection | None = None
        self._event_id = 0
        self._news = asyncio.Condition()

    async def first_chunk(self) -> float:
        """Wait for the first chunk of the session, and return when it came."""
        async with asyncio.timeout(_PATIENCE_S), self._news:
            await self._news.wait_for(lambda: self.arrivals)
        return self.arrivals[0][0]

    async def say(self, samples: NDArray[np.int16], *, stale: bool = False) -> float:
        """Send `samples` in one message, of an answer of its own or, `stale`, of the last; return when."""
        self._event_id += not stale
        payload = base64.b64encode(samples.astype("<i2").tobytes()).decode()
        text = json.dumps({"type": "audio", "audio_event": {"event_id": self._event_id, "audio_base_64": payload}})
        sent_s = time.monotonic()
        await self._send(text)
        return sent_s

    async def talk_on(self) -> None:
        """Speak without end, each message half a second before it is due; until canceled."""
        rng = np.random.default_rng(1)
        due_s = time.monotonic() - 0.5
        while True:
            noise = rng.standard_normal(round(MESSAGE_S * RATE_HZ)) * 4000
            await self.say(noise.clip(-20_000, 20_000).astype(np.int16))
            due_s += MESSAGE_S
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))

    async def interrupt(self) -> float:
        """Send an interruption of everything sent so far, and return when."""
        text = json.dumps({"type": "interruption", "interruption_event": {"event_id": self._event_id}})
        sent_s = time.monotonic()
        await self._send(text)
        return sent_s

    def heard(self) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
        """Return every sample of the session, and for each when it arrived."""
        samples = np.concatenate([chunk for _, chunk in self.arrivals])
        times_s = np.concatenate([np.full(len(chunk), at_s) for at_s, chunk in self.arrivals])
        return samples, times_s

    async def _send(self, text: str) -> None:
        assert self._client is not None
        await self._client.send(text)

    async def _delay(self, _client: ServerConnection, _request: Request) -> Response | None:
        await asyncio.sleep(self.handshake_s)
        return None

    async def _handle(self, client: ServerConnection) -> None:
        self._client, self.arrivals = client, []
        formats = {"agent_output_audio_format": "pcm_16000", "user_input_audio_format": "pcm_16000"}
        metadata = {"conversation_id": "conv_bench", **formats}
        await self._send(
            json.dumps({"type": "conversation_initiation_metadata", "conversation_initiation_metadata_event": metadata})
        )
        with suppress(ConnectionClosedError):  # a peer's process is ended in the middle of its sentence
            async for text in client:
                at_s = time.monotonic()
                message = json.loads(text)
                if "user_audio_chunk" in message:
                    payload = base64.b64decode(message["user_audio_chunk"])
                    async with self._news:
                        self.arrivals.append((at_s, np.frombuffer(payload, "<i2")))
                        self._news.notify_all()


@asynccontextmanager
async def service() -> AsyncIterator[Service]:
    """Serve on loopback."""
    made = Service()
    async with serve(made._handle, "127.0.0.1", 0, compression=None, process_request=made._delay) as server:
        [port] = {socket.getsockname()[1] for socket in server.sockets}
        made.url = f"ws://127.0.0.1:{port}"
        yield made
