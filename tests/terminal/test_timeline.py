import xml.etree.ElementTree as ET
from array import array

from talkbox.terminal.record import Glance, Record, Sound
from talkbox.terminal.text import color_name
from talkbox.terminal.timeline import STATE_COLORS, TALK_COLORS, WIDTH, draw
from tests.support.scene import conversation, event, message


def test_the_picture_shows_voices_states_lights_marks_and_words() -> None:
    record, speaker = conversation()
    svg = draw(record, speaker)
    ET.fromstring(svg)  # noqa: S314  our own text
    for text in ("what time is it", "an answer to what time is it", "interrupted", "hold", "10 s", "LEDs"):
        assert text in svg
    assert STATE_COLORS["listening"] in svg
    assert "#ff0000" in svg  # the third LED
    assert svg.count("<path") == len(record.spoken) + 1


def test_an_empty_record_is_an_empty_picture() -> None:
    ET.fromstring(draw(Record(begun_s=0.0), Sound(samples=array("h"), rate_hz=16_000)))  # noqa: S314  our own text


def test_what_was_said_can_break_nothing() -> None:
    record, speaker = conversation()
    record.events.append(message("user", "<script>&\x1b[31m\x00 " + "long " * 40, 18.3))
    record.events.append(event("message", 18.3, source="user", text="not final", final=False))
    svg = draw(record, speaker)
    ET.fromstring(svg)  # noqa: S314  our own text
    assert "&lt;script&gt;&amp;" in svg
    assert "not final" not in svg


def test_words_stay_inside_the_picture_and_lanes_are_reused() -> None:
    record, speaker = conversation()
    for n in range(12):
        record.events.append(message("agent", f"sentence number {n} of a talkative agent", 18.0 + n / 100))
    texts = ET.fromstring(draw(record, speaker)).iter("{http://www.w3.org/2000/svg}text")  # noqa: S314
    for text in texts:
        if "sentence number" in (text.text or ""):
            assert float(text.attrib["x"]) + 6.6 * len(text.text or "") <= WIDTH


def test_a_long_conversation_has_few_ticks() -> None:
    record = Record(begun_s=0.0)
    record.events.append(event("state", 7000.0, state="idle"))
    svg = draw(record, Sound(samples=array("h"), rate_hz=16_000))
    assert 10 < svg.count(" s</text>") <= 31


def test_the_same_thing_done_again_at_once_is_one_mark() -> None:
    record, speaker = conversation()
    record.marks.extend([(5.2, "turn +2", 0), (5.3, "turn +2", 0), (5.4, "turn +2", 0), (8.0, "turn +2", 0)])
    svg = draw(record, speaker)
    assert svg.count("turn +2 ×3") == 1
    assert svg.count("turn +2<") == 1


def test_a_turn_has_the_color_that_the_lights_have_in_it() -> None:
    def name(color: str) -> str:
        return color_name((int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)))

    assert [name(STATE_COLORS[state]) for state in ("listening", "speaking")] == ["green", "blue"]
    assert [name(TALK_COLORS[source]) for source in ("user", "agent")] == ["green", "blue"]


def test_a_long_answer_near_the_end_is_shortened_and_not_moved_before_its_question() -> None:
    record, speaker = conversation()
    record.events.append(message("user", "another one", 15.0))
    record.events.append(message("agent", "once upon a time " * 9, 15.0))
    picture = ET.fromstring(draw(record, speaker))  # noqa: S314  our own text
    texts = {text.text or "": text for text in picture.iter("{http://www.w3.org/2000/svg}text")}
    [answer] = [text for words, text in texts.items() if words.startswith("once upon")]
    assert answer.attrib["x"] == texts["another one"].attrib["x"]
    assert (answer.text or "").endswith("…")


def test_before_the_first_change_the_state_is_what_it_was() -> None:
    record = Record(begun_s=0.0)
    record.events.append(event("state", 4.0, state="connecting", was="idle"))
    record.events.append(event("state", 5.0, state="listening", was="connecting"))
    led = ((0, 0, 0),)
    record.glances.append(
        Glance(at_s=4.1, state="connecting", leds=led, input_level=0, output_level=0, volume=1, speaker_frame=0)
    )
    svg = draw(record, Sound(samples=array("h"), rate_hz=16_000))
    assert svg.count(STATE_COLORS["idle"]) == 1
    assert svg.count(STATE_COLORS["connecting"]) == 1
