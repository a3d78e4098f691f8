import asyncio
from collections.abc import Sequence

import pytest

from talkbox.appliance.lights_verbs import ALL, NAMES, off, rows, show
from talkbox.errors import ConfigError, TalkboxError
from talkbox.lights.patterns import DARK, Rgb
from talkbox.lights.theme import Look, Notice
from talkbox_hardware.fakes import SimulatedLeds
from tests.support.virtual_time import run


class DeadLeds(SimulatedLeds):
    def show(self, frame: Sequence[Rgb]) -> None:  # noqa: ARG002  dead to whatever it is told
        raise OSError(5, "input/output error")

    def close(self) -> None:
        raise OSError(5, "input/output error")


def test_everything_in_the_theme_can_be_shown() -> None:
    assert set(rows(ALL)) == {*Look, *Notice}
    assert rows("sound-card") == [Notice.SOUND_CARD]
    assert "listening" in NAMES


def test_what_is_not_in_the_theme_is_refused_with_what_there_is() -> None:
    with pytest.raises(ConfigError, match="nothing called 'disco'") as refused:
        rows("disco")
    assert "listening" in refused.value.hint


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"idle"}))
def test_a_look_is_shown_for_its_time_and_then_it_is_dark(name: str) -> None:
    async def main() -> None:
        leds = SimulatedLeds()
        showing = asyncio.ensure_future(show(leds, name, for_s=4.0, brightness=0.5))
        await asyncio.sleep(3.9)
        assert any(map(any, leds.frame)) or len(leds.history) > 2
        await showing
        assert leds.closed
        assert any(any(map(any, frame)) for frame in leds.history)
        assert max(max(color) for frame in leds.history for color in frame) <= 128
        assert leds.frame == (DARK,) * 3

    run(main())


def test_a_listening_light_follows_a_voice() -> None:
    async def main() -> None:
        leds = SimulatedLeds()
        await show(leds, "listening", for_s=4.0, brightness=1.0)
        assert len(set(leds.history)) > 20

    run(main())


def test_all_is_one_after_the_other_each_with_its_name() -> None:
    async def main() -> None:
        said: list[str] = []
        began_s = asyncio.get_running_loop().time()
        await show(SimulatedLeds(), ALL, for_s=1.0, brightness=1.0, say=said.append)
        assert said == list(NAMES)
        assert asyncio.get_running_loop().time() - began_s == pytest.approx(len(NAMES))

    run(main())


def test_whoever_loses_patience_leaves_dark_leds() -> None:
    async def main() -> None:
        leds = SimulatedLeds()
        showing = asyncio.ensure_future(show(leds, "fault", for_s=100, brightness=1.0))
        await asyncio.sleep(1.0)
        showing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await showing
        assert leds.closed

    run(main())


def test_leds_that_do_not_answer_are_an_error_with_its_remedy() -> None:
    async def main() -> None:
        with pytest.raises(TalkboxError, match="do not answer") as error:
            await show(DeadLeds(), "fault", for_s=1.0, brightness=1.0)
        assert "SPI" in error.value.hint

    run(main())
    with pytest.raises(TalkboxError, match="do not answer"):
        off(DeadLeds())


def test_a_board_without_leds_shows_nothing_and_has_nothing_to_put_out() -> None:
    async def main() -> None:
        with pytest.raises(TalkboxError, match="no LEDs"):
            await show(SimulatedLeds(0), "fault", for_s=1.0, brightness=1.0)

    run(main())
    off(SimulatedLeds(0))


def test_off_puts_them_out() -> None:
    leds = SimulatedLeds()
    leds.show(((1, 1, 1),) * 3)
    off(leds)
    assert leds.frame == (DARK,) * 3
