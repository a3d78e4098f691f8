import asyncio
from itertools import pairwise

import pytest

from talkbox.appliance.watchdog import TIMES, Watch, feed
from talkbox.audio.tally import Progress
from tests.support.virtual_time import run

WITHIN_S = 30.0


def at(read: int, written: int) -> Progress:
    return Progress(periods_read=read, periods_written=written)


def test_without_a_session_nothing_has_to_move() -> None:
    watch = Watch()
    assert watch.trouble(None) == watch.trouble(None) == ""


def test_sound_that_moves_both_ways_is_no_trouble() -> None:
    watch = Watch()
    assert [watch.trouble(at(number, number)) for number in range(3)] == ["", "", ""]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (at(5, 9), "the microphone brings nothing"),
        (at(6, 8), "the loudspeaker takes nothing"),
        (at(5, 8), "the microphone brings nothing and the loudspeaker takes nothing"),
    ],
)
def test_what_stands_still_is_named(now: Progress, said: str) -> None:
    watch = Watch()
    watch.trouble(at(5, 8))
    assert watch.trouble(now) == said


def test_a_session_that_has_only_begun_is_not_held_against_the_one_before() -> None:
    watch = Watch()
    watch.trouble(at(5, 8))
    watch.trouble(None)
    assert watch.trouble(at(5, 8)) == ""


class Card:
    """A card that works until it is told to stand still."""

    def __init__(self) -> None:
        self.stands_still = False
        self.session = True
        self._now = 0

    def progress(self) -> Progress | None:
        self._now += not self.stands_still
        return at(self._now, self._now) if self.session else None


def test_a_device_that_works_feeds_the_watchdog_often_enough() -> None:
    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        fed: list[float] = []
        feeding = asyncio.ensure_future(
            feed(lambda: fed.append(loop.time()), within_s=WITHIN_S, progress=Card().progress)
        )
        await asyncio.sleep(100)
        feeding.cancel()
        return fed

    fed = run(main())
    assert fed[0] == 0
    assert max(later - sooner for sooner, later in pairwise(fed)) <= WITHIN_S / 2


def test_a_card_that_stands_still_starves_it_and_one_that_is_let_go_of_in_time_does_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")

    async def main() -> tuple[int, int, int]:
        fed: list[None] = []
        card = Card()
        feeding = asyncio.ensure_future(feed(lambda: fed.append(None), within_s=WITHIN_S, progress=card.progress))
        await asyncio.sleep(12)
        card.stands_still = True
        worked = len(fed)
        await asyncio.sleep(WITHIN_S)
        starved = len(fed)
        card.session = False
        await asyncio.sleep(WITHIN_S)
        feeding.cancel()
        return worked, starved, len(fed)

    worked, starved, after = run(main())
    assert starved == worked
    assert after >= worked + TIMES - 1
    said = [record.getMessage() for record in caplog.records]
    assert [line.partition(": ")[0] for line in said] == [
        "the microphone brings nothing and the loudspeaker takes nothing",
        "the sound moves again, or the session is over",
    ]
    assert "ends the device in 25 s" in said[0]
