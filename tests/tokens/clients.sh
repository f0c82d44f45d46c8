#!/usr/bin/env bash
# clients.sh: checks that the example `tokens` prints the same tokens as the reference libraries, and that
# librdkafka and kubectl log in with them, on loopback.
set -euo pipefail
cd "$(dirname "$0")/../.."

tests/tokens/install.sh
python=${SIGV4_TOOLS:-.tools}/venv-tokens/bin/python
cargo build --quiet --example tokens
program=$(cargo metadata --no-deps --format-version 1 |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')/debug/examples/tokens

"$python" tests/tokens/example.py "$program"
"$python" -W ignore tests/tokens/kafka.py "$program"
if command -v kubectl >/dev/null; then
  "$python" -W ignore tests/tokens/kubectl.py "$program"
else
  echo 'NOT RUN: kubectl is not installed.'
fi
