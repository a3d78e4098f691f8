"""
The appliance: one inbox, one writer of its state, and the hands that do what the table orders.

Decides nothing by itself: `state.py`, `mic.py`, `press.py` and `limits.py` do. Knows no card, no pin and no socket.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from talkbox.audio.cues import Cue
from talkbox.config import Config
from talkbox.controls.gestures import Gesture
from talkbox.lights import theme
from talkbox.lights.animator import Animator
from talkbox.lights.theme import Look, Notice
from talkbox.logs import STANDING

from . import device_tools, mic, state
from .event_stream import EventStream
from .limits import Limit, Limits
from .mic import Mic, MicInput
from .ports import Converse, Memory, Sound
from .press import Meaning, Press
from .session import SessionRunner, UserSpoke
from .state import Effect, Input, State
from .trouble import notice_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """The encoder was turned; clockwise is positive."""

    detents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteToggled:
    """The encoder's switch was pushed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardChanged:
    """The session's sound card was lost, or works again."""

    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeIsUp:
    """A limit on the session may have been reached."""


News = Gesture | Input | Turned | MuteToggled | UserSpoke | CardChanged | TimeIsUp

CUES = {
    Effect.CUE_END: Cue.END,
    Effect.CUE_ERROR: Cue.ERROR,
    Effect.CUE_OFFLINE: Cue.OFFLINE,
}
TROUBLED = {State.RECONNECTING, State.OFFLINE, State.FAULT}
"""To enter or to leave one of these is news for an operator."""
LOOKS = {each: Look(each.value) for each in State}
REASONS = {
    Limit.SESSION: "it lasted controls.max_session_s",
    Limit.QUIET: "nobody spoke for controls.quiet_s",
    Limit.LINGER: "quiet for controls.linger_s after hold-to-talk",
}


class Appliance:
    """
    Make one device of a button, a knob, lights, a sound engine and a conversation.

    Everything here runs on the event loop. `post` and the methods of the control socket's ``Device`` only enqueue.

    Args:
        config: What the operator set.
        sound: The engine; its volume and mute are set here.
        animator: The lights.
        memory: Keeps the volume over a restart.
        converse: Opens a conversation.
        power_off: Shuts the computer down; called for every very long hold.
        echo_canceled: Whether an open microphone does not hear the loudspeaker: then cues are played into it, too.
        clock: Seconds; the loop's own time.
    """

    def __init__(
        self,
        *,
        config: Config,
        sound: Sound,
        animator: Animator,
        memory: Memory,
        converse: Converse,
        power_off: Callable[[], None],
        echo_canceled: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config, self._sound, self._animator, self._memory = config, sound, animator, memory
        self._power_off, self._clock = power_off, clock
        self._echo_canceled = echo_canceled
        self.events = EventStream(clock=clock)
        self._inbox: asyncio.Queue[News] = asyncio.Queue()
        self._session = SessionRunner(
            converse=converse,
            tools=device_tools.handlers(self),
            post=self.post,
            publish=self.publish,
            sound=sound,
            transcripts=config.logging.transcripts,
        )
        self._limits = Limits(
            max_session_s=config.controls.max_session_s,
            quiet_s=config.controls.quiet_s,
            linger_s=config.controls.linger_s,
        )
        self._press = Press()
        self._state, self._mic = State.IDLE, Mic.OPEN
        self._card_here = True
        recalled = memory.recall()
        self._volume = config.audio.volume if recalled is None else recalled
        self._began_s = clock()
        self._alarm: asyncio.TimerHandle | None = None
        self._stopping = False
        sound.set_volume(self._volume)
        sound.watch_card(lambda here: self.post(CardChanged(here=here)))

    async def run(self) -> None:
        """Serve until `stop`, and until the session that is open then has ended."""
        STANDING.set(state=self._state.value)
        async with asyncio.TaskGroup() as self._tasks:
            self._show_look()
            self._cue(Cue.READY)
            while not (self._stopping and self._state in state.AT_REST and self._inbox.empty()):
                self._take(await self._inbox.get())
        if self._alarm is not None:
            self._alarm.cancel()

    def post(self, news: News) -> None:
        """Put something that happened into the inbox."""
        self._inbox.put_nowait(news)

    def turned(self, detents: int) -> None:
        """Take a turn of the encoder; clockwise is positive."""
        self.post(Turned(detents=detents))

    def mute_toggled(self) -> None:
        """Take a push of the encoder's switch."""
        self.post(MuteToggled())

    def publish(self, name: str, /, **fields: object) -> None:
        """Tell whoever looks on, with the place in what the loudspeaker has been given."""
        self.events.publish(name, speaker_frame=self._sound.counters.frames_written, **fields)

    def stop(self) -> None:
        """End the session, if there is one, and then `run`. Repeats are harmless."""
        self._stopping = True
        self.post(Input.STOP)

    # What the client tools may do; called in mid-session, on the loop.

    def set_volume(self, volume: float) -> float:
        """Set the volume, clamped to 0..1, as the agent asked. Return what it is now."""
        self._change_volume(volume, by="agent")
        return self._volume

    def hang_up(self) -> None:
        """End the conversation once what was received has been heard."""
        if self._session.current is not None:
            self._session.current.hang_up()

    def status(self) -> dict[str, object]:
        """Return what `talkbox status --json` prints."""
        session, counted = self._session, self._sound.counters
        return {
            "state": self._state.value,
            "mode": session.mode,
            "muted": not self._mic.open,
            "card_here": self._card_here,
            "volume": self._volume,
            "leds": [list(color) for color in self._animator.frame],
            "echo": dict(self._sound.echo),
            "input_level": round(self._sound.input_level, 3),
            "output_level": round(self._sound.output_level, 3),
            "conversation_id": session.current.get_id() if session.current else None,
            "uptime_s": round(self._clock() - self._began_s, 3),
            "counters": {
                "chunks_sent": session.chunks_sent,
                "chunks_dropped": counted.chunks_dropped,
                "underruns": counted.underruns,
                "starved": counted.starved,
                "overruns": counted.overruns,
                "periods_clipped": counted.periods_clipped,
                "stale_audio": session.stale_audio,
                "sessions": session.count,
            },
            "speaker_frame": counted.frames_written,
        }

    # What happened, and what it means.

    def _take(self, news: News) -> None:
        match news:
            case Gesture() if self._stopping:
                pass  # a press now would begin a session that nobody ends
            case Gesture():
                self.publish("button", gesture=news.value)
                self._feed(self._press.take(news, state=self._state))
            case Turned(detents=detents):
                self._turn(detents)
            case MuteToggled():
                self._toggle_mute()
            case UserSpoke():
                self._limits.user_spoke(self._clock())
            case CardChanged(here=here):
                self._card_changed(here=here)
            case TimeIsUp():
                self._time_is_up()
            case Input():
                self._feed(Meaning(state=news))
        self._set_alarm()

    def _feed(self, meaning: Meaning) -> None:
        if meaning.state is not None:
            self._move(meaning.state)
        if meaning.mic is not None:
            self._move_mic(meaning.mic)

    def _move(self, happened: Input) -> None:
        before = self._state
        self._state, effects = state.step(before, happened)
        moved = self._state is not before
        if moved:
            STANDING.set(state=self._state.value)
            level = logging.INFO if TROUBLED & {before, self._state} else logging.DEBUG
            extra = {"event": "state", "was": before.value, "by": happened.value}
            log.log(level, "= %s, was %s: %s", self._state.value, before.value, happened.value, extra=extra)
            self._tell_limits()
            # The light first: it is latched before the microphone opens, and the state that a dark light stands for
            # is entered only when the microphone is closed.
            self._show_look()
            self.publish("state", state=self._state.value, was=before.value, by=happened.value)
        for effect in effects:
            self._perform(effect)
        if happened is Input.CONNECTED and self._mic.held:
            self._perform(Effect.SILENCE_AGENT)  # its greeting would play into what the person is saying
        if moved and self._state in state.AT_REST:
            self._card_here = True  # for all one knows: the next session opens it anew
            self._move_mic(MicInput.ENDED)
            if not self._stopping:
                self._feed(self._press.rested())

    def _move_mic(self, happened: MicInput) -> None:
        before, self._mic = self._mic, mic.step(self._mic, happened)
        self._limits.mic_waits(self._mic is Mic.WAITING, at_s=self._clock())
        if self._mic.open != before.open:
            self._sound.set_mic_muted(not self._mic.open)
            self.publish("mute", muted=not self._mic.open)
        if self._mic is not before and self._state not in state.AT_REST:
            self._show_look()
        if happened is MicInput.HELD_AT_START and self._mic.held:
            self._perform(Effect.SILENCE_AGENT)

    def _toggle_mute(self) -> None:
        self._move_mic(MicInput.TOGGLED)
        self._notify(Notice.UNMUTED if self._mic.open else Notice.MUTED)
        self._cue(Cue.UNMUTE if self._mic.open else Cue.MUTE)
        extra = {"event": "mute", "muted": not self._mic.open}
        log.info("microphone %s", "open" if self._mic.open else "muted", extra=extra)

    def _card_changed(self, *, here: bool) -> None:
        if self._state not in state.AT_REST:
            self._card_here = here
            self.publish("card", here=here)
            self._show_look()

    def _turn(self, detents: int) -> None:
        wanted = self._volume + detents * self._config.audio.volume_step
        if not 0.0 <= round(wanted, 6) <= 1.0:
            self._cue(Cue.LIMIT)
        self._change_volume(wanted, by="encoder")

    def _change_volume(self, volume: float, *, by: str) -> None:
        self._volume = round(min(1.0, max(0.0, volume)), 6)  # 0.8 + 0.05 + 0.05 is 0.9, not 0.9000000000000001
        self._sound.set_volume(self._volume)
        self._memory.remember(self._volume)
        self._notify(Notice.VOLUME, level=self._volume)
        self.publish("volume", volume=self._volume, by=by)

    # The limits on a forgotten session.

    def _tell_limits(self) -> None:
        now_s = self._clock()
        if self._state in (State.LISTENING, State.SPEAKING) and self._limits.deadline() is None:
            self._limits.connected(now_s)
        match self._state:
            case State.SPEAKING:
                self._limits.agent_speaks()
            case State.LISTENING:
                self._limits.agent_done(now_s)
            case State.RECONNECTING:
                pass  # the same session to its user: its clocks go on
            case State.CONNECTING | State.ENDING | State.IDLE | State.OFFLINE | State.FAULT:
                self._limits.ended()

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        deadline_s = self._limits.deadline()
        if deadline_s is not None:
            loop = asyncio.get_running_loop()
            self._alarm = loop.call_later(max(0.0, deadline_s - self._clock()), self.post, TimeIsUp())

    def _time_is_up(self) -> None:
        limit = self._limits.expired(self._clock())
        if limit is not None:
            log.info("session ends: %s", REASONS[limit], extra={"event": "limit", "limit": limit.value})
            self.publish("limit", limit=limit.value)
            self._move(Input.EXPIRED)

    # What the table orders.

    def _perform(self, effect: Effect) -> None:
        session = self._session.current
        match effect:
            case Effect.START_SESSION:
                self._tasks.create_task(self._session.run())
                self._cue(Cue.START)
            case Effect.END_SESSION:
                self._tasks.create_task(self._session.end())
            case Effect.SILENCE_AGENT:
                self._session.silence_agent()
            case Effect.EXPECT_AGENT:
                if session is not None:
                    session.expect_agent()
            case Effect.POWER_OFF:
                held_s = self._config.controls.power_off_hold_s
                log.info("the button was held for %.0f s: shutting down", held_s, extra={"event": "power_off"})
                self._power_off()
            case Effect.CUE_END:
                self._cue(CUES[effect])
            case Effect.CUE_ERROR | Effect.CUE_OFFLINE:
                self._notify(notice_of(self._session.trouble))
                self._cue(CUES[effect])

    def _cue(self, cue: Cue) -> None:
        # An open microphone would hear it, and the agent take it for an interruption.
        unheard = self._echo_canceled or self._state in state.AT_REST or not self._mic.open
        if self._config.audio.cues and unheard:
            self.publish("cue", cue=cue.value)
            self._sound.play_cue(cue)

    def _notify(self, notice: Notice, *, level: float = 0.0) -> None:
        self._animator.overlay(theme.THEME[notice], for_s=theme.stays_s(notice), level=level)

    def _show_look(self) -> None:
        look = LOOKS[self._state]
        if look is Look.LISTENING and self._mic is Mic.WAITING:
            look = Look.WAITING
        if not self._card_here and self._state in state.IN_SESSION:
            look = Look.DEAF
        self._animator.show(
            theme.for_look(look, muted=self._mic is Mic.MUTED),
            level=self._output_level if look is Look.SPEAKING else self._input_level,
        )

    def _input_level(self) -> float:
        return self._sound.input_level

    def _output_level(self) -> float:
        return self._sound.output_level
