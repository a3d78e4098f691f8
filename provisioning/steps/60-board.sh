# shellcheck shell=bash disable=SC2034,SC2153  # globals go from part to part
# The board: its overlay, and a block of ours in config.txt.

# Sound overlays that want the same pins.
readonly OTHER_SOUND='^[[:space:]]*dtoverlay=(seeed-|respeaker-|wm8960|googlevoicehat|iqaudio|hifiberry|rpi-codeczero|rpi-dac|i2s-|justboom|allo-|audioinjector)'

# set_up_board : have the overlay in place, and config.txt load it
set_up_board() {
  noting reboot put_overlay_in_place
  STEP_FACT="${ANSWER[board]}${BOARD_OVERLAY:+, overlay $BOARD_OVERLAY}"
}

# put_overlay_in_place : compile it, and have a block in config.txt that loads it
put_overlay_in_place() {
  local source=$SOURCE/hardware/overlays/$BOARD_OVERLAY.dts lines=()
  if [[ -n $BOARD_OVERLAY && -f $source ]] && has_boot; then
    if has_program dtc; then
      dtc -@ -I dts -O dtb -o "$WORK/overlay.dtbo" "$source" 2>"$WORK/output" || die 70 "dtc cannot compile $source" "$(cat "$WORK/output")"
      ensure_file "$BOOT/overlays/$BOARD_OVERLAY.dtbo" - root:root <"$WORK/overlay.dtbo"
    elif ((DRY_RUN)); then
      did would "$BOOT/overlays/$BOARD_OVERLAY.dtbo"
    else
      ((!LIVE)) || die 69 'dtc is not there' 'apt-get install device-tree-compiler'
      did skipped "$BOOT/overlays/$BOARD_OVERLAY.dtbo: when the image starts for the first time (no dtc here)"
    fi
  fi
  [[ -z $BOARD_SPI ]] || lines+=('dtparam=spi=on')
  if [[ -n $BOARD_OVERLAY ]] && ! brought_up_by_eeprom; then
    lines+=('dtparam=i2c_arm=on' "dtoverlay=$BOARD_OVERLAY")
    refuse_a_second_overlay
  fi
  if ((${#lines[@]})); then
    has_boot || die 69 'config.txt is neither in /boot/firmware nor in /boot' 'is the boot partition mounted?'
    ensure_block "$BOOT/config.txt" <<<"$(printf '%s\n' '[all]' "# the ${ANSWER[board]}" "${lines[@]}")"
  elif has_boot; then
    ensure_block "$BOOT/config.txt" </dev/null
  fi
}

# has_boot : whether the boot partition was found
has_boot() { [[ -f $ROOT$BOOT/config.txt ]]; }

# brought_up_by_eeprom : whether the firmware found the board by itself, and its card is there without a line of ours
brought_up_by_eeprom() {
  ((LIVE)) && [[ -e $ROOT/proc/device-tree/hat/product ]] && card_is_there &&
    has_boot && (($(marks "$BLOCK_BEGIN" "$BOOT/config.txt") == 0))
}

# refuse_a_second_overlay : two sound overlays on one header leave no sound at all
refuse_a_second_overlay() {
  local other
  has_boot || return 0
  other=$(without_block <"$ROOT$BOOT/config.txt" | grep --extended-regexp --max-count=1 "$OTHER_SOUND" || true)
  [[ -z $other ]] || die 78 "$BOOT/config.txt loads a sound overlay already: $other" \
    "take that line out: Talkbox loads $BOARD_OVERLAY itself, and two of them leave no sound at all"
}

# card_is_there : whether the kernel has the board's sound card
card_is_there() {
  local id
  for id in $BOARD_CARDS; do
    ! grep --quiet --extended-regexp "^ *[0-9]+ \[$id *\]" "$ROOT/proc/asound/cards" 2>/dev/null || return 0
  done
  return 1
}

# needs_reboot : whether something that the board needs is missing, and what brings it was written since the last start
needs_reboot() {
  marked reboot || return 1
  if [[ -n $BOARD_OVERLAY ]] && ! card_is_there; then return 0; fi
  [[ -n $BOARD_SPI ]] && ! compgen -G "$ROOT/dev/spidev0.*" >/dev/null
}
