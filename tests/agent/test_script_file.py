from __future__ import annotations

from pathlib import Path

import pytest

from talkbox_agent import script_file
from talkbox_agent.audio import AudioFormat
from talkbox_agent.errors import ScriptError
from talkbox_agent.script import (
    CallTool,
    CloseWith,
    Drop,
    HangUp,
    Metadata,
    Refusal,
    Say,
    Script,
    Send,
    SendBinary,
    SendText,
    StaleAudio,
    StallFor,
    Trigger,
    Wait,
)

EVERYTHING = """
agents = ["home", "work"]

[session]
input_format = "ulaw_8000"
output_format = "pcm_24000"
first_message = ""
metadata = "without_input_format"
metadata_delay_s = 3
ping_every_s = 0.5
chunk_ms = 500
alignment = false

[turns]
silence_s = 0.8

[refuse]
status = 429
body = "too many"
first = 2

[[when]]
when = "turn"
nth = 2
text = "volume"
after_s = 0.5
answer = true
do = [
  {say = "A tone", tone_hz = 880, duration_s = 30},
  {call_tool = "set_volume", parameters = {volume = 0.4}},
  {send = {type = "agent_typing", agent_typing_event = {is_typing = true}}},
  {send_text = "{"},
  {send_binary = "00ff"},
  {stale_audio = 4},
  {wait_s = 1.5},
  {stall_s = 2},
  {close = 1011, reason = "oops"},
  {drop = true},
  {hang_up = true},
]
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ScriptError) as caught:
        script_file.parse(text, name="x")
    return str(caught.value).splitlines()


def test_everything_can_be_scripted() -> None:
    script = script_file.parse(EVERYTHING, name="x")
    assert script.agents == ("home", "work")
    assert script.manner.input_format is AudioFormat.ULAW_8000
    assert script.manner.metadata is Metadata.WITHOUT_INPUT_FORMAT
    assert (script.manner.metadata_delay_s, script.manner.alignment) == (3, False)
    assert script.turns.silence_s == 0.8
    assert script.refuse == Refusal(status=429, body="too many", first=2)
    (rule,) = script.rules
    assert (rule.when, rule.nth, rule.text, rule.after_s, rule.answer) == (Trigger.TURN, 2, "volume", 0.5, True)
    assert rule.do == (
        Say(text="A tone", tone_hz=880, duration_s=30),
        CallTool(name="set_volume", parameters={"volume": 0.4}),
        Send({"type": "agent_typing", "agent_typing_event": {"is_typing": True}}),
        SendText("{"),
        SendBinary(b"\x00\xff"),
        StaleAudio(4),
        Wait(1.5),
        StallFor(2),
        CloseWith(code=1011, reason="oops"),
        Drop(),
        HangUp(),
    )


def test_an_empty_script_is_a_well_behaved_agent() -> None:
    assert script_file.parse("", name="x") == Script()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[sesion]", "x: unknown key sesion; did you mean session?"),
        ("session = 1", "x: session must be a table, not 1"),
        ("agents = [1]", "x: agents must be an array of strings, not [1]"),
        ("when = 1", "x: when must be an array of tables, [[when]]"),
        ("when = [1]", "x: when[1] must be a table, not 1"),
        ("[session]\nchunk_ms = 5", "x: session.chunk_ms must be 10..10000, not 5"),
        ("[session]\nchunk_ms = 20.5", "x: session.chunk_ms must be a whole number, not 20.5"),
        ("[session]\nlead_s = nan", "x: session.lead_s must be 0..3600, not nan"),
        ("[session]\nlead_s = true", "x: session.lead_s must be a number, not True"),
        ("[session]\nalignment = 1", "x: session.alignment must be true or false, not 1"),
        (
            '[session]\nmetadata = "nevr"',
            "x: session.metadata must be one of send, without_input_format, never, not 'nevr'; did you mean never?",
        ),
        ("[turns]\nsilence = 1", "x: unknown key turns.silence; did you mean silence_s?"),
        ("refuse = {}", "x: refuse.status is missing"),
        ("[[when]]\ndo = [{drop = true}]", "x: when[1].when is missing"),
        ('[[when]]\nwhen = "turn"', "x: when[1].do must be an array of one action or more"),
        ('[[when]]\nwhen = "turn"\ndo = [1]', "x: when[1].do[1] must have exactly one of "),
        ('[[when]]\nwhen = "turn"\ndo = [{sya = "x"}]', "not {sya}; did you mean say?"),
        ('[[when]]\nwhen = "turn"\ndo = [{say = "x", drop = true}]', "not {say, drop}"),
        (
            '[[when]]\nwhen = "turn"\ndo = [{say = "x", tone = 1}]',
            "x: unknown key when[1].do[1].tone; did you mean tone_hz?",
        ),
        ('[[when]]\nwhen = "turn"\ndo = [{say = 1}]', "x: when[1].do[1].say must be a string, not 1"),
        ('[[when]]\nwhen = "turn"\ndo = [{send_binary = "0g"}]', "x: when[1].do[1].send_binary must be hexadecimal"),
        ('[[when]]\nwhen = "turn"\ndo = [{close = 7}]', "x: when[1].do[1].close must be 1000..4999, not 7"),
        (
            '[[when]]\nwhen = "turn"\ndo = [{close = 1006}]',
            "or 3000..4999, not 1006; a broken connection is drop = true",
        ),
        (f'[[when]]\nwhen = "turn"\ndo = [{{close = 1000, reason = "{"x" * 124}"}}]', "at most 123 bytes"),
        ("= 1", "x: Invalid statement (at line 1, column 1)"),
    ],
)
def test_a_problem_names_the_key_the_value_and_what_is_allowed(text: str, problem: str) -> None:
    (only,) = problems(text)
    assert problem in only


def test_all_problems_are_told_at_once() -> None:
    assert len(problems('[session]\nchunk_ms = 5\nbad = 1\n[[when]]\nwhen = "x"\ndo = [{wait_s = -1}]')) == 4


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "script.toml"
    path.write_text("[session]\nchunk_ms = 20\n")
    assert script_file.load(path).manner.chunk_ms == 20


def test_a_file_that_cannot_be_read_is_one_clear_problem(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'first_message = "\xe9"')
    with pytest.raises(ScriptError, match=r"latin\.toml: not UTF-8"):
        script_file.load(tmp_path / "latin.toml")
    with pytest.raises(ScriptError, match=r"no\.toml: No such file or directory"):
        script_file.load(tmp_path / "no.toml")
