#!/usr/bin/env bash
# Merges the shards of each contract, of the base and of the head, and says how the two differ.
# compare.sh BOUNDSTONE SHARDS OUT CONTRACT...
# Fails when the head is worse; OUT/comment.md is written all the same.
set -euo pipefail
boundstone="$1" shards="$2" out="$3"
shift 3

# The most characters that a comment may have, less some for what is around it.
limit=65000
mkdir -p "$out"
comment="$out/comment.md"
: >"$comment"
worst=0

# Merges the shards of a side; its violations are no error here.
merge() {
  local code=0
  "$boundstone" report merge "$shards"/shard-"$1"-*/report.json --out "$out/$1" >"$out/$1.txt" || code=$?
  if [ "$code" -gt 1 ]; then
    echo "error: the shards of $1 make no report to compare (exit code $code)" >&2
    cat "$out/$1.txt" >&2
    exit "$code"
  fi
}

for contract in "$@"; do
  merge "base-$contract"
  merge "head-$contract"
  code=0
  {
    printf '## The contract %s, head and base\n\n' "$contract"
    "$boundstone" report diff --markdown "$out/base-$contract/report.json" "$out/head-$contract/report.json"
  } >>"$comment" || code=$?
  if [ "$code" -gt "$worst" ]; then worst="$code"; fi
done

cat "$comment" >>"${GITHUB_STEP_SUMMARY:-/dev/stdout}"
if [ "$(wc -m <"$comment")" -gt "$limit" ]; then
  echo "The comparison is too long for a comment: it is in the summary of $RUN." >"$comment"
fi
exit "$worst"
