import pytest

from talkbox.doctor import agent as checks
from talkbox.doctor.check import Status
from talkbox.errors import (
    ConfigError,
    MissingFeature,
    SessionError,
    SessionRefused,
    SessionTimeout,
    SessionUnreachable,
    TalkboxError,
)
from tests.support.examined import MadeUpWire, raising

BROKER = "unix:/run/talkbox-broker/http.sock"
LAST = '{"status": "ok", "last": {"result": "ok", "error": "", "seconds_ago": 12.0}}'


def never() -> str:
    raise AssertionError("was asked")


def url() -> str:
    return "wss://example"


def knocked() -> None:
    pass


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"status": "ok", "last": null}', "it answers; nothing was asked of it yet"),
        (LAST, "it answers; the last answer was ok, 12.0 s ago"),
    ],
)
def test_a_broker_that_answers(body: str, said: str) -> None:
    wire = MadeUpWire(healthy=(200, body))
    result = checks.broker(BROKER, wire)
    assert (result.status, result.said) == (Status.OK, said)
    assert wire.reached == [("/run/talkbox-broker/http.sock", 0)]


@pytest.mark.parametrize("source", ["", "https://home.example/signed-url"])
def test_without_a_broker_none_is_asked(source: str) -> None:
    wire = MadeUpWire()
    assert checks.broker(source, wire).status is Status.SKIPPED
    assert wire.reached == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (FileNotFoundError(2, "No such file or directory"), "no such file"),
        (ConnectionRefusedError(111, "Connection refused"), "connection refused"),
        (OSError("no answer in HTTP: BadStatusLine"), "no answer in http"),
        ((503, '{"error": "no key", "hint": "give it one"}'), "503 no key: give it one"),
    ],
)
def test_a_broker_that_is_not_well(answer: OSError | tuple[int, str], said: str) -> None:
    result = checks.broker(BROKER, MadeUpWire(healthy=answer))
    assert result.status is Status.FAILED
    assert said in result.said
    assert "talkbox-broker" in result.remedy


def test_a_broker_that_this_user_may_not_ask_was_not_seen() -> None:
    with pytest.raises(PermissionError):
        checks.broker(BROKER, MadeUpWire(healthy=PermissionError(13, "Permission denied")))


def test_a_key_that_the_service_takes() -> None:
    assert checks.key(BROKER, url).status is Status.OK
    assert checks.key("", never).status is Status.SKIPPED


@pytest.mark.parametrize(
    ("error", "status", "remedy"),
    [
        (SessionRefused(status=502, reason="key refused", hint="give another"), Status.FAILED, "give another"),
        (SessionRefused(status=502, reason="key refused", hint=""), Status.FAILED, checks.KEY),
        (SessionRefused(status=404, reason="no such agent"), Status.UNSEEN, "see the agent, below"),
        (SessionRefused(status=403, reason="not on the list"), Status.UNSEEN, "see the agent, below"),
        (SessionUnreachable("no way", hint="cable"), Status.UNSEEN, "cable"),
        (SessionTimeout("stalls", hint="wait"), Status.UNSEEN, "wait"),
        (ConfigError("no header", hint="mend it"), Status.FAILED, "mend it"),
    ],
)
def test_only_what_the_key_is_to_blame_for_is_its_failure(error: TalkboxError, status: Status, remedy: str) -> None:
    result = checks.key(BROKER, raising(error))
    assert (result.status, result.said, result.remedy) == (status, str(error), remedy)


def test_an_agent_that_is_there_private_or_public() -> None:
    assert "signed URL" in checks.agent("agent_1", BROKER, url, knocked).said
    result = checks.agent("agent_1", "", never, knocked)
    assert (result.status, "no conversation was begun" in result.said) == (Status.OK, True)
    assert checks.agent("", "", never, knocked).status is Status.SKIPPED


@pytest.mark.parametrize(
    "error", [SessionRefused(status=1008, reason="no such agent"), SessionError("not a signed URL")]
)
def test_an_agent_that_is_not_says_what_the_service_said(error: SessionError) -> None:
    for source in ("", BROKER):
        result = checks.agent("agent_1", source, raising(error), raising(error))
        assert (result.status, result.said, result.remedy) == (Status.FAILED, f"agent_1: {error}", error.hint)


def test_what_is_not_the_agent_s_fault_is_told_as_it_is() -> None:
    with pytest.raises(MissingFeature):
        checks.agent("agent_1", BROKER, raising(MissingFeature("no SOCKS")), knocked)


@pytest.mark.parametrize(
    ("body", "told"), [("<html>\n oops", "<html> oops"), ("[]", ""), ('{"error": "x"}', "x"), ("", "")]
)
def test_an_answer_in_one_line(body: str, told: str) -> None:
    assert checks.told(body) == told
