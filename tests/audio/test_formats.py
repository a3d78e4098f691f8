from bisect import bisect_right
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkbox.audio.formats import FORMATS, AudioFormat, Decoder, Encoding

# ITU-T G.711, table 2a: the decision values, of 14 bits, with a segment in each line; and the values in their middle.
DECISIONS = [
    *(0, *range(1, 31, 2)),
    *range(31, 95, 4),
    *range(95, 223, 8),
    *range(223, 479, 16),
    *range(479, 991, 32),
    *range(991, 2015, 64),
    *range(2015, 4063, 128),
    *range(4063, 8160, 256),
]
VALUES = [0, *((low + high) // 2 for low, high in pairwise(DECISIONS[1:]))]


def standard_code(sample: int) -> int:
    """The table's character signal: counted down from all ones, behind a sign. Of 16 bits G.191 cuts two off."""
    if sample < 0:
        return standard_code(~sample) & 0x7F
    return 0xFF - min(bisect_right(DECISIONS, sample >> 2) - 1, 127)


@pytest.mark.parametrize(
    "name", ["pcm_8000", "pcm_16000", "pcm_22050", "pcm_24000", "pcm_44100", "pcm_48000", "ulaw_8000"]
)
def test_every_format_of_the_contract_is_known_by_its_name(name: str) -> None:
    audio_format = AudioFormat.parse(name)
    assert audio_format.name == name
    assert audio_format.sample_bytes == (1 if audio_format.encoding is Encoding.ULAW else 2)


def test_the_contract_has_no_more_formats() -> None:
    assert len(FORMATS) == 7


@pytest.mark.parametrize("name", ["", "pcm", "pcm_12345", "opus_48000", "PCM_16000", "ulaw_16000"])
def test_an_unknown_format_is_refused_with_those_that_there_are(name: str) -> None:
    with pytest.raises(ValueError, match=r"pcm_16000.*not"):
        AudioFormat.parse(name)


def test_pcm_is_little_endian() -> None:
    audio_format = AudioFormat.parse("pcm_16000")
    assert audio_format.encode(np.array([1, -2], np.int16)) == b"\x01\x00\xfe\xff"
    assert Decoder(audio_format).decode(b"\x01\x00\xfe\xff").tolist() == [1, -2]


def test_the_table_is_the_printed_one() -> None:
    assert len(DECISIONS) == 129
    assert [DECISIONS[16 * segment] for segment in range(9)] == [0, 31, 95, 223, 479, 991, 2015, 4063, 8159]
    assert [VALUES[16 * segment] for segment in range(8)] == [0, 33, 99, 231, 495, 1023, 2079, 4191]
    assert VALUES[-1] == 8031


def test_every_sample_has_its_ulaw_code() -> None:
    samples = np.arange(-32768, 32768).astype(np.int16)
    assert list(AudioFormat.parse("ulaw_8000").encode(samples)) == [
        standard_code(sample) for sample in samples.tolist()
    ]


def test_every_ulaw_code_has_its_value() -> None:
    values = Decoder(AudioFormat.parse("ulaw_8000")).decode(bytes(range(256)))
    assert values.tolist() == [*(-4 * value for value in reversed(VALUES)), *(4 * value for value in reversed(VALUES))]


def test_decoding_what_was_encoded_changes_no_ulaw_code_but_the_second_zero() -> None:
    audio_format = AudioFormat.parse("ulaw_8000")
    codes = bytes(code for code in range(256) if code != 0x7F)
    assert audio_format.encode(Decoder(audio_format).decode(codes)) == codes
    assert audio_format.encode(Decoder(audio_format).decode(b"\x7f")) == b"\xff"


@given(payload=st.binary(max_size=64), cuts=st.lists(st.integers(0, 64), max_size=8))
@settings(max_examples=30)
@pytest.mark.parametrize("name", ["pcm_16000", "ulaw_8000"])
def test_it_makes_no_difference_where_a_payload_is_cut(name: str, payload: bytes, cuts: list[int]) -> None:
    whole = Decoder(AudioFormat.parse(name)).decode(payload)
    decoder = Decoder(AudioFormat.parse(name))
    edges = [0, *sorted(min(cut, len(payload)) for cut in cuts), len(payload)]
    parts = [decoder.decode(payload[a:b]) for a, b in pairwise(edges)]
    assert np.concatenate(parts).tolist() == whole.tolist()


def test_half_a_sample_is_forgotten_on_reset() -> None:
    decoder = Decoder(AudioFormat.parse("pcm_8000"))
    decoder.decode(b"\x01")
    decoder.reset()
    assert decoder.decode(b"\x02\x00").tolist() == [2]
