from pathlib import Path

import pytest

from tests.support.examined import MadeUpMachine


@pytest.fixture
def machine(tmp_path: Path) -> MadeUpMachine:
    return MadeUpMachine(tmp_path)
