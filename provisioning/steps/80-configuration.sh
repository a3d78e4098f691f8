# shellcheck shell=bash disable=SC2034,SC2153  # globals go from part to part
# What the appliance and its broker are told, and the API key.

readonly BROKER_CONFIGURATION=/etc/talkbox/broker.toml

# configure : write talkbox.toml, and broker.toml for a private agent; the file on the boot partition goes away
configure() {
  local agent_id=${ANSWER[agent_id]}
  local -a file=()
  [[ $agent_id != later ]] || agent_id=
  # Of settings in several places, the last that was found counts; see steps/20-answers.sh.
  [[ -z $SETTINGS ]] || file=(--file "$SETTINGS")
  ensure_dir /etc/talkbox 0755 root:root
  python3 -B "$SOURCE/provisioning/answers.py" configuration "${file[@]}" --agent-id "$agent_id" \
    --access "${ANSWER[access]}" --board "${ANSWER[board]}" >"$WORK/configuration" || die 78 "${SETTINGS:-the configuration} cannot be edited"
  noting restart ensure_file "$CONFIGURATION" 0640 root:talkbox <"$WORK/configuration"
  if ((LIVE && !DRY_RUN)); then
    act "$ROOT/opt/talkbox/current/bin/talkbox" config --config "$ROOT$CONFIGURATION" ||
      die 78 "${SETTINGS:-$CONFIGURATION} has mistakes" 'its lines above say which'
  fi
  if [[ ${ANSWER[access]} == private && -n $agent_id ]]; then
    file=()
    [[ ! -f $ROOT$BROKER_CONFIGURATION ]] || file=(--file "$ROOT$BROKER_CONFIGURATION")
    python3 -B "$SOURCE/provisioning/answers.py" broker "${file[@]}" "$WORK/configuration" >"$WORK/broker" ||
      die 78 "$BROKER_CONFIGURATION cannot be edited"
    noting restart ensure_file "$BROKER_CONFIGURATION" 0640 root:talkbox-broker <"$WORK/broker"
  fi
  STEP_FACT=$CONFIGURATION
}

# store_key : keep the API key where the broker alone gets it from systemd; encrypted where the system can
store_key() {
  STEP_FACT='none is needed'
  [[ ${ANSWER[access]} == private ]] || { forget_boot_file; return 0; }
  # A key in an image, or from an older system, is encrypted as soon as that works.
  if [[ -z $KEY && -s $ROOT$KEY_PLAIN ]]; then KEY=$(<"$ROOT$KEY_PLAIN"); fi
  if [[ -z $KEY || $(stored_key) == "$KEY" ]]; then
    did ok 'the API key is stored'
  elif ((DRY_RUN)); then
    did would 'store the API key'
  elif booted && printf '%s' "$KEY" | systemd-creds encrypt --name=elevenlabs-api-key - "$WORK/key" 2>>"$LOG"; then
    noting restart ensure_file "$KEY_ENCRYPTED" 0600 root:root secret <"$WORK/key"
  else
    noting restart ensure_file "$KEY_PLAIN" 0600 root:root secret <<<"$KEY"
    # An older key, which this system cannot replace now, would be taken in its place.
    ensure_no_file "$KEY_ENCRYPTED"
    ensure_no_file "$KEY_DROP_IN"
  fi
  if [[ -s $ROOT$KEY_ENCRYPTED ]]; then
    noting restart ensure_file "$KEY_DROP_IN" 0644 root:root \
      <"$SOURCE/systemd/drop-ins/talkbox-broker.service.d/encrypted-key.conf"
    ensure_no_file "$KEY_PLAIN"
  fi
  KEY=
  STEP_FACT="stored, $([[ -s $ROOT$KEY_ENCRYPTED ]] && echo encrypted || echo 'readable by root only')"
  forget_boot_file
}

# stored_key : print the key that is stored as well as this system can store it
stored_key() {
  if booted && has_program systemd-creds; then
    [[ ! -s $ROOT$KEY_ENCRYPTED ]] || systemd-creds decrypt --name=elevenlabs-api-key "$ROOT$KEY_ENCRYPTED" - 2>/dev/null || true
  elif [[ -s $ROOT$KEY_PLAIN ]]; then
    cat -- "$ROOT$KEY_PLAIN"
  fi
}

# forget_boot_file : all that it said is in place by now
forget_boot_file() {
  local path=$BOOT/talkbox.toml
  [[ -f $ROOT$path ]] || return 0
  if ((DRY_RUN)); then did would "move $path to $CONFIGURATION"; return; fi
  sync
  rm --force -- "$ROOT$path"
  sync --file-system -- "$ROOT$BOOT"
  did changed "$path was moved to $CONFIGURATION"
  [[ -z $KEY_TOML ]] || more 'flash memory keeps copies of what was written to it: replace the API key if the card leaves your hands'
}
