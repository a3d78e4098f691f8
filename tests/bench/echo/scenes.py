"""What the microphone hears in one minute of a conversation, scene by scene and seed by seed. Nothing is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import room, speech
from .speech import RATE_HZ, Signal

FAR_ONLY_S, TALK_S, NEAR_ONLY_S, AGAIN_S, END_S = 0.0, 20.0, 34.0, 42.0, 52.0
"""The agent alone, both, the user alone, the agent alone again, the end."""

CHANGE_S = 46.0
"""When the path changes, or the stream slips, in the scenes where it does."""

FAR_DB = -20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """
    What one scene is like; the defaults are the base scene.

    Attributes:
        echo_db, near_db: Levels of the agent's echo and of the user at the microphone, in dBFS, active speech.
        noise_db: The room's noise.
        drive: How hard the loudspeaker distorts.
        delay_ms: From what was written to the card until it is in the microphone's samples.
        drift_ppm: By how much the microphone's clock is fast.
        rt60_s, room_ms: The room's tail, and how long the response is.
        slip_ms: The echo comes so much later from `CHANGE_S` on.
        told: Whether the canceller is told of the slip, as the engine tells of an underrun.
        change_db: The echo is so much louder from `CHANGE_S` on, in another room.
    """

    name: str
    echo_db: float = -20.0
    near_db: float = -30.0
    noise_db: float = -62.0
    drive: float = 3.0
    delay_ms: float = 60.0
    drift_ppm: float = 0.0
    rt60_s: float = 0.3
    room_ms: float = 150.0
    slip_ms: float = 0.0
    told: bool = False
    change_db: float = 0.0

    @property
    def changes(self) -> bool:
        """Whether anything is different after `CHANGE_S`."""
        return bool(self.slip_ms or self.change_db)

    def delay_s(self, at_s: float) -> float:
        """How late what was written is heard at ``at_s``."""
        return (self.delay_ms + (self.slip_ms if at_s >= CHANGE_S else 0.0)) / 1000


SCENES = (
    Scene(name="base"),
    Scene(name="ser0", echo_db=-30.0),
    Scene(name="ser_m16", echo_db=-14.0),
    Scene(name="near_loud", near_db=-22.0),
    Scene(name="drive0", drive=0.0),
    Scene(name="drive6", drive=6.0),
    Scene(name="clip", echo_db=-7.0, near_db=-17.0),
    Scene(name="delay20", delay_ms=20.0),
    Scene(name="delay80", delay_ms=80.0, drive=4.0),
    Scene(name="delay150", delay_ms=150.0),
    Scene(name="delay250", delay_ms=250.0),
    Scene(name="room50", room_ms=50.0),
    Scene(name="room200", room_ms=200.0, rt60_s=0.5),
    Scene(name="noise50", noise_db=-50.0),
    Scene(name="change3", change_db=3.0),
    Scene(name="slip+20", slip_ms=20.0, told=True),
    Scene(name="slip-20", slip_ms=-20.0, told=True),
    Scene(name="slip+20 untold", slip_ms=20.0),
    Scene(name="slip-20 untold", slip_ms=-20.0),
    Scene(name="drift20", drift_ppm=20.0),
    Scene(name="drift50", drift_ppm=50.0),
    Scene(name="drift+100", drift_ppm=100.0),
    Scene(name="drift-100", drift_ppm=-100.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """
    A scene, rendered: everything at `RATE_HZ`, equally long.

    Attributes:
        far: What was written to the card.
        mic: What the microphone heard.
        near: The user's part of it, as the room made it.
        echo: The agent's part of it, before the microphone's converter.
        rest: All of it but the echo, before the converter.
        spoken: When each of the user's utterances begins and ends, in samples.
    """

    far: NDArray[np.int16]
    mic: NDArray[np.int16]
    near: Signal
    echo: Signal
    rest: Signal
    spoken: tuple[tuple[int, int], ...]


def render(scene: Scene, *, seed: int) -> Heard:
    """Return the scene as the ``seed`` has it: who speaks, what, and in which room."""
    rng = np.random.default_rng([seed, 6])
    languages = [str(name) for name in rng.permutation(speech.LANGUAGES)]
    count = int(END_S * RATE_HZ)
    far = _far(rng, languages[0], count)
    near, spoken = _near(rng, languages[1], count, level_db=scene.near_db)
    near_room = room.response(rng, rt60_s=scene.rt60_s, length_s=0.25, tail_db=-3.0, enclosure=False)
    near = _at_level(room.downsampled(room.convolved(room.upsampled(near), near_room)), scene.near_db, spoken)
    echo = room.drifted(_echo(rng, scene, far), ppm=scene.drift_ppm)
    rest = room.drifted(near, ppm=scene.drift_ppm) + room.noise(rng, count, level_db=scene.noise_db)
    return Heard(far=converted(far), mic=converted(echo + rest), near=near, echo=echo, rest=rest, spoken=spoken)


def _far(rng: np.random.Generator, language: str, count: int) -> Signal:
    """An agent that talks on, with gaps of 0.1 to 0.5 s, but while the user speaks alone."""
    far = np.zeros(count)
    for begin_s, end_s in ((FAR_ONLY_S + 0.5, NEAR_ONLY_S), (AGAIN_S, END_S)):
        at, end = int(begin_s * RATE_HZ), int((end_s - 0.3) * RATE_HZ)
        while at < end:
            said = speech.utterance(_pick(rng, language), level_db=FAR_DB)[: end - at]
            far[at : at + len(said)] = said
            at += len(said) + int(rng.uniform(0.1, 0.5) * RATE_HZ)
    return np.clip(far, -1, 1)


def _near(
    rng: np.random.Generator, language: str, count: int, *, level_db: float
) -> tuple[Signal, tuple[tuple[int, int], ...]]:
    """A user who speaks over the agent, with pauses after which each must be noticed anew, and then alone."""
    near, spoken = np.zeros(count), []
    for begin_s, end_s, pause_s in ((TALK_S + 0.5, NEAR_ONLY_S, 0.8), (NEAR_ONLY_S + 0.5, AGAIN_S, 0.3)):
        at, end = int(begin_s * RATE_HZ), int((end_s - 0.6) * RATE_HZ)
        while at + RATE_HZ < end:
            said = speech.utterance(_pick(rng, language), level_db=level_db)
            said = said[: min(int(rng.uniform(1.0, 2.5) * RATE_HZ), end - at)]
            near[at : at + len(said)] = said
            spoken.append((at, at + len(said)))
            at += len(said) + int(rng.uniform(1.0, 1.5) * pause_s * RATE_HZ)
    return near, tuple(spoken)


def _echo(rng: np.random.Generator, scene: Scene, far: Signal) -> Signal:
    played = room.loudspeaker(far, drive=scene.drive)
    before = int(CHANGE_S * room.CARD_HZ)
    slip = round(scene.slip_ms / 1000 * room.CARD_HZ)
    if slip > 0:
        played = np.concatenate([played[:before], np.zeros(slip), played[before:-slip]])
    elif slip < 0:
        played = np.concatenate([played[:before], played[before - slip :], np.zeros(-slip)])
    taps = room.response(rng, rt60_s=scene.rt60_s, length_s=scene.room_ms / 1000, tail_db=-8.0, enclosure=True)
    echo = room.convolved(played, taps)
    if scene.change_db:
        other = room.response(rng, rt60_s=scene.rt60_s, length_s=scene.room_ms / 1000, tail_db=-8.0, enclosure=True)
        louder = 10 ** (scene.change_db / 20)
        echo = np.concatenate([echo[:before], room.convolved(played, other)[before:] * louder])
    delay = round(scene.delay_ms / 1000 * room.CARD_HZ)
    echo = room.downsampled(np.concatenate([np.zeros(delay), echo[: len(echo) - delay]]))
    return _at_level(echo, scene.echo_db, ((0, int(TALK_S * RATE_HZ)),))


def _pick(rng: np.random.Generator, language: str) -> Path:
    paths = speech.names(language)
    return paths[int(rng.integers(len(paths)))]


def _at_level(signal: Signal, level_db: float, parts: tuple[tuple[int, int], ...]) -> Signal:
    """Return ``signal``, scaled so that the speech in ``parts`` of it is at ``level_db``."""
    reference = np.concatenate([signal[begin:end] for begin, end in parts])
    return signal * (10 ** (level_db / 20) / speech.active_rms(reference))


def converted(signal: Signal) -> NDArray[np.int16]:
    """What a converter makes of it: rounded, and cut at full scale."""
    return np.clip(np.rint(signal * 32768), -32768, 32767).astype(np.int16)
