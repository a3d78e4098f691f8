# shellcheck shell=bash disable=SC2034,SC2153  # globals go from part to part
# What setup must know. Everything is asked here, at the start, so that nobody has to wait for a question.
#
# Later sources win: what was answered before, the configuration in force, the file on the boot partition, --answers,
# options. What is still missing is asked; without a terminal, all that is missing is named at once.

declare -A ANSWER=() # agent_id, access (public, private, own), board, consent, user

readonly CONFIGURATION=/etc/talkbox/talkbox.toml
readonly KEY_ENCRYPTED=/etc/credstore.encrypted/talkbox-broker.elevenlabs-api-key
readonly KEY_PLAIN=/etc/credstore/talkbox-broker.elevenlabs-api-key
readonly KEY_DROP_IN=/etc/systemd/system/talkbox-broker.service.d/encrypted-key.conf # for the first of the two

# gather_answers : fill ANSWER, and KEY if there is a new API key
gather_answers() {
  local name
  ANSWER=() KEY='' KEY_TOML='' SETTINGS=''
  [[ ! -f $STATE/answers ]] || take_lines <"$STATE/answers"
  [[ ! -f $ROOT$CONFIGURATION ]] || take_toml "$ROOT$CONFIGURATION"
  [[ ! -f $ROOT$BOOT/talkbox.toml ]] || take_toml "$ROOT$BOOT/talkbox.toml"
  [[ -z $ANSWERS_FILE ]] || take_toml "$ANSWERS_FILE"
  for name in "${!OPTION[@]}"; do ANSWER[$name]=${OPTION[$name]}; done
  [[ -n ${ANSWER[access]:-} || -z $KEY_FILE$KEY_TOML ]] || ANSWER[access]=private
  [[ -n ${ANSWER[user]:-} ]] || ((!LIVE)) || ANSWER[user]=${SUDO_USER:-}
  [[ ${ANSWER[user]:-root} != root ]] || ANSWER[user]=

  find_board
  if [[ -t 0 && -t 1 ]] && ((!YES && !RESUME)); then
    ask_what_is_missing
  else
    take_defaults
    name_what_is_missing
  fi
  refuse_unfit_agent
  learn_board
  read_key
  ((DRY_RUN)) || save_answers
  STEP_FACT="agent ${ANSWER[agent_id]} (${ANSWER[access]}), board ${ANSWER[board]}"
}

# take_lines < NAME=VALUE… : take answers over
take_lines() {
  local name value
  while IFS='=' read -r name value; do
    [[ -z $name ]] || ANSWER[$name]=$value # a file may answer nothing
  done
}

# take_toml FILE : take over what a file answers, and remember it as the source of settings or key
take_toml() {
  local lines
  lines=$(python3 -B "$SOURCE/provisioning/answers.py" read "$1") || die 78 "$1 cannot be used" 'its lines above say why'
  take_lines <<<"$lines"
  [[ -z ${ANSWER[has_key]:-} ]] || KEY_TOML=$1
  [[ -z ${ANSWER[has_settings]:-} ]] || SETTINGS=$1
  unset 'ANSWER[has_key]' 'ANSWER[has_settings]'
}

# find_board : if nobody has said which board it is, look; sets CANDIDATES
find_board() {
  local lines name value
  CANDIDATES=''
  [[ -z ${ANSWER[board]:-} ]] && ((LIVE)) || return 0
  # The bus is off on a fresh system. What is switched on here is off again at the next start.
  if ((!DRY_RUN)) && [[ ! -e $ROOT/dev/i2c-1 ]] && has_program dtparam; then
    act dtparam i2c_arm=on && act modprobe i2c-dev || true
  fi
  local -a where=("${ROOT:-/}")
  [[ -n $ROOT ]] || ((DRY_RUN)) || where+=(--probe)
  lines=$(python3 -B "$SOURCE/provisioning/boards.py" detect "${where[@]}")
  while IFS='=' read -r name value; do
    case $name in
      candidates) CANDIDATES=$value ;;
      reasons) note "looking for the board: $value" ;;
    esac
  done <<<"$lines"
  [[ $CANDIDATES == *' '* ]] || ANSWER[board]=$CANDIDATES
}

# learn_board : what has to be set up for the board; sets BOARD_OVERLAY, BOARD_CARDS, BOARD_SPI
learn_board() {
  local lines name value
  lines=$(python3 -B "$SOURCE/provisioning/boards.py" show "${ANSWER[board]}") ||
    die 64 "${ANSWER[board]} cannot be set up" 'the line above says why; --board names another one'
  while IFS='=' read -r name value; do
    case $name in
      overlay) BOARD_OVERLAY=$value ;;
      cards) BOARD_CARDS=$value ;;
      spi) BOARD_SPI=$value ;;
    esac
  done <<<"$lines"
}

# take_defaults : answer for the person where a default does no harm
take_defaults() {
  : "${ANSWER[access]:=public}"
  if ((YES)) && [[ -z ${ANSWER[board]:-} ]]; then ANSWER[board]=${CANDIDATES%% *}; fi
}

# name_what_is_missing : exit 64 naming every answer that is needed and not given
name_what_is_missing() {
  local -a missing=()
  [[ -n ${ANSWER[agent_id]:-} ]] || missing+=('--agent-id ID, or agent.agent_id in an answer file')
  [[ -n ${ANSWER[board]:-} ]] ||
    missing+=("--board NAME, or hardware.board${CANDIDATES:+; it is one of: $CANDIDATES}")
  [[ ${ANSWER[consent]:-} == yes ]] || missing+=('--consent, or setup.consent = true: the microphone is open in a session')
  ! key_is_needed || missing+=('--api-key-file FILE, or setup.api_key: a private agent needs the key')
  ((${#missing[@]} == 0)) || die 64 'there is nobody to ask, and these answers are missing:' "${missing[@]}"
}

# ask_what_is_missing : ask a person
ask_what_is_missing() {
  local boards=(python3 -B "$SOURCE/provisioning/boards.py") name title
  if [[ -z ${ANSWER[agent_id]:-} ]]; then
    more "Which agent? Its id is on the agent's page at elevenlabs.io; you can also set it later."
    REPLY=
    until [[ $REPLY =~ ^[[:graph:]]+$ ]]; do ask 'agent id' later; done
    ANSWER[agent_id]=$REPLY
  fi
  if [[ -z ${ANSWER[access]:-} ]]; then
    more 'A public agent talks to whoever knows its id. A private one needs an API key, which stays with a program of its' \
      'own on this device: the part that hears and speaks cannot read it.'
    REPLY=
    until [[ $REPLY == public || $REPLY == private ]]; do ask 'public or private' public; done
    ANSWER[access]=$REPLY
  fi
  if [[ -z ${ANSWER[board]:-} ]]; then
    "${boards[@]}" list | while IFS='=' read -r name title; do more "$(printf '%-24s %s' "$name" "$title")"; done
    name=${CANDIDATES%% *}
    REPLY=
    until "${boards[@]}" show "$REPLY" >/dev/null 2>&1; do ask 'which board' "${name:-respeaker-2mic-v1}"; done
    ANSWER[board]=$REPLY
  fi
  if [[ ${ANSWER[consent]:-} != yes ]]; then
    more 'The microphone is open from the press that begins a session until the session is over, and the light is on for' \
      'all of that time. What is said goes to the service that you configure, and nowhere else. No log holds it, unless' \
      'you set logging.transcripts.'
    ask 'do you agree? yes or no' no
    [[ $REPLY == y || $REPLY == yes ]] || die 64 'not without your consent' 'nothing was installed'
    ANSWER[consent]=yes
  fi
  if key_is_needed; then
    more 'The API key, from elevenlabs.io, Developers, API keys. It is not shown.'
    REPLY=
    until [[ -n $REPLY ]]; do ask_secret 'API key:'; done
    KEY=$REPLY
    REPLY=
  fi
}

# is_ascii_word TEXT MOST : whether it is one word of visible ASCII, of so many characters at most
is_ascii_word() {
  local LC_ALL=C
  [[ $1 =~ ^[!-~]+$ ]] && ((${#1} <= $2))
}

# refuse_unfit_agent : the broker takes no other ids (settings.py), and would not start
refuse_unfit_agent() {
  local LC_ALL=C id=${ANSWER[agent_id]} mistake="check it: it stands on the agent's page at elevenlabs.io"
  is_ascii_word "$id" 128 && [[ $id != -* ]] || die 64 "the agent id must be one word of plain letters, not ${id@Q}" "$mistake"
  [[ ${ANSWER[access]} != private || $id =~ ^[A-Za-z0-9_.-]+$ ]] ||
    die 64 "the id of a private agent has letters, digits and _ . - only, not ${id@Q}" "$mistake"
}

# key_is_needed : whether there is no API key, and there must be one
key_is_needed() {
  [[ ${ANSWER[access]} == private && -z $KEY$KEY_FILE$KEY_TOML ]] &&
    [[ ! -s $ROOT$KEY_ENCRYPTED && ! -s $ROOT$KEY_PLAIN ]]
}

# read_key : read a new API key into KEY; it is never exported and never an argument
read_key() {
  [[ ${ANSWER[access]} == private ]] || { KEY=; return 0; }
  if [[ $KEY_FILE == - && -t 0 ]]; then # by hand: nobody shall read it over a shoulder
    ask_secret 'API key:'
    KEY=$REPLY
    REPLY=
  elif [[ -n $KEY_FILE ]]; then
    [[ $KEY_FILE != - ]] || KEY_FILE=/dev/stdin
    IFS=$' \t\r\n' read -r -d '' KEY <"$KEY_FILE" || true
  elif [[ -n $KEY_TOML && -z $KEY ]]; then
    KEY=$(python3 -B "$SOURCE/provisioning/answers.py" key "$KEY_TOML")
  fi
  [[ -z $KEY ]] || is_ascii_word "$KEY" 512 ||
    die 64 'the API key must be one word of plain letters, digits and signs' 'copy it once more, without quotes around it; a file must be plain text'
  [[ -n $KEY || -z $KEY_FILE ]] || die 64 'the API key is empty'
}

# save_answers : keep the answers for the run after the restart; the key is not among them
save_answers() {
  local name
  for name in agent_id access board consent user; do
    printf '%s=%s\n' "$name" "${ANSWER[$name]:-}"
  done >"$WORK/answers"
  cmp --silent -- "$WORK/answers" "$STATE/answers" || install --mode=0600 -- "$WORK/answers" "$STATE/answers"
}
