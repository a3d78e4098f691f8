"""TOML for the shell: what is read, what is edited, and that nothing else is touched."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning import answers
from provisioning.answers import AnswerError, with_value, without_table

CONFIGURATION = """\
# mine
title = 1

[agent] # whom to talk to
agent_id = "agent_1" # the kitchen
server = "wss://api.elevenlabs.io"

[[rooms]]
name = "a"

[hardware]
board = "auto"
"""


def test_a_value_takes_the_place_of_another_and_every_other_line_stays() -> None:
    text = with_value(CONFIGURATION, "agent", "agent_id", "agent_2")
    assert text == CONFIGURATION.replace('agent_id = "agent_1" # the kitchen', 'agent_id = "agent_2"')


def test_a_value_that_is_there_already_changes_nothing() -> None:
    assert with_value(CONFIGURATION, "hardware", "board", "auto") is CONFIGURATION


def test_a_table_that_is_missing_is_added() -> None:
    assert with_value("a = 1", "agent", "agent_id", "x") == 'a = 1\n\n[agent]\nagent_id = "x"\n'


def test_what_cannot_be_edited_is_left_to_a_person() -> None:
    for text in ('agent = { agent_id = "a" }\n', 'agent.agent_id = "a"\n', '[agent]\nagent_id = """\na\n"""\n'):
        with pytest.raises(AnswerError, match="by hand"):
            with_value(text, "agent", "agent_id", "b")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_whatever_the_value_is_it_is_what_is_read_again(value: str) -> None:
    assert tomllib.loads(with_value(CONFIGURATION, "agent", "agent_id", value))["agent"]["agent_id"] == value


def test_a_table_is_taken_out_with_its_sub_tables_and_no_other() -> None:
    rest = '[agent] # mine\nagent_id = "a"\n\n[[rooms]]\nname = "b"\n[setup_of_mine]\n'
    assert without_table(f"[setup]\nconsent = true\n[setup.more]\na = 1\n{rest}", "setup") == rest


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    code = answers.main(arguments)
    captured = capsys.readouterr()
    return code, (captured.out + captured.err).splitlines()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ('[agent]\nagent_id = "a"\n[hardware]\nboard = "usb"\n', ["agent_id=a", "board=usb", "has_settings=yes"]),
        ('[agent]\nsigned_url_from = ""\n', ["access=public", "has_settings=yes"]),
        (f'[agent]\nsigned_url_from = "{answers.BROKER}"\n', ["access=private", "has_settings=yes"]),
        ('[agent]\nsigned_url_from = "https://example.org/url"\n', ["access=own", "has_settings=yes"]),
        ('[setup]\nprivate = true\napi_key = "sk_1"\nuser = "pi"\n', ["access=private", "user=pi", "has_key=yes"]),
        ("[setup]\nprivate = false\nconsent = true\n", ["access=public", "consent=yes"]),
        ('[hardware]\nboard = "auto"\n', ["has_settings=yes"]),
    ],
)
def test_a_file_is_read_into_answers(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, lines: list[str]
) -> None:
    path = tmp_path / "answers.toml"
    path.write_text(text)
    assert run(capsys, "read", str(path)) == (0, lines)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[setup]\napikey = 1\n", "there is no setup.apikey; did you mean api_key?"),
        ("[setup]\nx = 1\n", "there is no setup.x"),
        ("[setup]\nconsent = 1\n", "setup.consent must be true or false"),
        ('[setup]\nuser = "a b"\n', "setup.user must be one word"),
        ("setup = 1\n", "setup must be a table"),
        ("agent = 1\n", "agent.agent_id must be text without blanks"),
        ("[agent]\nagent_id = 1\n", "agent.agent_id must be text without blanks"),
        ("a", "answers.toml: Expected"),
    ],
)
def test_a_mistake_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "answers.toml"
    path.write_text(text)
    code, said = run(capsys, "read", str(path))
    assert code == 78
    assert problem in "\n".join(said)


@pytest.mark.parametrize(
    ("server", "upstream"),
    [
        (None, "https://api.elevenlabs.io"),
        ("wss://api.eu.residency.elevenlabs.io", "https://api.eu.residency.elevenlabs.io"),
        ("ws://127.0.0.1:8787", "http://127.0.0.1:8787"),
    ],
)
def test_the_broker_asks_the_host_that_the_device_talks_to(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, server: str | None, upstream: str
) -> None:
    path = tmp_path / "talkbox.toml"
    path.write_text('[agent]\nagent_id = "a"\n' + (f'server = "{server}"\n' if server else ""))
    _, lines = run(capsys, "broker", str(path))
    assert tomllib.loads("\n".join(lines)) == {"broker": {"agents": ["a"], "server": upstream}}


def test_the_broker_goes_with_the_agent_to_another_service(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "talkbox.toml").write_text('[agent]\nagent_id = "a"\nserver = "ws://127.0.0.1:8787"\n')
    (tmp_path / "broker.toml").write_text('[broker]\nagents = ["a"]\nserver = "https://api.elevenlabs.io"\n')
    _, lines = run(capsys, "broker", "--file", str(tmp_path / "broker.toml"), str(tmp_path / "talkbox.toml"))
    assert tomllib.loads("\n".join(lines)) == {"broker": {"agents": ["a"], "server": "http://127.0.0.1:8787"}}


def test_the_broker_keeps_the_agents_that_it_had(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "talkbox.toml").write_text('[agent]\nagent_id = "b"\n')
    (tmp_path / "broker.toml").write_text('[broker]\nagents = ["a"]\nserver = "https://mine"\n')
    _, lines = run(capsys, "broker", "--file", str(tmp_path / "broker.toml"), str(tmp_path / "talkbox.toml"))
    assert tomllib.loads("\n".join(lines)) == {"broker": {"agents": ["a", "b"], "server": "https://mine"}}


def test_the_projects_version_is_read_and_only_extras_that_it_has(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = run(capsys, "project", str(Path(__file__).parents[2] / "pyproject.toml"))
    assert code == 0
    assert lines[0].startswith("version=")
    assert "pi" in lines[1].removeprefix("extras=").split(",")
