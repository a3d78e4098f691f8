from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkbox.audio.formats import FORMATS, AudioFormat, Decoder, Encoding

# ITU-T G.711, table 2a: the last value of each segment (14 bits) and the distance of its values.
SEGMENT_ENDS = (31, 95, 223, 479, 991, 2015, 4063, 8159)


def reference_code(sample: int) -> int:
    """ITU-T G.191's ulaw_compress, one sample."""
    magnitude = min(((~sample if sample < 0 else sample) >> 2) + 33, 0x1FFF)
    segment = 1
    while magnitude >> (5 + segment):
        segment += 1
    code = (8 - segment) << 4 | (15 - (magnitude >> segment & 15))
    return code if sample < 0 else code | 0x80


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


def test_ulaw_codes_are_the_standards() -> None:
    samples = np.concatenate([np.arange(-32768, 32768, 37), [-32768, -5, -4, -1, 0, 3, 4, 32767]]).astype(np.int16)
    encoded = AudioFormat.parse("ulaw_8000").encode(samples)
    assert list(encoded) == [reference_code(int(sample)) for sample in samples]


def test_ulaw_values_are_the_standards() -> None:
    values = Decoder(AudioFormat.parse("ulaw_8000")).decode(bytes(range(256))).astype(np.int32)
    positive = values[255:127:-1]  # the code 0xff is the smallest
    assert positive[0] == 0
    assert positive[-1] == 32124
    assert (values[:128] == -values[128:]).all()
    # A value lies in the middle of its step, and the steps double from segment to segment.
    start = 1
    for segment, end in enumerate(SEGMENT_ENDS):
        step = 2 << segment
        first = 16 * segment
        for place in range(first or 1, first + 16):
            middle_14_bits = start + step / 2 + (place - max(first, 1)) * step
            assert positive[place] == 4 * middle_14_bits
        start = end


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
