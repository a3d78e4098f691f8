from __future__ import annotations

from talkbox_agent.heard import sentences
from talkbox_agent.story import STORY


def test_the_story_lasts_more_than_a_minute_and_begins_soon() -> None:
    words_a_second = 3.2  # a quick speaker
    assert len(STORY.split()) / words_a_second > 60
    assert len(sentences(STORY)) > 15
    assert len(sentences(STORY)[0].split()) < 15
