"""An appliance on virtual time: everything is real but the sound card and the service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from talkbox.appliance.orchestrator import Appliance
from talkbox.appliance.remote import Remote
from talkbox.audio.cues import Cue
from talkbox.audio.timing import Timing
from talkbox.config import load
from talkbox.controls.panel import Panel
from talkbox.conversation.events import Interruption
from talkbox.conversation.values import Counters, Disconnected, Message, Reason, Source
from talkbox.errors import TalkboxError
from talkbox.lights.animator import Animator
from talkbox_hardware.fakes import SimulatedControls, SimulatedLeds

Journal = list[str]


@dataclass(slots=True)
class SoundCounters:
    underruns: int = 0
    starved: int = 0
    overruns: int = 0
    periods_clipped: int = 0
    chunks_dropped: int = 0
    frames_written: int = 0


@dataclass(slots=True)
class FakeSound:
    """The engine's place: remembers what it was told."""

    journal: Journal
    counters: SoundCounters = field(default_factory=SoundCounters)
    echo: dict[str, object] = field(default_factory=lambda: {"canceller": "none"})
    timing: Timing = field(default_factory=Timing)
    input_level: float = 0.25
    output_level: float = 0.5
    volume: float = -1.0
    muted: bool = False
    cues: list[Cue] = field(default_factory=list)
    card_changed: Callable[[bool], object] | None = None

    def set_volume(self, volume: float) -> None:
        self.volume = volume

    def set_mic_muted(self, muted: bool) -> None:
        self.muted = muted
        self.journal.append("muted" if muted else "open")

    def watch_card(self, changed: Callable[[bool], object]) -> None:
        self.card_changed = changed

    def play_cue(self, cue: Cue) -> None:
        self.cues.append(cue)


@dataclass(slots=True)
class FakeMemory:
    """Remembers nothing longer than a test."""

    recalled: float | None = None
    remembered: list[float] = field(default_factory=list)

    def recall(self) -> float | None:
        return self.recalled

    def remember(self, volume: float) -> None:
        self.remembered.append(volume)


class FakeConversation:
    """A session that does what a test tells it to."""

    def __init__(self, journal: Journal, callbacks: Mapping[str, Callable[..., Any]]) -> None:
        self._journal, self._callbacks = journal, callbacks
        self._closed: asyncio.Future[Disconnected] = asyncio.get_running_loop().create_future()
        self.stuck = False
        self.counters = Counters(chunks_sent=50, stale_audio=1)

    def get_id(self) -> str:
        return "conv_1"

    def silence_agent(self) -> None:
        self._journal.append("silence agent")

    def expect_agent(self, *, within_s: float = 5.0) -> None:
        self._journal.append(f"expect agent within {within_s:g} s")

    def hang_up(self) -> None:
        self.close(Reason.AGENT)

    async def end_session(self) -> None:
        if not self.stuck:
            self.close(Reason.USER)
        await asyncio.wait({self._closed})

    async def wait_closed(self) -> Disconnected:
        return await self._closed

    def close(self, reason: Reason, *, code: int | None = 1000, text: str = "") -> None:
        """End: the devices are closed, then whoever waits is told."""
        if not self._closed.done():
            self._journal.append("devices closed")
            self._closed.set_result(Disconnected(reason=reason, code=code, text=text))

    def tell(self, name: str, *arguments: object) -> None:
        """Call one of the callbacks that the appliance gave."""
        self._callbacks[name](*arguments)

    def user_says(self, text: str, *, final: bool = True) -> None:
        self.tell("on_message", Message(text=text, source=Source.USER, final=final, event_id=1))

    def agent_speaks(self) -> None:
        self.tell("on_mode_change", "speaking")

    def agent_falls_silent(self) -> None:
        self.tell("on_mode_change", "listening")

    def interrupted(self) -> None:
        self.tell("on_interruption", Interruption(event_id=3))


class FakeService:
    """Opens `FakeConversation`s, after a time, or refuses to."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.delay_s = 0.3
        self.error: TalkboxError | None = None
        self.conversations: list[FakeConversation] = []
        self.tools: Mapping[str, Callable[..., Any]] = {}

    async def __call__(
        self, *, client_tools: Mapping[str, Callable[..., Any]], **callbacks: Callable[..., Any]
    ) -> FakeConversation:
        self._journal.append("devices open")
        self.tools = client_tools
        try:
            await asyncio.sleep(self.delay_s)
        except asyncio.CancelledError:
            self._journal.append("devices closed")
            raise
        if self.error is not None:
            self._journal.append("devices closed")
            raise self.error
        conversation = FakeConversation(self._journal, callbacks)
        self.conversations.append(conversation)
        conversation.tell("on_connect", conversation.get_id())
        return conversation

    @property
    def conversation(self) -> FakeConversation:
        """The last one."""
        return self.conversations[-1]


class WatchedLeds(SimulatedLeds):
    """Simulated LEDs that write down when they go on and out."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._journal = journal

    def show(self, frame: Any) -> None:
        was_dark = not any(map(any, self.frame))
        super().show(frame)
        is_dark = not any(map(any, self.frame))
        if is_dark != was_dark:
            self._journal.append("light out" if is_dark else "light on")


@dataclass(slots=True, kw_only=True)
class Bench:
    """What a test has in its hands."""

    journal: Journal
    service: FakeService
    sound: FakeSound
    memory: FakeMemory
    leds: WatchedLeds
    remote: Remote
    appliance: Appliance
    events: list[dict[str, Any]]
    powered_off: list[bool]

    @property
    def state(self) -> str:
        return str(self.appliance.status()["state"])

    def muted(self) -> bool:
        """Whether the engine sends zeros."""
        return self.sound.muted

    def named(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == name]

    async def connect(self) -> FakeConversation:
        """Tap, and wait until the session stands."""
        await self.remote.tap()
        await asyncio.sleep(self.service.delay_s + 0.01)
        return self.service.conversation

    async def hold(self, seconds: float) -> None:
        self.remote.press()
        await asyncio.sleep(seconds)
        self.remote.release()
        await settle()


async def settle() -> None:
    """Let everything that was posted be taken."""
    await asyncio.sleep(0.001)


@asynccontextmanager
async def appliance(*settings: str, recalled: float | None = None, echo_canceled: bool = False) -> AsyncIterator[Bench]:
    """Run an appliance with ``table.key=value`` settings, and stop it afterwards."""
    config = load(None, environ={}, overrides=settings)
    loop = asyncio.get_running_loop()
    journal: Journal = []
    service, sound, leds = FakeService(journal), FakeSound(journal), WatchedLeds(journal)
    memory = FakeMemory(recalled)
    animator = Animator(leds, brightness=config.lights.brightness)
    powered_off: list[bool] = []
    device = Appliance(
        config=config,
        sound=sound,
        animator=animator,
        memory=memory,
        converse=service,
        power_off=lambda: powered_off.append(True),
        echo_canceled=echo_canceled,
        clock=loop.time,
    )
    controls = config.controls
    panel = Panel(
        on_gesture=device.post,
        on_turn=device.turned,
        on_mute=device.mute_toggled,
        hold_s=controls.hold_s,
        bounce_s=controls.bounce_s,
        power_off_s=controls.power_off_hold_s if controls.power_off_hold else None,
    )
    panel.start(SimulatedControls(clock=loop.time))
    bench = Bench(
        journal=journal,
        service=service,
        sound=sound,
        memory=memory,
        leds=leds,
        remote=Remote(appliance=device, panel=panel, bounce_s=controls.bounce_s, hold_s=controls.hold_s),
        appliance=device,
        events=[],
        powered_off=powered_off,
    )
    with device.events.subscribe() as subscription:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(device.run())
            listening = group.create_task(_listen(subscription, bench.events))
            await settle()
            sound.cues.clear()  # the first says that it is ready
            try:
                yield bench
            finally:
                device.stop()
                await running
                await settle()
                listening.cancel()
    panel.close()
    animator.close()


async def _listen(subscription: Any, events: list[dict[str, Any]]) -> None:
    while True:
        events.append(await subscription.get())
