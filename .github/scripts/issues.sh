#!/usr/bin/env bash
# Opens an issue for each target that breaks what it kept, keeps it up to date, and closes it when that is gone.
# issues.sh NIGHTS, which night.sh made; GH_REPO is the repository, owner/name, RUN the address of the run.
set -euo pipefail
shopt -s nullglob
nights="$1"

label=nightly
body="$(mktemp)"
trap 'rm -f "$body"' EXIT

# The number of the open issue with a marker, if there is one. Others can write the marker too: only a bot's
# issue is ours.
find_issue() {
  gh api --paginate "repos/$GH_REPO/issues?state=open&labels=$label&per_page=100" |
    jq --raw-output --arg marker "$1" \
      '.[] | select(.user.type == "Bot" and (.body // "" | startswith($marker))) | .number' | head -n 1
}

for results in "$nights"/*/; do
  name="$(basename "$results")"
  marker="<!-- boundstone: nightly $name -->"
  issue="$(find_issue "$marker")"
  case "$(cat "$results/state")" in
    bad)
      { echo "$marker"; cat "$results/regression.md"; printf '\nThe last night: %s\n' "$RUN"; } >"$body"
      if [ -n "$issue" ]; then
        gh api --silent --method PATCH "repos/$GH_REPO/issues/$issue" --field "body=@$body"
      else
        gh label create "$label" --force --description 'Found by the nightly run' >/dev/null
        gh api --silent --method POST "repos/$GH_REPO/issues" --field "body=@$body" \
          --raw-field "title=$name breaks what it kept of the contract" --raw-field "labels[]=$label"
      fi
      ;;
    good)
      if [ -n "$issue" ]; then
        gh api --silent --method POST "repos/$GH_REPO/issues/$issue/comments" --raw-field "body=Gone: $RUN"
        gh api --silent --method PATCH "repos/$GH_REPO/issues/$issue" --raw-field state=closed
      fi
      ;;
    # What was not tested is neither broken nor fixed.
    open | unjudged) ;;
  esac
done
