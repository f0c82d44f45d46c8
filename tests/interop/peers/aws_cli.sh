#!/usr/bin/env bash
# aws_cli.sh ENDPOINT KEY SECRET TOKEN REGION: an S3 client's day with the AWS CLI.
# Prints a line for each mode: its name, a tab, and ok or what went wrong.
set -uo pipefail
endpoint=$1
export AWS_ACCESS_KEY_ID=$2 AWS_SECRET_ACCESS_KEY=$3 AWS_SESSION_TOKEN=$4 AWS_DEFAULT_REGION=$5
export AWS_EC2_METADATA_DISABLED=true AWS_PAGER= AWS_MAX_ATTEMPTS=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export AWS_CONFIG_FILE=$work/config AWS_SHARED_CREDENTIALS_FILE=$work/none
printf '[default]\ns3 =\n  addressing_style = path\n  signature_version = s3v4\n  multipart_threshold = 5MB\n  multipart_chunksize = 5MB\n' >"$AWS_CONFIG_FILE"
aws() { "$INTEROP_BIN/aws" --endpoint-url "$endpoint" "$@"; }

mode() {
    local name=$1 said
    shift
    if said=$("$@" 2>&1); then printf '%s\tok\n' "$name"; else printf '%s\t%s\n' "$name" "$(tr '\n' '|' <<<"$said")"; fi
}
small() {
    printf hello >"$work/small" && aws s3 cp "$work/small" "s3://bucket/a +b/café.txt" &&
        aws s3 cp "s3://bucket/a +b/café.txt" "$work/back" && cmp "$work/small" "$work/back"
}
listed() { aws s3 ls --recursive s3://bucket/ | grep -F 'a +b/café.txt'; }
large() {
    head -c 12000000 /dev/urandom >"$work/large" && aws s3 cp "$work/large" s3://bucket/large &&
        aws s3 cp s3://bucket/large "$work/back" && cmp "$work/large" "$work/back"
}
from_stdin() { printf streamed | aws s3 cp - s3://bucket/stdin && [ "$(aws s3 cp s3://bucket/stdin -)" = streamed ]; }
api() {
    aws s3api head-object --bucket bucket --key stdin &&
        aws s3api get-object --bucket bucket --key stdin --range bytes=0-2 "$work/range" && [ "$(cat "$work/range")" = str ]
}
presigned() { curl -sSf --noproxy '*' "$(aws s3 presign s3://bucket/stdin)" | grep -x streamed; }
removed() { aws s3 rm "s3://bucket/a +b/café.txt"; }
mode 'cp up and down' small
mode 'ls' listed
mode 'cp of 12 MB in parts' large
mode 'cp from stdin to stdout' from_stdin
mode 's3api head-object, get-object with a range' api
mode 'presign' presigned
mode 'rm' removed
