"""
What an operator may set: one frozen table for each ``[table]`` of the configuration, and what each key may be.

Refuses to know where values come from: that is ``config.py``. The line under a key is its documentation, and is what
`talkbox config --reference` prints.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What a number may be, ends included."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:g}..{self.high:g}"


def key(default: Any, limit: Range | None = None, *, secret: bool = False) -> Any:
    """Declare a key: its default, for a number its range, and whether its value must never be shown."""
    metadata = {"limit": limit, "secret": secret}
    if isinstance(default, dict):
        return field(default_factory=default.copy, repr=not secret, metadata=metadata)
    return field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """``[agent]``: who answers, and what it is told about this device."""

    agent_id: str = key("")
    """The agent to talk to, as its settings page names it: "agent_..."."""

    server: str = key("wss://api.elevenlabs.io")
    """The service, a residency host of it, or the embedded agent: "ws://127.0.0.1:8787"."""

    signed_url_from: str = key("")
    """Where a private agent's signed URL comes from: "unix:/path/of/a.sock" or "https://..."; empty: a public agent."""

    signed_url_headers: Mapping[str, str] = key({}, secret=True)
    """Headers sent along with the request for a signed URL. Never shown."""

    overrides: Mapping[str, object] = key({})
    """What this device changes of the agent (its settings must allow it): { agent = { language = "de" } }."""

    dynamic_variables: Mapping[str, Scalar] = key({})
    """Values for the {{variables}} in the agent's prompt and first message."""

    user_id: str = key("")
    """Who is talking, in the words of your own records; empty: nobody is named."""

    first_message: str = key("")
    """What the agent says first, in place of its own first message; empty: its own."""

    custom_llm_extra_body: Mapping[str, object] = key({})
    """Passed on to a language model of your own."""

    connect_timeout_s: float = key(10.0, Range(low=0.1, high=120))
    """Seconds to wait for the connection."""

    metadata_timeout_s: float = key(10.0, Range(low=0.1, high=120))
    """Seconds to wait, once connected, for the agent to say that it is ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioSettings:
    """``[audio]``: the sound card."""

    capture: str = key("")
    """Microphone: an ALSA name, as `arecord -L` prints it; "wav:PATH" for a file; empty for the board's own."""

    playback: str = key("")
    """Loudspeaker: an ALSA name, as `aplay -L` prints it; "wav:PATH" for a file; empty for the board's own."""

    rate_hz: Literal["auto", 16000, 48000] = key("auto")
    """Rate of the card, in both directions; "auto": 16000 on a slow Pi, else the board's best."""

    echo: Literal["auto", "on", "off"] = key("auto")
    """Echo canceller; "auto": on where it is installed."""

    echo_canceller: Literal["auto", "cascade", "aec3", "speex", "half-duplex", "none"] = key("auto")
    """Which; "auto": the best that is installed, and none on a board that cancels its own echo."""

    mic_gain_db: float = key(0.0, Range(low=0, high=30))
    """Decibels by which the microphone is made louder, where its card delivers too little; always the same."""

    chunk_ms: int = key(20, Range(low=10, high=250))
    """Milliseconds of speech in one message to the agent."""

    period_ms: int = key(10, Range(low=5, high=50))
    """Milliseconds of sound that the loudspeaker's card takes at once; the microphone brings a chunk."""

    volume: float = key(0.8, Range(low=0, high=1))
    """Loudness to start with, 0 (silent) to 1 (full), until the knob says otherwise: that is remembered."""

    volume_step: float = key(0.05, Range(low=0.01, high=0.5))
    """What one detent of the encoder adds to the volume."""

    cues: bool = key(default=True)
    """Play a short sound where something happened; into an open microphone only if the board cancels its own echo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareSettings:
    """``[hardware]``: the board."""

    board: str = key("auto")
    """The HAT: "auto", "simulated", or a name from the folder of boards, for example "respeaker-2mic-v1"."""

    gpio: Literal["auto", "lgpio", "rpigpio"] = key("auto")
    """The library that reaches the pins; "rpigpio" on old systems only."""

    button_gpio: int = key(-1, Range(low=-1, high=27))
    """GPIO of the push-to-talk button, to ground; -1: the board's own."""

    encoder_a_gpio: int = key(-1, Range(low=-1, high=27))
    """GPIO of the encoder's contact A; -1: the board's own."""

    encoder_b_gpio: int = key(-1, Range(low=-1, high=27))
    """GPIO of the encoder's contact B; -1: the board's own."""

    encoder_switch_gpio: int = key(-1, Range(low=-1, high=27))
    """GPIO of the encoder's push switch; -1: the board's own."""

    encoder_edges_per_detent: Literal["auto", 2, 4] = key("auto")
    """Edges between two clicks: 4, or 2 where it clicks twice a cycle; "auto": the board's own."""

    encoder_reverse: bool = key(default=False)
    """Whether the encoder counts the other way round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSettings:
    """``[control]``: how commands reach a running device."""

    socket: str = key("/run/talkbox/control.sock")
    """Path of the control socket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlsSettings:
    """``[controls]``: the button, and when a forgotten session ends."""

    hold_s: float = key(0.6, Range(low=0.05, high=10))
    """Seconds after which a press is a hold: the microphone is open until the release."""

    bounce_s: float = key(0.02, Range(low=0, high=0.2))
    """Seconds for which the contact may bounce."""

    linger_s: float = key(20.0, Range(low=1, high=3600))
    """Seconds of quiet after which a hold-to-talk session ends."""

    max_session_s: float = key(600.0, Range(low=1, high=86400))
    """Seconds after which a session ends, whatever happens in it."""

    quiet_s: float = key(120.0, Range(low=1, high=86400))
    """Seconds without a word from the user after which a session ends."""

    power_off_hold: bool = key(default=False)
    """Whether a very long hold shuts the Pi down."""

    power_off_hold_s: float = key(8.0, Range(low=3, high=60))
    """Seconds of that very long hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LightsSettings:
    """``[lights]``: the LEDs."""

    brightness: float = key(0.5, Range(low=0, high=1))
    """Of all LEDs, 0 (dark) to 1 (full)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsSettings:
    """``[tools]``: what the agent may ask of the device."""

    timeout_s: float = key(10.0, Range(low=0.1, high=300))
    """Seconds after which a tool that has not returned is given up."""

    disabled: tuple[str, ...] = key(())
    """Tools the device does not offer, by name: ["set_volume"]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggingSettings:
    """``[logging]``: what the journal gets."""

    level: Literal["debug", "info", "warning", "error"] = key("info")
    """The least important records to keep."""

    transcripts: bool = key(default=False)
    """Whether what was said is logged too. It is private: off unless you want it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """
    Everything an operator may set. No API key is among it: the broker holds that.

    Attributes:
        origins: Where each value came from: ``"audio.volume"`` -> ``"default"``, a file, a variable, or ``"--set"``.
    """

    agent: AgentSettings = field(default_factory=AgentSettings)
    audio: AudioSettings = field(default_factory=AudioSettings)
    hardware: HardwareSettings = field(default_factory=HardwareSettings)
    control: ControlSettings = field(default_factory=ControlSettings)
    controls: ControlsSettings = field(default_factory=ControlsSettings)
    lights: LightsSettings = field(default_factory=LightsSettings)
    tools: ToolsSettings = field(default_factory=ToolsSettings)
    logging: LoggingSettings = field(default_factory=LoggingSettings)
    origins: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)


TABLES: dict[str, type[Any]] = {name: kind for name, kind in get_type_hints(Config).items() if name != "origins"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of one table, as its declaration says it."""

    table: str
    name: str
    hint: Any
    limit: Range | None
    secret: bool

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"

    def accepts(self, value: object) -> bool:
        """Tell whether `value`, as TOML gives it, is one that the key may have."""
        return _fits(value, self.hint) and (
            self.limit is None or (isinstance(value, int | float) and self.limit.low <= value <= self.limit.high)
        )

    def allowed(self) -> str:
        """Say what the key may be, to follow "must be"."""
        words = _words(self.hint)
        return f"{words}, {self.limit}" if self.limit else words

    def built(self, value: Any) -> Any:
        """Return an accepted `value` as the settings hold it."""
        if self.hint is float:
            return float(value)
        return tuple(value) if get_origin(self.hint) is tuple else value


def _key(table: str, hints: Mapping[str, Any], declared: Field[Any]) -> Key:
    limit, secret = declared.metadata["limit"], declared.metadata["secret"]
    return Key(table=table, name=declared.name, hint=hints[declared.name], limit=limit, secret=secret)


def _fits(value: object, hint: Any) -> bool:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is None:
        return _fits_plain(value, hint)
    if origin is UnionType:
        return any(_fits_plain(value, one) for one in parts)
    if origin is Literal:
        # 1 == True == 1.0: the type has to agree as well.
        return any(type(value) is type(one) and value == one for one in parts)
    if origin is tuple:
        return isinstance(value, list) and all(_fits(item, parts[0]) for item in value)
    return isinstance(value, dict) and all(_fits(item, parts[1]) for item in value.values())


def _fits_plain(value: object, kind: type) -> bool:
    if kind is object:
        return _is_json(value)
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return type(value) is kind


def _is_json(value: object) -> bool:
    """TOML says more than JSON: dates, and numbers that are none."""
    if isinstance(value, dict):
        return all(_is_json(item) for item in value.values())
    if isinstance(value, list):
        return all(_is_json(item) for item in value)
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def _words(hint: Any) -> str:
    if get_origin(hint) is Literal:
        *others, last = [f'"{one}"' if isinstance(one, str) else str(one) for one in get_args(hint)]
        return f"{', '.join(others)} or {last}"
    if get_origin(hint) is tuple:
        return "a list of text"
    if get_origin(hint) is not None:
        return _TABLES_IN_WORDS[get_args(hint)[1]]
    return {str: "text", bool: "true or false", int: "a whole number", float: "a number"}[hint]


_TABLES_IN_WORDS = {
    str: "a table of text",
    object: "a table of what JSON can say",
    Scalar: "a table of text, numbers, true or false",
}

KEYS: dict[str, dict[str, Key]] = {
    table: {declared.name: _key(table, get_type_hints(kind), declared) for declared in fields(kind)}
    for table, kind in TABLES.items()
}
"""Every key there is, by table and name."""
