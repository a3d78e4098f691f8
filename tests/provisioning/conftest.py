"""One copy of the checkout for all tests, and a fresh Pi for each."""

import os
import shutil
from pathlib import Path

import pytest

from tests.support import pi_tree


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    missing = [
        name
        for name in (*pi_tree.HARMLESS, *pi_tree.REAL)
        if shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") is None
    ]
    if os.geteuid() != 0:
        pytest.skip("not root: files of other owners cannot be made here")
    if missing:
        pytest.skip(f"not here: {', '.join(missing)}")
    return pi_tree.copy_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture
def pi(tmp_path: Path, checkout: Path) -> pi_tree.PiTree:
    return pi_tree.make(tmp_path, checkout)
