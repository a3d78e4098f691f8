import pytest

from talkbox.doctor.patience import once


def test_once_does_it_once_and_gives_it_again() -> None:
    asked: list[int] = []

    def work() -> int:
        asked.append(1)
        return len(asked)

    again = once(work)
    assert [again(), again()] == [1, 1]


def test_once_raises_again_what_it_raised() -> None:
    asked: list[int] = []

    def work() -> int:
        asked.append(1)
        raise OSError(5, f"attempt {len(asked)}")

    again = once(work)
    for _ in range(2):
        with pytest.raises(OSError, match="attempt 1"):
            again()
