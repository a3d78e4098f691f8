#!/usr/bin/env bash
# Runs inside the virtual Pi, as root, in the folder that the host shared: install Talkbox and run the checks.
set -euo pipefail

readonly HERE=/srv/talkbox # a real file system: the shared one has neither FIFOs nor sockets
readonly PYTHON=/opt/venv/bin/python

# main MODEL BOARD TIME PYTEST-ARGUMENT… : tell the checks where they are, and run them
main() {
  export VPI_MODEL=$1 VPI_BOARD=$2 VPI_TIME=$3
  shift 3
  cp --recursive . "$HERE"
  cd "$HERE"
  /opt/venv/bin/pip install --quiet --no-deps --disable-pip-version-check wheel/*.whl
  # As systemd would make it: a user of its own, in the groups that Raspberry Pi OS gives the devices to.
  useradd --system --groups audio,gpio,spi talkbox
  install --directory --owner talkbox --group talkbox /run/talkbox
  exec "$PYTHON" -m pytest tests/virtual_pi/checks -m virtual_pi -p tests.virtual_pi.report -p no:cacheprovider \
    --override-ini python_files='check_*.py' --quiet --no-header --continue-on-collection-errors "$@"
}

main "$@"
