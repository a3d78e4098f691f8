from talkbox.audio.tally import Counters, Tally


def test_it_gives_the_numbers_of_this_moment() -> None:
    tally = Tally()
    before = tally.counters()
    tally.underruns, tally.starved, tally.overruns, tally.chunks_dropped, tally.frames_written = 1, 5, 2, 3, 4
    tally.periods_clipped = 6
    assert before == Counters(underruns=0, starved=0, overruns=0, chunks_dropped=0, frames_written=0, periods_clipped=0)
    assert tally.counters() == Counters(
        underruns=1, starved=5, overruns=2, chunks_dropped=3, frames_written=4, periods_clipped=6
    )
