#!/usr/bin/env bash
# curl_s3.sh ENDPOINT KEY SECRET TOKEN REGION: curl's own signer against an S3 server.
# Prints a line for each mode: its name, a tab, and ok or what went wrong.
set -uo pipefail
endpoint=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
signed() {
    local body=$1 hash
    shift
    hash=$(printf %s "$body" | sha256sum | cut -d' ' -f1) # curl before 8 does not send it by itself
    curl -sSf --noproxy '*' --user "$key:$secret" --aws-sigv4 "aws:amz:$region:s3" -H "x-amz-security-token: $token" \
        -H "x-amz-content-sha256: $hash" "$@"
}
key=$2 secret=$3 token=$4 region=$5

mode() {
    local name=$1 said
    shift
    if said=$("$@" 2>&1); then printf '%s\tok\n' "$name"; else printf '%s\t%s\n' "$name" "$(tr '\n' '|' <<<"$said")"; fi
}
put() { signed hello -X PUT --data-binary hello "$endpoint/bucket/folder/key.txt"; }
get() { [ "$(signed '' "$endpoint/bucket/folder/key.txt")" = hello ]; }
range() { [ "$(signed '' -r 1-2 "$endpoint/bucket/folder/key.txt")" = el ]; }
head_() { signed '' -I "$endpoint/bucket/folder/key.txt" | grep -i '^content-length: 5'; }
list() { signed '' "$endpoint/bucket?list-type=2&prefix=folder%2F" | grep -F '<Key>folder/key.txt</Key>'; }
delete() { signed '' -X DELETE "$endpoint/bucket/folder/key.txt"; }
mode PUT put
mode GET get
mode 'GET of a range' range
mode HEAD head_
mode list list
mode DELETE delete
