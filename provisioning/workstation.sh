#!/usr/bin/env bash
# Prepare a checkout for `make demo` or `make test`: apt packages and the virtual environment. Safe to repeat.
set -euo pipefail

readonly VENV=${VENV:-.venv}
readonly PYTHON=${PYTHON:-python3}

# usage : print what this script is for
usage() {
  cat <<'TEXT'
usage: provisioning/workstation.sh demo|test

  demo   what a spoken demonstration needs: a voice (flite) and the recogniser
  test   that, and what the test suite needs: a compiler, ALSA's headers, systemd's tools, dtc, the checkers

Run it from the top folder of the checkout. PYTHON names the interpreter (python3), VENV the environment (.venv).
TEXT
}

# say WORDS… : print one line of progress
say() { printf '%s\n' "$*"; }

# missing_packages NAME… : print those of the Debian packages that are not installed
missing_packages() {
  local name
  for name in "$@"; do
    dpkg-query --show --showformat='${db:Status-Abbrev}' "$name" 2>/dev/null | grep -q '^ii' || printf '%s\n' "$name"
  done
}

# may_install : whether we are root, or can become it here
may_install() {
  (($(id -u) == 0)) || sudo -n true 2>/dev/null || { [[ -t 0 ]] && command -v sudo >/dev/null; }
}

# install_packages NAME… : install Debian packages as root or through sudo
install_packages() {
  local -a as_root=(sudo)
  (($(id -u))) || as_root=()
  "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 --quiet --quiet update &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "$@" >/dev/null
}

# ensure_packages NAME… : see that Debian packages are installed, or say the exact command and stop
ensure_packages() {
  local -a missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  if ! command -v apt-get >/dev/null; then
    say "warning: this system has no apt; what is needed of it is up to you: ${missing[*]}" >&2
    return 0
  fi
  local because='root is needed to install packages' status=77
  if may_install; then
    say "apt: installing ${missing[*]}"
    if install_packages "${missing[@]}"; then return 0; fi
    because='apt could not install the packages' status=69
  fi
  say "error: $because; run this, then run me again:" >&2
  say "  sudo apt-get update && sudo apt-get install --yes --no-install-recommends ${missing[*]}" >&2
  return "$status"
}

# ensure_venv STAMP PIP-ARGUMENT… : make the environment hold what the lock file says, once for each lock file
ensure_venv() {
  local stamp=$VENV/.talkbox-$1
  shift
  if [[ -x $VENV/bin/python && $(cat "$stamp" 2>/dev/null) == "$(fingerprint "$@")" ]]; then return 0; fi
  # Without pip it was left by somebody who had no patience: made again, over what is there.
  if ! "$VENV/bin/python" -m pip --version &>/dev/null; then
    if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      say "error: Python 3.11 or newer is needed; $PYTHON is: $("$PYTHON" --version 2>&1 || true)" >&2
      say '  name another one: make demo PYTHON=python3.11' >&2
      return 69
    fi
    say "python: making the virtual environment $VENV with $("$PYTHON" --version)"
    "$PYTHON" -m venv "$VENV"
  fi
  say "python: installing the project and what its lock file names (this takes a minute)"
  "$VENV/bin/python" -m pip --quiet --disable-pip-version-check install --upgrade 'pip>=25.1'
  "$VENV/bin/python" -m pip --quiet --disable-pip-version-check install --constraint requirements.lock "$@"
  fingerprint "$@" >"$stamp"
}

# fingerprint WORDS… : a checksum of what decides the environment's contents
fingerprint() { { cat pyproject.toml requirements.lock && pwd && printf '%s\n' "$@"; } | sha256sum; }

main() {
  (($# == 1)) || { usage >&2; exit 64; }
  [[ $1 != -h && $1 != --help ]] || { usage; exit 0; }
  [[ -f pyproject.toml ]] || { say 'error: run me from the top folder of the checkout' >&2; exit 64; }
  case $1 in
    demo)
      ensure_packages python3-venv flite
      ensure_venv demo --editable '.[agent]'
      ;;
    test)
      # systemd: for its tools that check unit files and make accounts; installing it starts nothing.
      ensure_packages python3-venv flite libspeexdsp1 gcc libc6-dev libasound2-dev python3-dev systemd device-tree-compiler
      ensure_venv test --editable '.[agent,broker,pi,echo]' --group dev --group peers
      ;;
    *) usage >&2; exit 64 ;;
  esac
}

main "$@"
