#!/usr/bin/env bash
# s3cmd.sh ENDPOINT KEY SECRET TOKEN REGION: an S3 client's day with s3cmd.
# Prints a line for each mode: its name, a tab, and ok or what went wrong.
set -uo pipefail
host=${1#http://}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$work/config"
s3cmd() {
    "$INTEROP_BIN/s3cmd" --config="$work/config" --no-ssl --host="$host" --host-bucket="$host" --access_key="$key" \
        --secret_key="$secret" --access_token="$token" --region="$region" --max-retries=0 --no-progress "$@"
}
key=$2 secret=$3 token=$4 region=$5

mode() {
    local name=$1 said
    shift
    if said=$("$@" 2>&1); then printf '%s\tok\n' "$name"; else printf '%s\t%s\n' "$name" "$(tr '\n' '|' <<<"$said")"; fi
}
small() {
    printf hello >"$work/small" && s3cmd put "$work/small" "s3://bucket/a +b/café.txt" &&
        s3cmd get --force "s3://bucket/a +b/café.txt" "$work/back" && cmp "$work/small" "$work/back"
}
listed() { s3cmd ls --recursive s3://bucket/ | grep -F 'a +b/café.txt'; }
large() {
    head -c 12000000 /dev/urandom >"$work/large" && s3cmd put --multipart-chunk-size-mb=5 "$work/large" s3://bucket/large &&
        s3cmd get --force s3://bucket/large "$work/back" && cmp "$work/large" "$work/back"
}
removed() { s3cmd del "s3://bucket/a +b/café.txt"; }
mode 'put and get' small
mode 'ls' listed
mode 'put of 12 MB in parts' large
mode 'del' removed
