"""
What the agent can do: a sentence of the user's in, a reply out.

Refuses to know how anything is heard, said or sent: the client's tools and the time are given to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from . import numerals
from .story import STORY


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolAnswer:
    """What calling a client tool came to; ``failed`` also if the client did not answer."""

    text: str
    failed: bool = False


class World(Protocol):
    """What a skill may use."""

    def now(self) -> datetime:
        """Give the local time."""
        ...

    async def call_tool(self, name: str, parameters: dict[str, object]) -> ToolAnswer:
        """Call a client tool and wait for its result. Never raises."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the agent says, and what it does besides."""

    text: str
    hang_up: bool = False
    """End the conversation afterwards."""
    repeat_next: bool = False
    """Play the user's next turn back instead of answering it."""
    timer_s: float | None = None
    """Say `timer_text` so much later."""
    timer_text: str = ""


Skill = Callable[[re.Match[str], World], Awaitable[Reply]]

NOT_UNDERSTOOD = "Sorry, I did not understand that."
CAPABILITIES = (
    "I can tell you the time and the date. I can change the volume, set a timer, and repeat what you say. "
    "I can tell you a long story, and you may interrupt me. Say goodbye to end."
)


async def answer(text: str, world: World) -> Reply:
    """Reply to ``text``, spoken or typed; anything at all has a reply."""
    plain = " ".join(re.sub(r"[^\w%' ]+", " ", text.lower().replace("-", " ")).split())
    for pattern, skill in _SKILLS:
        if match := pattern.search(plain):
            return await skill(match, world)
    return Reply(text=NOT_UNDERSTOOD)


def _says(text: str) -> Skill:
    async def skill(_match: re.Match[str], _world: World) -> Reply:
        return Reply(text=text)

    return skill


async def _time(_match: re.Match[str], world: World) -> Reply:
    now = world.now()
    hour = numerals.words((now.hour - 1) % 12 + 1)
    minute = "o'clock" if now.minute == 0 else ("oh " if now.minute < 10 else "") + numerals.words(now.minute)
    half = "in the morning" if now.hour < 12 else "in the afternoon" if now.hour < 18 else "in the evening"
    return Reply(text=f"It is {hour} {minute} {half}.")


async def _date(_match: re.Match[str], world: World) -> Reply:
    now = world.now()
    return Reply(text=f"Today is {now:%A}, {now:%B} {now.day}.")


async def _set_volume(match: re.Match[str], world: World) -> Reply:
    percent = numerals.parse(match["number"])
    if percent is None:
        return Reply(text="The volume goes from zero to one hundred percent.")
    return await _change_volume(percent, world)


async def _change_volume(percent: int, world: World) -> Reply:
    done = await world.call_tool("set_volume", {"volume": percent / 100})
    if done.failed:
        return Reply(text="Sorry, the device could not change the volume.")
    return Reply(text=f"The volume is now {numerals.words(percent)} percent.")


async def _get_volume(_match: re.Match[str], world: World) -> Reply:
    percent = await _volume_percent(world)
    if percent is None:
        return Reply(text="Sorry, the device did not tell me the volume.")
    return Reply(text=f"The volume is {numerals.words(percent)} percent.")


async def _step_volume(match: re.Match[str], world: World) -> Reply:
    percent = await _volume_percent(world)
    if percent is None:
        return Reply(text="Sorry, the device did not tell me the volume.")
    step = -10 if match["down"] else 10
    return await _change_volume(min(100, max(0, percent + step)), world)


async def _volume_percent(world: World) -> int | None:
    """Ask the device for its volume; `None` if it does not say."""
    status = await world.call_tool("get_device_status", {})
    try:
        volume = json.loads(status.text)["volume"]
        return None if status.failed else min(100, max(0, round(100 * float(volume))))
    except (ValueError, TypeError, KeyError, OverflowError):
        return None


async def _timer(match: re.Match[str], _world: World) -> Reply:
    number = 1 if match["number"] in ("a", "an", "one") else numerals.parse(match["number"])
    if not number:
        return Reply(text="A timer can have from one to one hundred seconds or minutes.")
    unit = match["unit"]
    length = f"{numerals.words(number)} {unit}{'' if number == 1 else 's'}"
    return Reply(
        text=f"I will tell you in {length}.",
        timer_s=number * {"second": 1.0, "minute": 60.0, "hour": 3600.0}[unit],
        timer_text=f"Your timer of {length} is over.",
    )


async def _repeat(_match: re.Match[str], _world: World) -> Reply:
    return Reply(text="Go ahead.", repeat_next=True)


async def _goodbye(_match: re.Match[str], _world: World) -> Reply:
    return Reply(text="Goodbye! Talk to you soon.", hang_up=True)


_NUMBER = r"(?P<number>(?:[\w%]+ ){0,2}?[\w%]+?)"
# The first that is found in the sentence wins: what ends or silences the agent comes first.
_SKILLS: tuple[tuple[re.Pattern[str], Skill], ...] = tuple(
    (re.compile(pattern), skill)
    for pattern, skill in (
        (r"\b(good ?bye|bye|hang up|end the conversation)\b", _goodbye),
        (rf"\btimer (?:for|of) {_NUMBER} (?P<unit>second|minute|hour)s?\b", _timer),
        (r"^(please )?(stop|be quiet|quiet|silence|enough|shut up)\b", _says("Okay.")),
        (rf"\bvolume (?:to|at) {_NUMBER} ?(?:percent|%)?$", _set_volume),
        (r"\b(louder|volume up|(?P<down>softer|quieter|volume down))\b", _step_volume),
        (r"\b(what|how|tell).*\b(volume|loud)\b", _get_volume),
        (r"\b(what|tell).*\b(date|day)\b", _date),
        (r"\b(what|tell).*\btime\b", _time),
        (r"\brepeat after me\b", _repeat),
        (r"\bstory\b", _says(STORY)),
        (r"\bwhat can you do\b|\bhelp\b", _says(CAPABILITIES)),
        (r"\bhow are you\b", _says("I am fine, thank you. And I am all yours.")),
        (r"\bwho are you\b|\byour name\b", _says("I am the embedded agent of Talkbox. I live on this machine.")),
        (r"\b(thank you|thanks)\b", _says("You are welcome.")),
        (r"\b(hello|hi|good (morning|afternoon|evening))\b", _says("Hello! How can I help?")),
    )
)
