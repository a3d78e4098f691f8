"""What the engine does without threads. With them: `tests/integration/test_audio_engine.py`."""

import math

import pytest

from talkbox.audio.engine import AudioEngine
from talkbox.audio.silent import SilentSink, SilentSource
from talkbox.errors import AudioError
from tests.support.virtual_time import run


@pytest.fixture
def engine() -> AudioEngine:
    return AudioEngine(open_capture=SilentSource, open_playback=SilentSink, volume=0.5)


def test_closed_it_is_silent_and_deaf(engine: AudioEngine) -> None:
    assert engine.input_volume() == engine.output_volume() == engine.input_level == engine.output_level == 0
    for data in (engine.input_byte_frequency_data(), engine.output_byte_frequency_data()):
        assert data.shape == (1024,)
        assert not data.any()
    assert engine.counters.frames_written == 0
    assert engine.progress is None


def test_closed_it_takes_no_sound_and_nobody_waits(engine: AudioEngine) -> None:
    async def main() -> None:
        engine.play(b"\0\0")
        engine.interrupt()
        await engine.drained()
        await engine.close()
        await engine.close()
        await engine.shutdown()
        with pytest.raises(AudioError, match="closed"):
            await engine.read()

    run(main())


def test_it_negotiates_only_what_the_contract_has_and_only_when_open(engine: AudioEngine) -> None:
    with pytest.raises(ValueError, match="opus"):
        engine.negotiate(input_format="pcm_16000", output_format="opus_48000")
    with pytest.raises(RuntimeError, match="not open"):
        engine.negotiate(input_format="pcm_16000", output_format="pcm_16000")


@pytest.mark.parametrize(("asked", "kept"), [(0.3, 0.3), (-1, 0), (2, 1), (math.nan, 1), (-math.inf, 1)])
def test_the_volume_is_clamped_and_kept(engine: AudioEngine, asked: float, kept: float) -> None:
    assert engine.volume == 0.5
    engine.set_volume(asked)
    assert engine.volume == kept


def test_mute_is_kept(engine: AudioEngine) -> None:
    assert not engine.muted
    engine.set_mic_muted(True)
    assert engine.muted
