"""Why a request gets no signed URL (`refusals`)."""

import errno
import json
import socket
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox_broker import refusals
from talkbox_broker.credential import ApiKey
from talkbox_broker.refusals import Code, Refused, quoted, retry_after_s

HOST = "api.elevenlabs.io"
KEY = ApiKey("sk_0123456789abcdef")


def refused(status: int, body: object = "", **headers: str) -> Refused:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return refusals.refused_by_service(status, named, raw, host=HOST, key=KEY)


@pytest.mark.parametrize(
    ("status", "answer", "code", "said", "hint"),
    [
        (401, 502, Code.KEY_REFUSED, "key refused by api.elevenlabs.io", "API key"),
        (403, 502, Code.KEY_REFUSED, "key refused by api.elevenlabs.io", "API key"),
        (404, 404, Code.NO_SUCH_AGENT, "no such agent at api.elevenlabs.io", "agent.agent_id"),
        (429, 429, Code.TOO_MANY_REQUESTS, "too many requests to api.elevenlabs.io", "wait"),
        (302, 502, Code.SERVICE_FAILED, "api.elevenlabs.io answers with a redirect (302)", "broker.server"),
        (422, 502, Code.SERVICE_FAILED, "api.elevenlabs.io does not take the request (422)", "agent's id"),
        (500, 502, Code.SERVICE_FAILED, "api.elevenlabs.io fails (500)", "wait"),
        (204, 502, Code.SERVICE_FAILED, "api.elevenlabs.io does not take the request (204)", "broker.server"),
    ],
)
def test_each_answer_of_the_service_is_said_in_words(
    status: int, answer: int, code: Code, said: str, hint: str
) -> None:
    error = refused(status)
    assert (error.status, error.code, str(error)) == (answer, code, said)
    assert hint in error.hint
    assert (error.retry_after_s is not None) == (status == 429)


@pytest.mark.parametrize(
    "body",
    [
        {"detail": {"status": "invalid_api_key", "message": "Invalid API key"}},
        {"detail": "Invalid API key"},
        {"message": "Invalid API key"},
        {"detail": {"message": {"message": "x"}}, "message": "Invalid API key"},
        "Invalid API key",
    ],
    ids=range(5),
)
def test_what_the_service_says_is_passed_on(body: object) -> None:
    said = str(refused(401, body))
    assert said in ("key refused by api.elevenlabs.io: 'Invalid API key'", "key refused by api.elevenlabs.io")
    assert ("Invalid" in said) == ("x" not in str(body))


@pytest.mark.parametrize(
    "body", [b"<html>", b"", b"[1, 2]", b"5", b'{"detail": [{"msg": "x"}]}', b"\xff", b"[" * 90000]
)
def test_what_it_says_in_no_words_is_left_out(body: bytes) -> None:
    assert str(refused(500, body)) == "api.elevenlabs.io fails (500)"


@given(st.text())
def test_nothing_that_the_service_says_breaks_the_line_or_fills_the_screen(text: str) -> None:
    said = str(refused(500, text))
    assert said.isascii()
    assert said.isprintable()
    assert len(said) < 2000


def test_a_key_that_the_service_quotes_is_masked() -> None:
    said = str(refused(401, {"detail": f"no such key: {KEY.value}; did you mean sk_999?"}))
    assert said == "key refused by api.elevenlabs.io: 'no such key: ***; did you mean ***?'"


def test_a_retry_after_is_passed_on_in_seconds() -> None:
    assert refused(429, retry_after="17").retry_after_s == 17
    assert refused(429).retry_after_s == 30


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 1),
        ("1", 1),
        ("3600", 3600),
        ("999999999", 3600),
        ("9" * 5000, 30),
        ("-5", 30),
        ("1.5", 30),
        ("٣", 30),
        ("17\r\nX-Evil: 1", 30),
        ("soon", 30),
        ("Sun, 22 Nov 2026 10:00:40 GMT", 40),
        ("Sun, 22 Nov 2026 09:00:00 GMT", 1),
    ],
)
def test_a_retry_after_is_cleaned(value: str, seconds: int) -> None:
    assert retry_after_s(value, date="Sun, 22 Nov 2026 10:00:00 GMT") == seconds


@given(st.text(), st.text())
def test_a_retry_after_is_always_a_sensible_time(value: str, date: str) -> None:
    assert 1 <= retry_after_s(value, date=date) <= 3600


@pytest.mark.parametrize("date", ["", "Sun, 22 Nov 2026 10:00:00", "x"])
def test_a_date_without_the_services_own_clock_means_nothing(date: str) -> None:
    assert retry_after_s("Sun, 22 Nov 2026 10:00:40 GMT", date=date) == 30


def certificate(code: int, words: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, words
    return error


@pytest.mark.parametrize(
    ("error", "said", "hint"),
    [
        (socket.gaierror(-2, "Name or service not known"), "its name cannot be resolved", "DNS"),
        (certificate(9, "certificate is not yet valid"), "refused: certificate is not yet valid", "clock"),
        (certificate(10, "certificate has expired"), "refused: certificate has expired", "clock"),
        (certificate(19, "self-signed in chain"), "refused: self-signed in chain", "ca-certificates"),
        (certificate(99, "strange"), "refused: strange", "certificate"),
        (ssl.SSLError(1, "WRONG_VERSION_NUMBER"), "no TLS: broken off", "proxy"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "ECONNREFUSED", "nothing listens"),
        (OSError(errno.ENETUNREACH, "x"), "ENETUNREACH", "no network"),
        (OSError(errno.EIO, "x"), "EIO", "check the network"),
        (ConnectionResetError(), "ConnectionResetError", "check the network"),
        ("it does not speak HTTP", "it does not speak HTTP", "proxy"),
        (ValueError("http://user:hush@proxy"), "ValueError", "check the network"),
    ],
)
def test_why_there_is_no_way_to_the_service_is_told_apart(error: Exception | str, said: str, hint: str) -> None:
    found = refusals.unreachable(error, host=HOST)
    assert (found.status, found.code) == (502, Code.UNREACHABLE)
    assert str(found) == f"no connection to api.elevenlabs.io: {said}" or str(found).endswith(said)
    assert hint in found.hint
    assert "hush" not in str(found) + found.hint


def test_the_brokers_own_refusals() -> None:
    assert (refusals.unknown_agent("x").status, refusals.unknown_agent("x").code) == (403, Code.UNKNOWN_AGENT)
    assert "agents in /etc/talkbox/broker.toml" in refusals.unknown_agent("x").hint
    late = refusals.timed_out(HOST, after_s=8.0)
    assert (late.status, str(late)) == (504, "no signed URL within 8 s from api.elevenlabs.io")
    keyless = refusals.no_key("no API key: x is empty")
    assert (keyless.status, str(keyless)) == (503, "the broker has no API key: x is empty")
    strange = refusals.no_signed_url("it leads to another host", host=HOST)
    assert str(strange) == "the answer of api.elevenlabs.io is not a signed URL: it leads to another host"


@pytest.mark.parametrize(("wait_s", "retry_s"), [(0.01, 1), (1.5, 2), (1e9, 3600)])
def test_the_brokers_own_limit_says_when_to_come_back(wait_s: float, retry_s: int) -> None:
    error = refusals.too_many_requests(wait_s=wait_s)
    assert (error.status, error.retry_after_s) == (429, retry_s)


def test_what_others_chose_is_quoted() -> None:
    assert quoted("a\r\nb") == r"'a\r\nb'"
    assert quoted("é\x1b[2J") == r"'\xe9\x1b[2J'"
    assert len(quoted("a" * 10_000)) < 200
