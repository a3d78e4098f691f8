import io

from talkbox.lights.drawn import DrawnLeds, on_screen
from talkbox.lights.patterns import DARK


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_dim_light_is_drawn_brighter_than_it_is() -> None:
    assert on_screen(DARK) == DARK
    assert on_screen((255, 255, 255)) == (255, 255, 255)
    assert on_screen((25, 0, 0))[0] > 80


def test_on_a_terminal_the_row_is_drawn_in_place_and_ends_dark() -> None:
    terminal = Terminal()
    leds = DrawnLeds(terminal, count=2)
    leds.show(((255, 0, 0), DARK))
    red = "\x1b[38;2;255;0;0m●\x1b[0m"
    out = "\x1b[2m○\x1b[0m"
    assert terminal.getvalue() == f"\r  {red}  {out} "
    leds.close()
    leds.close()
    assert terminal.getvalue() == f"\r  {red}  {out} \r  {out}  {out} \n"


def test_elsewhere_each_frame_is_a_line() -> None:
    stream = io.StringIO()
    leds = DrawnLeds(stream)
    leds.show(((255, 0, 0), DARK, (1, 2, 3)))
    leds.close()
    assert stream.getvalue() == "#ff0000 #000000 #010203\n#000000 #000000 #000000\n"


def test_what_was_never_lit_draws_nothing() -> None:
    stream = io.StringIO()
    DrawnLeds(stream).close()
    assert stream.getvalue() == ""
