import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from talkbox_hardware.lgpio_chip import find_chip, import_lgpio, keep_awake
from tests.support.lgpio_standin import Chip, Lgpio

UNNAMED = ("",) * 54


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    folder = tmp_path / "dev"
    folder.mkdir()
    return folder


def found(dev: Path, chips: dict[int, Chip]) -> int:
    for number in chips:
        (dev / f"gpiochip{number}").touch()
    lgpio = Lgpio(chips)
    number = find_chip(lgpio, dev=dev)
    assert lgpio.open_handles == set()
    return number


@pytest.mark.parametrize(
    ("chips", "number"),
    [
        ({0: Chip("pinctrl-bcm2835")}, 0),
        ({0: Chip("pinctrl-bcm2711"), 1: Chip("raspberrypi-exp-gpio", names=("BT_ON", "WL_ON"))}, 0),
        ({0: Chip("gpio-brcmstb@107d508500", names=UNNAMED), 4: Chip("pinctrl-rp1")}, 4),
        ({11: Chip("pinctrl-rp1"), 12: Chip("gpio-brcmstb@107d508500"), 15: Chip("gpio-brcmstb@107d517c00")}, 11),
        ({9: Chip("something-of-ours"), 10: Chip("pinctrl-rp1")}, 10),
    ],
)
def test_the_chip_is_known_by_its_label_wherever_it_is(chips: dict[int, Chip], number: int, dev: Path) -> None:
    assert found(dev, chips) == number


def test_a_chip_with_a_label_from_the_future_is_known_by_the_name_of_its_line(dev: Path) -> None:
    chips = {0: Chip("gpio-brcmstb", names=UNNAMED), 3: Chip("expander", names=("",)), 7: Chip("pinctrl-rp2")}
    assert found(dev, chips) == 7


def test_a_compatibility_link_is_the_same_chip(dev: Path) -> None:
    (dev / "gpiochip4").symlink_to("gpiochip0")
    (dev / "gpiochip0").touch()
    assert find_chip(Lgpio({0: Chip("pinctrl-rp1")}), dev=dev) == 0


def test_a_chip_that_does_not_open_is_passed_over(dev: Path) -> None:
    assert found(dev, {0: Chip("pinctrl-rp1", refused=True), 2: Chip("pinctrl-rp1")}) == 2


def test_without_a_header_there_is_no_device(dev: Path) -> None:
    with pytest.raises(OSError, match="none of 1 GPIO chips has the header of a Raspberry Pi") as raised:
        found(dev, {0: Chip("pch-gpio", names=UNNAMED)})
    assert raised.value.errno == errno.ENODEV


def test_who_may_not_use_the_pins_is_told_so(dev: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with pytest.raises(OSError, match="not in the group gpio") as raised:
        found(dev, {0: Chip("pinctrl-rp1", refused=True)})
    assert (raised.value.errno, raised.value.filename) == (errno.EACCES, str(dev / "gpiochip0"))


LIBRARY = """
import os
home = os.environ["LG_WD"]
os.chdir(home)  # as its C part does
os.mkfifo(".lgd-nfy0")
fifo = open(os.open(".lgd-nfy0", os.O_RDWR | os.O_NONBLOCK), "rb+", buffering=0)
gpiochip_open = True
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Installs a module `lgpio`, and is where the process is."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)

    def install(source: str) -> Path:
        (tmp_path / "lgpio.py").write_text(source)
        monkeypatch.syspath_prepend(tmp_path)
        # Set first, so that monkeypatch forgets the import afterwards.
        monkeypatch.setitem(sys.modules, "lgpio", sys)
        monkeypatch.delitem(sys.modules, "lgpio")
        return home

    return install


@pytest.mark.parametrize("asked_for", [None, "/of/the/operator"])
def test_lgpio_makes_its_fifo_elsewhere_and_leaves_no_trace(
    asked_for: str | None, installed: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = installed(LIBRARY)
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", f"{runtime}:/another")
    monkeypatch.delenv("LG_WD", raising=False)
    if asked_for is not None:
        monkeypatch.setenv("LG_WD", asked_for)
    lgpio = import_lgpio()
    assert Path(lgpio.home).parent == runtime
    assert (Path.cwd(), list(home.iterdir()), list(runtime.iterdir())) == (home, [], [])
    assert os.environ.get("LG_WD") == asked_for
    assert lgpio.fifo.write(b"edge") == 4
    assert lgpio.fifo.read(4) == b"edge"
    lgpio.fifo.close()
    assert import_lgpio() is lgpio


def test_a_library_that_cannot_be_imported_leaves_everything_as_it_was(
    installed: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = installed("import os\nos.chdir(os.environ['LG_WD'])\nraise ImportError('no such library')")
    monkeypatch.delenv("LG_WD", raising=False)
    with pytest.raises(ImportError, match="no such library"):
        import_lgpio()
    assert (Path.cwd(), "LG_WD" in os.environ) == (home, False)


def test_the_empty_placeholder_is_no_library(installed: Callable[[str], Path]) -> None:
    installed("")
    with pytest.raises(ImportError, match="install python3-lgpio with apt"):
        import_lgpio()


def test_the_thread_is_woken_a_few_times_and_then_left_alone(pauses_s: list[float]) -> None:
    lgpio = Lgpio()
    keep_awake(lgpio, 0)
    assert (lgpio.opened, lgpio.open_handles) == (3, set())
    assert pauses_s[0] == 0.0
    assert sum(pauses_s) < 0.5


@pytest.mark.usefixtures("pauses_s")
def test_a_chip_that_is_gone_is_no_reason_to_fall_over() -> None:
    keep_awake(Lgpio({0: Chip("pinctrl-rp1", refused=True)}), 0)
