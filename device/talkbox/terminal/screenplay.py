"""The two demonstrations: what their user says and does, in which order, and what is waited for in between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from .director import Director, mode

Play = Callable[[Director], Awaitable[None]]

STORY_S = 35.0
"""How long a story goes on in a room before somebody speaks: twice as long is the minute in which nobody may."""
AT_ONCE_S = 0.3
"""Into an answer that has just begun: before a canceller that was disturbed could have found itself again."""


async def conversation(director: Director) -> None:
    """
    Hold the conversation.

    Raises:
        CueMissed: If the device or the agent did not do its part.
    """
    await director.do("tap", "tap: start")
    await director.answered(since=0, to="the first tap")
    await director.ask("what time is it")
    await _volume_by_voice_and_knob(director)
    await _interrupt_by_voice(director)
    await _interrupt_by_button(director)
    await _end(director)


async def _volume_by_voice_and_knob(director: Director) -> None:
    since = director.now()
    await director.say("set the volume to forty percent")
    await director.until(lambda event: event["event"] == "volume", since, "the agent to set the volume")
    await director.until(mode("speaking"), since, "the agent to answer")
    for _ in range(4):
        await director.do("turn", "turn +2", detents=2)
        await asyncio.sleep(0.15)
    await director.answered(since=since, to="the volume")


async def _interrupt_by_voice(director: Director) -> None:
    since = director.now()
    await director.say("tell me a long story")
    await director.until(mode("speaking"), since, "the story to begin")
    await asyncio.sleep(3.0)
    since = director.now()
    await director.say("what day is it")
    await director.until(lambda event: event["event"] == "interrupted", since, "the agent to notice the interruption")
    await director.answered(since=since, to="the interruption")


async def _interrupt_by_button(director: Director) -> None:
    since = director.now()
    await director.say("tell me a long story")
    await director.until(mode("speaking"), since, "the story to begin")
    await asyncio.sleep(3.0)
    since = director.now()
    await director.do("press", "hold")
    await asyncio.sleep(0.8)  # a hold, not a tap
    spoken_s = await director.say("thank you")
    await asyncio.sleep(spoken_s + 0.2)
    await director.do("release", "release")
    await director.answered(since=since, to="what was said while the button was held")


async def over_the_loudspeaker(director: Director) -> None:
    """
    Talk to an agent that hears itself: let it tell, and cut in; at once again; and after a long while once more.

    Raises:
        CueMissed: If the device or the agent did not do its part.
    """
    await director.do("tap", "tap: start")
    await director.answered(since=0, to="the first tap")
    await director.ask("what day is it")
    await _let_it_tell(director, STORY_S)
    await _cut_in(director, "what day is it")
    await asyncio.sleep(AT_ONCE_S)
    await _hear_out(director, "what time is it")
    await _let_it_tell(director, STORY_S)
    await _hear_out(director, "what time is it")
    await _end(director)


async def _let_it_tell(director: Director, seconds: float) -> None:
    since = director.now()
    await director.say("tell me a long story")
    await director.until(mode("speaking"), since, "the story to begin")
    await asyncio.sleep(seconds)


async def _cut_in(director: Director, line: str) -> int:
    """Say something while the agent speaks, and wait until it speaks again; return how many events there were then."""
    since = director.now()
    await director.say(line)
    noticed = await director.until(
        lambda event: event["event"] == "interrupted", since, f"the agent to notice “{line}”"
    )
    return await director.until(mode("speaking"), noticed, f"an answer to “{line}”")


async def _hear_out(director: Director, line: str) -> None:
    since = await _cut_in(director, line)
    await director.answered(since=since - 1, to=f"“{line}”")


async def _end(director: Director) -> None:
    ends = director.now()
    await director.do("tap", "tap: end")
    await director.until(
        lambda event: event["event"] == "state" and event["state"] == "idle", ends, "the session to end"
    )
