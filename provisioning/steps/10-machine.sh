# shellcheck shell=bash disable=SC2034,SC2153  # globals go from part to part
# Is this a system that Talkbox can be set up on? Changes nothing.

# check_machine : refuse what cannot work, and find the boot partition: $BOOT, a path on the device; sets CODENAME
check_machine() {
  local id model
  id=$(os_release ID) CODENAME=$(os_release VERSION_CODENAME)
  case $id/$CODENAME in
    debian/bookworm | debian/trixie | raspbian/bookworm | raspbian/trixie) ;;
    *) die 69 "this is $id ${CODENAME:-without a name}, not Raspberry Pi OS Bookworm or Trixie" \
      'write Raspberry Pi OS Lite (64-bit) to the card with Raspberry Pi Imager' ;;
  esac
  # A 32-bit system may run under a 64-bit kernel: its programs tell.
  [[ $(elf_class "$ROOT/usr/bin/dpkg") == 02 ]] ||
    die 69 'this is a 32-bit system' 'Talkbox needs the 64-bit one: write Raspberry Pi OS Lite (64-bit) to the card'
  python3 -c 'import sys, tomllib' 2>/dev/null || die 69 'Python 3.11 or newer is needed, as python3'

  BOOT=
  for BOOT in /boot/firmware /boot ''; do [[ ! -f $ROOT$BOOT/config.txt ]] || break; done
  STEP_FACT="$id $CODENAME, 64-bit"
  ((LIVE)) || { STEP_FACT+=", the image at $ROOT"; return; }

  model=$(tr --delete '\0' <"$ROOT/proc/device-tree/model" 2>/dev/null) || model=
  # In a chroot, what is seen is the computer that makes the image.
  [[ $model == *'Raspberry Pi'* ]] || ! booted ||
    die 69 'this is not a Raspberry Pi' 'from another computer: provisioning/deploy.sh pi@raspberrypi.local'
  if grep --quiet '^[^ ]* / overlay ' "$ROOT/proc/mounts"; then
    die 69 'the root file system is an overlay: at the next start all of this would be gone' \
      'switch it off (raspi-config, Performance, Overlay File System), restart, and run me again'
  fi
  STEP_FACT="${model:-a chroot}, $STEP_FACT"
}

# os_release KEY : what the device's os-release says
os_release() { sed --quiet "s/^$1=\"\\?\\([^\"]*\\)\"\\?\$/\\1/p" "$ROOT/etc/os-release"; }

# elf_class FILE : 02 if a program is a 64-bit one
elf_class() { od --address-radix=n --format=x1 --skip-bytes=4 --read-bytes=1 -- "$1" 2>/dev/null | tr --delete ' '; }
