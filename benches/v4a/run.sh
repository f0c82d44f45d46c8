#!/usr/bin/env bash
# Counts instructions of SigV4a under callgrind, in two separate programs: in a single one, features
# of aws-sigv4 would turn p256's tables on for both. Fails above 0.95 of aws-sigv4 (a header
# signature), or 1.03 of p256's own verification.
set -euo pipefail
cd "$(dirname "$0")/../.."

command -v valgrind >/dev/null || { echo 'NOT RUN: valgrind is not installed.'; exit 0; }
target=$(cargo metadata --no-deps --format-version 1 | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')

# The instructions of one round: 30 rounds minus 10, so that start and first use do not count.
collected() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$target/release/$1" "$2" "$3" 2>&1 |
    sed -n 's/.*Collected : *//p'
}
round() {
  echo $((($(collected "$1" "$2" 30) - $(collected "$1" "$2" 10)) / 20))
}

cargo build --quiet --release -p v4a-ours
sign=$(round v4a-ours sign) verify=$(round v4a-ours verify) p256=$(round v4a-ours verify-p256)
cargo build --quiet --release -p v4a-aws
aws=$(round v4a-aws sign)

python3 - "$sign" "$aws" "$verify" "$p256" <<'PYTHON'
import sys
sign, aws, verify, p256 = map(int, sys.argv[1:])
print(f"header signature: ours {sign:,}, aws-sigv4 {aws:,}: {sign / aws:.3f} of it, at most 0.95")
print(f"verification: ours {verify:,}, p256's own {p256:,}: {verify / p256:.3f} of it, at most 1.03")
sys.exit(sign > 0.95 * aws or verify > 1.03 * p256)
PYTHON
