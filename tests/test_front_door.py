"""`from talkbox import Conversation`: what a stranger to this project sees first."""

import subprocess
import sys
from importlib.machinery import ModuleSpec

import numpy as np
import pytest

import talkbox
from talkbox.conversation.conversation import Conversation
from talkbox.conversation.defaults import DEFAULTS
from talkbox.errors import MissingFeature
from tests.support.virtual_time import run


def test_importing_it_loads_nothing_heavy() -> None:
    heavy = ("numpy", "websockets", "requests", "alsaaudio", "asyncio", "rich")
    program = f"import sys, talkbox; print([name for name in {heavy} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=_path())
    assert loaded.stdout.strip() == "[]"


def _path() -> dict[str, str]:
    return {"PYTHONPATH": ":".join(sys.path)}


def test_every_public_name_is_there() -> None:
    for name in talkbox.__all__:
        assert getattr(talkbox, name).__name__ == name
    assert talkbox.Conversation is Conversation


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="module 'talkbox' has no attribute 'Konversation'"):
        getattr(talkbox, "Konversation")  # noqa: B009  the type checker knows as well


def test_a_session_without_audio_needs_alsa_and_says_which_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, package: str | None = None) -> ModuleSpec | None:
        del package
        assert name == "alsaaudio"
        return None

    monkeypatch.setattr("importlib.util.find_spec", missing)
    with pytest.raises(MissingFeature, match="pyalsaaudio") as caught:
        run(Conversation.start_session(agent_id="a"))
    assert "talkbox[pi]" in caught.value.hint


def test_silence_is_an_array_of_zeros() -> None:
    spectrum = DEFAULTS.spectrum()
    assert spectrum.dtype == np.uint8
    assert spectrum.shape == (1024,)
    assert not spectrum.any()


def test_the_default_audio_opens_nothing_before_the_session_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: ModuleSpec("alsaaudio", None))

    async def story() -> tuple[float, float]:
        audio = DEFAULTS.audio()
        return audio.input_volume(), audio.output_volume()

    assert run(story()) == (0, 0)
