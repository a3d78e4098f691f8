from __future__ import annotations

import itertools
import re

import pytest

from talkbox_agent.grammar import SENTENCES, jsgf
from talkbox_agent.skills import NOT_UNDERSTOOD, answer
from tests.agent.test_skills import FakeWorld
from tests.support.virtual_time import run


def expand(sentence: str) -> list[str]:
    """All that a sentence of the grammar allows, with one number for all numbers."""
    parts = re.findall(
        r"\([^)]*\)|\[[^\]]*\]|[^()\[\]]+", sentence.replace("<percent>", "forty").replace("<many>", "ten")
    )
    choices = []
    for part in parts:
        inner = part.strip("()[]")
        bracketed = part[0] in "(["
        choices.append(inner.split("|") if bracketed else [inner])
        if part[0] == "[":
            choices[-1].append("")
    return [" ".join(" ".join(choice).split()) for choice in itertools.product(*choices)]


ALL = [text for line in SENTENCES for sentence in re.split(r"\|(?![^(]*\))", line) for text in expand(sentence)]


@pytest.mark.parametrize("text", ALL)
def test_every_sentence_that_can_be_recognized_has_an_answer(text: str) -> None:
    assert run(answer(text, FakeWorld())).text != NOT_UNDERSTOOD


def test_the_grammar_has_every_sentence_and_number() -> None:
    text = jsgf()
    assert text.startswith("#JSGF V1.0;")
    assert all(sentence in text for sentence in SENTENCES)
    assert "forty | forty five" in text
    assert "fourteen | fifteen" in text.split("<many>")[1]
