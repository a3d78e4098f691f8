# shellcheck shell=bash disable=SC2034,SC2153  # globals go from part to part
# The files of systemd/, and what else the system is told: Wi-Fi, journal, watchdog, udev.

# set_up_system : copy the files, and have those take effect that changed
set_up_system() {
  local folder
  noting restart install_files system /etc/systemd/system '*.service' '*.socket'
  # Bookworm's systemd (252) does not know what stands in these.
  if [[ $CODENAME != bookworm ]]; then
    for folder in talkbox talkbox-broker; do
      noting restart install_files "drop-ins/$folder.service.d" "/etc/systemd/system/$folder.service.d" restart-steps.conf
    done
  fi
  install_files udev/rules.d /etc/udev/rules.d '*.rules'
  if changes_since_then; then
    take_effect udevadm control --reload
    take_effect udevadm trigger
  fi
  # Who may switch the Pi off. Where there is no polkit, nobody reads it.
  [[ ! -d $ROOT/etc/polkit-1 ]] || install_files polkit-1/rules.d /etc/polkit-1/rules.d '*.rules'
  ensure_dir /etc/talkbox 0755 root:root # noted before systemd-tmpfiles makes it: so it goes when we go
  install_files tmpfiles.d /etc/tmpfiles.d '*.conf'
  if changes_since_then; then take_effect systemd-tmpfiles --create talkbox.conf; fi
  install_files system.conf.d /etc/systemd/system.conf.d '*.conf'
  if changes_since_then; then take_effect systemctl daemon-reexec; fi

  # Persistent, but bounded. Raspberry Pi OS says volatile in 40-rpi-volatile-storage.conf: ours comes later.
  [[ -d $ROOT/var/log/journal ]] || record tree /var/log/journal
  install_files journald.conf.d /etc/systemd/journald.conf.d '*.conf'
  if changes_since_then; then
    take_effect systemctl restart systemd-journald
    take_effect journalctl --flush
    # The folder that journald has just made gets the rights by which the groups adm and systemd-journal may read it.
    take_effect systemd-tmpfiles --create --prefix=/var/log/journal
  fi

  CHANGES_BEFORE=$CHANGES
  # Power save drops idle connections, and makes the answers of the others late by hundreds of milliseconds.
  ensure_file /etc/NetworkManager/conf.d/80-talkbox-wifi.conf 0644 root:root <<'TEXT'
# Talkbox: Wi-Fi power save off. It adds 50 to 2000 ms to every answer.
[connection]
wifi.powersave = 2
TEXT
  if changes_since_then; then
    ! has_program nmcli || take_effect nmcli general reload conf
    for folder in "$ROOT"/sys/class/net/*/wireless; do
      if [[ ! -d $folder ]] || ! has_program iw; then continue; fi
      folder=${folder%/wireless}
      take_effect iw dev "${folder##*/}" set power_save off
    done
  fi

  # The appliance sets its mixer at every start. Only a daemon that stores it all the time could be in the way.
  [[ ! -e $ROOT/etc/alsa/state-daemon.conf ]] || more 'alsactl runs as a daemon here (/etc/alsa/state-daemon.conf): the mixer may be changed behind our back'

  for folder in /var/lib/talkbox /run/talkbox /run/talkbox-broker; do # what systemd makes for our services
    [[ -d $ROOT$folder ]] || record tree "$folder"
  done
  STEP_FACT='units, journal, watchdog, udev, Wi-Fi'
}

# install_files FOLDER TARGET PATTERN… : copy files of systemd/FOLDER to TARGET
install_files() {
  local source pattern
  CHANGES_BEFORE=$CHANGES
  for pattern in "${@:3}"; do
    for source in "$SOURCE/systemd/$1/"$pattern; do
      [[ ! -f $source ]] || ensure_file "$2/${source##*/}" 0644 root:root <"$source"
    done
  done
}

# changes_since_then : whether files were changed since install_files began
changes_since_then() { ((CHANGES > CHANGES_BEFORE)); }

# take_effect COMMAND… : make the running system heed a changed file; the next start does it at the latest
take_effect() {
  booted && ((!DRY_RUN)) || return 0
  act "$@" || more "$* failed: it takes effect at the next start"
}
