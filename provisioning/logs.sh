#!/usr/bin/env bash
# Read a device's log over SSH. The device filters and renders it: this runs `talkbox logs` there.
# Runs on any machine with ssh and bash, a Mac's bash 3.2 included.
set -euo pipefail

# usage : print what can be typed
usage() {
  cat <<'TEXT'
usage: provisioning/logs.sh [SSH OPTION…] USER@HOST [-f] [--since WHEN] [--conversation ID] [--errors] [--json]

  -f, --follow        go on with what is still to come; Ctrl-C ends it
  --since WHEN        from then on: today, "1 hour ago", "2026-01-31 12:00"; else the last 200 entries
  --conversation ID   of one conversation only
  --errors            warnings and errors only
  --json              as JSON, one object a line

  -p PORT, -i KEY, -F CONFIG, -J JUMP, -o OPTION   are for ssh

examples: provisioning/logs.sh pi@talkbox.local -f
          provisioning/logs.sh pi@talkbox.local --since today --errors
TEXT
}

# misused WORDS… : say what was wrong with the command line, and stop
misused() {
  printf 'error: %s\n' "$*" >&2
  printf '  hint: provisioning/logs.sh --help\n' >&2
  exit 64
}

# quoted WORD : print WORD so that any shell takes it for one word, whatever is in it
quoted() {
  local rest=$1 safe=''
  while [[ $rest == *\'* ]]; do
    safe+="${rest%%\'*}'\\''"
    rest=${rest#*\'}
  done
  printf "'%s'" "$safe$rest"
}

# on_device HOST SSH-OPTION… -- ARGUMENT… : run `talkbox logs ARGUMENT…` on HOST
on_device() {
  local host=$1 there='command -v talkbox >/dev/null 2>&1 || exit 127; exec talkbox logs' color=never
  local -a ssh=(ssh -o LogLevel=ERROR)
  shift
  while [[ $1 != -- ]]; do ssh+=("$1") && shift; done
  shift
  if [[ -t 1 && -z ${NO_COLOR:-} ]]; then color=always; fi
  # With a terminal on both ends Ctrl-C goes to the device; without, `talkbox logs` sees that nobody reads any more.
  if [[ -t 0 && -t 1 ]]; then ssh+=(-t); else ssh+=(-T -n); fi
  local argument
  for argument in "--color=$color" "$@"; do there+=" $(quoted "$argument")"; done
  "${ssh[@]}" "$host" "$there"
}

main() {
  local host='' status=0
  local -a for_ssh=() for_talkbox=()
  while (($#)); do
    case $1 in
      -h | --help) usage && return 0 ;;
      -f | --follow) for_talkbox+=(--follow) ;;
      --errors | --json) for_talkbox+=("$1") ;;
      --since | --conversation)
        (($# > 1)) || misused "$1 needs a value"
        for_talkbox+=("$1=$2") && shift
        ;;
      --since=* | --conversation=*) for_talkbox+=("$1") ;;
      -p | -i | -F | -J | -o)
        (($# > 1)) || misused "$1 needs a value"
        for_ssh+=("$1" "$2") && shift
        ;;
      -*) misused "unknown option $1" ;;
      '') misused 'the host is empty' ;;
      *)
        [[ -z $host ]] || misused "one host at a time, not $host and $1"
        host=$1
        ;;
    esac
    shift
  done
  [[ -n $host ]] || misused 'which device? USER@HOST is missing'

  # An empty array is "unbound" to old shells.
  on_device "$host" ${for_ssh[@]+"${for_ssh[@]}"} -- ${for_talkbox[@]+"${for_talkbox[@]}"} || status=$?
  if ((status == 127)); then
    printf 'error: talkbox is not installed on %s\n' "$host" >&2
    printf '  hint: provisioning/deploy.sh %s installs it\n' "$host" >&2
    status=69
  fi
  return "$status"
}

main "$@"
