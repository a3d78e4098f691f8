# shellcheck shell=bash disable=SC2034,SC2153  # globals go from part to part
# What setup made, so that it can be unmade: a line each in $STATE/manifest, written *before* the thing is made.
#
# A line is KIND, PATH or NAME, and for `was` the number of the copy in $STATE/originals, separated by tabs, and ends
# with a tab and a full stop: a line that the power was cut in says nothing. Paths are those of the device, without $ROOT.
#
#   was PATH N      there was something else at PATH; its copy is originals/N
#   file PATH       nothing was there, and the same for: dir (removed if empty), tree (removed with all in it)
#   block PATH N    PATH is somebody else's; ours is a marked block in it
#   package, user, group, unit NAME

declare -A RECORDED=() # every "KIND NAME" of the manifest

# open_state : read the manifest; the first time, make its folder
open_state() {
  local kind name rest
  if [[ ! -f $STATE/manifest ]]; then
    ((!DRY_RUN)) || return 0
    mkdir --parents -- "$STATE/originals"
    chmod 0700 -- "$STATE/originals"
    install --mode=0600 /dev/null "$STATE/manifest"
  fi
  # After a line that the power was cut in.
  ((DRY_RUN)) || [[ -z $(tail --bytes=1 -- "$STATE/manifest") ]] || printf '\n' >>"$STATE/manifest"
  while IFS=$'\t' read -r kind name rest; do
    [[ $rest != *. ]] || RECORDED["$kind $name"]=1
  done <"$STATE/manifest"
}

# recorded NAME KIND… : whether NAME is in the manifest as one of these kinds
recorded() {
  local kind
  for kind in "${@:2}"; do [[ -z ${RECORDED["$kind $1"]:-} ]] || return 0; done
  return 1
}

# record KIND NAME [N] : note what is about to be made
record() {
  ((!DRY_RUN)) && ! recorded "$2" "$1" || return 0
  { printf '%s\t' "$@" && printf '.\n'; } >>"$STATE/manifest"
  sync -- "$STATE/manifest"
  RECORDED["$1 $2"]=1
}

# keep PATH [block] : before PATH is made or replaced, note what there is now, with a copy
keep() {
  local path=$1 number
  ((!DRY_RUN)) && ! recorded "$path" was file block || return 0
  if [[ -e $ROOT$path || -L $ROOT$path ]]; then
    number=$(find "$STATE/originals" -mindepth 1 | wc --lines)
    cp --no-dereference --preserve=mode,ownership,timestamps -- "$ROOT$path" "$STATE/originals/$number"
    sync -- "$STATE/originals"
    record "${2:-was}" "$path" "$number"
  else
    record file "$path"
  fi
}

# undo_all : unmake what the manifest lists, last things first; units before everything, so that nobody uses the rest
undo_all() {
  local kind name number
  local -a packages
  [[ -f $STATE/manifest ]] || die 69 'there is nothing to uninstall: no manifest' "looked in $STATE"
  awk -F '\t' '$NF == "."' "$STATE/manifest" >"$WORK/manifest"
  mapfile -t packages < <(awk '$1 == "package" { print $2 }' "$WORK/manifest")
  while IFS=$'\t' read -r kind name number; do
    undo_one "$kind" "$name" "${number%%$'\t'*}"
  done < <(awk '$1 == "unit"' "$WORK/manifest" | tac; awk '$1 != "unit" && $1 != "package"' "$WORK/manifest" | tac)
  undo_packages "${packages[@]}"
}

# undo_one KIND NAME N : unmake one thing; nothing happens if it is gone already
undo_one() {
  local kind=$1 name=$2 number=$3 path=$ROOT$2
  # What the power was cut in before it took the place of the other; of a key it may be all of it.
  case $kind in file | was | block) if_not_dry rm --force -- "$path.talkbox-new" ;; esac
  case $kind in
    file)
      [[ -e $path || -L $path ]] || return 0
      if_not_dry rm --force -- "$path"
      ;;
    was)
      if_not_dry restore "$name" "$number"
      ;;
    block)
      if_not_dry restore_block "$name" "$number"
      ;;
    dir)
      [[ -d $path ]] || return 0
      if ((!DRY_RUN)) && ! rmdir -- "$path" 2>/dev/null; then
        did skipped "$name is not empty: kept"
        return 0
      fi
      ;;
    tree)
      [[ -d $path ]] || return 0
      [[ $name == /*/* ]] || die 70 "the manifest is damaged: it names the tree $name"
      if_not_dry rm --recursive --force -- "$path"
      ;;
    user) undo_account passwd userdel "$name" || return 0 ;;
    group) undo_account group groupdel "$name" || return 0 ;;
    unit) undo_unit "$name" || return 0 ;;
    *) die 70 "the manifest is damaged: it has a line of kind $kind" ;;
  esac
  did "$( ((DRY_RUN)) && echo would || echo changed)" "$([[ $kind == was || $kind == block ]] && echo 'put back' || echo "remove $kind") $name"
}

# if_not_dry COMMAND… : run it, unless this is a dry run
if_not_dry() { if ((!DRY_RUN)); then "$@"; fi; }

# restore PATH N : put the kept copy back, in one step
restore() {
  rm --recursive --force -- "$ROOT$1.talkbox-new"
  cp --no-dereference --preserve=mode,ownership,timestamps -- "$STATE/originals/$2" "$ROOT$1.talkbox-new"
  sync -- "$ROOT${1%/*}"
  mv --no-target-directory -- "$ROOT$1.talkbox-new" "$ROOT$1"
}

# restore_block PATH N : take our block out; where nobody else has changed the file, it is as it was to the byte
restore_block() {
  [[ -e $ROOT$1 ]] || return 0
  without_block <"$ROOT$1" >"$WORK/stripped"
  # A file that did not end with a newline got one before our block.
  if cmp --silent -- "$WORK/stripped" "$STATE/originals/$2" ||
    { cat -- "$STATE/originals/$2"; printf '\n'; } | cmp --silent -- "$WORK/stripped" -; then
    restore "$1" "$2"
  else
    replace "$1" <"$WORK/stripped"
    more "$1 was changed by somebody else too: only our lines are gone"
  fi
}
