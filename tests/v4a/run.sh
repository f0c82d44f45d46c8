#!/usr/bin/env bash
# run.sh [REQUESTS]: SigV4a beside awscrt, both ways. See README.md.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=${SIGV4_TOOLS:-.tools}/venv-v4a
if ! cmp -s tests/v4a/requirements.txt "$venv/requirements.txt"; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r tests/v4a/requirements.txt
  cp tests/v4a/requirements.txt "$venv/"
fi
cargo build --quiet -p v4a
target=$(cargo metadata --no-deps --format-version 1 | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
"$venv/bin/python" tests/v4a/parity.py "$target/debug/v4a" "${1:-10000}"
