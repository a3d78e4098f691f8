import errno
import time

import numpy as np
import pytest

from talkbox.audio.bridge import ThreadBridge
from talkbox.audio.capture import CapturePath
from talkbox.audio.echo.delay import DelayTracker
from talkbox.audio.echo.guard import Guard
from talkbox.audio.echo.nothing import Nothing
from talkbox.audio.echo.path import EchoPath
from talkbox.audio.echo.reference import Reference
from talkbox.audio.formats import AudioFormat, Samples
from talkbox.audio.microphone import Chunk, Microphone
from talkbox.audio.tally import Tally
from talkbox.audio.worker import Worker
from tests.support.virtual_time import run


class Card:
    """Delivers periods of two channels, and then does what ``at_end`` says."""

    rate_hz, channels, sample_bytes, period_frames = 16_000, 2, 2, 160

    def __init__(self, periods: int, *, overruns: int = 1) -> None:
        self.xruns = 0
        self._overruns = overruns
        self.closed = False
        self._left = periods
        self.microphone: Microphone | None = None

    def read(self) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise OSError(errno.ENODEV, "no such device")
        if self._left == 0 and self.microphone is not None:
            self.microphone.stopping = True
        self.xruns += self._overruns
        return np.tile(np.array([1000, 1000, -1000, -1000], "<i2"), 80).tobytes()

    def close(self) -> None:
        self.closed = True


def microphone(card: Card, bridge: ThreadBridge[Chunk], tally: Tally) -> Microphone:
    path = CapturePath(chunk_ms=20)
    path.negotiate(AudioFormat.parse("pcm_16000"))
    return Microphone(open_device=lambda: card, path=path, bridge=bridge, tally=tally)


def test_it_reads_until_it_is_told_to_stop_and_lets_go() -> None:
    async def main() -> None:
        bridge: ThreadBridge[Chunk] = ThreadBridge(1, most=1)
        card, tally = Card(6), Tally()
        card.microphone = microphone(card, bridge, tally)
        card.microphone.run(Worker("microphone", card.microphone.run, on_failure=bridge.fail))
        chunk = await bridge.get()
        assert chunk.payload == np.tile(np.array([1000, -1000], "<i2"), 160).tobytes()
        assert chunk.captured_s > 0
        assert card.closed
        assert card.microphone.periods == 6
        assert (tally.overruns, tally.chunks_dropped) == (6, 2)

    run(main())


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
        assert (await bridge.get()).payload == np.full(320, 1000, "<i2").tobytes()

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
