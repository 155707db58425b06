#!/usr/bin/env bash
# Runs boundstone with the inputs of the action: INPUT_TARGET becomes --target=…, and so on. The inputs are
# in the environment, so that nothing in them is read as shell.
set -euo pipefail

out="${INPUT_OUT:?}"
arguments=(run --color=never)

for flag in target contract fixtures known-failures seed cases shard max-requests budget wait max-failures region out; do
  name="INPUT_${flag^^}"
  name="${name//-/_}"
  if [ -n "${!name:-}" ]; then arguments+=("--$flag=${!name}"); fi
done

for flag in strict sigv4 provision annotate; do
  name="INPUT_${flag^^}"
  case "${!name:-false}" in
    true) arguments+=("--$flag") ;;
    false) ;;
    *)
      echo "error: the input $flag is '${!name}': true or false is expected" >&2
      exit 2
      ;;
  esac
done

while IFS= read -r argument; do
  if [ -n "$argument" ]; then arguments+=("$argument"); fi
done <<<"${INPUT_ARGUMENTS:-}"

# Artefacts do not keep the permission to execute.
if [ -f "$BINARY" ]; then chmod +x "$BINARY"; fi
# A report of an earlier step would pass for one of this run.
rm -f "$out/report.json"

code=0
"$BINARY" "${arguments[@]}" || code=$?

verdict=''
if [ -f "$out/report.json" ]; then
  verdict="$("$BINARY" report render "$out/report.json" --format text | tail -n 1)"
fi
{
  echo "exit-code=$code"
  echo "reports=$out"
  echo "verdict=$verdict"
} >>"${GITHUB_OUTPUT:-/dev/stdout}"

if [ "$code" -eq 1 ] && [ "${FAIL_ON_FAILURE:-true}" = false ]; then exit 0; fi
exit "$code"
