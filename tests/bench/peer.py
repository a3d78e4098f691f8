"""
The official Python SDK as a device: a conversation on the simulated card until it is ended.

    python -m tests.bench.peer URL CHUNK_MS

Its microphone and its loudspeaker are read and written as its own `DefaultAudioInterface` does, with pyalsaaudio for
PyAudio: the chunk is one period of the microphone, given to the SDK by the thread that read it; another thread writes
what the agent says, in pieces as long as the chunk, or of 62.5 ms, its own, if that is less.
"""

from __future__ import annotations

import queue
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any, cast

import alsaaudio

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the SDK's own imports are none of our business
    from elevenlabs.client import ElevenLabs
    from elevenlabs.conversational_ai.conversation import Conversation

RATE_HZ = 16_000
_MOST_WRITTEN = 1000  # frames, as its own interface does


class Card:
    """The SDK's `AudioInterface` on a mono card."""

    def __init__(self, chunk_ms: int) -> None:
        self._chunk_frames = RATE_HZ * chunk_ms // 1000
        self._written_frames = min(self._chunk_frames, _MOST_WRITTEN)
        self._waiting: queue.Queue[bytes] = queue.Queue()

    def start(self, input_callback: Callable[[bytes], None]) -> None:
        mic = self._open(alsaaudio.PCM_CAPTURE, "mic", self._chunk_frames)
        speaker = self._open(alsaaudio.PCM_PLAYBACK, "speaker", self._written_frames)

        def listen() -> None:
            while True:
                frames, payload = mic.read()
                if frames > 0:
                    input_callback(payload)

        def speak() -> None:
            while True:
                payload, size = self._waiting.get(), 2 * self._written_frames
                for begin in range(0, len(payload), size):
                    piece = payload[begin : begin + size]
                    if speaker.write(piece) < 0:  # it ran dry, and wrote nothing
                        speaker.write(piece)

        for work in (listen, speak):
            threading.Thread(target=work, daemon=True).start()

    def stop(self) -> None:
        """The program's end is theirs."""

    def output(self, audio: bytes) -> None:
        self._waiting.put(audio)

    def interrupt(self) -> None:
        while not self._waiting.empty():
            self._waiting.get()

    @staticmethod
    def _open(direction: int, device: str, frames: int) -> Any:
        return alsaaudio.PCM(
            type=direction,
            device=device,
            rate=RATE_HZ,
            channels=1,
            format=alsaaudio.PCM_FORMAT_S16_LE,
            periodsize=frames,
            periods=4,
        )


def main() -> None:
    url, chunk_ms = sys.argv[1], int(sys.argv[2])
    conversation: Any = Conversation(
        ElevenLabs(base_url=url.replace("ws://", "http://"), api_key="none"),
        "agent",
        requires_auth=False,
        audio_interface=cast("Any", Card(chunk_ms)),
    )
    conversation.start_session()
    conversation.wait_for_session_end()


if __name__ == "__main__":
    main()
