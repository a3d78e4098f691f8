"""The composition root: the one place that knows every part, and fits them together for `talkbox run`."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from talkbox.appliance import lights_verbs
from talkbox.appliance.control_socket import control_socket
from talkbox.appliance.late_card import LateDevices, looked_for
from talkbox.appliance.orchestrator import Appliance
from talkbox.appliance.ports import Session
from talkbox.appliance.remote import Remote
from talkbox.appliance.sound import Devices, choose
from talkbox.appliance.supervision import supervised
from talkbox.appliance.threads import PatientThreads
from talkbox.appliance.volume_memory import VolumeFile, VolumeMemory, kept, state_folder
from talkbox.audio.echo.backends import installed, make
from talkbox.audio.echo.choice import choose as choose_canceller
from talkbox.audio.echo.path import EchoPath
from talkbox.audio.engine import AudioEngine
from talkbox.config import Config
from talkbox.controls.panel import Panel
from talkbox.conversation.conversation import Conversation
from talkbox.lights.animator import Animator
from talkbox.lights.drawn import DrawnLeds
from talkbox.lights.ports import Leds
from talkbox.systemd import notifier, watchdog_s
from talkbox_hardware import alsa
from talkbox_hardware.cards import find_card

from .hardware import Hardware, described

log = logging.getLogger(__name__)

PATIENCE_S = 10.0
"""How long a board is looked for that is not there when we start."""
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
SWITCH_INTERVAL_S = 0.001
"""How long one thread may keep the interpreter from the others; Python's own 5 ms are half a period of the card."""


def run(config: Config) -> int:
    """
    Be the appliance until one of `STOP_SIGNALS` ends it. Return the exit status.

    Raises:
        TalkboxError: If the device cannot come up; its exit code is the program's.
    """
    hardware = Hardware(config, patience_s=PATIENCE_S)
    devices = _devices(config, hardware)
    echo = _echo(config, hardware, devices)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    # A full collection looks at everything that was imported, and holds all threads up meanwhile: on a slow Pi longer
    # than the card has something to play. None of it is ever garbage, so it need not look.
    gc.freeze()
    return asyncio.run(_serve(config, hardware, devices, echo))


def show_lights(config: Config, name: str, *, for_s: float) -> int:
    """
    Show one look or notice, or all, on the configured board's LEDs; on the terminal where the board is simulated.

    Raises:
        TalkboxError: If there is no such thing to show, or the LEDs do not answer.
    """
    hardware = Hardware(config)
    leds: Leds = DrawnLeds(sys.stdout) if hardware.simulated else hardware.leds()

    def say(shown: str) -> None:
        # On a terminal it takes the line on which the LEDs are drawn; they go on below it.
        sys.stdout.write(f"\r\x1b[2K{shown}\n" if sys.stdout.isatty() else f"{shown}\n")
        sys.stdout.flush()

    try:
        brightness = _brightness(config, hardware)
        asyncio.run(lights_verbs.show(leds, name, for_s=for_s, brightness=brightness, say=say))
    finally:
        hardware.close()
    return os.EX_OK


def lights_off(config: Config) -> int:
    """
    Put the configured board's LEDs out, whoever lit them.

    Raises:
        TalkboxError: If they do not answer.
    """
    hardware = Hardware(config)
    try:
        lights_verbs.off(hardware.leds())
    finally:
        hardware.close()
    return os.EX_OK


def show_board(config: Config) -> int:
    """
    Print which board there is, how one knows, and what is known of it.

    Raises:
        ConfigError: If the configuration names a board that there is not.
    """
    sys.stdout.write(described(config) + "\n")
    return os.EX_OK


def examined_hardware(config: Config) -> Hardware:
    """
    Return the board of a configuration, for the doctor; no pin is claimed.

    Raises:
        ConfigError: If it cannot be told, or cannot be used.
    """
    return Hardware(config)


def examined_devices(config: Config, hardware: Hardware) -> Devices:
    """
    Return the microphone and the loudspeaker, for the doctor: as they are now. No mixer is set, and nothing waited for.

    Raises:
        TalkboxError: If they cannot be used.
    """
    card = hardware.card()
    if card is not None and hardware.board.card is not None and (names := find_card(hardware.board.card.ids)):
        card = replace(card, capture=names.capture, playback=names.playback)
    return choose(config, alsa, card)


def _brightness(config: Config, hardware: Hardware) -> float:
    """Return the cap on the LEDs' brightness; those that are only on or off are dark at 0 alone."""
    return config.lights.brightness if hardware.dims else float(config.lights.brightness > 0)


def _devices(config: Config, hardware: Hardware) -> Devices | LateDevices:
    """Return the microphone and the loudspeaker; a board's own card may still be on its way."""
    card = hardware.card()
    known = choose(config, alsa, card)
    if card is None:
        return known

    def look(patience_s: float) -> Devices | None:
        found = hardware.find_card(patience_s)
        return None if found is None else choose(config, alsa, found)

    return LateDevices(known, look)


async def _serve(config: Config, hardware: Hardware, devices: Devices | LateDevices, echo: EchoPath | None) -> int:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(PatientThreads())
    engine = AudioEngine(
        open_capture=devices.open_capture,
        open_playback=devices.open_playback,
        chunk_ms=config.audio.chunk_ms,
        volume=config.audio.volume,
        mic_gain_db=config.audio.mic_gain_db,
        echo=echo,
        echo_canceled=hardware.cancels_echo,
    )
    memory = VolumeMemory(VolumeFile(_state_folder(hardware), configured=config.audio.volume))
    async with AsyncExitStack() as cleanup:
        await cleanup.enter_async_context(kept(memory))
        cleanup.callback(hardware.close)
        animator = Animator(hardware.leds(), brightness=_brightness(config, hardware))
        cleanup.callback(animator.close)
        appliance = Appliance(
            config=config,
            sound=engine,
            animator=animator,
            memory=memory,
            converse=partial(_converse, config, engine),
            power_off=_power_off,
            echo_canceled=hardware.cancels_echo,
            clock=loop.time,
        )
        panel = Panel(
            on_gesture=appliance.post,
            on_turn=appliance.turned,
            on_mute=appliance.mute_toggled,
            hold_s=config.controls.hold_s,
            bounce_s=config.controls.bounce_s,
            power_off_s=config.controls.power_off_hold_s if config.controls.power_off_hold else None,
        )
        cleanup.callback(panel.close)
        panel.start(hardware.controls())
        remote = Remote(
            appliance=appliance, panel=panel, bounce_s=config.controls.bounce_s, hold_s=config.controls.hold_s
        )
        for number in STOP_SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # `nohup talkbox run` outlives its terminal
                loop.add_signal_handler(number, appliance.stop)
                cleanup.callback(loop.remove_signal_handler, number)
        try:
            async with (
                looked_for(devices),
                control_socket(Path(config.control.socket), remote),
                supervised(
                    notifier(os.environ),
                    events=appliance.events,
                    progress=lambda: engine.progress,
                    watchdog_s=watchdog_s(os.environ, pid=os.getpid()),
                ),
            ):
                log.info(
                    "ready: press the button (board %s, %s)",
                    hardware.board.name,
                    devices.described,
                    extra={"event": "ready", "board": hardware.board.name},
                )
                await appliance.run()
        finally:
            await engine.shutdown()
    log.info("stopped", extra={"event": "stopped"})
    return os.EX_OK


async def _converse(
    config: Config,
    engine: AudioEngine,
    *,
    client_tools: Mapping[str, Callable[..., Any]],
    **callbacks: Any,
) -> Session:
    """Open one conversation, as the configuration describes it."""
    agent = config.agent
    overrides: dict[str, Any] = dict(agent.overrides)
    if agent.first_message:
        overrides["agent"] = {**overrides.get("agent", {}), "first_message": agent.first_message}
    signed_url = None
    if agent.signed_url_from:
        # Imported late: requests takes a tenth of a second, and a public agent needs none of it.
        from talkbox.conversation.signed_url import fetch_signed_url  # noqa: PLC0415  see above

        signed_url = partial(
            fetch_signed_url, agent.signed_url_from, agent_id=agent.agent_id, headers=agent.signed_url_headers
        )
    return await Conversation.start_session(
        agent_id=None if signed_url else agent.agent_id,
        signed_url=signed_url,
        server=agent.server,
        audio=engine,
        client_tools={name: tool for name, tool in client_tools.items() if name not in config.tools.disabled},
        overrides=overrides or None,
        dynamic_variables=dict(agent.dynamic_variables) or None,
        user_id=agent.user_id or None,
        custom_llm_extra_body=dict(agent.custom_llm_extra_body) or None,
        connect_timeout_s=agent.connect_timeout_s,
        metadata_timeout_s=agent.metadata_timeout_s,
        tool_timeout_s=config.tools.timeout_s,
        **callbacks,
    )


def _echo(config: Config, hardware: Hardware, devices: Devices | LateDevices) -> EchoPath | None:
    """
    Return the echo canceller, and say which and why.

    Raises:
        MissingFeature: If one is asked for by name, and not installed.
    """
    choice = choose_canceller(
        wanted=config.audio.echo,
        canceller=config.audio.echo_canceller,
        hardware_aec=hardware.cancels_echo,
        acoustic=devices.cards,
        installed=installed(),
    )
    path = make(choice.backend) if choice.guarded else None
    extra = {"event": "echo", "hint": choice.hint}
    log.info("echo canceller: %s (%s)", path.described if path else "none", choice.why, extra=extra)
    return path


def _state_folder(hardware: Hardware) -> Path | None:
    """Return where the volume is remembered; a simulated board that is given no place leaves no trace of itself."""
    given = "STATE_DIRECTORY" in os.environ or "XDG_STATE_HOME" in os.environ
    return None if hardware.simulated and not given else state_folder(os.environ)


def _power_off() -> None:
    """Ask systemd to shut the computer down. What it answers is for the journal."""
    try:
        subprocess.Popen(["systemctl", "poweroff", "--no-block"])
    except OSError as error:
        extra = {"event": "power_off_failed", "hint": "use `sudo poweroff`"}
        log.warning("cannot shut down: %s", error.strerror, extra=extra)
