from talkbox.audio.start import StartThreshold


def test_on_a_good_network_it_is_a_period() -> None:
    threshold = StartThreshold(rate_hz=22_050)
    for _ in range(3):
        assert threshold.samples == 220
        threshold.ended()


def test_it_doubles_with_each_starvation_up_to_a_bound() -> None:
    threshold = StartThreshold(rate_hz=1000)
    grown = []
    for _ in range(8):
        grown.append(threshold.samples)
        threshold.starved()
    assert grown == [10, 20, 40, 80, 160, 320, 400, 400]


def test_it_halves_with_each_answer_that_did_not_starve() -> None:
    threshold = StartThreshold(rate_hz=1000)
    for _ in range(6):
        threshold.starved()
    fallen = []
    for _ in range(8):
        threshold.ended()
        fallen.append(threshold.samples)
    assert fallen == [400, 200, 100, 50, 25, 12, 10, 10]
