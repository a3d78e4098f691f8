"""The front door fills the defaults in, before anybody can look at them."""

import pytest

from talkbox.conversation.defaults import DEFAULTS, Defaults


def test_nobody_sees_them_empty() -> None:
    assert DEFAULTS.audio.__module__ == "talkbox"
    assert DEFAULTS.spectrum.__module__ == "talkbox"


def test_without_a_front_door_there_is_no_audio_and_silence_is_bytes() -> None:
    bare = Defaults()
    assert bare.spectrum() == bytes(1024)
    with pytest.raises(NotImplementedError):
        bare.audio()
