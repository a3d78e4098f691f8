import re
import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from talkbox.config import Config, load
from talkbox.config_text import reference, show, toml
from talkbox.settings import KEYS

JSON = st.recursive(
    st.text() | st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_what_is_written_as_toml_reads_as_it_was(value: object) -> None:
    assert tomllib.loads(f"value = {toml(value)}")["value"] == value
    assert "\n" not in toml(value)


def test_the_configuration_shown_is_one_that_can_be_read(tmp_path: Path) -> None:
    overrides = ["audio.volume=0.25", "agent.overrides={agent={language='de'}}", "tools.disabled=['set_volume']"]
    config = load(None, environ={}, overrides=overrides)
    path = tmp_path / "shown.toml"
    path.write_text(show(config), "utf-8")
    assert load(path, environ={}) == config


def test_each_value_is_shown_with_where_it_came_from() -> None:
    shown = show(load(None, environ={"TALKBOX_AUDIO__VOLUME": "0.25"}, overrides=["audio.echo=off"]))
    assert "volume = 0.25  # TALKBOX_AUDIO__VOLUME\n" in shown
    assert 'echo = "off"  # --set\n' in shown
    assert "chunk_ms = 20  # default\n" in shown


def test_no_secret_is_shown() -> None:
    overrides = [
        "agent.signed_url_headers={Authorization = 'Bearer hunter2'}",
        "agent.dynamic_variables={secret__pin = 'hunter2'}",
        "agent.signed_url_from=https://broker/signed-url?token=hunter2",
    ]
    shown = show(load(None, environ={}, overrides=overrides))
    assert "hunter2" not in shown
    assert 'signed_url_headers = { Authorization = "***" }  # --set' in shown


def test_the_reference_documents_every_key_with_its_default(tmp_path: Path) -> None:
    text = reference()
    for keys in KEYS.values():
        for name in keys:
            assert f"\n# {name} = " in text
    assert "# Milliseconds of speech in one message to the agent.\n# It must be a whole number, 10..250.\n" in text
    path = tmp_path / "reference.toml"
    # Every line that sets something is one that may be uncommented as it is.
    settings = [line.removeprefix("# ") if re.match(r"# \w+ = ", line) else line for line in text.splitlines()]
    path.write_text("\n".join(settings), "utf-8")
    assert load(path, environ={}) == Config()
    assert set(load(path, environ={}).origins.values()) == {str(path)}
