#!/usr/bin/env bash
# Make a Talkbox appliance of a Raspberry Pi: packages, account, virtual environment, overlay, configuration, services.
#
# Every step is check, say, act, check, and may be run again at any time. Everything that is changed goes through the
# primitives in lib/, which note it in a manifest before they do it: --uninstall unmakes exactly that.
# To read this in five minutes: main() below, then steps/ in their order, then lib/.
# shellcheck disable=SC2034  # what is set here is read in lib/ and steps/
set -euo pipefail
umask 022

SOURCE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
readonly SOURCE
# shellcheck source=/dev/null
for part in "$SOURCE"/provisioning/{lib,steps}/*.sh; do source "$part"; done

# usage : print what can be typed
usage() {
  cat <<'TEXT'
usage: sudo provisioning/setup.sh [OPTION…]

Makes a working Talkbox of a fresh Raspberry Pi OS Lite (Bookworm or Trixie, 64-bit). Asks what it must know, with a
default where there is one. What is answered below, or in a file, is not asked.

  --agent-id ID         the agent to talk to; "later" to give it afterwards, to a further run of setup
  --public, --private   whether the agent can be reached without an API key, or needs one
  --api-key-file FILE   where a private agent's API key is; "-": standard input, or asked for without being shown: so
                        a key that is stored is replaced. A key is never an argument
  --board NAME          the board, for example respeaker-2mic-v1
  --consent             you know when the microphone is open (provisioning/README.md), and agree
  --user NAME           who may operate the device without sudo (the one who called sudo)
  --answers FILE        a TOML file with the tables of talkbox.toml and [setup] private, api_key, consent, user.
                        The same file may lie on the boot partition: /boot/firmware/talkbox.toml
  --yes                 ask nothing: take the default where there is one
  --wheels DIR          install Python packages from DIR and not from the network
  --no-reboot           leave the restart to you, if one is needed
  --dry-run             say and show what would be changed, and change nothing
  --root DIR            prepare the image mounted at DIR; what needs the running system is done at its first start
  --uninstall           remove what was installed, and nothing else
  --help                print this

Exit status: 0 all is well, 64 wrong usage or a missing answer, 69 something is not available, 77 not root, 78 a file
needs mending. What was said is also in /var/log/talkbox-setup.log.
TEXT
}

# read_options ARGUMENT… : set the options below; exit 64 on anything else, before anything is done
read_options() {
  ROOT='' LIVE='' DRY_RUN=0 UNINSTALL=0 RESUME=0 YES=0 MAY_REBOOT=1 WHEELS='' ANSWERS_FILE='' KEY_FILE=''
  declare -gA OPTION=()
  while (($#)); do
    case $1 in
      --agent-id | --api-key-file | --board | --user | --answers | --wheels | --root)
        (($# > 1)) || refuse "$1 needs a value"
        [[ $2 != '' && $2 != --* ]] || refuse "$1 needs a value, not ${2:-nothing}"
        ;;&
      --agent-id) OPTION[agent_id]=$2; shift ;;
      --api-key-file) KEY_FILE=$2; shift ;;
      --board) OPTION[board]=$2; shift ;;
      --user) OPTION[user]=$2; shift ;;
      --answers) ANSWERS_FILE=$2; shift ;;
      --wheels) WHEELS=$2; shift ;;
      --root) ROOT=$2; shift ;;
      --public | --private) OPTION[access]=${1#--} ;;
      --consent) OPTION[consent]=yes ;;
      --yes) YES=1 ;;
      --no-reboot) MAY_REBOOT=0 ;;
      --dry-run) DRY_RUN=1 ;;
      --uninstall) UNINSTALL=1 ;;
      --resume) RESUME=1 ;; # talkbox-setup.service: go on after a restart
      --live) LIVE=1 ;;     # the tests: DIR is the running system, and its programs are stand-ins
      --help | -h) usage; exit 0 ;;
      *) refuse "there is no option $1" ;;
    esac
    shift
  done
  [[ -z $WHEELS || -d $WHEELS ]] || refuse "--wheels $WHEELS is not a folder"
  [[ -z $ANSWERS_FILE || -r $ANSWERS_FILE ]] || refuse "--answers $ANSWERS_FILE cannot be read"
  [[ -z $KEY_FILE || $KEY_FILE == - || -r $KEY_FILE ]] || refuse "--api-key-file $KEY_FILE cannot be read"
  [[ -z $ROOT || -d $ROOT/etc ]] || refuse "--root $ROOT is not the root of a system: it has no etc"
  ROOT=${ROOT%/}
  [[ -z $WHEELS ]] || WHEELS=$(cd -- "$WHEELS" && pwd)
  [[ -n $LIVE ]] || LIVE=$([[ -z $ROOT ]] && echo 1 || echo 0)
}

# refuse FACT : wrong usage
refuse() {
  printf 'error: %s\n  hint: provisioning/setup.sh --help says what can be typed\n' "$1" >&2
  exit 64
}

# need_root ARGUMENT… : be root, or say what to type
need_root() {
  ((EUID)) || return 0
  printf 'error: root is needed to change the system; type this:\n  sudo %q%s\n' "$0" "${*:+ ${*@Q}}" >&2
  exit 77
}

# begin : the folders that everything below relies on
begin() {
  STATE=$ROOT/var/lib/talkbox-setup LOG='' STEP='' STEP_WORD=ok CHANGES=0 TROUBLE='' REMEDY=()
  WORK=$(mktemp --directory)
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  ((UNINSTALL)) || open_state
  ((DRY_RUN)) || be_alone
  if ((DRY_RUN)); then
    say 'a dry run: nothing is changed'
  elif ((!UNINSTALL)); then
    LOG=$ROOT/var/log/talkbox-setup.log
    [[ -f $LOG ]] || install --mode=0640 --group="$(ids root:adm | cut --delimiter=: --fields=2)" /dev/null "$LOG"
    note '' "== setup $(date --iso-8601=seconds)"
  fi
}

# be_alone : go on only if nobody else does this here: after a restart the device sets itself up, and may not be done yet
be_alone() {
  [[ -d $STATE ]] || return 0
  exec {LOCK}<"$STATE"
  flock --nonblock "$LOCK" && return
  rm --recursive --force -- "$WORK"
  trap - EXIT # the other one says how far it is
  printf 'error: another setup is under way here\n  hint: wait for it: tail -f /var/log/talkbox-setup.log\n' >&2
  exit 69
}

# finish : the last thing that happens, however it ends: say what failed, in which step, and what to do
finish() {
  local status=$?
  rm --recursive --force -- "$WORK"
  ((status)) || return 0
  ((status < 128)) || TROUBLE='interrupted'
  tell failed "${STEP:+$STEP: }${TROUBLE:-a command failed, see above (exit status $status)}"
  more "${REMEDY[@]}"
  ((DRY_RUN)) || more "run me again when that is mended: I go on from here${LOG:+; all that was said is in $LOG}"
  set_status "failed at step ${STEP:-none}"
}

# uninstall : unmake what the manifest lists, and forget it
uninstall() {
  STEP=uninstall
  undo_all
  if ((!DRY_RUN)); then
    if booted; then
      act systemctl daemon-reload || true
      act systemctl restart systemd-journald || true
    fi
    rm --recursive --force -- "$STATE"
    rm --force -- "$ROOT/var/log/talkbox-setup.log"
  fi
  STEP=
  if ((DRY_RUN)); then say 'nothing was changed'; else say 'Talkbox is gone. The overlay is out of use from the next start on.'; fi
}

main() {
  read_options "$@"
  ((DRY_RUN)) || need_root "$@"
  begin
  if ((UNINSTALL)); then uninstall; return; fi

  step machine check_machine
  step answers gather_answers
  step copy keep_own_copy
  step packages install_packages
  step accounts make_accounts
  step release install_release
  step board set_up_board
  step system set_up_system
  step configuration configure
  step key store_key
  step services enable_services
  step start start_or_restart
}

main "$@"
