# shellcheck shell=bash disable=SC2034,SC2153  # globals go from part to part
# Debian packages: only what is used, and the network only for what is missing.

# install_packages : have everything that the virtual environment and the board stand on
install_packages() {
  local -a wanted=(
    python3-venv  # the virtual environment
    alsa-utils    # arecord, aplay, amixer: for people; and libasound2
    libspeexdsp1  # the echo canceller's linear filter, and all of it where pywebrtc-audio cannot be had
  )
  if ! has_release; then # one that is there has what it was made of: after a restart nobody says --wheels
    has_wheel lgpio || wanted+=(python3-lgpio) # the pins; PyPI has none for Python 3.13
    # pyalsaaudio and spidev come as source.
    [[ -n $WHEELS ]] || wanted+=(gcc libc6-dev python3-dev libasound2-dev)
  fi
  [[ ! -f $SOURCE/hardware/overlays/$BOARD_OVERLAY.dts ]] || has_program dtc || wanted+=(device-tree-compiler)

  ensure_packages "${wanted[@]}"
  STEP_FACT="${wanted[*]}"
}

# has_wheel NAME : whether --wheels brings a package
has_wheel() { [[ -n $WHEELS ]] && compgen -G "$WHEELS/$1-*.whl" >/dev/null; }
