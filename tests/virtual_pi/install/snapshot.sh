#!/usr/bin/env bash
# Print every file that a setup could touch: kind, mode, owner, path and target, and a checksum. For two to be compared.
set -euo pipefail

readonly FOLDERS=(/boot /etc /home /opt /usr/local /var/lib)
# What changes by itself, or is a backup that useradd and friends make; the mixer, which the system keeps over a restart.
# /opt/venv is that of the checks.
readonly LEFT_OUT='/etc/((passwd|group|shadow|gshadow|subuid|subgid)-|\.pwd\.lock|ld\.so\.cache)( |$)|/__pycache__(/|$)|/var/lib/systemd/|/var/lib/alsa/asound\.state|/opt/(venv|wheels)/'

{
  find "${FOLDERS[@]}" -xdev -printf '%y %04m %U:%G %p %l\n'
  find "${FOLDERS[@]}" -xdev -type f -not -path '/opt/venv/*' -not -path '/opt/wheels/*' -print0 | xargs --null sha256sum
} | grep --invert-match --extended-regexp "$LEFT_OUT" | LC_ALL=C sort
