import numpy as np

from talkbox.audio.echo.nothing import Nothing
from talkbox.audio.echo.ports import BLOCK


def test_everything_passes() -> None:
    near = np.arange(BLOCK, dtype=np.int16)
    nothing = Nothing()
    nothing.slipped()
    assert nothing.process(near, np.zeros_like(near)) is near
    assert nothing.described == "none"
