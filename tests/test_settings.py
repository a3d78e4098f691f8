import pytest

from talkbox.settings import KEYS, TABLES, AgentSettings, Config


def test_every_default_is_one_that_its_key_accepts() -> None:
    config = Config()
    for table, keys in KEYS.items():
        for name, key in keys.items():
            value = getattr(getattr(config, table), name)
            assert key.accepts(list(value) if isinstance(value, tuple) else value), key


def test_every_table_of_the_configuration_is_known() -> None:
    assert list(TABLES) == ["agent", "audio", "hardware", "control", "controls", "lights", "tools", "logging"]


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("audio.chunk_ms", [10, 250], [9, 251, 20.0, True, "20", None]),
        ("audio.mic_gain_db", [0, 30, 6.5], [-0.1, 31, True, "6"]),
        ("audio.volume", [0, 1, 0.5], [-0.1, 1.1, True, "1", float("nan"), float("inf")]),
        ("audio.rate_hz", ["auto", 16000, 48000], [44100, 16000.0, "16000", True]),
        ("audio.echo", ["auto", "on", "off"], [True, "maybe"]),
        ("audio.cues", [True, False], [1, 0, "true"]),
        ("agent.agent_id", ["", "agent_1"], [1, ["a"]]),
        ("agent.signed_url_headers", [{}, {"a": "b"}], [{"a": 1}, ["a"], "a"]),
        ("agent.dynamic_variables", [{"a": 1, "b": True, "c": "d", "e": 0.5}], [{"a": []}, {"a": float("nan")}, 3]),
        ("agent.overrides", [{"agent": {"language": "de", "x": [1, {}]}}], [{"a": {1, 2}}, {"a": [float("inf")]}, "a"]),
        ("tools.disabled", [[], ["set_volume"]], ["set_volume", [1]]),
    ],
)
def test_a_key_accepts_what_it_says_and_nothing_else(key: str, good: list[object], bad: list[object]) -> None:
    table, name = key.split(".")
    assert [value for value in good if not KEYS[table][name].accepts(value)] == []
    assert [value for value in bad if KEYS[table][name].accepts(value)] == []


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("audio.chunk_ms", "a whole number, 10..250"),
        ("audio.volume_step", "a number, 0.01..0.5"),
        ("audio.rate_hz", '"auto", 16000 or 48000'),
        ("audio.cues", "true or false"),
        ("agent.agent_id", "text"),
        ("agent.signed_url_headers", "a table of text"),
        ("agent.dynamic_variables", "a table of text, numbers, true or false"),
        ("agent.overrides", "a table of what JSON can say"),
        ("tools.disabled", "a list of text"),
    ],
)
def test_a_key_says_what_it_may_be(key: str, words: str) -> None:
    table, name = key.split(".")
    assert KEYS[table][name].allowed() == words


def test_settings_print_without_their_secrets() -> None:
    assert "hunter2" not in repr(AgentSettings(signed_url_headers={"Authorization": "hunter2"}))


def test_two_configurations_share_no_table() -> None:
    assert Config().agent.overrides is not Config().agent.overrides
