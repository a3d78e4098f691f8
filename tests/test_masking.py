import json
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.masking import MASK, mask, printable

SECRET = "Zx81kq-Spectrum"


@pytest.mark.parametrize(
    "text",
    [
        f"wss://api.elevenlabs.io/v1/convai/conversation?agent_id=a&conversation_signature={SECRET}",
        f"GET /signed-url?token={SECRET}&agent_id=a",
        f"xi-api-key: {SECRET}",
        f"{{'xi-api-key': '{SECRET}'}}",
        f"[('xi-api-key', '{SECRET}')]",
        f"[(b'xi-api-key', b'{SECRET}')]",
        f"Authorization: Bearer {SECRET}",
        f"authorization={SECRET}",
        f"Authorization: Basic {SECRET}",
        f"the header was Bearer {SECRET}, and it was refused",
        json.dumps({"access_token": SECRET, "agent_id": "a"}),
        f"api_key='{SECRET}'",
        f'secret__pin = "{SECRET}"',
        f"wss://user:{SECRET}@host/path",
        "key sk_Zx81kq-Spectrum in use",
        f"password: {SECRET}",
        f"conversation_token: {SECRET}",
        f"Location: /login?next=%2Fx%3Fconversation_signature%3D{SECRET}",
        f'signed_url_from = "https://host/sign?agent=a&key={SECRET}"',
        f"https://host/blob?sig={SECRET}",
        json.dumps({"password": f'a"{SECRET}'}),
        f"Authorization: Negotiate {SECRET}",
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str) -> None:
    assert MASK in mask(text)
    assert SECRET not in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "conversation conv_0123 ended by user after 12.3 s: 600 chunks sent",
        "the tokens of a sentence, and a bear",
        "risk_assessment_of_the_task took 3 s",
        "wss://api.elevenlabs.io/v1/convai/conversation?agent_id=agent_0123",
        "no API key: systemd hands none over; the key = another, the code: 1008",
    ],
)
def test_what_does_not_look_like_one_stays(text: str) -> None:
    assert mask(text) == text


def test_the_rest_of_a_line_with_a_secret_stays() -> None:
    assert mask(f"GET /x?token={SECRET}&agent_id=a 401") == f"GET /x?token={MASK}&agent_id=a 401"


def test_known_secrets_are_masked_the_longest_first() -> None:
    assert mask("open sesame, open", ["open", "open sesame"]) == f"{MASK}, {MASK}"


def test_a_known_secret_too_short_to_be_one_is_left_alone() -> None:
    assert mask("a banana", ["a", ""]) == "a banana"


@given(st.text())
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(st.text(st.characters(codec=None)))
def test_printable_text_is_one_line_that_moves_no_cursor(text: str) -> None:
    assert len(printable(text).splitlines()) <= 1
    assert not any(character < " " or "\x7f" <= character <= "\x9f" for character in printable(text))
    printable(text).encode("utf-8")


def test_printable_leaves_what_people_write() -> None:
    assert printable("Grüße, 日本 👩‍👩‍👧!") == "Grüße, 日本 👩‍👩‍👧!"
    assert printable("a\x1b[2Jb\nc\u202ed") == "a\\x1b[2Jb\\nc\\u202ed"


@pytest.mark.parametrize(
    "part", ["a-", "token-", "secret__-", '"a-', "?a-", "://", "token=", '"token":"', "bearer ", "sk_"]
)
def test_no_text_takes_long_to_look_at(part: str) -> None:
    """The agent chooses what it says, and the event loop waits. Seconds where each part is a beginning; else 10 ms."""
    text = part * 4000
    began_s = process_time()
    mask(text)
    assert process_time() - began_s < 0.4
