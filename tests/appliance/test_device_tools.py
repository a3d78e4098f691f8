import json
import math

import pytest

from talkbox.appliance.device_tools import DEFINITIONS, handlers
from tests.support.virtual_time import run


class Device:
    def __init__(self) -> None:
        self.volume = 0.8
        self.hung_up = False

    def set_volume(self, volume: float) -> float:
        self.volume = volume
        return volume

    def status(self) -> dict[str, object]:
        return {
            "state": "listening",
            "volume": self.volume,
            "muted": False,
            "uptime_s": 3.5,
            "leds": [],
            "counters": {},
        }

    def hang_up(self) -> None:
        self.hung_up = True


def call(device: Device, name: str, parameters: dict[str, object]) -> object:
    async def main() -> object:
        return await handlers(device)[name](parameters)

    return run(main())


def test_every_defined_tool_is_served_and_no_other() -> None:
    assert [definition["name"] for definition in DEFINITIONS] == list(handlers(Device()))


def test_the_definitions_can_be_pasted_as_json() -> None:
    for definition in json.loads(json.dumps(DEFINITIONS)):
        assert definition["type"] == "client"
        assert definition["description"].endswith(".")
        assert set(definition["parameters"]["required"]) <= definition["parameters"]["properties"].keys()


def test_the_agent_sets_the_volume_and_hears_what_it_is() -> None:
    device = Device()
    assert call(device, "set_volume", {"volume": 0.4}) == {"volume": 0.4}
    assert device.volume == 0.4
    assert call(device, "set_volume", {"volume": 0}) == {"volume": 0.0}


@pytest.mark.parametrize(
    "volume", [None, "loud", True, 40, -0.1, math.nan, math.inf, pytest.param(10**400, id="huge"), [0.4]]
)
def test_a_volume_that_is_none_is_refused_in_words(volume: object) -> None:
    device = Device()
    with pytest.raises(ValueError, match="from 0 to 1"):
        call(device, "set_volume", {"volume": volume})
    assert device.volume == 0.8


def test_the_status_tells_the_agent_what_it_can_use() -> None:
    assert call(Device(), "get_device_status", {}) == {
        "state": "listening",
        "volume": 0.8,
        "muted": False,
        "uptime_s": 3.5,
    }


def test_the_agent_ends_the_conversation() -> None:
    device = Device()
    assert call(device, "end_conversation", {"unasked": 1}) == "ending the conversation"
    assert device.hung_up
