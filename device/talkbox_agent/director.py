"""Follows a script: knows what has happened how often, and has the rules that wait for it carried out."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from typing import Protocol

from .audio import Samples, tone
from .outbox import Close, Frame, Outbox, Outgoing, Stall
from .script import (
    Action,
    CallTool,
    CloseWith,
    Drop,
    HangUp,
    Rule,
    Say,
    Send,
    SendBinary,
    SendText,
    StaleAudio,
    StallFor,
    Trigger,
    Wait,
)

log = logging.getLogger(__name__)


class Actor(Protocol):
    """Who carries out what takes more than a frame."""

    async def say_as_told(self, text: str, sound: Samples | None) -> None:
        """Say something to its end, or until it is interrupted."""
        ...

    async def call_tool(self, name: str, parameters: dict[str, object]) -> object:
        """Call a tool of the client's and wait for its result."""
        ...

    async def hang_up(self) -> None:
        """End the conversation when what was said has been heard."""
        ...

    def send_stale_audio(self, chunks: int) -> None:
        """Send audio that has been interrupted."""
        ...


class Director:
    """
    Carry out the rules of a script for one session.

    Args:
        rules: The script's.
        actor: Who speaks.
        outbox: Where frames and faults go.
    """

    def __init__(self, rules: tuple[Rule, ...], *, actor: Actor, outbox: Outbox) -> None:
        self._rules = rules
        self._actor = actor
        self._outbox = outbox
        self._happened: Counter[Trigger] = Counter()

    def happens(self, trigger: Trigger, text: str = "") -> list[Rule]:
        """Take note that something happens, and give the rules to follow now."""
        self._happened[trigger] += 1
        count = self._happened[trigger]
        return [rule for rule in self._rules if rule.matches(trigger, count=count, text=text)]

    async def follow(self, rule: Rule) -> None:
        """Carry a rule out."""
        await asyncio.sleep(rule.after_s)
        for action in rule.do:
            log.info("script: %s", action)
            await self._perform(action)

    async def _perform(self, action: Action) -> None:
        match action:
            case Say(text=text, tone_hz=tone_hz, duration_s=duration_s):
                await self._actor.say_as_told(text, tone(tone_hz, duration_s) if tone_hz else None)
            case CallTool(name=name, parameters=parameters):
                await self._actor.call_tool(name, dict(parameters))
            case HangUp():
                await self._actor.hang_up()
            case Wait(duration_s):
                await asyncio.sleep(duration_s)
            case StaleAudio(chunks):
                self._actor.send_stale_audio(chunks)
            case _:
                self._outbox.put(_outgoing(action))


def _outgoing(action: Send | SendText | SendBinary | StallFor | CloseWith | Drop) -> Outgoing:
    """Give what an action puts on the wire as it is."""
    match action:
        case Send(message):
            return Frame(json.dumps(message))
        case SendText(content) | SendBinary(content):
            return Frame(content)
        case StallFor(duration_s):
            return Stall(duration_s)
        case CloseWith(code=code, reason=reason):
            return Close(code, reason)
        case Drop():
            return Close(None)
