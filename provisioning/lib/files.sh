# shellcheck shell=bash disable=SC2034,SC2153  # globals go from part to part
# Files: every one that setup makes or changes goes through here. Check, say, act; a second run changes nothing.
#
# Paths are those of the device: $ROOT is put before them here, and nowhere else.

readonly BLOCK_BEGIN='# >>> talkbox (managed; edits here are lost)'
readonly BLOCK_END='# <<< talkbox'

# ensure_dir PATH MODE OWNER:GROUP : make a folder, and those above it that are missing
ensure_dir() {
  local path=$1 mode=$2 owner
  owner=$(ids "$3")
  if [[ ! -d $ROOT$path ]]; then
    if ((DRY_RUN)); then did would "$path/"; return; fi
    [[ -d $ROOT${path%/*} ]] || ensure_dir "${path%/*}" 0755 root:root
    record dir "$path"
    mkdir --mode="$mode" -- "$ROOT$path"
    did changed "$path/"
  fi
  ((DRY_RUN)) || ! recorded "$path" dir || set_rights "$ROOT$path" "$mode" "$owner"
}

# ensure_file PATH MODE OWNER:GROUP [secret] < TEXT : make PATH hold TEXT; a secret's text is never shown
#   MODE - leaves mode and owner alone: a FAT file system has none.
ensure_file() {
  local path=$1 mode=$2 owner
  cat >"$WORK/next"
  owner=$(ids "$3")
  if ! cmp --silent -- "$WORK/next" "$ROOT$path"; then
    if ((DRY_RUN)); then
      did would "$path"
      [[ -n ${4:-} ]] || show_difference "$path"
      return
    fi
    [[ -d $ROOT${path%/*} ]] || ensure_dir "${path%/*}" 0755 root:root
    keep "$path"
    replace "$path" "$mode" "$owner" <"$WORK/next"
    did changed "$path"
  elif [[ $mode != - ]] && ! has_rights "$ROOT$path" "$mode" "$owner"; then
    if ((DRY_RUN)); then did would "$path (mode $mode, owner $3)"; return; fi
    keep "$path"
    set_rights "$ROOT$path" "$mode" "$owner"
    did changed "$path (mode $mode, owner $3)"
  else
    did ok "$path"
  fi
}

# ensure_block PATH < TEXT : make PATH hold TEXT in a marked block, where it is or at the end; without TEXT, have no block
ensure_block() {
  local path=$1 text
  text=$(cat)
  [[ -e $ROOT$path ]] || die 69 "$path is not there"
  if [[ $(marks "$BLOCK_BEGIN" "$path") != $(marks "$BLOCK_END" "$path") ]]; then
    die 78 "$path: the talkbox block in it is not closed" 'repair it by hand: remove the lines between its marks, and the marks'
  fi
  [[ -z $text ]] || printf '%s\n' "$BLOCK_BEGIN" "$text" "$BLOCK_END" >"$WORK/block"
  if [[ -n $text ]] && (($(marks "$BLOCK_BEGIN" "$path") == 1)); then
    with_block "$WORK/block" <"$ROOT$path" >"$WORK/next"
  else
    without_block <"$ROOT$path" >"$WORK/next"
    [[ -z $text ]] || cat -- "$WORK/block" >>"$WORK/next"
  fi
  if cmp --silent -- "$WORK/next" "$ROOT$path" || { [[ -z $text ]] && (($(marks "$BLOCK_BEGIN" "$path") == 0)); }; then
    did ok "$path"
  elif ((DRY_RUN)); then
    did would "$path"
    show_difference "$path"
  else
    keep "$path" block
    replace "$path" <"$WORK/next"
    did changed "$path"
  fi
}

# ensure_link PATH TARGET : make PATH a symbolic link to TARGET
ensure_link() {
  local path=$1 target=$2
  if [[ -L $ROOT$path && $(readlink -- "$ROOT$path") == "$target" ]]; then did ok "$path -> $target"; return; fi
  if ((DRY_RUN)); then did would "$path -> $target"; return; fi
  [[ -d $ROOT${path%/*} ]] || ensure_dir "${path%/*}" 0755 root:root
  keep "$path"
  ln --symbolic --force --no-dereference -- "$target" "$ROOT$path.talkbox-new"
  mv --no-target-directory -- "$ROOT$path.talkbox-new" "$ROOT$path"
  did changed "$path -> $target"
}

# ensure_no_file PATH : remove a file of ours that is no longer wanted
ensure_no_file() {
  [[ -e $ROOT$1 ]] || return 0
  if ((DRY_RUN)); then did would "remove $1"; return; fi
  rm --force -- "$ROOT$1"
  did changed "$1 (removed)"
}

# replace PATH [MODE OWNER] < TEXT : put TEXT in PATH's place in one step: after a power cut it is the old or the new
replace() {
  local path=$ROOT$1 mode=${2:--}
  rm --force -- "$path.talkbox-new"
  if [[ $mode == - && -e $path ]]; then
    cp --preserve=mode,ownership -- "$path" "$path.talkbox-new"
  elif [[ $mode == - ]]; then
    : >"$path.talkbox-new"
  else
    install --mode=0600 /dev/null "$path.talkbox-new"
  fi
  cat >"$path.talkbox-new"
  [[ $mode == - ]] || set_rights "$path.talkbox-new" "$mode" "$3"
  sync -- "$path.talkbox-new"
  mv --no-target-directory -- "$path.talkbox-new" "$path"
}

# has_rights PATH MODE UID:GID : whether mode and owner are these
has_rights() { [[ $(stat --format='%04a %u:%g' -- "$1") == "$2 $3" ]]; }

# set_rights PATH MODE UID:GID : set both; owner first, because changing it clears bits of the mode
set_rights() {
  ! has_rights "$@" || return 0
  chown --no-dereference -- "$3" "$1"
  chmod -- "$2" "$1"
}

# ids USER:GROUP : their numbers on the device; of those that are not there (a dry run, a fresh image), root's
ids() { printf '%s:%s\n' "$(number_of "${1%:*}" passwd)" "$(number_of "${1#*:}" group)"; }
number_of() {
  local name number rest
  while IFS=: read -r name rest number rest; do
    if [[ $name == "$1" ]]; then echo "$number"; return; fi
  done <"$ROOT/etc/$2"
  echo 0
}

# without_block : copy the input to the output without our block; the last line gets its newline. CRLF is tolerated
#   What somebody wrote below our block was below its [all]: it stays there, and falls into no other section.
without_block() {
  awk -v begin="$BLOCK_BEGIN" -v end="$BLOCK_END" '
    { line = $0; sub(/\r$/, "", line) }
    line == begin { skip = 1 }
    !skip && below && line !~ /^[ \t]*(#.*)?$/ { if (line !~ /^[ \t]*\[/) print "[all]"; below = 0 }
    !skip { print }
    skip && line == "[all]" { all = 1 }
    line == end { skip = 0; below = all }'
}

# with_block FILE : copy the input to the output with the text of FILE in the place of our block
with_block() {
  awk -v begin="$BLOCK_BEGIN" -v end="$BLOCK_END" -v block="$1" '
    { line = $0; sub(/\r$/, "", line) }
    line == begin { skip = 1; while ((getline ours < block) > 0) print ours }
    !skip { print }
    line == end { skip = 0 }'
}

# marks MARK PATH : how many lines of PATH are MARK
marks() { awk -v mark="$1" '{ sub(/\r$/, "") } $0 == mark { n++ } END { print n + 0 }' "$ROOT$2"; }

# show_difference PATH : print what $WORK/next changes in PATH; of a long new file, that it is one
show_difference() {
  local before=$ROOT$1 lines
  lines=$(wc --lines <"$WORK/next")
  if ! grep --quiet --binary-files=without-match '' "$WORK/next"; then
    more "(no text: $(wc --bytes <"$WORK/next") bytes)"
  elif [[ ! -e $before ]] && ((lines > 12)); then
    more "(a new file of $lines lines)"
  else
    [[ -e $before ]] || before=/dev/null
    diff --unified --label "$1" --label "$1 (new)" -- "$before" "$WORK/next" || true
  fi
}
