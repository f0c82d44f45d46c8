#!/usr/bin/env bash
# stop.sh RUN_FOLDER: ends only the processes that a start script recorded there.
set -u
pids=${1:?run folder}/pids
[ -f "$pids" ] || exit 0
while read -r pid; do kill "$pid" 2>/dev/null; done <"$pids"
for _ in $(seq 50); do
    alive=0
    while read -r pid; do kill -0 "$pid" 2>/dev/null && alive=1; done <"$pids"
    [ "$alive" = 0 ] && break
    sleep 0.1
done
[ "$alive" = 0 ] || while read -r pid; do kill -9 "$pid" 2>/dev/null; done <"$pids"
rm -f "$pids"
