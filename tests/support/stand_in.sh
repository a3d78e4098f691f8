#!/usr/bin/env bash
# Stands in for the programs that setup calls on a running Pi: says in $CALLS that it was called, and does to $TREE what
# the real one would do to the files that setup looks at. Its name says which program it is.
#
# STAND_IN: this file. FAIL, KILL: a pattern; a call that matches fails, or takes the whole setup with it, as a power cut would. KILL_AT: the
# same happens when so many files have been put in place (by `mv`).
set -euo pipefail

readonly PROGRAM=${0##*/}

# unit_link NAME : where `systemctl enable` puts its link
unit_link() {
  local wanted
  wanted=$(sed --quiet 's/^WantedBy=//p' "$TREE/etc/systemd/system/$1")
  printf '%s\n' "$TREE/etc/systemd/system/$wanted.wants/$1"
}

as_systemctl() {
  local verb='' unit='' link argument
  for argument in "$@"; do
    case $argument in
      --*) ;;
      *) if [[ -z $verb ]]; then verb=$argument; else unit=$argument; fi ;;
    esac
  done
  case $verb in
    enable)
      link=$(unit_link "$unit")
      mkdir --parents "${link%/*}"
      ln --symbolic --force "/etc/systemd/system/$unit" "$link"
      ;;
    disable)
      link=$(unit_link "$unit")
      rm --force "$link"
      rmdir "${link%/*}" 2>/dev/null || true
      rm --force "$TREE/../active-$unit"
      ;;
    is-enabled) [[ -e $TREE/etc/systemd/system/$unit && -L $(unit_link "$unit") ]] ;;
    start | restart) touch "$TREE/../active-$unit" ;;
    is-active) [[ -e $TREE/../active-$unit ]] ;;
  esac
}

as_apt-get() {
  local name
  case " $* " in
    *' update '*) echo 'Reading package lists...' ;;
    *' --simulate '*)
      for name in $(packages "$@"); do printf 'Inst %s (1 Raspberry Pi OS [arm64])\n' "$name"; done
      ;;
    *' --assume-no '*) echo 'Need to get 12.3 MB of archives.'; return 1 ;;
    *' install '*)
      for name in $(packages "$@"); do
        printf 'Package: %s\nStatus: install ok installed\nArchitecture: arm64\nVersion: 1\n\n' "$name" >>"$TREE/var/lib/dpkg/status"
      done
      ;;
  esac
}

# packages ARGUMENT… : the names after `install`
packages() {
  local seen='' argument
  for argument in "$@"; do
    case $argument in
      install) seen=1 ;;
      -*) ;;
      *) [[ -z $seen ]] || printf '%s\n' "$argument" ;;
    esac
  done
}

as_dpkg() {
  [[ $1 == --purge ]] || return 0
  awk -v names=" ${*:2} " 'BEGIN { RS = ""; ORS = "\n\n" } !index(names, " " $2 " ")' "$TREE/var/lib/dpkg/status" >"$TREE/../status"
  cat "$TREE/../status" >"$TREE/var/lib/dpkg/status"
  rm "$TREE/../status"
}

as_systemd-creds() {
  case $1 in
    encrypt) [[ -z ${NO_CREDS:-} ]] && tr 'a-zA-Z' 'n-za-mN-ZA-M' >"${*: -1}" ;;
    decrypt) tr 'a-zA-Z' 'n-za-mN-ZA-M' <"${*: -2:1}" ;;
  esac
}

# The real Python, but for the virtual environment: that would take minutes.
as_python3() {
  if [[ "$1 $2" != '-m venv' ]]; then exec "$REAL_PYTHON" "$@"; fi
  mkdir --parents "${*: -1}/bin"
  ln --symbolic --force "$STAND_IN" "${*: -1}/bin/python"
}

# Of the virtual environment: pip is the only thing that it is asked for.
as_python() {
  local bin=${0%/*}
  ln --symbolic --force "$STAND_IN" "$bin/talkbox"
}

as_systemd-tmpfiles() { [[ "$*" != *talkbox.conf* ]] || mkdir --parents "$TREE/etc/talkbox"; }

as_dtc() { cat "${*: -1}" >"${*: -2:1}"; }

# The Pi at the other end is this tree.
as_ssh() {
  local command=${*: -1}
  [[ "$*" != *'-O exit'* ]] || return 0
  [[ "$*" != *' -n '* && "$1" != -n ]] || exec </dev/null
  cd "$TREE/home/pi"
  HOME=$TREE/home/pi bash -c "${command//\/var\//$TREE\/var\/}"
}

as_sudo() { "$@"; }

# While deploy.sh waits, the Pi comes up again and setup goes on.
as_sleep() {
  echo 'done' >"$TREE/var/lib/talkbox-setup/status"
  printf '%s\n' '== setup' '+ systemctl restart talkbox' ' changed  talkbox.service runs' 'talkbox doctor:' 'all is well' \
    >>"$TREE/var/log/talkbox-setup.log"
}

as_talkbox() {
  case $1 in
    version) echo 'talkbox 0.1.0' ;;
    doctor) echo '      ok  everything' ;;
  esac
}

[[ $PROGRAM == mv ]] || printf '%s %s\n' "$PROGRAM" "$*" >>"$CALLS"
export -p >>"$CALLS.environment"
if [[ -n ${KILL:-} && "$PROGRAM $*" =~ $KILL ]]; then kill -KILL 0; fi
if [[ -n ${FAIL:-} && "$PROGRAM $*" =~ $FAIL ]]; then echo "$PROGRAM: no, says the test" >&2; exit 1; fi
if [[ $PROGRAM == mv ]]; then # they are counted
  count=$(($(cat "$TREE/../moves" 2>/dev/null || echo 0) + 1))
  echo "$count" >"$TREE/../moves"
  ((count != ${KILL_AT:-0})) || kill -KILL 0
fi
if [[ -x ${0%/*}/real-$PROGRAM ]]; then
  "${0%/*}/real-$PROGRAM" "$@"
elif [[ $(type -t "as_$PROGRAM") == function ]]; then
  "as_$PROGRAM" "$@"
fi
