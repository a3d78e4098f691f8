import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkbox.audio.echo.double_talk import DoubleTalk
from talkbox.audio.echo.ports import BLOCK, RATE_HZ
from talkbox.audio.formats import Samples
from tests.support.tones import band

LATE = 40
ECHO, LEAK, USER = 3000.0, 150.0, 900.0  # -26 dB of the echo leak; the user is 10 dB below it
SECOND = 100  # blocks

Block = tuple[Samples, Samples, Samples]


def noise(level: float, *, seed: int) -> Samples:
    return (np.random.default_rng(seed).standard_normal(BLOCK) * level).astype(np.int16)


def alone(n: int, *, leak: float = LEAK, passes: float = 0.1) -> Block:
    """The agent alone: the microphone, what the filter leaves of it, and what of that passes the suppressor."""
    left = noise(leak, seed=2 * n + 1)
    return noise(ECHO, seed=2 * n) + left, left, (left * passes).astype(np.int16)


def both(n: int, *, user: float = USER, passes: float = 0.8) -> Block:
    """A user over the agent; of him the suppressor takes some."""
    near, left, _ = alone(n)
    said = noise(user, seed=1_000_000 + n)
    return near + said, left + said, ((left + said) * passes).astype(np.int16)


def silence(n: int) -> Block:
    """Nobody; the microphone's noise."""
    quiet = noise(10, seed=n)
    return quiet, quiet, quiet


def run(talk: DoubleTalk, blocks: list[Block]) -> list[bool]:
    """Tell for each block whether more was given out than the suppressor's output."""
    return [bool((np.abs(talk.process(*block).astype(int)) > np.abs(block[2].astype(int))).any()) for block in blocks]


def learned() -> DoubleTalk:
    talk = DoubleTalk(late=LATE)
    assert not any(run(talk, [alone(n) for n in range(10 * SECOND)]))
    return talk


def test_of_the_agent_alone_what_passes_the_suppressor_is_made_softer() -> None:
    talk = learned()
    for n in range(10 * SECOND, 12 * SECOND):
        near, left, clean = alone(n, passes=0.3)  # a sound of -36 dB, where -17 dB would be somebody
        assert np.abs(talk.process(near, left, clean)).max() < 0.2 * np.abs(clean).max()


def test_a_user_alone_is_not_made_softer_once_the_echo_is_over() -> None:
    talk = learned()
    run(talk, [silence(n) for n in range(2 * SECOND)])
    for n in range(SECOND):
        said = noise(USER, seed=n)
        assert talk.process(said, said, said).tolist() == said.tolist()


def test_a_user_over_the_agent_is_the_filters_from_the_first_tenth_of_a_second_and_as_late() -> None:
    talk = learned()
    blocks = [both(n) for n in range(SECOND)]
    out = np.concatenate([talk.process(*block) for block in blocks])
    voice = np.concatenate([left for _, left, _ in blocks])
    assert (out[10 * BLOCK :] == voice[10 * BLOCK - LATE : -LATE]).all()


def test_a_pause_between_words_is_still_his_and_after_it_the_suppressor_decides() -> None:
    talk = learned()
    run(talk, [both(n) for n in range(SECOND)])
    after = run(talk, [alone(n) for n in range(SECOND, 3 * SECOND)])
    assert all(after[:50])
    assert not any(after[SECOND:])


def test_a_user_alone_is_left_to_the_suppressor() -> None:
    talk = learned()
    said = [(noise(USER, seed=n), noise(USER, seed=n), noise(USER, seed=n + 1)) for n in range(SECOND)]
    run(talk, [silence(n) for n in range(2 * SECOND)])
    assert not any(run(talk, said))


def test_nothing_is_filled_in_while_the_filter_rests() -> None:
    talk = DoubleTalk(late=LATE)
    resting = [(near, near, clean) for near, _, clean in (both(n) for n in range(2 * SECOND))]
    assert not any(run(talk, resting))


def wrong(n: int) -> Block:
    """The agent alone, in another room than the filter's: what is left resembles what was taken away."""
    taken = noise(ECHO, seed=2 * n)
    left = (noise(ECHO / 2, seed=2 * n + 1) - 0.7 * taken).astype(np.int16)
    return taken + left, left, (left * 0.7).astype(np.int16)


def test_where_the_filter_is_wrong_all_at_once_its_output_is_not_given_out() -> None:
    talk = learned()
    run(talk, [wrong(n) for n in range(SECOND // 5)])
    assert not any(run(talk, [wrong(n) for n in range(SECOND, 3 * SECOND)]))


def test_a_user_as_loud_as_the_echo_is_no_wrong_filter() -> None:
    talk = learned()
    for n in range(SECOND):
        near, left, clean = both(n, user=ECHO)
        heard = talk.process(near, left, clean)
    assert np.abs(heard).max() >= np.abs(clean).max()


def test_after_a_slip_a_user_has_to_stand_out_from_the_whole_echo_until_the_filter_has_shown_what_it_leaks() -> None:
    talk = learned()
    talk.forget()
    assert not any(run(talk, [both(n) for n in range(SECOND)]))
    run(talk, [alone(n) for n in range(SECOND, 8 * SECOND)])
    assert any(run(talk, [both(n) for n in range(8 * SECOND, 9 * SECOND)]))


def test_a_filter_that_leaks_more_by_and_by_is_believed_less() -> None:
    talk = learned()
    run(talk, [alone(n, leak=ECHO / 3) for n in range(SECOND, 8 * SECOND)])
    assert not any(run(talk, [alone(n, leak=ECHO / 2.5, passes=0.7) for n in range(8 * SECOND, 9 * SECOND)]))


def beginning(n: int, *, user: float = USER, passes: float = 0.1) -> Block:
    """A deep agent, and a user who is higher, whom the suppressor does not let pass yet."""
    deep = band(100, 1000, rate_hz=RATE_HZ, count=BLOCK, rms=ECHO, seed=2 * n)
    high = band(1500, 3000, rate_hz=RATE_HZ, count=BLOCK, rms=user, seed=1_000_000 + n)
    taken, left = deep.astype(np.int16), noise(LEAK, seed=2 * n + 1) + high.astype(np.int16)
    return taken + left, left, (left * passes).astype(np.int16)


def test_a_user_who_sounds_where_the_agent_does_not_is_the_filters_before_the_suppressor_lets_him_pass() -> None:
    talk = learned()
    assert all(run(talk, [beginning(n) for n in range(20)])[2:])


def test_whom_the_suppressor_never_hears_is_nobody_and_the_filter_is_not_asked_again_so_soon() -> None:
    talk = learned()
    given_out = run(talk, [beginning(n) for n in range(SECOND)])
    assert all(given_out[2:25])
    assert not any(given_out[35:])


def test_the_end_of_the_agent_is_no_reason_to_doubt_the_filter() -> None:
    talk = learned()
    run(talk, [beginning(n) for n in range(10)])
    run(talk, [silence(n) for n in range(2 * SECOND)])
    run(talk, [alone(n) for n in range(3 * SECOND, 3 * SECOND + 20)])
    assert any(run(talk, [beginning(n) for n in range(4 * SECOND, 4 * SECOND + 20)]))


def test_a_filter_that_has_not_proved_itself_is_not_asked() -> None:
    talk = DoubleTalk(late=LATE)
    run(talk, [alone(n) for n in range(SECOND)])
    assert not any(run(talk, [beginning(n) for n in range(SECOND, 2 * SECOND)]))


def surprises(talk: DoubleTalk, blocks: list[Block]) -> int:
    """In how many blocks the filter is found to leave much all at once."""
    count = 0
    for block in blocks:
        talk.process(*block)
        count += talk.surprised
    return count


def test_a_good_filter_that_leaves_much_is_a_surprise_for_so_long_and_again_once_it_has_been_good() -> None:
    talk = learned()
    assert surprises(talk, [alone(n) for n in range(SECOND)]) == 0
    for at in (SECOND, 5 * SECOND):
        assert surprises(talk, [both(n, user=ECHO) for n in range(at, at + 2 * SECOND)]) == 60
        assert surprises(talk, [alone(n) for n in range(at + 2 * SECOND, at + 4 * SECOND)]) == 0


@pytest.mark.parametrize(("leak_db", "surprised"), [(-14, False), (-20, True)])
def test_only_a_filter_that_leaks_little_surprises(leak_db: float, surprised: bool) -> None:
    talk = DoubleTalk(late=LATE)
    run(talk, [alone(n, leak=ECHO * 10 ** (leak_db / 20)) for n in range(10 * SECOND)])
    assert (surprises(talk, [both(n, user=ECHO) for n in range(SECOND)]) > 0) is surprised


def test_a_filter_that_has_to_begin_anew_surprises_nobody() -> None:
    talk = learned()
    talk.forget()
    assert surprises(talk, [both(n, user=ECHO) for n in range(SECOND)]) == 0


def test_a_user_ten_decibels_below_the_echo_is_no_surprise_nor_is_one_alone() -> None:
    talk = learned()
    assert surprises(talk, [both(n) for n in range(SECOND)]) == 0
    quiet = [silence(n) for n in range(2 * SECOND)]
    spoken = [noise(USER, seed=n) for n in range(SECOND)]
    assert surprises(talk, quiet + [(said, said, said) for said in spoken]) == 0


@pytest.mark.parametrize("late", [0, 221])
@given(seed=st.integers(0, 1000))
@settings(max_examples=5)
def test_no_sample_is_louder_than_both_it_was_made_of(late: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    talk = DoubleTalk(late=late)
    blocks = [tuple(rng.integers(-32768, 32768, (3, BLOCK)).astype(np.int16)) for _ in range(30)]
    out = np.concatenate([talk.process(near, left, clean) for near, left, clean in blocks])
    _, voice, clean = np.concatenate(blocks, axis=1)
    voice = np.concatenate([np.zeros(late, np.int16), voice])[: len(clean)]
    assert (out <= np.maximum(np.maximum(voice, clean), 0)).all()
    assert (out >= np.minimum(np.minimum(voice, clean), 0)).all()
