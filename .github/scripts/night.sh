#!/usr/bin/env bash
# Compares the reports of tonight with those of the nights before.
# night.sh BOUNDSTONE TONIGHT HISTORY OUT
#
# TONIGHT/night-NAME/report.json is what was found at the target NAME. HISTORY/NAME holds
#   nights/TIME.json  the reports of the last nights;
#   baseline.json     the last one that was no worse than the baseline before it: what is to be kept;
#   bad.json          the last one that was worse than the baseline, as long as that is not gone.
# OUT/NAME receives state (good, bad, open or unjudged), difference.md (since the last night), regression.md
# (since the baseline), and trend.html. OUT/wrong.txt says in sentences what is wrong, if anything is.
set -euo pipefail
shopt -s inherit_errexit nullglob
boundstone="$1" tonight="$2" history="$3" out="$4"

keep=60
mkdir -p "$out"
: >"$out/wrong.txt"

# Runs a command whose exit codes $1 are results, not errors.
code_of() {
  local accepted="$1" code=0
  shift
  "$@" || code=$?
  if [[ " $accepted " != *" $code "* ]]; then
    echo "error: exit code $code: $*" >&2
    exit 1
  fi
  return "$code"
}

# Whether a requirement that was broken in the report $1 was not judged in the report $2.
is_open() {
  jq --exit-status --slurpfile before "$1" '
    [.requirements[] | select(.verdict | IN("inconclusive", "skipped")) | .id] as $open
    | any($before[0].requirements[]; (.verdict | IN("failed", "flaky")) and (.id | IN($open[])))
  ' "$2" >/dev/null
}

# The state of the target whose report is $1, whose history is $2, and whose results go to $3.
judge() {
  local report="$1" past="$2" results="$3" code=0 last
  code_of '0 1 3 130' "$boundstone" report merge "$report" --out "$results" >"$results/report.txt" || code=$?
  if [ "$code" -gt 1 ]; then
    echo unjudged
    return
  fi

  last="$(find "$past/nights" -name '*.json' | LC_ALL=C sort | tail -n 1)"
  if [ -n "$last" ]; then
    code_of '0 1' "$boundstone" report diff --markdown "$last" "$report" >"$results/difference.md" || true
  else
    echo 'This is the first night.' >"$results/difference.md"
  fi
  # A run of the same second is the same run.
  cp "$report" "$past/nights/$(jq --raw-output '.started_at | gsub(":"; "-")' "$report").json"
  find "$past/nights" -name '*.json' | LC_ALL=C sort | head -n "-$keep" | tr '\n' '\0' | xargs -0 --no-run-if-empty rm
  "$boundstone" report trend "$past"/nights/*.json >"$results/trend.html"

  if [ ! -f "$past/baseline.json" ] || [ "${ACCEPT:-false}" = true ]; then cp "$report" "$past/baseline.json"; fi
  code=0
  code_of '0 1' "$boundstone" report diff --markdown "$past/baseline.json" "$report" \
    >"$results/regression.md" || code=$?
  if [ "$code" -eq 1 ]; then
    cp "$report" "$past/bad.json"
    echo bad
  elif [ -f "$past/bad.json" ] && [ "${ACCEPT:-false}" != true ] && is_open "$past/bad.json" "$report"; then
    echo open
  else
    # What was broken and is not judged tonight is not to look new once it is judged again.
    if ! is_open "$past/baseline.json" "$report"; then cp "$report" "$past/baseline.json"; fi
    rm -f "$past/bad.json"
    echo good
  fi
}

targets=("$tonight"/night-*/)
if [ "${#targets[@]}" -eq 0 ]; then echo "Nothing was judged." >>"$out/wrong.txt"; fi
for folder in "${targets[@]}"; do
  name="$(basename "$folder")"
  name="${name#night-}"
  past="$history/$name" results="$out/$name"
  mkdir -p "$past/nights" "$results"
  state="$(judge "$folder/report.json" "$past" "$results")"
  echo "$state" >"$results/state"
  case "$state" in
    bad) echo "$name breaks what it kept before." >>"$out/wrong.txt" ;;
    open) echo "$name was not judged on what it broke." >>"$out/wrong.txt" ;;
    unjudged) echo "$name could not be judged." >>"$out/wrong.txt" ;;
  esac
  {
    printf '## %s\n\n' "$name"
    if [ -f "$results/difference.md" ]; then cat "$results/difference.md"; else cat "$results/report.md"; fi
  } >>"${GITHUB_STEP_SUMMARY:-/dev/stdout}"
done
