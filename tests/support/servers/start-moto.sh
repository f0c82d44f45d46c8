#!/usr/bin/env bash
# start-moto.sh RUN_FOLDER: starts moto on loopback with its IAM checks on.
# Writes to the folder: endpoint, keys.json (three identities), pids, log/.
name=moto
. "$(dirname "$0")/common.sh"
install
prepare "${1:?run folder}"
port=$(free_ports 1)
endpoint=http://127.0.0.1:$port
# The first three calls create the first identity and need no signature. Every later call needs one.
launch moto env INITIAL_NO_AUTH_ACTION_COUNT=3 "$bin/moto_server" -H 127.0.0.1 -p "$port"
await "$endpoint/moto-api/"
"$bin/python" "$here/setup-moto.py" "$endpoint" >"$run/keys.json" || {
    bash "$here/stop.sh" "$run"
    exit 1
}
echo "$endpoint" >"$run/endpoint"
echo "$endpoint"
