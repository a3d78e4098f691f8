"""Who has the floor, by what the loudspeaker does."""

import asyncio

from talkbox.conversation.announcer import Announcer
from talkbox.conversation.callbacks import CallbackRunner
from talkbox.conversation.values import Mode
from talkbox.conversation.voice import Voice
from tests.support.line import FakeAudio
from tests.support.virtual_time import run

SECOND = b"\0" * 32_000


async def modes(audio: FakeAudio | None) -> list[tuple[float, Mode]]:
    """Play at 1, 1.5 and 4 s; be interrupted at 4.5 s; play at 5 s; hang up at 5.5 s."""
    seen: list[tuple[float, Mode]] = []
    runner = CallbackRunner({"on_mode_change": lambda mode: seen.append((asyncio.get_running_loop().time(), mode))})
    voice = Voice(audio, tell=Announcer(runner))
    async with asyncio.TaskGroup() as group:
        group.create_task(runner.run())
        watching = group.create_task(voice.watch())
        await asyncio.sleep(1)
        voice.play(SECOND)
        await asyncio.sleep(0.5)
        voice.play(SECOND)
        voice.play(b"")
        await asyncio.sleep(2.5)
        voice.play(SECOND)
        await asyncio.sleep(0.5)
        voice.stop()
        await asyncio.sleep(0.5)
        voice.play(SECOND)
        await asyncio.sleep(0.5)
        await voice.play_out()
        seen.append((asyncio.get_running_loop().time(), Mode.LISTENING))
        watching.cancel()
        runner.finish()
    return seen


def test_speaking_from_the_first_sound_to_the_last_and_not_after_an_interruption() -> None:
    assert run(modes(FakeAudio())) == [
        (1, "speaking"),
        (3, "listening"),
        (4, "speaking"),
        (4.5, "listening"),
        (5, "speaking"),
        (6, "listening"),
        (6, "listening"),
    ]


def test_a_session_without_audio_only_listens() -> None:
    assert run(modes(None)) == [(5.5, "listening")]
