"""The words of the API are the JavaScript client's."""

from enum import StrEnum

import pytest

from talkbox.conversation.values import AudioFormat, Disconnected, Message, Mode, Reason, Source, Status


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (Status, {"disconnected", "connecting", "connected", "disconnecting"}),
        (Mode, {"speaking", "listening"}),
        (Source, {"user", "agent"}),
        (Reason, {"user", "agent", "error"}),
        (
            AudioFormat,
            {"pcm_8000", "pcm_16000", "pcm_22050", "pcm_24000", "pcm_44100", "pcm_48000", "ulaw_8000"},
        ),
    ],
)
def test_they_are_plain_strings_to_compare_with(words: type[StrEnum], expected: set[str]) -> None:
    assert {str(word) for word in words} == expected
    assert all(word == str(word) for word in words)


def test_a_line_of_the_transcript_is_final_unless_it_says_otherwise() -> None:
    assert Message(text="hi", source=Source.USER).final


def test_an_end_needs_no_code() -> None:
    assert Disconnected(reason=Reason.USER) == Disconnected(reason=Reason.USER, code=None, text="")
