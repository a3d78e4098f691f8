#!/usr/bin/env bash
# Set up a Raspberry Pi from another computer: copy the checkout to it, and run the setup there.
#
# That computer may be a Mac: this file keeps to Bash 3.2 and to short options.
# shellcheck disable=SC2029,SC2016  # what is sent over is quoted for the shell over there, or meant for it
set -euo pipefail

readonly THERE=.cache/talkbox-deploy # in the home folder of whoever logs in
readonly STATUS=/var/lib/talkbox-setup/status
readonly LOG=/var/log/talkbox-setup.log
readonly WAIT_S=900

# usage : print what can be typed
usage() {
  cat <<'TEXT'
usage: provisioning/deploy.sh [SSH OPTION…] [USER@]HOST [SETUP OPTION…]

Copies this checkout to a Raspberry Pi over SSH, runs provisioning/setup.sh there, and shows what it says, also after
the restart that it may need.

SSH options: -p PORT, -i KEY, -F CONFIG, -J JUMP, -o OPTION. Setup options: see provisioning/setup.sh --help; the files
that --api-key-file, --answers and --wheels name are taken from this computer.

example: provisioning/deploy.sh pi@raspberrypi.local --agent-id agent_0123 --public --consent
TEXT
}

# refuse FACT : wrong usage
refuse() {
  printf 'error: %s\n  hint: provisioning/deploy.sh --help says what can be typed\n' "$1" >&2
  exit 64
}

# remote COMMAND : run a shell command on the Pi; `send COMMAND` gives it our input. One connection serves them all
remote() { ssh -n "${SSH[@]}" "$HOST" "$1"; }
send() { ssh "${SSH[@]}" "$HOST" "$1"; }

# read_arguments ARGUMENT… : set SSH (its options), HOST, SETUP (the setup's options, quoted), and the files to take along
read_arguments() {
  SSH=() SETUP='' HOST='' KEY_FILE='' ANSWERS_FILE='' WHEELS=''
  while (($#)) && [[ $1 == -* ]]; do
    case $1 in
      -h | --help) usage; exit 0 ;;
      -p | -i | -F | -J | -o)
        (($# > 1)) || refuse "$1 needs a value"
        SSH+=("$1" "$2")
        shift
        ;;
      *) refuse "there is no option $1 before the host" ;;
    esac
    shift
  done
  (($#)) && [[ -n $1 ]] || refuse 'which host?'
  HOST=$1
  shift
  while (($#)); do
    case $1 in
      --api-key-file) KEY_FILE=$(local_file "$@"); shift ;;
      --answers) ANSWERS_FILE=$(local_file "$@"); shift ;;
      --wheels) WHEELS=$(local_file "$@"); shift ;;
      --root) refuse '--root is for an image on this computer: call provisioning/setup.sh' ;;
      *) pass_on "$1" ;;
    esac
    shift
  done
}

# pass_on WORD… : give words to the setup over there
pass_on() {
  local word
  for word in "$@"; do SETUP+=" $(printf '%q' "$word")"; done
}

# local_file OPTION FILE : print the absolute path of a file of this computer
local_file() {
  (($# > 1)) || refuse "$1 needs a value"
  if [[ $2 == - && $1 == --api-key-file ]]; then echo /dev/stdin; return; fi
  [[ -r $2 ]] || refuse "$1 $2 cannot be read"
  case $2 in /*) printf '%s\n' "$2" ;; *) printf '%s/%s\n' "$PWD" "$2" ;; esac
}

# connect : open one connection for everything; a password is asked for once
connect() {
  WORK=$(mktemp -d) SECRETS='' CONNECTED=''
  trap finish EXIT
  SSH=(-o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3
    -o ControlMaster=auto -o ControlPersist=60 -o "ControlPath=$WORK/%C" ${SSH[@]+"${SSH[@]}"})
  remote true || fail "no connection to $HOST"
  CONNECTED=1
}

# fail FACT [REMEDY] : stop; something over there is not available
fail() {
  printf 'error: %s\n' "$1" >&2
  [[ -z ${2:-} ]] || printf '  hint: %s\n' "$2" >&2
  exit 69
}

# finish : leave nothing on the Pi but what setup made, and no connection here
finish() {
  local status=$?
  # Whom nobody let in is not asked for a password once more.
  [[ -z $CONNECTED ]] || remote "rm -rf $THERE $SECRETS" 2>/dev/null || true
  ssh "${SSH[@]}" -O exit "$HOST" 2>/dev/null || true
  rm -rf -- "$WORK"
  exit "$status"
}

# checkout_files : print the checkout's files, each ended by NUL
checkout_files() {
  if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    # What was deleted and not yet committed is listed too.
    git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' path; do
      [[ ! -e $path ]] || printf '%s\0' "$path"
    done
  else
    find . \( -name .git -o -name '.venv*' -o -name build -o -name __pycache__ \) -prune -o -type f -print0
  fi
}

# copy_over : the checkout into the home folder; key and answers into memory, not onto the card
copy_over() {
  printf 'copying the checkout to %s\n' "$HOST"
  checkout_files | tar -c -z --null -T - -f - | send "rm -rf $THERE && mkdir -p $THERE && tar -xzf - -C $THERE"
  if [[ -n $WHEELS ]]; then
    printf 'copying the wheels\n'
    tar -c -C "$WHEELS" -f - . | send "mkdir -p $THERE/wheels && tar -xf - -C $THERE/wheels"
    pass_on --wheels wheels
  fi
  [[ -n $KEY_FILE$ANSWERS_FILE ]] || return 0
  SECRETS=$(remote 'umask 077; d=/dev/shm; [ -d $d ] || d=/tmp; mktemp -d $d/talkbox-deploy.XXXXXXXX')
  if [[ ! $SECRETS =~ ^/[a-zA-Z0-9/._-]+$ ]]; then SECRETS='' && fail "there is no place for the key on $HOST"; fi
  if [[ -n $ANSWERS_FILE ]]; then
    send "umask 077; cat >$SECRETS/answers.toml" <"$ANSWERS_FILE"
    pass_on --answers "$SECRETS/answers.toml"
  fi
  if [[ -n $KEY_FILE ]]; then
    send "umask 077; cat >$SECRETS/key" <"$KEY_FILE"
    pass_on --api-key-file "$SECRETS/key"
  fi
}

# run_setup : run it there, with a terminal if there is one here; sets SETUP_STATUS
run_setup() {
  local terminal=-T
  [[ ! -t 0 || ! -t 1 ]] || terminal=-t
  SETUP_STATUS=0
  ssh "$terminal" "${SSH[@]}" "$HOST" "cd $THERE && sudo ./provisioning/setup.sh$SETUP" || SETUP_STATUS=$?
}

# follow_restart SEEN : while the Pi restarts and setup goes on there, show what its log says after line SEEN
follow_restart() {
  local seen=$1 answer status until=$((SECONDS + WAIT_S))
  printf '%s restarts; waiting for it\n' "$HOST"
  ssh "${SSH[@]}" -O exit "$HOST" 2>/dev/null || true
  while ((SECONDS < until)); do
    sleep 3
    # The first line is the status; each further one is new in the log.
    answer=$(remote "cat $STATUS && tail -n +$((seen + 1)) $LOG" 2>/dev/null) || continue
    status=${answer%%$'\n'*}
    if [[ $answer == *$'\n'* ]]; then
      answer=${answer#*$'\n'}
      seen=$((seen + $(wc -l <<<"$answer")))
      readable <<<"$answer"
    fi
    case $status in
      done*) return 0 ;;
      failed*) return 69 ;;
    esac
  done
  fail "$HOST did not come to an end within $((WAIT_S / 60)) minutes" "ssh $HOST tail -f $LOG"
}

# readable : of the log, what setup showed on the screen, and what the doctor said
readable() {
  awk '/^talkbox doctor:/ { doctor = 1 } /^ +[a-z]+  start/ || /^== setup/ { doctor = 0 }
    doctor || /^ +(ok|changed|failed|skipped)  / || /^          [^ ]/'
}

main() {
  local status seen
  read_arguments "$@"
  cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
  connect
  copy_over
  run_setup
  # A restart cuts the connection, sooner or later.
  if ((SETUP_STATUS != 0 && SETUP_STATUS != 255)); then exit "$SETUP_STATUS"; fi
  # Without a status nothing was set up: it was a dry run, --help, or --uninstall. No answer at all: it restarts.
  status=$(remote "cat $STATUS 2>/dev/null || echo none" 2>/dev/null) || status=restarting
  case $status in
    restarting*)
      seen=$(remote "wc -l <$LOG" 2>/dev/null) || seen=0
      follow_restart "$seen"
      ;;
    *)
      ((SETUP_STATUS == 0)) || fail "the connection was lost; setup is $status" 'run me again: it goes on from there'
      ;;
  esac
}

main "$@"
