# Sourced by start-*.sh: defines the folders, and functions that install a server, pick its ports and wait for it.
#
# Packages go into $SIGV4_TOOLS, or into .tools at the root of the repository, which git ignores.
# If SIGV4_OFFLINE is set, nothing is installed, so that tests use loopback only.
# Exit status 3 means that a server is not available on this machine. The last line on stderr gives the reason.

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${SIGV4_TOOLS:-$(cd "$here/../../.." && pwd)/.tools}

absent() {
    echo "$name is not there: $1" >&2
    exit 3
}

# Installs requirements-$name.txt into a virtual environment, if it is not there yet. Sets $bin.
install() {
    local venv=$tools/venv-$name wanted=$here/requirements-$name.txt
    bin=$venv/bin
    cmp -s "$wanted" "$venv/installed.txt" && return
    [ -z "${SIGV4_OFFLINE:-}" ] || absent "it is not installed; tests/support/servers/install.sh does that"
    command -v python3 >/dev/null || absent "python3 is not installed"
    mkdir -p "$tools"
    [ -x "$bin/pip" ] || python3 -m venv "$venv" >"$tools/install-$name.log" 2>&1 ||
        absent "python3 cannot make a virtual environment, see $tools/install-$name.log"
    "$bin/pip" --disable-pip-version-check install -q -r "$wanted" >>"$tools/install-$name.log" 2>&1 ||
        absent "pip could not install its packages, see $tools/install-$name.log"
    cp "$wanted" "$venv/installed.txt"
}

# Prints the given number of ports that are free now.
free_ports() {
    "$bin/python" - "$1" <<'PY'
import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(one.getsockname()[1] for one in held))
PY
}

# Creates an empty run folder.
prepare() {
    mkdir -p "$1"
    run=$(cd "$1" && pwd)
    mkdir -p "$run/log"
    : >"$run/pids"
}

# Runs a command detached from this shell. Writes its output to log/$1 and its process id to pids.
launch() {
    local log=$run/log/$1
    shift
    nohup "$@" >"$log" 2>&1 </dev/null &
    echo $! >>"$run/pids"
}

# Waits up to half a minute for any response. Stops everything if there is none, or if a process exits.
await() {
    local url=$1 pid
    for _ in $(seq 150); do
        "$bin/python" "$here/answers.py" "$url" && return
        while read -r pid; do kill -0 "$pid" 2>/dev/null || break 2; done <"$run/pids"
        sleep 0.1
    done
    for log in "$run"/log/*; do tail -n 3 "$log" >&2; done
    bash "$here/stop.sh" "$run"
    echo "$name does not answer at $url" >&2
    exit 1
}
