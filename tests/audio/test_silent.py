from talkbox.audio.silent import SilentSink, SilentSource
from tests.support.hand_clock import HandClock


def test_silence_comes_at_a_cards_pace() -> None:
    time = HandClock()
    source = SilentSource(rate_hz=48_000, period_frames=480, clock=time.clock)
    assert source.read() + source.read() == bytes(2 * 480 * 2)
    assert round(time.now_s, 6) == 0.02
    time.now_s += 1
    source.read()
    assert source.xruns == 1
    source.close()


def test_nothing_goes_nowhere_at_a_cards_pace() -> None:
    time = HandClock()
    sink = SilentSink(rate_hz=16_000, period_frames=160, clock=time.clock)
    for _ in range(6):
        sink.write(bytes(320))
    assert round(time.now_s, 6) == 0.02
    assert sink.queued_frames() == sink.ahead_frames == 640
    sink.ahead_frames = 800
    for _ in range(5):
        sink.write(bytes(320))
    assert sink.queued_frames() == sink.ahead_frames == 800
    sink.drop()
    assert sink.queued_frames() == 0
    sink.write(bytes(320))
    time.now_s += 1
    sink.write(bytes(320))
    assert sink.xruns == 1
    sink.close()


def test_they_bring_their_own_clock() -> None:
    assert SilentSource().rate_hz == SilentSink().rate_hz == 16_000
