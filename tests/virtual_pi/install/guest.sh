#!/usr/bin/env bash
# Runs inside the virtual Pi, as root, in the folder that the host shared: from a fresh system to an appliance.
#
# It is started again after every restart:
#   boot 1: the card has talkbox.toml on its boot partition; setup runs, and the power is cut in the middle of it
#   boot 2: setup runs again; the board's overlay is not loaded yet, so it restarts the Pi by itself
#   boot 3: setup goes on by itself; then the checks
set -euo pipefail

readonly HERE=/srv/talkbox WHEELS=/srv/wheels SAID=/srv/setup-said
readonly CUT_AFTER=release # the power goes at the step after this one has begun
readonly PATIENCE_S=300

# main MODEL BOARD TIME PYTEST-ARGUMENT… : do what is due at this boot
main() {
  export VPI_MODEL=$1 VPI_BOARD=$2 VPI_TIME=$3
  shift 3
  case $VPI_BOOT in
    1)
      lay_out
      take_board_away
      run_setup &
      wait_for "^ *[a-z]* *$CUT_AFTER|virtual environment" "$SAID"
      echo 'check|power is cut in the middle of the setup|pass|after: '"$(grep -cE '^ +(ok|changed|skipped)  [a-z]+:' "$SAID") steps"
      sync -- "$SAID"
      systemctl reboot --force --force
      sleep infinity
      ;;
    2)
      take_board_away
      run_setup
      cat -- "$SAID"
      sleep infinity # setup restarts the Pi
      ;;
    3) check "$@" ;;
    *) echo "the Pi was restarted $((VPI_BOOT - 1)) times: once too often" >&2; exit 1 ;;
  esac
}

# lay_out : what a person has: a checkout, wheels, and the SD card's boot partition with the answers
lay_out() {
  cp --recursive . "$HERE"
  mkdir "$WHEELS"
  cp -- /opt/wheels/*.whl wheel/*.whl "$WHEELS"
  cp -- tests/virtual_pi/install/talkbox.toml /boot/firmware/talkbox.toml
  # As adm does on Raspberry Pi OS, by an ACL of the journal's folder: this kernel's file system has none.
  usermod --append --groups systemd-journal pi
  /opt/venv/bin/pip install --quiet --no-deps --disable-pip-version-check wheel/*.whl # for the checks, not the device
  "$HERE/tests/virtual_pi/install/snapshot.sh" >/srv/before
}

# take_board_away : the overlay has not been loaded yet: no card, no SPI
take_board_away() {
  local device
  for device in /sys/bus/platform/drivers/asoc-simple-card/*; do
    [[ ! -L $device/driver ]] || echo "${device##*/}" >/sys/bus/platform/drivers/asoc-simple-card/unbind
  done
  [[ ! -e /sys/bus/spi/drivers/spidev/spi0.0 ]] || echo spi0.0 >/sys/bus/spi/drivers/spidev/unbind
  [[ ! -e /sys/bus/spi/drivers/spidev/spi0.1 ]] || echo spi0.1 >/sys/bus/spi/drivers/spidev/unbind
}

# run_setup : as its user does
run_setup() {
  "$HERE/provisioning/setup.sh" --wheels "$WHEELS" --yes --user pi </dev/null 2>&1 | tee -- "$SAID"
}

# wait_for PATTERN FILE : until a line matches
wait_for() {
  local begun_s=$SECONDS
  until grep --quiet --extended-regexp "$1" "$2" 2>/dev/null; do
    ((SECONDS - begun_s < PATIENCE_S)) || { echo "waited in vain for $1 in $2" >&2; cat -- "$2" >&2; exit 1; }
    sleep 0.05
  done
}

# check PYTEST-ARGUMENT… : wait for setup to end by itself, and look at what it made
check() {
  local begun_s=$SECONDS
  while [[ $(systemctl is-active talkbox-setup.service) == activating ]]; do
    ((SECONDS - begun_s < PATIENCE_S)) || { journalctl --no-pager --unit talkbox-setup.service; exit 1; }
    sleep 0.5
  done
  journalctl --no-pager --output cat --unit talkbox-setup.service
  cd "$HERE"
  exec /opt/venv/bin/python -m pytest tests/virtual_pi/install -m virtual_pi -p tests.virtual_pi.report -p no:cacheprovider \
    --override-ini python_files='check_*.py' --quiet --no-header --continue-on-collection-errors "$@"
}

main "$@"
