import errno
import time
from typing import Any

import numpy as np
import pytest

from talkbox.audio.bridge import ThreadBridge
from talkbox.audio.capture import CapturePath
from talkbox.audio.echo.delay import DelayTracker
from talkbox.audio.echo.guard import Guard
from talkbox.audio.echo.headroom import Headroom
from talkbox.audio.echo.nothing import Nothing
from talkbox.audio.echo.path import EchoPath
from talkbox.audio.echo.reference import Reference
from talkbox.audio.formats import AudioFormat, Samples
from talkbox.audio.microphone import Chunk, Microphone
from talkbox.audio.tally import Tally
from talkbox.audio.worker import Worker
from tests.support.virtual_time import run

SOUND = np.tile(np.array([1000, -1000], np.int16), 80)


class Card:
    """Delivers periods of two channels that say the same, and a last one that comes too late; or is pulled out."""

    rate_hz, channels, sample_bytes, period_frames = 16_000, 2, 2, 160

    def __init__(self, periods: int, *, overruns: int = 1, sound: Samples = SOUND) -> None:
        self.xruns = 0
        self._overruns, self._sound = overruns, sound
        self.closed = False
        self._left = self._periods = periods
        self.microphone: Microphone | None = None

    def read(self) -> bytes:
        self._left -= 1
        if self._left < 0:
            if self.microphone is None or not self._periods:
                raise OSError(errno.ENODEV, "no such device")
            self.microphone.stopping = True
        self.xruns += self._overruns
        at = self._left * 160 % len(self._sound)
        return np.repeat(self._sound[at : at + 160], 2).astype("<i2").tobytes()

    def close(self) -> None:
        self.closed = True


def microphone(card: Card, bridge: ThreadBridge[Chunk], tally: Tally, **more: Any) -> Microphone:
    path = CapturePath(chunk_ms=20)
    path.negotiate(AudioFormat.parse("pcm_16000"))
    card.microphone = Microphone(open_device=lambda: card, path=path, bridge=bridge, tally=tally, **more)
    return card.microphone


def ran(card: Card, **more: Any) -> tuple[Tally, Samples]:
    """What was counted, and the last chunk, once the card is at its end."""
    tally, chunks = Tally(), list[Chunk]()

    async def main() -> None:
        bridge: ThreadBridge[Chunk] = ThreadBridge(1, most=1)
        body = microphone(card, bridge, tally, **more)
        body.run(Worker("microphone", body.run, on_failure=bridge.fail))
        chunks.append(await bridge.get())

    run(main())
    return tally, np.frombuffer(chunks[0].payload, np.int16)


def test_it_reads_until_it_is_told_to_stop_and_lets_go() -> None:
    async def main() -> None:
        bridge: ThreadBridge[Chunk] = ThreadBridge(1, most=1)
        card, tally = Card(6), Tally()
        body = microphone(card, bridge, tally)
        body.run(Worker("microphone", body.run, on_failure=bridge.fail))
        chunk = await bridge.get()
        assert chunk.payload == np.tile(SOUND, 2).astype("<i2").tobytes()
        assert chunk.captured_s > 0
        assert card.closed
        assert body.periods == 6
        assert (tally.overruns, tally.chunks_dropped) == (6, 2)

    run(main())


def test_what_a_card_gives_after_the_end_is_not_shown_to_a_canceller_that_the_next_session_may_have() -> None:
    class Counting(Nothing):
        blocks = 0

        def process(self, near: Samples, far: Samples) -> Samples:
            self.blocks += 1
            return super().process(near, far)

    canceller = Counting()
    ran(Card(6), echo=(EchoPath(canceller, tracker=DelayTracker(), guard=Guard()), Reference()))
    assert canceller.blocks == 6


def test_a_card_that_is_pulled_out_is_let_go_of_too() -> None:
    async def main() -> None:
        card = Card(0)
        bridge: ThreadBridge[Chunk] = ThreadBridge(1, most=1)
        body = microphone(card, bridge, Tally())
        with pytest.raises(OSError, match="no such device"):
            body.run(Worker("microphone", body.run, on_failure=bridge.fail))
        assert card.closed

    run(main())


def test_a_canceller_that_raises_is_told_once_and_the_microphone_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(Nothing):
        def process(self, near: Samples, far: Samples) -> Samples:  # noqa: ARG002  the interface's names
            raise np.linalg.LinAlgError("singular")

    echo = EchoPath(Failing(), tracker=DelayTracker(), guard=Guard()), Reference()

    async def session() -> None:
        bridge: ThreadBridge[Chunk] = ThreadBridge(10, most=10)
        card = Card(6)
        path = CapturePath(chunk_ms=20)
        path.negotiate(AudioFormat.parse("pcm_16000"))
        body = Microphone(open_device=lambda: card, path=path, bridge=bridge, tally=Tally(), echo=echo)
        card.microphone = body
        body.run(Worker("microphone", body.run, on_failure=bridge.fail))
        assert body.periods == 6
        assert (await bridge.get()).payload == np.tile(SOUND, 2).tobytes()

    for _ in range(2):  # the next session begins without it
        run(session())
    assert caplog.messages == ["half duplex: the echo canceller failed: LinAlgError('singular')"]


@pytest.mark.parametrize(("overruns", "slips"), [(0, 2), (1, 7)])
def test_the_canceller_hears_of_every_overrun(overruns: int, slips: int) -> None:
    class Counting(Nothing):
        slips = 0

        def slipped(self) -> None:
            self.slips += 1

    canceller, reference = Counting(), Reference()
    reference.write(np.zeros(32_000, np.int16))  # 2 s: a busy machine may take one
    reference.heard(1600, now_s=time.monotonic())

    async def main() -> None:
        bridge: ThreadBridge[Chunk] = ThreadBridge(10, most=10)
        card = Card(6, overruns=overruns)
        echo = EchoPath(canceller, tracker=DelayTracker(), guard=Guard()), reference
        body = Microphone(
            open_device=lambda: card, path=CapturePath(chunk_ms=20), bridge=bridge, tally=Tally(), echo=echo
        )
        card.microphone = body
        body.run(Worker("microphone", body.run, on_failure=bridge.fail))

    run(main())
    assert canceller.slips == slips  # at its start, at the first block, and then at each


def test_it_is_made_louder_without_its_offset_before_anything_else() -> None:
    tally, heard = ran(Card(6, sound=(SOUND + 3000).astype(np.int16)), gain_db=20.0)
    assert heard.tolist() == (np.tile(SOUND, 2) * 10).tolist()
    assert tally.periods_clipped == 0


def test_a_microphone_that_is_overdriven_is_counted_and_told(caplog: pytest.LogCaptureFixture) -> None:
    square = np.tile(np.repeat(np.array([32767, -32768], np.int16), 8), 10)
    tally, _ = ran(Card(6, sound=square))
    assert tally.periods_clipped == 6
    assert len([said for said in caplog.messages if "overdriven" in said]) == 1


def test_a_loud_echo_lowers_the_loudspeaker_and_that_is_told(caplog: pytest.LogCaptureFixture) -> None:
    headroom, ceilings = Headroom(), list[float]()

    class Loud(Nothing):
        """Beside it the echo is found to be as loud as what is written."""

        def process(self, near: Samples, far: Samples) -> Samples:
            headroom.learn(near_peak=20_000, far_peak=20_000)
            return super().process(near, far)

    path = EchoPath(Loud(), tracker=DelayTracker(), guard=Guard(), headroom=headroom)
    with caplog.at_level("INFO"):
        ran(Card(20), echo=(path, Reference()), on_ceiling=ceilings.append)
    assert ceilings == [pytest.approx(-9.0)]
    assert len([said for said in caplog.messages if "held back" in said]) == 1


def test_an_echo_that_moves_again_and_again_is_told_once_a_session(caplog: pytest.LogCaptureFixture) -> None:
    class Moving(Nothing):
        moved = True

    path = EchoPath(Moving(), tracker=DelayTracker(), guard=Guard())
    with caplog.at_level("INFO"):
        for _ in range(2):
            ran(Card(6), echo=(path, Reference()))
    assert path.moves == 12
    assert len([said for said in caplog.messages if "the echo comes from elsewhere" in said]) == 2
