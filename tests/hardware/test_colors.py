import re

import pytest

from talkbox_hardware.colors import Rgb, check_frame


@pytest.mark.parametrize("frame", [[], [(0, 0, 0)], [(255, 255, 255), (0, 128, 255)]])
def test_one_color_for_each_led_is_a_frame(frame: list[Rgb]) -> None:
    check_frame(frame, count=len(frame))


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        ([(0, 0, 0)], "frame must have 2 colors, not 1"),
        ([(0, 0, 0)] * 3, "frame must have 2 colors, not 3"),
        ([(0, 0, 0), (0, 256, 0)], "colors must be 0..255, not [(0, 0, 0), (0, 256, 0)]"),
        ([(0, 0, -1), (0, 0, 0)], "colors must be 0..255, not"),
    ],
)
def test_what_no_row_could_show_is_refused(frame: list[Rgb], sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        check_frame(frame, count=2)
