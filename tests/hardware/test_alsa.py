"""What `alsa.py` makes of pyalsaaudio's manners, each played by a stand-in; the real one: `tests/integration`."""

import errno
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from talkbox_hardware import alsa


class AlsaError(Exception):
    """pyalsaaudio's: a text, and no errno."""


class Pcm:
    """A PCM that answers what the test has written down for it."""

    def __init__(self, wishes: dict[str, object], grants: dict[str, object]) -> None:
        self.wishes = wishes
        self.granted = {"format_name": "S16_LE", "period_size": 160, "buffer_size": 480}
        self.granted |= {name: wishes[name] for name in ("rate", "channels", "format")} | grants
        self.answers: list[object] = []
        self.written: list[bytes] = []
        self.calls: list[str] = []

    def info(self) -> dict[str, object]:
        return self.granted

    def read(self) -> object:
        return self._answer()

    def write(self, payload: bytes) -> object:
        self.written.append(payload)
        return self._answer()

    def avail(self) -> object:
        return self._answer()

    def drop(self) -> None:
        self.calls.append("drop")
        if self.granted.get("gone"):
            raise AlsaError("No such device [card]")

    def close(self) -> None:
        self.calls.append("close")

    def _answer(self) -> object:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Cards:
    """Stands for the module `alsaaudio`."""

    PCM_CAPTURE, PCM_PLAYBACK, PCM_NORMAL = 1, 0, 0
    PCM_FORMAT_S16_LE, PCM_FORMAT_S32_LE = 2, 10
    ALSAAudioError = AlsaError

    def __init__(self) -> None:
        self.opened: list[Pcm] = []
        self.grants: Callable[[dict[str, object]], dict[str, object]] = lambda _wishes: {}
        self.refusal: str | None = None

    def PCM(self, **wishes: object) -> Pcm:  # noqa: N802  the name is alsaaudio's
        if self.refusal is not None:
            raise AlsaError(self.refusal)
        self.opened.append(Pcm(wishes, self.grants(wishes)))
        return self.opened[-1]


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses, of a time that stands still but for them."""
    pauses: list[float] = []
    monkeypatch.setattr(alsa, "time", SimpleNamespace(sleep=pauses.append, monotonic=lambda: 7.0 + sum(pauses)))
    return pauses


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch, slept: list[float]) -> Iterator[Cards]:
    assert slept == []
    module = Cards()
    monkeypatch.setitem(sys.modules, "alsaaudio", module)
    yield module
    assert all(pcm.calls.count("close") <= 1 for pcm in module.opened)


def source(cards: Cards, *answers: object) -> tuple[alsa.AlsaSource, Pcm]:
    opened = alsa.open_capture("card", rate_hz=16_000, period_frames=160)
    cards.opened[-1].answers = list(answers)
    return opened, cards.opened[-1]


def sink(cards: Cards, *answers: object) -> tuple[alsa.AlsaSink, Pcm]:
    opened = alsa.open_playback("card", rate_hz=16_000, period_frames=160)
    cards.opened[-1].answers = list(answers)
    return opened, cards.opened[-1]


def test_the_card_is_asked_for_16_bits_and_two_channels_first(cards: Cards) -> None:
    microphone, pcm = source(cards)
    loudspeaker, _ = sink(cards)
    assert pcm.wishes == {
        "type": 1,
        "mode": 0,
        "device": "card",
        "rate": 16_000,
        "channels": 2,
        "format": 2,
        "periodsize": 160,
        "periods": 25,
    }
    assert (microphone.rate_hz, microphone.channels, microphone.sample_bytes) == (16_000, 2, 2)
    assert (loudspeaker.period_frames, loudspeaker.ahead_frames, loudspeaker.xruns) == (160, 480, 0)
    assert cards.opened[1].wishes["periods"] == 8


@pytest.mark.parametrize(
    ("grants", "channels", "sample_bytes", "attempts"),
    [({"channels": 1}, 1, 2, 2), ({"format": 10}, 2, 4, 3), ({"format": 10, "channels": 1}, 1, 4, 4)],
)
def test_a_card_that_has_it_only_otherwise_is_asked_otherwise(
    grants: dict[str, object], channels: int, sample_bytes: int, attempts: int, cards: Cards
) -> None:
    cards.grants = lambda _wishes: grants
    microphone, _ = source(cards)
    assert (microphone.channels, microphone.sample_bytes) == (channels, sample_bytes)
    assert len(cards.opened) == attempts
    assert [pcm.calls for pcm in cards.opened[:-1]] == [["close"]] * (attempts - 1)


def test_a_board_that_has_32_bits_only_is_asked_for_nothing_else(cards: Cards) -> None:
    microphone = alsa.open_capture("card", rate_hz=48_000, period_frames=480, formats=["S32_LE"], channels=[2])
    loudspeaker = alsa.open_playback("card", rate_hz=48_000, period_frames=480, formats=["S32_LE"], channels=[2])
    assert [(pcm.wishes["format"], pcm.wishes["channels"]) for pcm in cards.opened] == [(10, 2), (10, 2)]
    assert (microphone.sample_bytes, loudspeaker.sample_bytes) == (4, 4)


def test_a_board_whose_card_gives_something_else_is_refused_with_both(cards: Cards) -> None:
    cards.grants = lambda _wishes: {"channels": 6}
    with pytest.raises(OSError, match=r"16000 Hz, 2 channels, S16_LE, and gives 16000 Hz, 6 channels, S16_LE"):
        alsa.open_capture("card", rate_hz=16_000, period_frames=160, formats=["S16_LE"], channels=[2])


def test_a_rate_that_the_card_does_not_have_is_refused_with_both(cards: Cards) -> None:
    cards.grants = lambda _wishes: {"rate": 48_000}
    with pytest.raises(OSError, match=r"asked for 16000 Hz.*gives 48000 Hz, 1 channels, S16_LE") as raised:
        alsa.open_capture("card", rate_hz=16_000, period_frames=160)
    assert (raised.value.errno, raised.value.filename) == (errno.EINVAL, "card")
    assert all(pcm.calls == ["close"] for pcm in cards.opened)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("No such file or directory [card]", errno.ENOENT),
        ("No such device [card]", errno.ENODEV),
        ("No such device or address [card]", errno.ENXIO),
        ("Device or resource busy [card]", errno.EBUSY),
        ("Something new", errno.EIO),
    ],
)
def test_a_text_becomes_an_errno(text: str, code: int, cards: Cards) -> None:
    cards.refusal = text
    with pytest.raises(OSError, match="card") as raised:
        alsa.open_playback("card", rate_hz=16_000, period_frames=160)
    assert (raised.value.errno, raised.value.filename) == (code, "card")


def test_reading_goes_on_after_an_overrun_and_after_nothing(cards: Cards, slept: list[float]) -> None:
    microphone, _ = source(cards, (-32, b""), (0, b""), (160, b"sound"))
    assert microphone.read() == b"sound"
    assert microphone.xruns == 1
    assert slept == [0.001, 0.002]


def test_a_card_that_does_nothing_but_overrun_is_given_up_with_longer_and_longer_pauses(
    cards: Cards, slept: list[float]
) -> None:
    microphone, _ = source(cards, (-32, b""))
    with pytest.raises(OSError, match="nothing but overrun"):
        microphone.read()
    assert slept == sorted(slept)
    assert 1 < sum(slept) < 5


@pytest.mark.parametrize("answer", [(-19, b""), AlsaError("No such device [card]")])
def test_a_microphone_that_is_pulled_out_is_told_apart(answer: object, cards: Cards) -> None:
    microphone, _ = source(cards, answer)
    with pytest.raises(OSError, match="No such device") as raised:
        microphone.read()
    assert raised.value.errno == errno.ENODEV


def test_what_the_card_does_not_take_at_once_is_written_again(cards: Cards) -> None:
    loudspeaker, pcm = sink(cards, 100, 60)
    loudspeaker.write(bytes(range(160)) * 4)
    assert pcm.written == [bytes(range(160)) * 4, (bytes(range(160)) * 4)[400:]]


def test_after_an_underrun_the_card_is_filled_before_it_plays_on(cards: Cards, slept: list[float]) -> None:
    loudspeaker, pcm = sink(cards, -32, -32, 480)
    loudspeaker.write(b"\1" * 640)
    assert loudspeaker.xruns == 2
    assert pcm.written == [b"\1" * 640, bytes(1280) + b"\1" * 640, bytes(1280) + b"\1" * 640]
    assert len(slept) == 2


@pytest.mark.parametrize("answer", [-19, AlsaError("No such device [card]")])
def test_a_loudspeaker_that_is_pulled_out_is_told_apart(answer: object, cards: Cards) -> None:
    loudspeaker, _ = sink(cards, answer)
    with pytest.raises(OSError, match="No such device") as raised:
        loudspeaker.write(bytes(640))
    assert raised.value.errno == errno.ENODEV


def test_a_card_with_a_larger_buffer_is_not_run_ahead_of(cards: Cards, slept: list[float]) -> None:
    cards.grants = lambda _wishes: {"buffer_size": 4800}
    loudspeaker, _ = sink(cards, 4800 - 640, 160, 4800 - 160, 160)
    assert loudspeaker.ahead_frames == 640
    loudspeaker.write(bytes(640))
    loudspeaker.write(bytes(640))
    assert slept == [0.01]


def test_a_card_that_was_asked_and_waited_for_is_not_asked_again(cards: Cards, slept: list[float]) -> None:
    cards.grants = lambda _wishes: {"buffer_size": 1280}
    loudspeaker, pcm = sink(cards, 1280 - 640, 160, 1280 - 640, 160)
    assert loudspeaker.queued_frames() == 640
    slept.append(0.011)
    loudspeaker.write(bytes(640))
    assert slept == [0.011]
    assert pcm.answers == [1280 - 640, 160]
    loudspeaker.write(bytes(640))  # nobody has asked since
    assert slept == [0.011, 0.01]


def test_how_far_it_may_run_ahead_can_be_set_as_far_as_the_card_goes(cards: Cards, slept: list[float]) -> None:
    cards.grants = lambda _wishes: {"buffer_size": 1280}
    loudspeaker, _ = sink(cards, 1280 - 480, 160)
    loudspeaker.ahead_frames = 640
    loudspeaker.write(bytes(640))
    assert slept == []
    loudspeaker.ahead_frames = 10_000
    assert loudspeaker.ahead_frames == 1280


def test_a_loudspeaker_that_is_pulled_out_holds_nothing_that_could_be_told(cards: Cards) -> None:
    loudspeaker, _ = sink(cards, AlsaError("No such device [card]"))
    with pytest.raises(OSError, match="No such device") as raised:
        loudspeaker.queued_frames()
    assert raised.value.errno == errno.ENODEV


@pytest.mark.parametrize(("available", "queued"), [(480, 0), (100, 380), (-32, 0), (481, 0)])
def test_what_is_queued_is_what_is_not_available(available: int, queued: int, cards: Cards) -> None:
    loudspeaker, _ = sink(cards, available)
    assert loudspeaker.queued_frames() == queued


def test_closing_drops_first_because_it_would_drain(cards: Cards) -> None:
    microphone, mic_pcm = source(cards)
    loudspeaker, pcm = sink(cards)
    for _ in range(2):
        microphone.close()
        loudspeaker.close()
    assert mic_pcm.calls == pcm.calls == ["drop", "close"]


def test_a_card_that_is_gone_can_still_be_closed(cards: Cards) -> None:
    cards.grants = lambda _wishes: {"gone": True}
    loudspeaker, pcm = sink(cards)
    with pytest.raises(OSError, match="No such device"):
        loudspeaker.drop()
    loudspeaker.close()
    assert pcm.calls == ["drop", "drop", "close"]


def test_without_pyalsaaudio_only_the_opening_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "alsaaudio", None)
    with pytest.raises(ImportError, match="alsaaudio"):
        alsa.open_capture("card", rate_hz=16_000, period_frames=160)


def test_a_second_underrun_in_one_write_fills_the_card_once(cards: Cards) -> None:
    loudspeaker, pcm = sink(cards, -32, 80, -32, 400)
    loudspeaker.write(bytes(640))
    assert [len(payload) for payload in pcm.written] == [640, 1920, 1600, 1600]


def test_a_card_that_takes_nothing_is_asked_again(cards: Cards, slept: list[float]) -> None:
    loudspeaker, _ = sink(cards, 0, 160)
    loudspeaker.write(bytes(640))
    assert (loudspeaker.xruns, len(slept)) == (0, 1)
