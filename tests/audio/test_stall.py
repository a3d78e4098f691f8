from talkbox.audio.stall import StallWatch


def test_a_number_that_grows_is_well() -> None:
    watch = StallWatch(limit_s=5)
    assert not any(watch.stands_still(second, 2 * second, now_s=second) for second in range(100))


def test_one_that_stays_the_same_for_too_long_is_not() -> None:
    watch = StallWatch(limit_s=5)
    assert [watch.stands_still(second, 7, now_s=second) for second in range(8)] == [False] * 6 + [True] * 2


def test_it_may_go_on() -> None:
    watch = StallWatch(limit_s=5)
    watch.stands_still(1, now_s=0)
    watch.stands_still(1, now_s=4)
    assert watch.stands_still(1, now_s=9)
    assert not watch.stands_still(2, now_s=10)


def test_a_program_that_was_stopped_does_not_blame_the_card() -> None:
    watch = StallWatch(limit_s=5)
    watch.stands_still(1, now_s=0)
    assert not watch.stands_still(1, now_s=60)  # nothing moved, and nobody looked
    assert not watch.stands_still(1, now_s=64)
    assert watch.stands_still(1, now_s=66)
