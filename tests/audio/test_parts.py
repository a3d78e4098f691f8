import pytest

from talkbox.audio.bridge import ThreadBridge
from talkbox.audio.capture import CapturePath
from talkbox.audio.formats import AudioFormat
from talkbox.audio.microphone import Chunk, Microphone
from talkbox.audio.parts import Parts
from talkbox.audio.silent import SilentSink, SilentSource
from talkbox.audio.speaker import Speaker
from talkbox.audio.stall import StallWatch
from talkbox.audio.tally import Progress, Tally
from talkbox.audio.voice import Voice
from tests.support.virtual_time import run

PCM = AudioFormat.parse("pcm_16000")


class Crowded(Voice):
    """Another sample is a second too much."""

    def play(self, payload: bytes) -> float:
        return len(payload) / 2


def made() -> Parts:
    """Return the parts of a session whose threads do not run. On a loop: a bridge needs one."""
    tally, capture = Tally(), CapturePath(chunk_ms=20)
    bridge: ThreadBridge[Chunk] = ThreadBridge(1, most=1)
    speaker = Speaker(open_device=SilentSink, tally=tally, volume=lambda: 1.0)
    speaker.rate_hz = 16_000
    return Parts(
        bridge=bridge,
        capture=capture,
        voice=Crowded(gain=1.0),
        microphone=Microphone(open_device=SilentSource, path=capture, bridge=bridge, tally=tally),
        speaker=speaker,
        stall=StallWatch(limit_s=5.0),
    )


def test_that_the_oldest_gave_way_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        parts = made()
        parts.negotiate(heard=PCM, said=PCM)
        parts.play(b"")
        assert not caplog.messages
        parts.play(b"\0\0")
        parts.play(b"\0\0")

    run(main())
    [said] = caplog.messages
    assert said == ("agent audio dropped: more than ten minutes of it wait to be heard; the oldest 1.0 s gave way")


def test_numbers_that_do_not_grow_are_a_card_that_stands_still() -> None:
    async def main() -> None:
        parts = made()
        assert not parts.stands_still(now_s=0.0)
        parts.microphone.periods, parts.speaker.periods = 3, 4
        assert parts.progress == Progress(periods_read=3, periods_written=4)
        assert not parts.stands_still(now_s=4.0)
        assert not parts.stands_still(now_s=8.9)
        assert parts.stands_still(now_s=9.1)

    run(main())
