import numpy as np
import pytest

from talkbox.audio.echo.reference import Reference

PERIOD = 160
LEAD = 80
STREAM = (np.arange(1, 60_001) % 32_000).astype(np.int16)


def card(reference: Reference, periods: int, *, first: int = 0, ahead: int = 3) -> None:
    """Write period after period, 10 ms each; the card holds ``ahead`` of them, and then plays one a period."""
    for n in range(first, first + periods):
        reference.write(STREAM[n * PERIOD : (n + 1) * PERIOD])
        reference.heard(max(0, (n + 1 - ahead) * PERIOD), now_s=(n + 1 - ahead) * 0.01)


def test_what_is_taken_is_a_constant_time_ahead_of_its_sound() -> None:
    reference = Reference()
    card(reference, 10)
    taken, follows = reference.take(PERIOD, now_s=0.07)
    assert not follows
    assert taken[-1] == STREAM[7 * PERIOD + LEAD - 1]
    card(reference, 5, first=10)
    for n in range(8, 13):
        taken, follows = reference.take(PERIOD, now_s=n * 0.01)
        assert follows
        assert taken.tolist() == STREAM[(n - 1) * PERIOD + LEAD : n * PERIOD + LEAD].tolist()


def test_a_look_at_the_loudspeaker_that_is_old_is_reckoned_up_to_now() -> None:
    reference = Reference()
    card(reference, 10)
    taken, _ = reference.take(PERIOD, now_s=0.075)
    assert taken[-1] == STREAM[7 * PERIOD + 80 + LEAD - 1]


def test_how_much_is_taken_at_once_makes_no_difference() -> None:
    reference = Reference()
    card(reference, 10)
    reference.take(PERIOD, now_s=0.05)
    parts = [reference.take(size, now_s=0.05 + done / 16_000)[0] for size, done in [(100, 100), (30, 130), (190, 320)]]
    assert np.concatenate(parts).tolist() == STREAM[5 * PERIOD + LEAD : 7 * PERIOD + LEAD].tolist()


def test_before_anything_was_written_there_is_silence() -> None:
    taken, follows = Reference().take(PERIOD, now_s=5.0)
    assert not follows
    assert not taken.any()


def test_a_writer_who_is_too_late_is_a_slip_and_is_found_again() -> None:
    reference = Reference()
    card(reference, 10)
    reference.take(PERIOD, now_s=0.08)
    states = [reference.take(PERIOD, now_s=0.09 + n * 0.01)[1] for n in range(3)]
    assert states == [True, False, False]
    card(reference, 4, first=10)
    taken, follows = reference.take(PERIOD, now_s=0.12)
    assert follows
    assert taken[-1] == STREAM[12 * PERIOD + LEAD - 1]


def test_a_slip_that_was_told_puts_the_taker_where_the_loudspeaker_is() -> None:
    reference = Reference()
    card(reference, 30)
    reference.take(PERIOD, now_s=0.05)
    reference.lose()
    taken, follows = reference.take(PERIOD, now_s=0.20)
    assert not follows
    assert taken[-1] == STREAM[20 * PERIOD + LEAD - 1]


@pytest.mark.parametrize(("pace", "follows"), [(1.0, True), (0.97, False)])
def test_a_microphone_whose_clock_is_slow_is_noticed_before_its_echo_comes_too_early(
    pace: float, follows: bool
) -> None:
    """Three percent, and the reference falls behind by 30 ms a second."""
    reference, states = Reference(), []
    for n in range(250):
        card(reference, 1, first=n)
        states.append(reference.take(int(PERIOD * pace), now_s=(n - 2) * 0.01)[1])
    assert all(states[4:]) is follows


def test_what_is_older_than_the_memory_is_silence_and_a_slip() -> None:
    reference = Reference()
    card(reference, 10)
    reference.take(PERIOD, now_s=0.05)
    loud = np.full(PERIOD, 5, np.int16)
    for _ in range(300):
        reference.write(loud)
    taken, follows = reference.take(PERIOD, now_s=0.06)
    assert not follows
    assert not taken.any()


def test_a_card_at_48_khz_is_brought_to_16() -> None:
    reference = Reference()
    reference.opened(rate_hz=48_000)
    at_s = np.arange(48_000) / 48_000
    reference.write((np.sin(2 * np.pi * 400 * at_s) * 10_000).astype(np.int16))
    reference.heard(24_000, now_s=1.0)
    taken, _ = reference.take(1600, now_s=1.0)
    turns = np.count_nonzero(np.diff(np.signbit(taken)))
    assert turns == pytest.approx(80, abs=1)


def test_another_opening_of_the_card_begins_anew() -> None:
    reference = Reference()
    card(reference, 10)
    reference.take(PERIOD, now_s=0.07)
    reference.opened(rate_hz=16_000)
    taken, follows = reference.take(PERIOD, now_s=0.08)
    assert not follows
    assert not taken.any()


def test_what_was_written_while_there_was_no_card_is_silence_and_its_return_a_slip() -> None:
    reference = Reference()
    card(reference, 10)
    reference.take(PERIOD, now_s=0.07)
    reference.audible = False
    taken, follows = reference.take(PERIOD, now_s=0.08)
    assert not follows
    assert not taken.any()
    reference.audible = True
    reference.audible = True
    taken, follows = reference.take(PERIOD, now_s=0.07)
    assert not follows
    assert taken[-1] == STREAM[7 * PERIOD + LEAD - 1]
    assert reference.audible


def test_a_clock_that_leaps_is_a_slip_and_the_loudspeaker_is_found_again() -> None:
    reference = Reference()
    card(reference, 10)
    reference.take(PERIOD, now_s=0.07)
    assert reference.take(PERIOD, now_s=0.08)[1]
    slips = 0
    for n in range(10, 250):  # and the loudspeaker 0.3 s further on than the microphone
        reference.write(STREAM[n * PERIOD : (n + 1) * PERIOD])
        now_s = 3600 + n * 0.01
        reference.heard(max(0, (n - 2) * PERIOD), now_s=now_s)
        taken, follows = reference.take(PERIOD if n > 40 else 0, now_s=now_s)
        slips += not follows
    assert slips == 1
    assert taken[-1] == STREAM[247 * PERIOD + LEAD - 1]
