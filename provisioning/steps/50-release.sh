# shellcheck shell=bash disable=SC2034,SC2153  # globals go from part to part
# Talkbox itself: a virtual environment a version, and `current`, a link that is switched when one is complete.

readonly RELEASES=/opt/talkbox/releases

# install_release : have a complete release of this source, and make it the current one
install_release() {
  local version='' extras='' release in_use name value
  while IFS='=' read -r name value; do
    case $name in version) version=$value ;; extras) extras=$value ;; esac
  done < <(python3 -B "$SOURCE/provisioning/answers.py" project "$SOURCE/pyproject.toml")

  in_use=$(readlink -- "$ROOT/opt/talkbox/current" || true)
  in_use=${in_use##*/}
  release=$version
  # The same version from another source: beside the one in use, which must go on working meanwhile.
  if [[ $in_use == "$release" ]] && ! is_complete "$release"; then release=$version+${FINGERPRINT:0:8}; fi
  if [[ $in_use == "$version+${FINGERPRINT:0:8}" ]]; then release=$in_use; fi
  STEP_FACT=$release
  if is_complete "$release"; then
    did ok "$RELEASES/$release"
  elif ((DRY_RUN)); then
    did would "$RELEASES/$release: a virtual environment, with Python packages from ${WHEELS:-pypi.org}"
  elif ((!LIVE)); then
    did skipped "$RELEASES/$release: when the image starts for the first time"
    return
  else
    build_release "$release" "$version" "$extras"
  fi
  noting restart ensure_link /opt/talkbox/current "releases/$release"
  ensure_link /usr/local/bin/talkbox /opt/talkbox/current/bin/talkbox
  forget_old_releases "$release" "$in_use"
}

# is_complete RELEASE : whether it was finished, from this source
is_complete() { [[ $(cat -- "$ROOT$RELEASES/$1/.complete" 2>/dev/null) == "$FINGERPRINT" ]]; }

# has_release : whether a complete release of this source is in use
has_release() { is_complete ../current; }

# build_release RELEASE VERSION EXTRAS : make the virtual environment where it will stay: it cannot be moved
build_release() {
  local folder=$ROOT$RELEASES/$1 free_mb
  local -a pip=("$folder/bin/python" -m pip --disable-pip-version-check --no-input) what=()
  free_mb=$(df --block-size=M --output=avail -- "$ROOT/opt/talkbox" | tail --lines=1 | tr --delete ' M')
  ((free_mb >= 300)) || die 69 "there are $free_mb MB free, and 300 are needed" 'make room: sudo apt-get clean, or a larger card'
  record tree /opt/talkbox
  rm --recursive --force -- "$folder"
  mkdir --parents -- "$ROOT$RELEASES"
  more "making the virtual environment $RELEASES/$1"
  act python3 -m venv --system-site-packages "$folder" || die 69 'the virtual environment could not be made'
  if [[ -n $WHEELS ]]; then
    what=(--no-index --find-links "$WHEELS")
    if has_wheel talkbox; then what+=("talkbox[$3]==$2"); else what+=("$ROOT${OWN_COPY}[$3]"); fi
    ! has_wheel lgpio || what+=(lgpio)
    more "installing Python packages from $WHEELS"
  else
    what=(--retries 10 --timeout 30 --constraint "$ROOT$OWN_COPY/requirements.lock" "$ROOT${OWN_COPY}[$3]")
    more 'installing Python packages from pypi.org (about 30 MB to download, and a few minutes)'
  fi
  act_slowly '^ *(Downloading .*[0-9] [MG]B|Building wheel for .*started)' "${pip[@]}" install --no-cache-dir "${what[@]}" ||
    die 69 'the Python packages could not be installed' "the lines above say why; is there a network, and is the clock right? it says $(date)"
  act "$folder/bin/talkbox" version || die 70 'the release does not start'
  sync --file-system -- "$folder"
  printf '%s\n' "$FINGERPRINT" >"$folder/.complete"
  sync -- "$folder/.complete"
  did changed "$RELEASES/$1"
}

# forget_old_releases CURRENT PREVIOUS : keep the release in use and the one before it
forget_old_releases() {
  local folder
  ((!DRY_RUN)) || return 0
  for folder in "$ROOT$RELEASES"/*/; do
    folder=${folder%/}
    case ${folder##*/} in
      "$1" | "$2" | '*') ;;
      *) [[ $1 == "$2" ]] || { rm --recursive --force -- "$folder"; did changed "removed the old release ${folder##*/}"; } ;;
    esac
  done
}
