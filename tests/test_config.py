from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.config import Config, load
from talkbox.errors import ConfigError

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(content: str | bytes) -> Path:
        path = tmp_path / "talkbox.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def problems(path: Path | None = None, *overrides: str, agent: bool = False, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path, environ=environ, overrides=overrides, require_agent=agent)
    return str(caught.value).splitlines()


def test_nothing_set_is_a_configuration() -> None:
    assert load(None, environ={}) == Config()


def test_the_command_line_wins_over_the_environment_over_the_file_over_the_default(write: Write) -> None:
    path = write("[audio]\nvolume = 0.1\nvolume_step = 0.1\nchunk_ms = 30\n")
    environ = {"TALKBOX_AUDIO__VOLUME": "0.2", "TALKBOX_AUDIO__VOLUME_STEP": "0.2"}
    config = load(path, environ=environ, overrides=["audio.volume=0.3"])
    audio = config.audio
    assert (audio.volume, audio.volume_step, audio.chunk_ms, audio.period_ms) == (0.3, 0.2, 30, 10)
    origins = [config.origins[f"audio.{name}"] for name in ("volume", "volume_step", "chunk_ms", "period_ms")]
    assert origins == ["--set", "TALKBOX_AUDIO__VOLUME_STEP", str(path), "default"]


def test_of_two_options_the_later_wins() -> None:
    assert load(None, environ={}, overrides=["audio.volume=0.3", "audio.volume=0.4"]).audio.volume == 0.4


def test_text_becomes_what_its_key_holds() -> None:
    config = load(
        None,
        environ={"TALKBOX_AGENT__DYNAMIC_VARIABLES": '{name = "Ann", age = 7}', "TALKBOX_AUDIO__RATE_HZ": "auto"},
        overrides=[
            "audio.rate_hz=48000",
            "audio.volume=1",
            "audio.cues=false",
            "agent.agent_id=1234",
            "agent.first_message=a = b",
            "tools.disabled=['set_volume']",
            "controls.linger_s = 3",
        ],
    )
    assert config.agent.dynamic_variables == {"name": "Ann", "age": 7}
    assert config.audio.rate_hz == 48000
    assert config.audio.volume == 1.0
    assert isinstance(config.audio.volume, float)
    assert config.audio.cues is False
    assert config.agent.agent_id == "1234"
    assert config.agent.first_message == "a = b"
    assert config.tools.disabled == ("set_volume",)
    assert config.controls.linger_s == 3


def test_other_variables_are_none_of_ours() -> None:
    assert load(None, environ={"TALKBOX_LOG": "x", "HOME": "/", "AUDIO__VOLUME": "9"}) == Config()


def test_a_variable_that_lacks_the_second_line_is_a_mistake() -> None:
    assert problems(TALKBOX_AUDIO_VOLUME="0.3", TALKBOX_CONTROLS_HOLD_S="1") == [
        "TALKBOX_AUDIO_VOLUME: unknown variable; did you mean TALKBOX_AUDIO__VOLUME?",
        "TALKBOX_CONTROLS_HOLD_S: unknown variable; did you mean TALKBOX_CONTROLS__HOLD_S?",
    ]


def test_every_problem_is_reported_at_once(write: Write) -> None:
    path = write("volume = 1\n[audio]\nchunk_ms = 5\nvolum = 0.3\n[agnt]\n[lights]\nbrightness = true\n")
    found = problems(path, "tools.timeout_s=nan", "nonsense", TALKBOX_AUDIO__RATE_HZ="44100", TALKBOX_AUDIO__X="1")
    assert found == [
        f"{path}: unknown key volume; did you mean audio.volume?",
        f"{path}: audio.chunk_ms must be a whole number, 10..250, not 5",
        f"{path}: unknown key audio.volum; did you mean audio.volume?",
        f"{path}: unknown table agnt; did you mean agent?",
        f"{path}: lights.brightness must be a number, 0..1, not true",
        'TALKBOX_AUDIO__RATE_HZ: audio.rate_hz must be "auto", 16000 or 48000, not 44100',
        "TALKBOX_AUDIO__X: unknown key audio.x",
        "--set: tools.timeout_s must be a number, 0.1..300, not nan",
        "--set: must be table.key=value, not 'nonsense'",
    ]


def test_a_key_in_the_wrong_table_is_found() -> None:
    assert problems(None, "lights.volume=1") == ["--set: unknown key lights.volume; did you mean audio.volume?"]


def test_a_table_must_be_a_table(write: Write) -> None:
    path = write("audio = 3\n")
    assert problems(path) == [f"{path}: audio must be a table, not 3"]


def test_one_line_of_text_sets_one_key_only() -> None:
    assert problems(None, "audio.volume=0.5\nextra = 1") == [
        "--set: audio.volume must be a number, 0..1, not '0.5\\nextra = 1'"
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"[audio\n", "not TOML: Expected ']' at the end of a table declaration (at line 1, column 7)"),
        (b"[agent]\nuser_id = '\xff'\n", "not UTF-8 at byte 19"),
        (b"[agent]\nagent_id = 'a'\nagent_id = 'b'\n", "not TOML: Cannot overwrite a value (at line 3, column 15)"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_problem(write: Write, content: bytes, problem: str) -> None:
    path = write(content)
    assert problems(path, agent=True) == [f"{path}: {problem}"]


def test_a_file_that_is_missing_or_a_folder_is_one_problem(tmp_path: Path) -> None:
    assert problems(tmp_path / "x", agent=True) == [f"{tmp_path / 'x'}: no such file or directory"]
    assert problems(tmp_path) == [f"{tmp_path}: is a directory"]


def test_a_file_that_notepad_wrote_can_be_read(write: Write) -> None:
    assert load(write(b"\xef\xbb\xbf[audio]\r\nvolume = 0.25\r\n"), environ={}).audio.volume == 0.25


@pytest.mark.parametrize("server", ["wss://api.elevenlabs.io", "ws://127.0.0.1:8787", "ws://localhost", "ws://[::1]:1"])
def test_a_server_may_be_far_with_tls_or_here_without(server: str) -> None:
    assert load(None, environ={}, overrides=[f"agent.server={server}"]).agent.server == server


@pytest.mark.parametrize(
    "server",
    [
        "",
        "ws://example.org",
        "ws://10.0.0.1",
        "http://127.0.0.1",
        "wss://",
        "wss://u:p@host",
        "wss://a b",
        "ws://127.0.0.1:x",
        "ws://[::1",
    ],
)
def test_any_other_server_is_refused(server: str) -> None:
    (problem,) = problems(None, f"agent.server={server}")
    assert problem.startswith("--set: agent.server must be wss://HOST, or ws://127.0.0.1:PORT on this machine, not '")


@pytest.mark.parametrize("source", ["", "unix:/run/b.sock", "https://h/signed-url", "http://127.0.0.1:8080/x"])
def test_a_signed_url_may_come_from(source: str) -> None:
    assert load(None, environ={}, overrides=[f"agent.signed_url_from={source}"]).agent.signed_url_from == source


@pytest.mark.parametrize("source", ["unix:relative", "http://example.org/x", "ftp://h", "/run/b.sock"])
def test_a_signed_url_may_not_come_from(source: str) -> None:
    (problem,) = problems(None, f"agent.signed_url_from={source}")
    assert problem.startswith("--set: agent.signed_url_from must be unix:/PATH, https://HOST/PATH or http:// on this")


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        ("agent.agent_id=a b", "agent.agent_id must not contain blanks, not 'a b'"),
        ("audio.capture=wav:", "audio.capture must name a file: wav:PATH"),
        ("audio.playback=wav:", "audio.playback must name a file: wav:PATH"),
        ("control.socket=", "control.socket must be a path of 1..103 bytes, not 0"),
        (f"control.socket=/{'x' * 103}", "control.socket must be a path of 1..103 bytes, not 104"),
        ("controls.hold_s=9", "controls.power_off_hold_s must be more than controls.hold_s, 9"),
    ],
)
def test_what_contradicts_itself_is_refused(override: str, problem: str) -> None:
    (found,) = problems(None, override)
    assert found.endswith(f": {problem}")


def test_a_hold_is_longer_than_a_bounce() -> None:
    found = problems(None, "controls.hold_s=0.1", "controls.bounce_s=0.1")
    assert found == ["--set: controls.bounce_s must be less than controls.hold_s, 0.1, not 0.1"]


def test_headers_that_smuggle_another_header_are_refused_without_being_shown() -> None:
    found = problems(None, 'agent.signed_url_headers={Authorization = "hunter2\\r\\nX: y"}')
    assert found == ["--set: agent.signed_url_headers must not contain control characters"]


def test_a_secret_of_the_wrong_kind_is_not_shown() -> None:
    assert problems(None, "agent.signed_url_headers=hunter2") == [
        "--set: agent.signed_url_headers must be a table of text"
    ]


def test_an_agent_is_missed_only_where_one_is_required(write: Write) -> None:
    path = write("")
    assert problems(path, agent=True) == [f"{path}: agent.agent_id is missing"]
    assert problems(agent=True) == ["configuration: agent.agent_id is missing"]
    assert problems(None, "agent.agent_id=a b", agent=True) == [
        "--set: agent.agent_id must not contain blanks, not 'a b'"
    ]
    assert load(None, environ={}, overrides=["agent.agent_id=a"], require_agent=True).agent.agent_id == "a"


def test_who_has_no_agent_is_told_of_the_embedded_one() -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, environ={}, require_agent=True)
    assert "talkbox-agent" in caught.value.hint
    assert caught.value.exit_code == 78


@given(st.text())
def test_any_option_is_taken_or_refused_in_words(option: str) -> None:
    # "audio.=" is never a key: there is something to refuse, whatever else there is.
    found = problems(None, option, f"audio.{option}", f"audio.volume={option}", "audio.=")
    assert all(line.startswith("--set: ") for line in found)
