import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from talkbox.lights import chart
from talkbox.lights.theme import THEME, Look, Notice

PICTURE = Path(chart.__file__).with_name("theme.svg")


def test_every_look_and_every_notice_is_in_the_picture() -> None:
    shown = {strip.name for strips in chart.CHAPTERS.values() for strip in strips}
    assert {row.value.replace("_", " ") for row in (*Look, *Notice)} <= shown
    assert len(THEME) <= len(shown)


def test_the_picture_is_xml_and_every_lane_has_its_colors() -> None:
    picture = ET.fromstring(chart.draw())  # noqa: S314  it is our own
    gradients = {node.get("id") for node in picture.iter("{http://www.w3.org/2000/svg}linearGradient")}
    used = set(re.findall(r"url\(#([^)]+)\)", chart.draw())) - {"glow"}
    assert used == gradients
    assert len(gradients) > 40


def test_the_picture_beside_the_theme_is_of_this_theme() -> None:
    assert PICTURE.read_text("utf-8") == chart.draw(), "the theme was edited: run `make lights`, and look at it"


@pytest.mark.parametrize(
    ("reds", "offsets"),
    [
        ([0, 10, 20, 30, 40], ["0", "100"]),
        ([0, 0, 200, 200, 200], ["0", "25", "50", "100"]),
        ([0, 100, 0, 100, 0], ["0", "25", "50", "75", "100"]),
    ],
)
def test_a_gradient_has_the_stops_that_it_needs_and_no_others(reds: list[int], offsets: list[str]) -> None:
    stops = "".join(chart._stops([(red, 0, 0) for red in reds]))
    assert re.findall(r"offset='([^%]+)%'", stops) == offsets
