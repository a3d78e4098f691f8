from pathlib import Path

from talkbox.appliance.diagram import mermaid
from talkbox.appliance.state import State

README = Path(__file__).parents[2] / "device" / "README.md"


def test_the_diagram_shows_every_state() -> None:
    for state in State:
        assert f" {state}" in mermaid()


def test_the_readme_shows_the_table_as_it_is() -> None:
    assert mermaid() in README.read_text("utf-8")
