#!/usr/bin/env bash
# Print every file that a setup could touch: kind, mode, owner, path, and a checksum or a target. For two to be compared.
set -euo pipefail

# What changes by itself, or is a backup that useradd and friends make.
readonly LEFT_OUT='^/etc/(passwd|group|shadow|gshadow|subuid|subgid)-$|/__pycache__(/|$)|^/var/lib/systemd/|^/etc/\.pwd\.lock$|^/etc/ld\.so\.cache$'

find /boot /etc /home /opt /usr/local /var/lib -xdev -printf '%y %04m %U:%G %p\n' |
  LC_ALL=C sort --key=4 |
  while read -r kind mode owner path; do
    [[ ! $path =~ $LEFT_OUT ]] || continue
    case $kind in
      f) printf '%s %s %s %s %s\n' "$kind" "$mode" "$owner" "$path" "$(sha256sum <"$path" | cut --characters=1-16)" ;;
      l) printf '%s %s %s -> %s\n' "$kind" "$owner" "$path" "$(readlink -- "$path")" ;;
      *) printf '%s %s %s %s\n' "$kind" "$mode" "$owner" "$path" ;;
    esac
  done
