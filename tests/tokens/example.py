"""example.py PROGRAM: checks that the example `tokens` prints only the crate's known answers, on one line."""

import base64
import json
import os
import subprocess
import sys
from datetime import datetime, timezone

ANSWERS = os.path.join(os.path.dirname(__file__), "../../crates/sigv4-tokens/tests/known_answers.jsonl")
# The example has no option for these arguments of a case: an expiry, and Vault's role.
LEFT_OUT = {"dsql": 1, "dsql-admin": 1, "bedrock": 0, "vault": 1}


def comparable(kind, text):
    """Does the same as `comparable` of the crate's tests, and removes Vault's role."""
    if kind == "msk":
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).partition(b"&User-Agent=")[0]
    if kind == "mongodb":
        return json.loads(text)
    if kind == "vault":
        login = json.loads(text)
        login.pop("role", None)
        login["iam_request_headers"] = json.loads(base64.b64decode(login["iam_request_headers"]))
        return login
    return text


def usual(case):
    """Whether the arguments that the example does not support have their default."""
    return case["kind"] not in ("dsql", "dsql-admin", "bedrock") or case["args"][-1] in ("900", "43200")


kinds = set()
for line in open(ANSWERS):
    case = json.loads(line)
    kind = case["kind"]
    if kind == "mongodb-bson" or not usual(case):
        continue
    time = datetime.fromtimestamp(case["time_millis"] / 1000, timezone.utc).isoformat(timespec="milliseconds")
    args = case["args"][:LEFT_OUT.get(kind, len(case["args"]))]
    command = [sys.argv[1], kind, *args, "--region", case["region"], "--time", time]
    command += ["--access-key", case["access_key"], "--secret-key", case["secret_key"]]
    if case["session_token"]:
        command += ["--session-token", case["session_token"]]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert printed.endswith("\n") and printed.count("\n") == 1, printed
    assert comparable(kind, printed[:-1]) == comparable(kind, case["token"]), (command, printed, case["token"])
    kinds.add(kind)
assert len(kinds) == 15, sorted(kinds)
print(f"the example prints what the libraries make, for {len(kinds)} kinds")
