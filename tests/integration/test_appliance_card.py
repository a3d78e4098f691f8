"""The appliance and the real engine around a simulated card: what happens to it is said and survived."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from talkbox_hardware import alsa
from tests.support.programs import Device, agent, device, eventually
from tests.support.service import Service
from tests.support.simcard import SimCard, why_not

pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(why_not()), reason=why_not())]

RATE_HZ = 16_000
# Without a canceller, which would leave no sample as it was.
CARDS = ("audio.capture=mic", "audio.playback=speaker", f"audio.rate_hz={RATE_HZ}", "audio.echo=off")


@pytest.fixture
def card(tmp_path: Path) -> SimCard:
    return SimCard(tmp_path / "card", rate_hz=RATE_HZ)


@pytest.fixture
def running(tmp_path: Path, card: SimCard) -> Iterator[Device]:
    with agent(tmp_path) as url, device(tmp_path, url, *CARDS, **card.env) as running:
        yield running


def test_a_card_that_is_missing_is_said_and_one_that_comes_back_works(running: Device, card: SimCard) -> None:
    card.fault("gone")
    running.do("tap")
    eventually(lambda: "No such device" in running.said(), "the missing card in the log")
    running.until(state="idle")
    assert "hint: " in running.said()
    card.fault()
    running.do("tap")
    running.until(state="speaking")


def test_a_card_that_is_busy_is_said_and_one_that_is_free_again_works(
    running: Device, card: SimCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in card.env.items():
        monkeypatch.setenv(name, value)
    other = alsa.open_capture("mic", rate_hz=RATE_HZ, period_frames=160)
    running.do("tap")
    eventually(lambda: "busy" in running.said(), "the busy card in the log")
    running.until(state="idle")
    other.close()
    running.do("tap")
    running.until(state="speaking")


def test_a_card_that_is_pulled_out_and_put_back_in_mid_session_is_opened_again_and_said(
    running: Device, card: SimCard
) -> None:
    running.do("tap")
    conversation = running.until(state="speaking")["conversation_id"]
    card.fault("gone")
    lost = running.until(card_here=False)
    assert any(any(color) for color in lost["leds"])
    eventually(lambda: running.status()["counters"]["chunks_sent"] > lost["counters"]["chunks_sent"] + 50, "silence")
    card.fault()
    status = running.until(card_here=True)
    assert status["conversation_id"] == conversation
    assert running.said().count("the sound card is gone: waiting for it: No such device") == 1
    assert running.said().count("the sound card works again, after ") == 1
    running.do("tap")
    running.until(state="idle")
    assert "Traceback" not in running.said()


def test_the_line_is_held_while_the_card_is_away(tmp_path: Path, card: SimCard) -> None:
    """Pings are answered, silence is sent, and what is said after the return arrives, all on one connection."""
    word = np.tile(np.array([5000, -5000], np.int16), RATE_HZ // 2)

    async def main() -> np.ndarray:
        async with Service() as service:
            with ExitStack() as stack:
                running = await asyncio.to_thread(
                    stack.enter_context, device(tmp_path, service.url, *CARDS, **card.env)
                )
                await asyncio.to_thread(running.do, "tap")
                await service.wait_for("user_audio_chunk", count=25)
                card.fault("gone")
                await asyncio.to_thread(running.until, card_here=False)
                before = len(service.received)
                await service.say({"type": "ping", "ping_event": {"event_id": 77}})
                [pong] = await service.wait_for("pong")
                assert pong["event_id"] == 77
                await service.wait_for("user_audio_chunk", count=before + 50)
                away = [m["user_audio_chunk"] for m in service.received if "user_audio_chunk" in m][-25:]
                assert not any(b"".join(map(base64.b64decode, away)))
                card.fault()
                await asyncio.to_thread(running.until, card_here=True)
                card.say(word, at_s=card.now_s() + 0.5)
                count = len([m for m in service.received if "user_audio_chunk" in m])
                await service.wait_for("user_audio_chunk", count=count + 2 * 50)
                assert len(service.requests) == 1
                chunks = [m["user_audio_chunk"] for m in service.received if "user_audio_chunk" in m][count:]
        return np.frombuffer(b"".join(map(base64.b64decode, chunks)), "<i2")

    assert np.count_nonzero(np.abs(asyncio.run(main())) > 4900) > 0.9 * len(word)


def test_a_card_that_is_pulled_out_for_good_ends_the_session_and_the_next_press_finds_it_again(
    running: Device, card: SimCard
) -> None:
    running.do("tap")
    running.until(state="speaking")
    card.fault("gone")
    running.until(state="idle")
    assert "No such device, and it did not come back within 10 s" in running.said()
    card.fault()
    running.do("tap")
    running.until(state="speaking")
    assert "Traceback" not in running.said()


def test_the_device_lets_go_of_the_card_when_the_session_is_over(
    running: Device, card: SimCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.do("tap")
    running.until(state="speaking")
    running.do("tap")
    running.until(state="idle")
    for name, value in card.env.items():
        monkeypatch.setenv(name, value)
    alsa.open_capture("mic", rate_hz=RATE_HZ, period_frames=160).close()  # the microphone is closed when it says idle


def test_the_first_word_is_on_the_wire_whole_although_connecting_takes_three_seconds(
    tmp_path: Path, card: SimCard
) -> None:
    """A ramp said right after the press arrives without a gap, from its first sample to its last."""
    rising = (np.arange(1, RATE_HZ // 2 + 1) % 8000 + 1000).astype(np.int16)
    word = np.stack([rising, -rising], axis=1).reshape(-1)

    async def main() -> np.ndarray:
        async with Service(delay_s=3.0) as service:
            with ExitStack() as stack:
                running = await asyncio.to_thread(
                    stack.enter_context, device(tmp_path, service.url, *CARDS, **card.env)
                )
                await asyncio.to_thread(running.do, "press")
                card.say(word, at_s=card.now_s() + 0.3)
                await service.wait_for("user_audio_chunk", count=(3 + 2) * 50)
                await asyncio.to_thread(running.do, "release")
                chunks = [m["user_audio_chunk"] for m in service.received if "user_audio_chunk" in m]
        return np.frombuffer(b"".join(map(base64.b64decode, chunks)), "<i2")

    heard = asyncio.run(main())
    begins = int(np.flatnonzero(np.abs(heard) > 500)[0])
    # A pair that falls into two periods is an offset to the first of them.
    assert np.abs(heard[begins : begins + len(word)] - word.astype(np.int32)).max() < 100
