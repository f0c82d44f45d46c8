"""Forks a process with a provider and busy threads: no call of a child waits longer than the load's timeout.

forked.py LIBRARY
"""

import ctypes
import os
import signal
import sys
import threading
import time

LIMIT_MS = 3000
CHILDREN = 20

library = ctypes.CDLL(sys.argv[1])
library.start.argtypes = [ctypes.c_uint64]
library.load.restype = ctypes.c_int64
library.start(LIMIT_MS)
assert library.load() >= 0, "no credentials in the parent"

running = True


def ask():
    while running:
        library.load()


threads = [threading.Thread(target=ask, daemon=True) for _ in range(8)]
for thread in threads:
    thread.start()

failed, hung = 0, 0
for _ in range(CHILDREN):
    child = os.fork()
    if child == 0:
        # This process has none of its parent's threads, which may have held locks.
        took = []
        for _ in range(3):
            took.append(library.load())
            time.sleep(0.05)  # the parent's cached credentials have expired by then
        os._exit(1 if min(took) < 0 else 0)
    deadline = time.monotonic() + LIMIT_MS / 1000
    while (ended := os.waitpid(child, os.WNOHANG))[0] == 0 and time.monotonic() < deadline:
        time.sleep(0.002)
    if ended[0] == 0:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        hung += 1
        continue
    failed += os.waitstatus_to_exitcode(ended[1]) != 0

running = False
print(f"forked: {CHILDREN} children, {failed} without credentials, {hung} that waited beyond {LIMIT_MS} ms")
sys.exit(1 if hung or failed else 0)
