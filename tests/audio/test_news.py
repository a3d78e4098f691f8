import logging
from itertools import pairwise

import pytest

from talkbox.audio.absence import Back, Gone
from talkbox.audio.level import Overdriven
from talkbox.audio.news import TooLoud, say, say_duplex, say_without_canceller


def test_a_card_that_goes_comes_with_a_remedy(caplog: pytest.LogCaptureFixture) -> None:
    say(Gone(why="No such device"))
    [record] = caplog.records
    assert record.getMessage() == "the sound card is gone: waiting for it: No such device"
    assert "reseat the board" in vars(record)["hint"]


@pytest.mark.parametrize(
    ("unheard_s", "said"),
    [
        (0.0, "the sound card works again, after 1.5 s"),
        (0.7, "the sound card works again, after 1.5 s; 0.7 s of sound came too late to be heard"),
    ],
)
def test_a_card_that_is_back_tells_what_was_missed(
    caplog: pytest.LogCaptureFixture, unheard_s: float, said: str
) -> None:
    with caplog.at_level(logging.INFO):
        say(Back(after_s=1.5, unheard_s=unheard_s))
    assert caplog.messages == [said]


@pytest.mark.parametrize(
    ("half", "again", "level", "said"),
    [
        (True, False, "WARNING", "half duplex: only 7 dB of the echo are canceled"),
        (False, False, "INFO", "full duplex: 7 dB of the echo are canceled"),
        (False, True, "DEBUG", "= full duplex is tried again"),
        (True, True, "DEBUG", "= half duplex is tried again"),
    ],
)
def test_half_duplex_is_news_and_a_further_attempt_is_none(
    caplog: pytest.LogCaptureFixture, half: bool, again: bool, level: str, said: str
) -> None:
    with caplog.at_level(logging.DEBUG):
        say_duplex(half=half, again=again, loss_db=7.2)
    [record] = caplog.records
    assert (record.levelname, record.getMessage()) == (level, said)


def test_a_canceller_that_fails_is_an_error_with_a_traceback_and_a_remedy(caplog: pytest.LogCaptureFixture) -> None:
    say_without_canceller(MemoryError("no room"))
    [record] = caplog.records
    assert (record.levelname, record.exc_info is None) == ("ERROR", False)
    assert record.getMessage() == "half duplex: the echo canceller failed: MemoryError('no room')"
    assert "restart the device" in vars(record)["hint"]


@pytest.mark.parametrize(
    ("where", "said", "remedy"),
    [
        (Overdriven.CARD, "the card cuts its sound off", "gain in the mixer"),
        (Overdriven.GAIN, "its gain cuts it off", "lower audio.mic_gain_db"),
    ],
)
def test_a_microphone_that_is_overdriven_again_and_again_is_told_once_with_what_helps(
    caplog: pytest.LogCaptureFixture, where: Overdriven, said: str, remedy: str
) -> None:
    too_loud = TooLoud()
    for _ in range(4):
        too_loud.overdriven(where)
    assert not caplog.records
    for _ in range(20):
        too_loud.overdriven(where)
    [record] = caplog.records
    assert record.levelname == "WARNING"
    assert said in record.getMessage()
    assert remedy in vars(record)["hint"]


def test_a_loudspeaker_that_is_held_back_is_told_once_a_session(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        too_loud = TooLoud()
        for before_db, ceiling_db in pairwise((-9.0, -9.9, -9.8, -10.0, -12.4, -20.0, -9.0)):
            too_loud.ceiling(ceiling_db, before_db=before_db)
    [record] = caplog.records
    assert record.getMessage().endswith("peaks of -12 dBFS, for now")
    assert "volume" in vars(record)["hint"]
