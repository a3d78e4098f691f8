"""
One conversation: what the client says in, what the agent does about it out.

Knows no socket and no wall clock: frames come from an iterator and go to an outbox, the time is the loop's.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import skills
from .audio import RATE_HZ, Samples, tone
from .director import Director
from .ear import Ear
from .hearing import UNKNOWN, Recognizer
from .messages import Bad, Initiation, Noted, Pong, ToolResult, UserAudio, UserMessage, read
from .mouth import Mouth
from .outbox import Close, Outbox
from .script import Metadata, Script, Trigger
from .skills import Reply, ToolAnswer
from .toolbox import Toolbox
from .turns import TurnEnded, VoiceDetector
from .voice import Speaker

log = logging.getLogger(__name__)

DEAF_ANSWER = "I heard you. This is a tone of six hundred and sixty hertz."

_INITIATION_TIMEOUT_S = 3.0  # a client that sends no initiation is served without one
_NOISE_S = 0.5  # with less voice than this, what is not understood was nobody's speech
_FLOOR_POLL_S = 0.1  # how late a timer may be that rings while somebody speaks


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What an agent is made of."""

    speaker: Speaker
    recognizer: Recognizer
    new_voice_detector: Callable[[], VoiceDetector]
    """Gives a detector for one session."""
    now: Callable[[], datetime]
    """Gives the local time."""


class Session:
    """
    Hold one conversation.

    Args:
        conversation_id: What the client will know it by.
        script: The agent's manner, and what it has been told to do.
        abilities: Voice, ears and clock.
        outbox: Where everything for the client goes.
    """

    def __init__(self, *, conversation_id: str, script: Script, abilities: Abilities, outbox: Outbox) -> None:
        self._id = conversation_id
        self._script = script
        self._abilities = abilities
        self._outbox = outbox
        self._mouth = Mouth(
            outbox=outbox,
            manner=script.manner,
            speaker=abilities.speaker,
            on_first_sound=lambda text: self._happens(Trigger.SPEAKING, text),
        )
        self._ear = Ear(
            script=script,
            outbox=outbox,
            recognizer=abilities.recognizer,
            is_voice=abilities.new_voice_detector(),
            start=self._start,
            on_voice=self._on_voice,
            on_turn=self._on_turn,
        )
        self._toolbox = Toolbox(outbox, timeout_s=script.manner.tool_timeout_s)
        self._director = Director(script.rules, actor=self, outbox=outbox)
        self._initiation: Initiation | None = None
        self._initiated = asyncio.Event()
        self._group: asyncio.TaskGroup
        self._tasks: set[asyncio.Task[None]] = set()
        self._answer: asyncio.Task[None] | None = None
        self._ping_sent_s: dict[int, float] = {}
        self._ping_ms: int | None = None
        self._interrupted_id = 0
        self._repeat_next = False
        self._hanging_up = False

    async def run(self, frames: AsyncIterator[str | bytes]) -> None:
        """Serve the client whose frames these are, until there are no more."""
        async with asyncio.TaskGroup() as self._group:
            self._start(self._open())
            self._happens(Trigger.OPENED)
            async for frame in frames:
                self._receive(frame)
            self._ear.close()
            for task in self._tasks:
                task.cancel()

    # --- what the script and the skills may ask for --------------------------------------------

    def now(self) -> datetime:
        """Give the local time."""
        return self._abilities.now()

    async def call_tool(self, name: str, parameters: dict[str, object]) -> ToolAnswer:
        """Call a tool of the client's and wait for its result."""
        answer = await self._toolbox.call(name, parameters)
        self._happens(Trigger.TOOL_RESULT, answer.text)
        return answer

    async def say_as_told(self, text: str, sound: Samples | None) -> None:
        """Say something to its end, or until it is interrupted, in the place of what is being said."""
        if asyncio.current_task() is self._answer:
            await self._say(text, sound=sound)
        elif answer := self._answer_with(self._say(text, sound=sound)):
            await asyncio.wait([answer])

    async def hang_up(self, last_words: str = "") -> None:
        """Say the last words, to their end this time, and close."""
        self._hanging_up = True
        if last_words:
            log.info("%s: agent says %r and hangs up", self._id, last_words)
            await self._mouth.say(last_words)
        self._toolbox.end_call()
        await self._mouth.until_heard()
        self._outbox.put(Close(1000, "agent ended the conversation"))

    def send_stale_audio(self, chunks: int) -> None:
        """Send audio under ids that the last interruption made stale."""
        sound = tone(880, self._script.manner.chunk_ms / 1000)
        for age in reversed(range(chunks)):
            self._mouth.send_again(sound, event_id=max(0, self._interrupted_id - age))

    # --- the beginning -------------------------------------------------------------------------

    async def _open(self) -> None:
        try:
            async with asyncio.timeout(_INITIATION_TIMEOUT_S):
                await self._initiated.wait()
        except TimeoutError:
            log.warning("%s: no initiation within %g s", self._id, _INITIATION_TIMEOUT_S)
        wishes = self._initiation or Initiation()
        manner = self._script.manner
        self._outbox.client_events = wishes.client_events
        self._mouth.text_only, self._mouth.voice_id = wishes.text_only, wishes.voice_id
        self._mouth.speed = wishes.speed
        if manner.metadata is Metadata.NEVER:
            return
        await asyncio.sleep(manner.metadata_delay_s)
        metadata = {"conversation_id": self._id, "agent_output_audio_format": str(manner.output_format)}
        if manner.metadata is Metadata.SEND:
            metadata["user_input_audio_format"] = str(manner.input_format)
        self._outbox.send("conversation_initiation_metadata", metadata)
        log.info("%s: started, %s in, %s out", self._id, manner.input_format, manner.output_format)
        self._happens(Trigger.STARTED)
        if manner.ping_every_s:
            self._start(self._ping(manner.ping_every_s))
        first = manner.first_message if wishes.first_message is None else wishes.first_message
        if first and not self._answer:
            self._answer_with(self._say(_filled_in(first, wishes), greeting=True))

    async def _ping(self, every_s: float) -> None:
        while True:
            event_id = self._outbox.send("ping", {"ping_ms": self._ping_ms})
            # An answer to an older one says nothing about now.
            self._ping_sent_s = {event_id: asyncio.get_running_loop().time()}
            await asyncio.sleep(every_s)

    # --- what the client sends -----------------------------------------------------------------

    def _receive(self, frame: str | bytes) -> None:
        message = read(frame)
        match message:
            case UserAudio(payload):
                if not self._mouth.text_only:
                    self._ear.hear(payload)
            case Pong(event_id):
                if (sent_s := self._ping_sent_s.pop(event_id, None)) is not None:
                    self._ping_ms = round(1000 * (asyncio.get_running_loop().time() - sent_s))
            case UserMessage(text):
                if text.strip():
                    log.info("%s: user typed %r", self._id, text)
                    self._answer_with(self._answer_text(text))
            case ToolResult():
                self._toolbox.take_result(message)
            case Initiation():
                self._initiation = self._initiation or message
                self._initiated.set()
            case Noted(kind):
                log.debug("%s: < %s", self._id, kind)
            case Bad(reason):
                log.warning("%s: not a message: %s", self._id, reason)

    def _on_voice(self, recent_s: float) -> None:
        if self._mouth.sounding and recent_s >= self._script.turns.barge_in_voice_s - 1e-9:
            self._interrupt()

    def _on_turn(self, turn: TurnEnded) -> None:
        # A turn that was too short to interrupt the answer is no reason to give another one.
        if not (self._mouth.sounding and turn.voice_s < _NOISE_S):
            self._answer_with(self._answer_speech(turn))

    # --- answering -----------------------------------------------------------------------------

    def _answer_with(self, job: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
        """Let ``job`` be the agent's answer, in the place of the one being given; not once it hangs up."""
        if self._hanging_up:
            job.close()
            return None
        if self._mouth.sounding:
            self._interrupt()
        elif self._answer:
            self._answer.cancel()
        self._answer = self._start(job)
        return self._answer

    def _interrupt(self) -> None:
        if self._hanging_up:
            return
        if self._answer:
            self._answer.cancel()
        self._interrupted_id, heard = self._mouth.interrupt()
        log.info("%s: interrupted after %r", self._id, heard)
        self._happens(Trigger.INTERRUPTED, heard)

    async def _answer_speech(self, turn: TurnEnded) -> None:
        recognizer = self._abilities.recognizer
        text = await recognizer.recognize(turn.samples) or UNKNOWN
        if text == UNKNOWN and not recognizer.deaf and turn.voice_s < _NOISE_S:
            return
        self._outbox.send("user_transcript", {"user_transcript": text})
        log.info("%s: user said %r", self._id, text)
        trailing = round(max(0.0, self._script.turns.silence_s - 0.1) * RATE_HZ)
        await self._answer_text(text, spoken=turn.samples[: len(turn.samples) - trailing])

    async def _answer_text(self, text: str, *, spoken: Samples | None = None) -> None:
        rules = self._director.happens(Trigger.TURN, text)
        for rule in rules:
            await self._director.follow(rule)
        if any(not rule.answer for rule in rules):
            return
        await asyncio.sleep(self._script.manner.thinking_s)
        if self._repeat_next:
            self._repeat_next = False
            await self._say(text, sound=spoken)
        elif text == UNKNOWN and self._abilities.recognizer.deaf:
            await self._say(DEAF_ANSWER)
        else:
            await self._give(await skills.answer(text, self))

    async def _give(self, reply: Reply) -> None:
        self._repeat_next = reply.repeat_next
        if reply.timer_s is not None:
            self._start(self._ring(reply.timer_text, after_s=reply.timer_s))
        if reply.hang_up:
            await self.hang_up(reply.text)
        else:
            await self._say(reply.text)

    async def _say(self, text: str, *, sound: Samples | None = None, greeting: bool = False) -> None:
        log.info("%s: agent says %r", self._id, text)
        await self._mouth.say(text, sound=sound, greeting=greeting)
        await self._mouth.until_heard()
        self._happens(Trigger.QUIET, text)

    async def _ring(self, text: str, *, after_s: float) -> None:
        """Say that a timer is over, when nobody speaks."""
        await asyncio.sleep(after_s)
        while self._ear.in_turn or (self._answer and not self._answer.done()):  # noqa: ASYNC110  two conditions, rarely
            await asyncio.sleep(_FLOOR_POLL_S)
        self._answer_with(self._say(text))

    # --- tasks ---------------------------------------------------------------------------------

    def _happens(self, trigger: Trigger, text: str = "") -> None:
        for rule in self._director.happens(trigger, text):
            self._start(self._director.follow(rule))

    def _start(self, job: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._group.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _filled_in(text: str, wishes: Initiation) -> str:
    """Put the client's dynamic variables in the place of ``{{name}}``; one that is not known stays."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: str(wishes.dynamic_variables.get(found[1], found[0])), text)
