"""
Which register of a codec each mixer control is, so that what was set can be looked up on the bus.

From Linux 6.12, sound/soc/codecs/wm8960.c and tlv320aic3x.c: their tables of controls and of registers after a reset.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tests.virtual_pi.checks.pi import Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """
    Some bits of a register.

    Attributes:
        most: The control's highest value; the mask has as many bits.
        upside_down: The register counts down from `most`.
    """

    register: int
    shift: int = 0
    most: int = 1
    upside_down: bool = False

    def read(self, registers: Mapping[int, int]) -> int:
        """Return the control's value."""
        bits = registers[self.register] >> self.shift & ((1 << self.most.bit_length()) - 1)
        return self.most - bits if self.upside_down else bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """
    A codec.

    Attributes:
        address: On I2C-1.
        register_bits: 7, with values of 9 bits, or 8, with values of 8.
        reset: What its registers hold after a reset.
        controls: Where each of them is; of two channels, or more fields, all hold the same.
        items: Of the controls that are a choice.
    """

    address: str
    register_bits: Literal[7, 8]
    reset: Mapping[int, int]
    controls: Mapping[str, tuple[Field, ...]]
    items: Mapping[str, tuple[str, ...]]

    def registers(self, writes: Iterable[Transfer]) -> dict[int, int]:
        """Return what the registers hold after `writes`."""
        registers = dict(self.reset)
        for payload in (write.payload for write in writes if write.to == self.address):
            if self.register_bits == 8:  # any number of registers, one after the other
                registers |= dict(enumerate(payload[1:], start=payload[0]))
            else:
                word = int.from_bytes(payload, "big")
                registers[word >> 9] = word & 0x1FF
        return registers

    def number(self, control: str, value: int | bool | str) -> int:
        """Return `value` as the registers hold it."""
        return self.items[control].index(value) if isinstance(value, str) else int(value)


def _both(left: int, right: int, *, shift: int = 0, most: int = 1, upside_down: bool = False) -> tuple[Field, ...]:
    return tuple(
        Field(register=register, shift=shift, most=most, upside_down=upside_down) for register in (left, right)
    )


def _one(register: int, *, shift: int = 0, most: int = 1) -> tuple[Field, ...]:
    return (Field(register=register, shift=shift, most=most),)


def _wm8960_controls() -> dict[str, tuple[Field, ...]]:
    controls = {
        "Capture Volume": _both(0, 1, most=63),
        "Capture Switch": _both(0, 1, shift=7, upside_down=True),
        "Headphone Playback Volume": _both(2, 3, most=127),
        "Playback Volume": _both(10, 11, most=255),
        "ADC High Pass Filter Switch": _one(5),
        "PCM Playback -6dB Switch": _one(5, shift=7),
        "ALC Function": _one(17, shift=7, most=3),
        "Noise Gate Switch": _one(20),
        "ADC PCM Capture Volume": _both(21, 22, most=255),
        "DAC Mono Mix": _one(23, shift=4),
        "Speaker Playback Volume": _both(40, 41, most=127),
        "Speaker DC Volume": _one(51, shift=3, most=5),
        "Speaker AC Volume": _one(51, most=5),
    }
    for side, letter, path, mixer, inputs, bypass in (
        ("Left", "L", 32, 34, 43, 45),
        ("Right", "R", 33, 37, 44, 46),
    ):
        boost, line, output = f"{side} Boost Mixer", f"{letter}INPUT", f"{side} Output Mixer"
        controls |= {
            f"{boost} {line}1 Switch": _one(path, shift=8),
            f"{boost} {line}2 Switch": _one(path, shift=6),
            f"{boost} {line}3 Switch": _one(path, shift=7),
            f"{side} Input Mixer Boost Switch": _one(path, shift=3),
            f"{side} Input Boost Mixer {line}1 Volume": _one(path, shift=4, most=3),
            f"{side} Input Boost Mixer {line}2 Volume": _one(inputs, shift=1, most=7),
            f"{side} Input Boost Mixer {line}3 Volume": _one(inputs, shift=4, most=7),
            f"{output} PCM Playback Switch": _one(mixer, shift=8),
            f"{output} {line}3 Switch": _one(mixer, shift=7),
            f"{output} Boost Bypass Switch": _one(bypass, shift=7),
        }
    return controls


WM8960 = Codec(
    address="0x1a",
    register_bits=7,
    reset={
        0: 0xA7,
        1: 0xA7,
        2: 0,
        3: 0,
        5: 8,
        10: 0xFF,
        11: 0xFF,
        17: 0x7B,
        20: 0,
        21: 0xC3,
        22: 0xC3,
        23: 0x1C0,
        32: 0x100,
        33: 0x100,
        34: 0x50,
        37: 0x50,
        40: 0,
        41: 0,
        43: 0,
        44: 0,
        45: 0x50,
        46: 0x50,
        51: 0x80,
    },
    controls=_wm8960_controls(),
    items={
        "ALC Function": ("Off", "Right", "Left", "Stereo"),
        "DAC Mono Mix": ("Stereo", "Mono"),
    },
)


def _input(register: int, shift: int) -> tuple[Field, ...]:
    """A switch into the PGA: four bits of attenuation, all 0 is on, all 1 is off."""
    return tuple(Field(register=register, shift=shift + bit, upside_down=True) for bit in range(4))


TLV320AIC3104 = Codec(
    address="0x18",
    register_bits=8,
    reset=dict.fromkeys(range(110), 0)
    | {15: 0x80, 16: 0x80, 17: 0xFF, 18: 0xFF, 19: 0x78, 21: 0x78, 22: 0x78, 24: 0x78, 43: 0x80, 44: 0x80}
    | {51: 4, 58: 4, 65: 4, 72: 4},
    controls={
        "PCM Playback Volume": _both(43, 44, most=127, upside_down=True),
        "Line DAC Playback Volume": _both(82, 92, most=118, upside_down=True),
        "HP DAC Playback Volume": _both(47, 64, most=118, upside_down=True),
        "HPCOM DAC Playback Volume": _both(54, 71, most=118, upside_down=True),
        "Line Playback Volume": _both(86, 93, shift=4, most=9),
        "Line Playback Switch": _both(86, 93, shift=3),
        "HP Playback Volume": _both(51, 65, shift=4, most=9),
        "HP Playback Switch": _both(51, 65, shift=3),
        "HPCOM Playback Volume": _both(58, 72, shift=4, most=9),
        "HPCOM Playback Switch": _both(58, 72, shift=3),
        "AGC Switch": _both(26, 29, shift=7),
        "PGA Capture Volume": _both(15, 16, most=119),
        "PGA Capture Switch": _both(15, 16, shift=7, upside_down=True),
        "ADC HPF Cut-off": (Field(register=12, shift=6, most=3), Field(register=12, shift=4, most=3)),
        "Left PGA Mixer Mic2L Switch": _input(17, 4),
        "Left PGA Mixer Mic2R Switch": _input(17, 0),
        "Right PGA Mixer Mic2L Switch": _input(18, 4),
        "Right PGA Mixer Mic2R Switch": _input(18, 0),
        "Left PGA Mixer Line1L Switch": _input(19, 3),
        "Left PGA Mixer Line1R Switch": _input(21, 3),
        "Right PGA Mixer Line1R Switch": _input(22, 3),
        "Right PGA Mixer Line1L Switch": _input(24, 3),
        "Left Line1L Mux": _one(19, shift=7),
        "Right Line1R Mux": _one(22, shift=7),
        "Left Line Mixer DACL1 Switch": _one(82, shift=7),
        "Left Line Mixer DACR1 Switch": _one(85, shift=7),
        "Right Line Mixer DACL1 Switch": _one(89, shift=7),
        "Right Line Mixer DACR1 Switch": _one(92, shift=7),
        "Left HP Mixer DACL1 Switch": _one(47, shift=7),
        "Left HP Mixer DACR1 Switch": _one(50, shift=7),
        "Right HP Mixer DACL1 Switch": _one(61, shift=7),
        "Right HP Mixer DACR1 Switch": _one(64, shift=7),
    },
    items={
        "ADC HPF Cut-off": ("Disabled", "0.0045xFs", "0.0125xFs", "0.025xFs"),
        "Left Line1L Mux": ("single-ended", "differential"),
        "Right Line1R Mux": ("single-ended", "differential"),
    },
)
