# shellcheck shell=bash disable=SC2034,SC2153  # globals go from part to part
# What is said: one line for each fact, a word first, on the screen and in the log. And what is asked.
#
# Reads: LOG (a file, or empty), WORK (a private folder), DRY_RUN. Keeps: STEP, STEP_WORD, STEP_FACT, CHANGES.

# note LINE… : write lines to the log only
note() {
  [[ -z $LOG ]] || printf '%s\n' "$@" >>"$LOG"
}

# say LINE… : print lines as they are, and log them
say() {
  note "$@"
  printf '%s\n' "$@"
}

# tell WORD FACT : print one line; WORD is ok, changed, would, failed or skipped
tell() {
  local color='' plain=''
  if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
    plain=$'\e[0m'
    case $1 in
      ok) color=$'\e[32m' ;;
      changed) color=$'\e[33m' ;;
      would) color=$'\e[36m' ;;
      failed) color=$'\e[31m' ;;
      *) color=$'\e[2m' ;;
    esac
  fi
  note "$(printf '%8s  %s' "$1" "$2")"
  printf '%s%8s%s  %s\n' "$color" "$1" "$plain" "$2"
}

# more LINE… : print lines that belong to the one before
more() {
  local line
  for line in "$@"; do say "          $line"; done
}

# did WORD FACT : what a primitive came to; `ok` is for the log, the rest is news
did() {
  case $1 in
    ok) note "$(printf '%8s  %s' '(ok)' "$2")"; return ;;
    changed | would) STEP_WORD=$1 CHANGES=$((CHANGES + 1)) ;;
    skipped) [[ $STEP_WORD != ok ]] || STEP_WORD=skipped ;;
  esac
  tell "$1" "$2"
}

# step NAME FUNCTION : do one step, and say in one line what came of it; the step sets STEP_FACT
step() {
  STEP=$1 STEP_WORD=ok STEP_FACT='' TROUBLE='' REMEDY=()
  set_status "at step $1"
  "$2"
  tell "$STEP_WORD" "$1${STEP_FACT:+: $STEP_FACT}"
  STEP=
}

# die STATUS FACT REMEDY… : stop here; the last line says why, the lines under it what to do
die() {
  local status=$1
  TROUBLE=$2
  REMEDY=("${@:3}")
  exit "$status"
}

# act COMMAND… : run a command with its output in the log; where it fails, show the end of what it said
act() {
  local status=0
  note "+ $*"
  "$@" >"$WORK/output" 2>&1 || status=$?
  [[ -z $LOG ]] || cat -- "$WORK/output" >>"$LOG"
  ((status == 0)) || tail --lines=8 -- "$WORK/output" | sed 's/^/          | /' >&2
  return "$status"
}

# act_slowly PATTERN COMMAND… : like act, and show the lines that match PATTERN as they come, each once
act_slowly() {
  local pattern=$1 status=0
  shift
  note "+ $*"
  "$@" 2>&1 </dev/null | tee -- "$WORK/output" |
    awk -v pattern="$pattern" '$0 ~ pattern && !seen[$0]++ { print "          " $0; fflush() }' || status=$?
  [[ -z $LOG ]] || cat -- "$WORK/output" >>"$LOG"
  ((status == 0)) || tail --lines=8 -- "$WORK/output" | sed 's/^/          | /' >&2
  return "$status"
}

# ask QUESTION DEFAULT : ask a person for one line, into REPLY; Enter is the default
ask() {
  printf '          %s%s ' "$1" "${2:+ [$2]}"
  read -r || die 64 'no answer: the input ended'
  REPLY=${REPLY:-$2}
}

# ask_secret QUESTION : ask for one line that is not shown, into REPLY
ask_secret() {
  # Bash's own prompt: it is shown when the terminal shows no more, and not before.
  read -rsp "          $1 " || die 64 'no answer: the input ended'
  printf '\n'
}
