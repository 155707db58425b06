#!/usr/bin/env bash
# Prints the digest of what a boundstone is built from, as an output of a step: equal digests, equal binaries.
# digest.sh CHECKOUT
set -euo pipefail
cd "$1"

sources=(Cargo.toml Cargo.lock cases harness reports snapshots)
# What was changed here and there is another boundstone, wherever the checkout came from.
digest="$({
  find "${sources[@]}" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
  rustc --version
} | sha256sum)"
echo "digest=${digest%% *}"
