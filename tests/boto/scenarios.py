"""Compares the default chain with botocore, scenario by scenario, in one Python process.

scenarios.py PROBE [--namespace] [--part] [--verbose]

Each scenario sets variables and files, asks botocore in this process and the probe in its own, and
compares the credentials and the requests to STS, SSO and the container endpoint. cases.py must assign each
difference to a row of the README's table. No row allows a different identity.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

home = Path(tempfile.mkdtemp(prefix="sigv4-boto-"))
clean = {"PATH": os.environ["PATH"], "HOME": str(home)}
os.environ.clear()
os.environ.update(clean)  # before botocore, which reads the home directory when it is imported

import botocore.credentials  # noqa: E402
import botocore.session  # noqa: E402
import botocore.utils  # noqa: E402

from cases import cases  # noqa: E402
from server import Server, State, later  # noqa: E402

botocore.utils.ContainerMetadataFetcher.SLEEP_TIME = 0
MFA = {"code": ""}
botocore.credentials.AssumeRoleProvider.__init__.__defaults__ = (lambda _: MFA["code"], None, None)


def fill(value):
    return value.replace("{home}", str(home)).replace("{url}", server.url) if isinstance(value, str) else value


def prepare(case):
    shutil.rmtree(home)
    (home / ".aws/sso/cache").mkdir(parents=True)
    files = {fill(name): content for name, content in case["files"].items()}
    files |= {f".aws/{name}": case[name] for name in ("config", "credentials") if case[name] is not None}
    for kind, key in (("sso_url", "https://corp.awsapps.com/start"), ("sso_session", "corp")):
        if state := case.get(kind):
            name = hashlib.sha1(key.encode()).hexdigest()
            files[f".aws/sso/cache/{name}.json"] = json.dumps({
                "startUrl": "https://corp.awsapps.com/start", "region": "us-east-1",
                "accessToken": "bearer-" + kind, "expiresAt": later(-60 if state == "expired" else 7200)})
    for name, content in files.items():
        content = fill(content)
        (home / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    for name in case.get("folders", []):
        (home / name).mkdir()
    for name in case.get("links", []):
        (home / name).symlink_to(home / "gone")
    env = clean | {"AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url, "AWS_ENDPOINT_URL_STS": server.url,
                   "AWS_ENDPOINT_URL_SSO": server.url, "AWS_MAX_ATTEMPTS": "1"}
    if "imds" not in case["mode"]:
        env["AWS_EC2_METADATA_DISABLED"] = "true"
    env |= case["env"]
    return {name: fill(value) for name, value in env.items() if value is not None}


def ask_botocore(case, env):
    os.environ.clear()
    os.environ.update(env)
    MFA["code"] = case.get("mfa", "")
    try:
        session = botocore.session.Session(profile=case.get("profile"))
        if case.get("region"):
            region = session.get_config_variable("region")
            return {"region": region} if region else {"error": "no region"}
        credentials = session.get_credentials()
        if credentials is None:
            return {"error": "none found"}
        frozen = credentials.get_frozen_credentials()
        return {"id": frozen.access_key, "secret": frozen.secret_key, "token": frozen.token or None}
    except Exception as error:  # after any error, there are no credentials
        return {"error": f"{type(error).__name__}: {error}"}
    finally:
        os.environ.clear()
        os.environ.update(clean)


def ask_ours(case, env):
    env = dict(env)
    env |= {"PROBE_PROFILE": case["profile"]} if "profile" in case else {}
    env |= {"PROBE_MFA": case["mfa"]} if "mfa" in case else {}
    env |= {"PROBE_REGION": "1"} if case.get("region") else {}
    done = subprocess.run([probe], env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    return json.loads(done.stdout)


def judge(case, theirs, ours, sent_by_them, sent_by_us):
    both_fail = "error" in theirs and "error" in ours
    if both_fail or theirs == ours and sent_by_them == sent_by_us:
        return "same"
    # An id has no spaces. The rest, which botocore includes, is a comment.
    identity = lambda answer: answer["id"].split()[0] if answer.get("id", "").strip() else None
    is_other = "id" in theirs and "id" in ours and identity(theirs) != identity(ours)
    is_row = case["row"] is not None and not is_other
    return f"differs: {case['row']}" if is_row else "wrong"


probe = sys.argv[1]
in_namespace = "--namespace" in sys.argv
is_part, verbose = "--part" in sys.argv, "--verbose" in sys.argv
state = State()
server = Server(state)
if in_namespace:
    for address in ("169.254.169.254", "169.254.170.2", "169.254.170.23"):
        Server(state, (address, 80))
counts, wrong, rows = Counter(), [], Counter()
chosen = cases[::3] if is_part else cases
names = [case["name"] for case in cases]
assert len(names) == len(set(names)), "two scenarios of one name"
readme = (Path(__file__).parent / "../../crates/sigv4-credentials/README.md").read_text()
assert f"{len(cases)} scenarios" in readme, f"the README does not say that there are {len(cases)} scenarios"
one, other = {"id": "A", "secret": "s", "token": None}, {"id": "B", "secret": "s", "token": None}
assert judge({"row": "any"}, one, other, [], []) == "wrong", "a row must not cover another identity"
assert judge({"row": None}, one, {"error": "e"}, [], []) == "wrong", "what differs must name its row"
for case in chosen:
    if case["metadata"] and not in_namespace:
        counts["skipped"] += 1
        continue
    env = prepare(case)
    answers = []
    for ask in (ask_botocore, ask_ours):
        state.begin(case["mode"])
        answers.append(ask(case, env))
        answers.append(list(state.seen))
    theirs, sent_by_them, ours, sent_by_us = answers
    verdict = judge(case, theirs, ours, sent_by_them, sent_by_us)
    counts[verdict.split(":")[0]] += 1
    if verdict.startswith("differs"):
        rows[case["row"]] += 1
    if verdict == "wrong" or verbose:
        print(f"{verdict}: {case['name']}\n  botocore: {theirs}\n  ours:     {ours}")
    if verdict == "wrong" and sent_by_them != sent_by_us:
        print(f"  botocore sent {sent_by_them}\n  we sent       {sent_by_us}")
    if verdict == "same" and case["row"] is not None and not is_part and "error" not in theirs:
        print(f"note: {case['name']} is the same, though it names the row {case['row']}")

for row, count in sorted(rows.items()):
    print(f"{count:4}  differs by the row: {row}")
for verdict in ("same", "differs", "wrong", "skipped"):
    print(f"{counts[verdict]:4}  {verdict}")
if counts["skipped"]:
    print("      (skipped: they need the addresses of metadata, in a network namespace)")
shutil.rmtree(home, ignore_errors=True)
sys.exit(1 if counts["wrong"] else 0)
