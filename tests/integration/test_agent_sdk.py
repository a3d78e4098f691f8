"""The official Python SDK holds a conversation with the embedded agent, as with the service."""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the SDK's own imports are none of our business
    pytest.importorskip("elevenlabs", reason="needs the official SDK: pip install elevenlabs")
    from elevenlabs.client import ElevenLabs
    from elevenlabs.conversational_ai.conversation import ClientTools, Conversation

from talkbox_agent.voice import read_wav

pytest.importorskip("pocketsphinx", reason="needs the extra `agent`")
pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(not shutil.which("flite"), reason="needs flite: sudo apt install flite"),
]

CHUNK_BYTES = 8000  # 250 ms, as the SDK's own interface sends


class Headset:
    """The SDK's `AudioInterface`: its microphone says what it is given, in real time; its loudspeaker counts."""

    def __init__(self) -> None:
        self.words: queue.Queue[bytes] = queue.Queue()
        self.heard = bytearray()
        self.interruptions = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def say(self, text: str) -> None:
        spoken = subprocess.run(
            ["flite", "-voice", "slt", "-t", text, "-o", "/dev/stdout"], check=True, capture_output=True
        )
        payload = read_wav(spoken.stdout).tobytes()
        for begin in range(0, len(payload), CHUNK_BYTES):
            self.words.put(payload[begin : begin + CHUNK_BYTES].ljust(CHUNK_BYTES, b"\0"))

    def start(self, input_callback: Callable[[bytes], None]) -> None:
        self._thread = threading.Thread(target=self._run, args=(input_callback,))
        self._thread.start()

    def _run(self, give: Callable[[bytes], None]) -> None:
        due_s = time.monotonic()
        while not self._stop.wait(max(0.0, due_s - time.monotonic())):
            due_s += 0.25
            give(bytes(CHUNK_BYTES) if self.words.empty() else self.words.get())

    def stop(self) -> None:
        self._stop.set()
        if self._thread and self._thread is not threading.current_thread():
            self._thread.join()

    def output(self, audio: bytes) -> None:
        self.heard += audio

    def interrupt(self) -> None:
        self.interruptions += 1


@contextmanager
def an_agent(*options: str) -> Iterator[str]:
    """A running `talkbox-agent`, and its URL."""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "talkbox_agent", "--port", "0", "--quiet", *options]
    environment = {**os.environ, "PYTHONPATH": str(root / "device")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=root) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == os.EX_OK


def test_a_conversation_of_the_official_client(tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    key_file.write_text("sk_test\n")
    with an_agent("--private", "--api-key-file", str(key_file)) as url:
        headset = Headset()
        answers: queue.Queue[str] = queue.Queue()
        transcripts: queue.Queue[str] = queue.Queue()
        volumes: queue.Queue[float] = queue.Queue()

        def set_volume(parameters: dict[str, Any]) -> str:
            volumes.put(parameters["volume"])
            return "done"

        tools = ClientTools()
        tools.register("set_volume", set_volume)
        conversation: Any = Conversation(
            ElevenLabs(base_url=url.replace("ws://", "http://"), api_key="sk_test"),
            "home",
            requires_auth=True,
            audio_interface=cast("Any", headset),
            client_tools=tools,
            callback_agent_response=answers.put,
            callback_user_transcript=transcripts.put,
        )
        conversation.start_session()
        try:
            assert answers.get(timeout=30) == "Hello! What can I do for you?"
            time.sleep(4.0)  # hear it out: a question asked now would interrupt it
            headset.say("set the volume to seventy percent")
            assert transcripts.get(timeout=30) == "set the volume to seventy percent"
            assert volumes.get(timeout=30) == 0.7
            assert answers.get(timeout=30) == "The volume is now seventy percent."
            time.sleep(4.0)
            headset.say("goodbye")
            assert transcripts.get(timeout=30) == "goodbye"
            conversation_id = conversation.wait_for_session_end()
        finally:
            conversation.end_session()
        assert conversation_id
        assert conversation_id.startswith("conv_")
        assert headset.interruptions == 0
        assert len(headset.heard) / 32000 > 4
