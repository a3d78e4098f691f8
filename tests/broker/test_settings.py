"""The broker's settings (`settings`)."""

import os
from pathlib import Path

import pytest

from talkbox_broker.errors import SettingsError
from talkbox_broker.settings import Settings, load


def written(folder: Path, text: str) -> Path:
    path = folder / "broker.toml"
    path.write_text(text, "utf-8")
    return path


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(written(folder, text))
    assert caught.value.exit_code == os.EX_CONFIG
    assert "[broker]" in caught.value.hint
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def test_a_list_of_agents_is_enough(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, '\ufeff[broker]\nagents = ["agent_1", "home"]\n'))
    assert loaded == Settings(agents=("agent_1", "home"))
    assert loaded.server == "https://api.elevenlabs.io"
    assert loaded.timeout_s < 10, "a device that gives up first never hears why"


def test_everything_can_be_set(tmp_path: Path) -> None:
    text = """
        [broker]
        agents = ["a"]
        server = "http://127.0.0.1:8787"
        connect_timeout_s = 1
        timeout_s = 2.5
        client_timeout_s = 3
        concurrency = 5
        burst = 6
        per_minute = 7
    """
    assert load(written(tmp_path, text)) == Settings(
        agents=("a",),
        server="http://127.0.0.1:8787",
        connect_timeout_s=1,
        timeout_s=2.5,
        client_timeout_s=3,
        concurrency=5,
        burst=6,
        per_minute=7,
    )


def test_every_problem_is_reported_at_once(tmp_path: Path) -> None:
    text = """
        spare = 1
        [broker]
        agents = ["good", "b d"]
        server = "http://user:hush@api.elevenlabs.io?hush"
        timeout = 3
        xyzzy = 1
        timeout_s = 0
        connect_timeout_s = "2"
        burst = 1.5
        concurrency = true
        [extra]
    """
    assert problems(tmp_path, text) == [
        "broker.toml: unknown key spare",
        "broker.toml: unknown table extra",
        "broker.toml: broker.agents must be a list of agent ids, [\"agent_…\"], not ['good', 'b d']",
        "broker.toml: broker.server must not have a user, a query or a fragment, not 'api.elevenlabs.io'",
        "broker.toml: broker.timeout is no key; did you mean timeout_s?",
        "broker.toml: broker.xyzzy is no key",
        "broker.toml: broker.timeout_s must be a number, 0.1..60, not 0",
        "broker.toml: broker.connect_timeout_s must be a number, 0.1..60, not '2'",
        "broker.toml: broker.burst must be a whole number, 1..1000, not 1.5",
        "broker.toml: broker.concurrency must be a whole number, 1..64, not True",
    ]


@pytest.mark.parametrize(
    "agents", ["[]", '"agent_1"', "[1]", '[""]', '["a\\r\\nX: 1"]', '["a&b=c"]', f'["{"a" * 129}"]']
)
def test_what_is_no_list_of_agents_is_refused_on_one_line(tmp_path: Path, agents: str) -> None:
    (problem,) = problems(tmp_path, f"[broker]\nagents = {agents}\n")
    assert "broker.agents must be a list of agent ids" in problem
    assert problem.isprintable()


@pytest.mark.parametrize("number", ["inf", "nan", "-1", "61"])
def test_a_time_has_a_range(tmp_path: Path, number: str) -> None:
    (problem,) = problems(tmp_path, f'[broker]\nagents = ["a"]\ntimeout_s = {number}\n')
    assert "broker.timeout_s must be a number, 0.1..60" in problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "broker.toml: broker.agents is missing"),
        ("[broker]", "broker.toml: broker.agents is missing"),
        ("[agents]", "broker.toml: unknown table agents\nbroker.toml: broker.agents is missing"),
        ("broker = 3", "broker.toml: broker must be a table, not 3"),
        ("[broker", "broker.toml: not TOML: "),
        ('[broker]\nagents = ["a"]\nserver = 3', "broker.toml: broker.server must be an address, not 3"),
        ('[broker]\nagents = ["a"]\n"evil\\nkey" = 3', "broker.toml: broker.evil\\nkey is no key"),
    ],
)
def test_a_problem_is_one_line(tmp_path: Path, text: str, problem: str) -> None:
    found = problems(tmp_path, text)
    assert len(found) == len(problem.splitlines())
    assert "\n".join(found).startswith(problem)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml: no such file or directory"):
        load(tmp_path / "none.toml")
    (tmp_path / "broker.toml").write_bytes(b"[broker]\n# \xff\n")
    with pytest.raises(SettingsError, match="not UTF-8 at byte 11"):
        load(tmp_path / "broker.toml")
