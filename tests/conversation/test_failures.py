"""Each failure has its own words and its own remedy."""

import errno
import socket
import ssl

import pytest

from talkbox.conversation.failures import refusal_reason, refusal_word, unreachable


def certificate_error(code: int, message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


@pytest.mark.parametrize(
    ("error", "said", "hint"),
    [
        (certificate_error(9, "certificate is not yet valid"), "is not yet valid", "clock is wrong"),
        (certificate_error(10, "certificate has expired"), "has expired", "clock"),
        (certificate_error(18, "self-signed certificate"), "self-signed", "self-signed"),
        (certificate_error(62, "Hostname mismatch"), "Hostname mismatch", "another host"),
        (certificate_error(77, ""), "not trusted", "check the server's certificate"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]"), "no secure connection", "TLS"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "cannot be resolved", "DNS"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "ECONNREFUSED", "nothing listens"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "ENETUNREACH", "Wi-Fi"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "EHOSTUNREACH", "route"),
        (ConnectionResetError(errno.ECONNRESET, "reset"), "ECONNRESET", "hung up"),
        (ConnectionResetError(), "ECONNRESET", "TLS"),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 101] …"), "ECONNREFUSED", "nothing"),
    ],
)
def test_what_is_in_the_way_is_told_apart(error: OSError, said: str, hint: str) -> None:
    seen = unreachable(error, host="api.example")
    assert "api.example" in str(seen)
    assert said in str(seen)
    assert hint in seen.hint


def test_what_nobody_knows_keeps_its_words_and_the_general_remedy() -> None:
    assert str(unreachable(OSError("odd\nthing"), host="h")) == "no connection to h: odd thing"
    assert str(unreachable(OSError(), host="h")) == "no connection to h: OSError"
    assert "network" in unreachable(OSError("odd"), host="h").hint


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "Forbidden"),
        (b"<html>go away</html>", "Forbidden"),
        (b"plain\n words ", "plain words"),
        (b'{"detail": {"status": "x", "message": "no such agent"}}', "no such agent"),
        (b'{"detail": "quota exceeded"}', "quota exceeded"),
        (b'{"error": {"message": "bad key"}}', "bad key"),
        (b'{"message": "no"}', "no"),
        (b'{"detail": []}', "Forbidden"),
        (b"[1]", "Forbidden"),
        (b'"quoted"', "quoted"),
        (b"[" * 9000, "[" * 200),
        (b"\xff\xfe", "\N{REPLACEMENT CHARACTER}" * 2),
        (b"token=hush", "token=***"),
    ],
)
def test_a_refusal_says_what_the_service_said(body: bytes, reason: str) -> None:
    assert refusal_reason(body, phrase="Forbidden") == reason


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b'{"error": "no", "hint": "do this"}', "do this"),
        (b'{"hint": "a\\nb api_key=hush"}', "a b api_key=***"),
        (b'{"hint": 5}', ""),
        (b'{"error": "no"}', ""),
        (b'["hint"]', ""),
        (b"hint", ""),
        (b"\xff", ""),
        (b"[" * 50_000, ""),
    ],
)
def test_a_refusal_may_say_more_than_its_reason(body: bytes, word: str) -> None:
    assert refusal_word(body, "hint") == word
