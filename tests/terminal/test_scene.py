from talkbox.terminal.scene import Scene
from tests.support.fake_device import STATUS

AT = "2026-11-22T12:03:04.567+01:00"


def said(source: str, text: str, *, final: bool = True) -> dict[str, object]:
    return {"event": "message", "time": AT, "source": source, "text": text, "final": final}


def transcript(*events: dict[str, object]) -> list[tuple[str, str, bool]]:
    scene = Scene()
    for event in events:
        scene.take_event(event)
    return [(one.source, one.text, one.final) for one in scene.transcript]


def test_what_was_said_is_kept_in_order() -> None:
    assert transcript(said("user", "what time is it"), said("agent", "noon")) == [
        ("user", "what time is it", True),
        ("agent", "noon", True),
    ]


def test_a_tentative_text_is_replaced_by_what_follows_it() -> None:
    events = (
        said("user", "what", final=False),
        said("user", "what time", final=False),
        said("user", "what time is it"),
        said("user", "hello"),
    )
    assert transcript(*events[:2]) == [("user", "what time", False)]
    assert transcript(*events) == [("user", "what time is it", True), ("user", "hello", True)]


def test_a_tentative_text_is_replaced_though_the_other_spoke_since() -> None:
    events = (said("user", "sto", final=False), said("agent", "once upon"), said("user", "stop"))
    assert transcript(*events) == [("agent", "once upon", True), ("user", "stop", True)]


def test_what_was_said_moves_no_cursor() -> None:
    assert transcript(said("us\ner", "a\x1b[2J")) == [("us\\ner", "a\\x1b[2J", True)]


def test_what_happened_is_listed_and_what_is_shown_elsewhere_is_not() -> None:
    scene = Scene()
    for event in ({"event": "state", "state": "idle"}, said("user", "x"), {"event": "mode", "mode": "listening"}):
        scene.take_event({"time": AT, **event})
    assert list(scene.happened) == ["12:03:04.567  state         state=idle"]


def test_a_session_is_timed_from_when_it_is_first_seen() -> None:
    scene = Scene()
    seen = []
    for uptime_s, state in ((1.0, "idle"), (2.0, "connecting"), (7.5, "listening"), (8.0, "idle"), (9.0, "speaking")):
        scene.take_status({"state": state, "uptime_s": uptime_s})
        seen.append(scene.session_s)
    assert seen == [None, 0.0, 5.5, None, 0.0]


def test_a_device_that_goes_away_is_in_no_session() -> None:
    scene = Scene()
    scene.take_status(STATUS)
    before = (scene.connected, scene.session_s)
    scene.gone()
    assert before == (True, 0.0)
    assert (scene.connected, scene.session_s) == (False, None)


def test_an_interrupted_answer_is_cut_to_what_was_heard() -> None:
    scene = Scene()
    scene.take_event({"event": "corrected", "text": "of nothing"})
    scene.take_event({"event": "message", "source": "agent", "text": "once upon a time", "final": True})
    scene.take_event({"event": "message", "source": "user", "text": "stop", "final": True})
    scene.take_event({"event": "corrected", "text": "once \x1bupon"})
    assert [said.text for said in scene.transcript] == ["once \\x1bupon —", "stop"]


def test_an_error_is_remembered_with_its_remedy_until_the_next_session() -> None:
    scene = Scene()
    scene.take_event({"event": "error", "text": "no \x1bconnection", "hint": "check the port"})
    scene.take_event({"event": "state", "state": "idle"})
    before = scene.trouble
    scene.take_event({"event": "state", "state": "connecting"})
    assert before == "no \\x1bconnection — check the port"
    assert scene.trouble == ""
    scene.take_event({"event": "error", "text": "gone", "hint": ""})
    assert scene.trouble == "gone"


def test_a_log_is_something_that_happened() -> None:
    scene = Scene()
    scene.take_log("12:03:04 info    talkbox.appliance.sound  no sound card\nanything  else \x1b")
    assert list(scene.happened) == ["12:03:04  no sound card", "anything  else \\x1b"]
