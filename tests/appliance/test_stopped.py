import pytest

from talkbox.appliance import stopped
from talkbox.appliance.compose import hardware
from talkbox.config import Config, load
from talkbox.errors import ConfigError
from talkbox_hardware.detect import Verdict
from talkbox_hardware.fakes import SimulatedLeds

GOOD = {"SERVICE_RESULT": "success", "EXIT_CODE": "exited", "EXIT_STATUS": "0"}
KILLED = {"SERVICE_RESULT": "signal", "EXIT_CODE": "killed", "EXIT_STATUS": "KILL"}


class Leds(SimulatedLeds):
    """LEDs that keep what they were last shown, whoever shows it: one row for all tests' programs."""

    def __init__(self, closed: list[str], *, error: OSError | None = None) -> None:
        super().__init__()
        self._closed, self._error = closed, error

    def close(self) -> None:
        if self._error is not None:
            raise self._error
        self._closed.append("out")


@pytest.fixture
def out(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    closed: list[str] = []
    monkeypatch.setattr(hardware, "detect", lambda **_: Verdict(board=None, candidates=(), reasons=()))
    monkeypatch.setattr(hardware, "SimulatedLeds", lambda: Leds(closed))
    return closed


def config() -> Config:
    return load(None, environ={})


def test_a_good_end_puts_the_leds_out_without_a_word(out: list[str], caplog: pytest.LogCaptureFixture) -> None:
    stopped.run(GOOD, config)
    assert out == ["out"]
    assert caplog.records == []


def test_a_bad_end_is_one_line_with_a_remedy(out: list[str], caplog: pytest.LogCaptureFixture) -> None:
    stopped.run(KILLED, config)
    assert out == ["out"]
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert "killed from outside" in record.getMessage()
    assert getattr(record, "hint", "")


def test_a_configuration_that_cannot_be_used_does_not_keep_the_leds_on(
    out: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> Config:
        raise ConfigError("not TOML")

    stopped.run(GOOD, broken)
    assert out == ["out"]
    assert caplog.records == []


def test_leds_that_do_not_answer_are_said_and_fail_nothing(
    monkeypatch: pytest.MonkeyPatch, out: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hardware, "SimulatedLeds", lambda: Leds(out, error=OSError(5, "no answer")))
    stopped.run(GOOD, config)
    assert out == []
    (record,) = caplog.records
    assert "the LEDs were not put out" in record.getMessage()
