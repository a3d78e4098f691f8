"""What the agent can recognize, as a JSGF grammar: the sentences that `skills` answers. Pure."""

from __future__ import annotations

from . import numerals

# Fewer numbers are fewer mistakes: without "fourteen", nobody's "forty" is heard as that.
_PERCENT = (*range(0, 100, 5), 100)
_MANY = tuple(range(2, 61))

SENTENCES: tuple[str, ...] = (
    "hello | hello there | hi there | good morning | good evening | how are you",
    "what time is it | what is the time | tell me the time",
    "what is the date | what day is it | what day is it today | tell me the date",
    "(set | turn | change) the volume to <percent> percent",
    "turn the volume up | turn the volume down | volume up | volume down | louder | quieter",
    "what is the volume | how loud are you | tell me the volume",
    "(set | start) a timer for <many> (seconds | minutes)",
    "(set | start) a timer for (a | one) (second | minute)",
    "repeat after me",
    "tell me a [long] story | tell me another story",
    "stop | stop it | stop talking | be quiet",
    "what can you do | help me",
    "who are you | what is your name",
    "thank you | thank you very much",
    "goodbye | bye bye | hang up | end the conversation",
)


def jsgf() -> str:
    """Give the grammar's text."""
    return (
        "#JSGF V1.0;\ngrammar talkbox;\n"
        f"<percent> = {_choice(_PERCENT)};\n<many> = {_choice(_MANY)};\n"
        f"public <utterance> = {' | '.join(SENTENCES)};\n"
    )


def _choice(numbers: tuple[int, ...]) -> str:
    return " | ".join(numerals.words(number) for number in numbers)
