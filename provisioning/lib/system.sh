# shellcheck shell=bash disable=SC2034,SC2153  # globals go from part to part
# What is no file of ours: packages, accounts, units, the kernel's view of things. And how to unmake it.
#
# LIVE: the system under $ROOT is the one that runs, so that its programs can be called. Without it there are files only.

# booted : whether systemd runs here; not in a chroot, in which an image is being made
booted() { ((LIVE)) && [[ -d $ROOT/run/systemd/system ]]; }

# has_program NAME : whether a program can be called
has_program() { command -v -- "$1" >/dev/null; }

# has_package NAME : whether a Debian package is installed
has_package() {
  dpkg-query --admindir="$ROOT/var/lib/dpkg" --show --showformat='${db:Status-Abbrev}' "$1" 2>/dev/null | grep --quiet '^ii'
}

# ensure_packages NAME… : have Debian packages installed; the network is asked for those that are missing only
ensure_packages() {
  local name size
  local -a missing=() apt=(apt-get -o DPkg::Lock::Timeout=900 -o Acquire::Retries=5)
  for name in "$@"; do has_package "$name" || missing+=("$name"); done
  if ((${#missing[@]} == 0)); then did ok "packages $*"; return; fi
  if ((DRY_RUN)); then did would "install ${missing[*]}"; return; fi
  if ((!LIVE)); then did skipped "${missing[*]}: when the image starts for the first time"; return; fi

  [[ -z $(dpkg --audit 2>/dev/null) ]] || act dpkg --configure -a
  more 'asking for the list of packages'
  until act_slowly 'Waiting for|Could not get lock' "${apt[@]}" update; do
    grep --quiet 'Could not get lock' "$WORK/output" ||
      die 69 'apt-get update failed' 'is there a network, and is the clock right? it says '"$(date)"
    sleep 10
  done
  LC_ALL=C "${apt[@]}" --simulate install --yes --no-install-recommends "${missing[@]}" >"$WORK/plan" 2>&1 ||
    { tail --lines=5 "$WORK/plan" >&2; die 69 "apt cannot install ${missing[*]}"; }
  # "Inst NAME (…)" is new; "Inst NAME [VERSION] (…)" is there already, and stays when we go.
  while read -r name; do
    has_package "$name" || record package "$name"
  done < <(awk '$1 == "Inst" && $3 !~ /^\[/ { print $2 }' "$WORK/plan")
  size=$(LC_ALL=C "${apt[@]}" --assume-no install --no-install-recommends "${missing[@]}" 2>/dev/null |
    sed --quiet 's/^Need to get \(.*\) of archives.*/\1/p') || true
  more "installing ${missing[*]}${size:+ ($size to download)}"
  act_slowly 'Waiting for|Could not get lock' env DEBIAN_FRONTEND=noninteractive \
    "${apt[@]}" install --yes --no-install-recommends "${missing[@]}" ||
    die 69 'apt could not install the packages' 'is there a network, and room on the card? then run me again: it goes on from here'
  for name in "${missing[@]}"; do has_package "$name" || die 69 "$name is not installed, though apt said so"; done
  did changed "installed ${missing[*]}"
}

# undo_packages NAME… : purge what setup installed, unless somebody else needs it by now
undo_packages() {
  local name word=changed
  local -a installed=()
  for name in "$@"; do ! has_package "$name" || installed+=("$name"); done
  ((${#installed[@]})) || return 0
  if ((DRY_RUN)); then word=would; elif ((LIVE)); then act dpkg --purge "${installed[@]}" || true; fi
  for name in "${installed[@]}"; do
    if ((!DRY_RUN)) && has_package "$name"; then
      did skipped "package $name is needed by others by now: kept"
    else
      did "$word" "remove package $name"
    fi
  done
}

# ensure_accounts FILE : make the users and groups that a sysusers.d file of ours names
ensure_accounts() {
  local kind name group path
  local -a missing=()
  while read -r kind name group _; do
    case $kind in
      u*) # unmade in the opposite order
        has_account group "$name" || missing+=("group $name")
        has_account passwd "$name" || missing+=("user $name")
        ;;
      g*) has_account group "$name" || missing+=("group $name") ;;
      m*) has_account group "$group" || missing+=("group $group") ;;
    esac
  done <"$SOURCE/systemd/sysusers.d/$1"
  if ((${#missing[@]} == 0)); then did ok "accounts of $1"; return; fi
  if ((DRY_RUN)); then did would "make $(printf '%s, ' "${missing[@]}" | sed 's/, $//')"; return; fi
  # What systemd-sysusers and userdel leave beside the files; on a running system that is the system's own affair.
  ((LIVE)) || for path in .pwd.lock {passwd,group,shadow,gshadow}-; do keep "/etc/$path"; done
  for name in "${missing[@]}"; do record "${name% *}" "${name#* }"; done
  act systemd-sysusers ${ROOT:+--root="$ROOT"} "$1"
  for name in "${missing[@]}"; do
    case $name in
      user*) has_account passwd "${name#* }" ;;
      group*) has_account group "${name#* }" ;;
    esac || die 70 "$name was not made"
    did changed "$name"
  done
}

# has_account passwd|group NAME : whether the device has that user or group
has_account() {
  [[ -f $ROOT/etc/$1 ]] && awk -F : -v name="$2" '$1 == name { found = 1 } END { exit !found }' "$ROOT/etc/$1"
}

# undo_account passwd|group COMMAND NAME : remove a user or group that setup made
undo_account() {
  has_account "$1" "$3" || return 1
  ((!DRY_RUN)) || return 0
  act "$2" ${ROOT:+--prefix "$ROOT"} "$3" || die 69 "$3 could not be removed"
}

# ensure_member USER GROUP : put a person into a group
ensure_member() {
  local user=$1 group=$2
  if awk -F : -v group="$group" -v user="$user" \
    '$1 == group { n = split($4, names, ","); for (i = 1; i <= n; i++) if (names[i] == user) found = 1 } END { exit !found }' \
    "$ROOT/etc/group"; then did ok "$user is in the group $group"; return; fi
  if ((DRY_RUN)); then did would "put $user into the group $group"; return; fi
  act usermod ${ROOT:+--prefix "$ROOT"} --append --groups "$group" "$user"
  did changed "$user is in the group $group: it counts from the next login"
}

# ensure_unit NAME : have a unit started at every boot; it is not started now
ensure_unit() {
  local -a systemctl=(systemctl)
  ((LIVE)) || systemctl+=(--root="$ROOT")
  if "${systemctl[@]}" --quiet is-enabled "$1" 2>/dev/null; then did ok "$1 is enabled"; return; fi
  if ((DRY_RUN)); then did would "enable $1"; return; fi
  record unit "$1"
  act "${systemctl[@]}" enable "$1"
  did changed "$1 is enabled"
}

# ensure_no_unit NAME : have a unit of ours stopped, and not started at boot
ensure_no_unit() {
  recorded "$1" unit || return 0
  systemctl --quiet is-enabled "$1" 2>/dev/null || return 0
  if ((DRY_RUN)); then did would "disable $1"; return; fi
  undo_unit "$1"
  did changed "$1 is disabled"
}

# undo_unit NAME : stop a unit and start it no more
undo_unit() {
  [[ -e $ROOT/etc/systemd/system/$1 ]] || return 1
  ((!DRY_RUN)) || return 0
  if booted; then
    act systemctl disable --now "$1"
  elif ((LIVE)); then
    act systemctl disable "$1"
  else
    act systemctl --root="$ROOT" disable "$1"
  fi
}

# mark WORD : remember over an interruption what is still to do: reboot, or restart the services. A start of the Pi is both
mark() { ((DRY_RUN)) || boot_id >"$STATE/todo-$1"; }
marked() { [[ -e $STATE/todo-$1 && $(<"$STATE/todo-$1") == "$(boot_id)" ]]; }
unmark() { ((DRY_RUN)) || rm --force -- "$STATE/todo-$1"; }

# noting WORD COMMAND… : run it, and if it changed something, mark WORD; no interruption can lose the mark
noting() {
  local before=$CHANGES was_marked=0
  ! marked "$1" || was_marked=1
  mark "$1"
  "${@:2}"
  ((CHANGES > before || was_marked)) || unmark "$1"
}

# boot_id : what is different after every boot
boot_id() { if ((LIVE)); then cat "$ROOT/proc/sys/kernel/random/boot_id"; else echo 'an image'; fi; }

# set_status TEXT : leave word of how far setup is, for deploy.sh
set_status() {
  ((!DRY_RUN && !UNINSTALL)) && [[ -d $STATE ]] || return 0
  printf '%s\n' "$1" >"$STATE/status"
}
