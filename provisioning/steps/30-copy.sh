# shellcheck shell=bash disable=SC2034,SC2153  # globals go from part to part
# The device keeps a copy of what sets it up: to go on after a restart, to be run again, to uninstall.

readonly OWN_COPY=/opt/talkbox/setup
readonly PARTS=(device hardware provisioning systemd pyproject.toml requirements.lock README.md CHANGELOG.md LICENSE)

# keep_own_copy : copy the checkout's parts to /opt/talkbox/setup, in one step
keep_own_copy() {
  FINGERPRINT=$(fingerprint)
  STEP_FACT="$OWN_COPY, ${FINGERPRINT:0:8}"
  if [[ $SOURCE == "$ROOT$OWN_COPY" ]]; then
    WHEELS=${WHEELS:-$([[ ! -d $SOURCE/wheels ]] || echo "$SOURCE/wheels")}
    return
  fi
  if [[ $(cat -- "$ROOT$OWN_COPY/.fingerprint" 2>/dev/null) == "$FINGERPRINT" ]]; then copy_wheels; return; fi
  if ((DRY_RUN)); then did would "$OWN_COPY/"; return; fi
  record tree /opt/talkbox
  mkdir --parents -- "$ROOT/opt/talkbox"
  rm --recursive --force -- "$ROOT$OWN_COPY.new"
  mkdir -- "$ROOT$OWN_COPY.new"
  tar --directory="$SOURCE" --create --exclude=__pycache__ --exclude='*.egg-info' -- "${PARTS[@]}" |
    tar --directory="$ROOT$OWN_COPY.new" --extract --no-same-owner --no-same-permissions # root runs it: nobody else may write
  printf '%s\n' "$FINGERPRINT" >"$ROOT$OWN_COPY.new/.fingerprint"
  rm --recursive --force -- "$ROOT$OWN_COPY"
  mv -- "$ROOT$OWN_COPY.new" "$ROOT$OWN_COPY"
  sync --file-system -- "$ROOT$OWN_COPY"
  did changed "$OWN_COPY/"
  copy_wheels
}

# copy_wheels : an image takes the wheels along, for its first start
copy_wheels() {
  [[ -n $WHEELS ]] && ((!LIVE && !DRY_RUN)) || return 0
  rm --recursive --force -- "$ROOT$OWN_COPY/wheels"
  cp --recursive -- "$WHEELS" "$ROOT$OWN_COPY/wheels"
}

# fingerprint : a checksum of everything that decides what is installed
fingerprint() {
  (cd -- "$SOURCE" && find "${PARTS[@]}" -name __pycache__ -prune -o -name '*.egg-info' -prune -o -type f -print0 |
    LC_ALL=C sort --zero-terminated | xargs --null sha256sum | sha256sum | cut --delimiter=' ' --fields=1)
}
