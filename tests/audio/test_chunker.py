import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkbox.audio.chunker import Chunker


@given(size=st.integers(1, 20), lengths=st.lists(st.integers(0, 50), max_size=10))
@settings(max_examples=30)
def test_chunks_are_the_stream_in_pieces_of_one_length(size: int, lengths: list[int]) -> None:
    stream = np.arange(sum(lengths), dtype=np.int16)
    chunker = Chunker(size)
    chunks = [chunk for part in np.split(stream, np.cumsum(lengths)) for chunk in chunker.push(part)]
    assert all(len(chunk) == size for chunk in chunks)
    assert len(chunks) == len(stream) // size
    assert [sample for chunk in chunks for sample in chunk.tolist()] == stream[: len(chunks) * size].tolist()


def test_a_chunk_has_samples() -> None:
    with pytest.raises(ValueError, match="not 0"):
        Chunker(0)
