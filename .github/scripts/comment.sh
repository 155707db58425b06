#!/usr/bin/env bash
# Shows a file as the one comment on a pull request that is ours: a later run replaces it.
# comment.sh PULL_REQUEST FILE; GH_REPO is the repository, owner/name.
set -euo pipefail
pull_request="$1" file="$2"

marker='<!-- boundstone: comparison -->'
body="$(mktemp)"
trap 'rm -f "$body"' EXIT
{ echo "$marker"; cat "$file"; } >"$body"

# Others can write the marker too: only a bot's comment is ours.
comment="$(gh api --paginate "repos/$GH_REPO/issues/$pull_request/comments?per_page=100" |
  jq --raw-output --arg marker "$marker" \
    '.[] | select(.user.type == "Bot" and (.body | startswith($marker))) | .id' | head -n 1)"
if [ -n "$comment" ]; then
  gh api --silent --method PATCH "repos/$GH_REPO/issues/comments/$comment" --field "body=@$body"
else
  gh api --silent --method POST "repos/$GH_REPO/issues/$pull_request/comments" --field "body=@$body"
fi
