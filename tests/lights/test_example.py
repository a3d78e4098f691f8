from talkbox.lights.example import voice


def test_a_voice_has_loud_and_soft_moments_and_pauses() -> None:
    levels = [voice(tick / 50) for tick in range(500)]
    assert all(0.0 <= level <= 1.0 for level in levels)
    assert max(levels) > 0.8
    assert 0.2 < levels.count(0.0) / len(levels) < 0.4


def test_a_voice_goes_on_for_ever() -> None:
    assert abs(voice(3600.5) - voice(0.5)) < 1e-6
