#!/usr/bin/env bash
# rclone and restic against the S3-like server under VerifyLayer. Both must be installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

cargo build --quiet -p interop
target=$(cargo metadata --no-deps --format-version 1 | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
folder=$(mktemp -d)
coproc SERVER { exec "$target/debug/interop" serve; }
server=$SERVER_PID
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
for _ in 1 2 3; do # three lines of exports
  read -r line <&"${SERVER[0]}"
  eval "$line"
done
unset AWS_CA_BUNDLE
export RCLONE_CONFIG=/dev/null RESTIC_PASSWORD=example RESTIC_CACHE_DIR=$folder/cache
export RESTIC_REPOSITORY=s3:$AWS_ENDPOINT_URL/bucket/repository

mkdir "$folder/sent" "$folder/received"
head -c 12000000 /dev/urandom >"$folder/sent/a large file+1.bin"
head -c 300 /dev/urandom >"$folder/sent/日.bin"
remote=(--s3-provider Other --s3-env-auth --s3-endpoint "$AWS_ENDPOINT_URL" --s3-region "$AWS_REGION"
  --s3-force-path-style --s3-chunk-size 5Mi --s3-upload-cutoff 5Mi --retries 1 --low-level-retries 1)
rclone copy "${remote[@]}" "$folder/sent" :s3:bucket/rclone
rclone copy "${remote[@]}" :s3:bucket/rclone "$folder/received"
diff -r "$folder/sent" "$folder/received"
rclone purge "${remote[@]}" :s3:bucket/rclone
echo "rclone: files sent, in parts too, listed, read back and deleted"

restic --quiet init
restic --quiet backup "$folder/sent"
restic --quiet check --read-data
restic --quiet forget --prune --keep-last 1
echo "restic: repository made, backup stored, all data read back and checked"

echo >&"${SERVER[1]}"
sleep 1
kill "$server"
seen=$(timeout 2 cat <&"${SERVER[0]}" || true)
echo "$(grep -c ' ' <<<"$seen") requests"
if grep -E '^(400|401|403|5)' <<<"$seen"; then
  echo 'these were refused' >&2
  exit 1
fi
