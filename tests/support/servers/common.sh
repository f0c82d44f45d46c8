# Sourced by start-*.sh: where things are, and how a server is installed, given ports and awaited.
#
# Packages go into $SIGV4_TOOLS, or into .tools at the root of the repository, which git ignores.
# With SIGV4_OFFLINE set nothing is installed, so that tests reach no further than loopback.
# Exit status 3 means that a server cannot be had on this machine; the last line on stderr says why.

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${SIGV4_TOOLS:-$(cd "$here/../../.." && pwd)/.tools}

absent() {
    echo "$name is not there: $1" >&2
    exit 3
}

# Installs requirements-$name.txt into a virtual environment, once; sets $bin.
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

# Prints as many ports as asked that nobody listens on now.
free_ports() {
    "$bin/python" - "$1" <<'PY'
import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(one.getsockname()[1] for one in held))
PY
}

# Makes an empty run folder.
prepare() {
    mkdir -p "$1"
    run=$(cd "$1" && pwd)
    mkdir -p "$run/log"
    : >"$run/pids"
}

# Runs a command apart from this shell; its output goes to log/$1, its process id to pids.
launch() {
    local log=$run/log/$1
    shift
    nohup "$@" >"$log" 2>&1 </dev/null &
    echo $! >>"$run/pids"
}

# Waits half a minute for an answer of any kind; stops everything if there is none, or if a process ends.
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
