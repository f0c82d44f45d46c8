"""Makes verify.jsonl: requests that a verifier must accept, and requests that it must refuse.

    make_verify.py            writes verify.jsonl beside itself
    make_verify.py --check    fails if what it would write differs from what is there

Every accepted case is an honest client's request, signed by botocore where botocore can make it; every refused
one is such a request with one thing changed, or a dishonest one under a signature that is consistent with it.
`class` names the requirement.
"""

import base64
import hashlib
import json
import pathlib
import sys

import botocore
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

import verify_cases
from signing import EMPTY, Key, Request, Scope, presign, sign

HERE = pathlib.Path(__file__).parent.parent
NOW = "2026-03-14T12:00:30Z"
WHEN = "20260314T120000Z"
PLAIN = Key("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
OTHER = Key("AKIAI44QH8DHBEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY")
TEMPORARY = Key(
    "ASIAIOSFODNN7EXAMPLE", "TmpSecretwJalrXUtnFEMIK7MDENGbPxRfiCYEXA", "FwoGZXIvYXdzEJr//EXAMPLE+TOKEN/abc=="
)
S3_HOST = "examplebucket.s3.us-east-1.amazonaws.com"


class Suite:
    """Collects the lines; what is handed to it is a finished request."""

    def __init__(self):
        self.lines, self.ids = [], set()
        self.plain, self.other, self.temporary = PLAIN, OTHER, TEMPORARY
        self.when, self.host = WHEN, S3_HOST

    def accept(self, group, name, request, reason, **changes):
        self.line("accept", group, name, request, reason, **changes)

    def reject(self, group, name, request, reason, **changes):
        self.line("reject", group, name, request, reason, **changes)

    def line(self, expect, group, name, request, reason, now=NOW, service="s3", region="us-east-1", skew=900,
             presign_max=604800, keys=(PLAIN, OTHER, TEMPORARY)):
        identifier = f"{group}/{name}"
        if identifier in self.ids:
            raise SystemExit(f"two cases are named {identifier}")
        self.ids.add(identifier)
        s3 = service == "s3"
        self.lines.append({
            "id": identifier,
            "class": group,
            "source": f"make_verify.py, botocore {botocore.__version__}",
            "request": {
                "method": request.method,
                "uri": request.uri(),
                "http_version": request.version,
                "headers": request.headers,
                "body_b64": base64.b64encode(request.body).decode(),
            },
            "now": now,
            "credentials": [vars(key) for key in keys],
            "region": region,
            "service": service,
            "profile": {
                "path_encoding": "single" if s3 else "double",
                "normalize_path": not s3,
                "max_skew_s": skew,
                "presign_max_s": presign_max,
                "require_content_sha256": s3,
            },
            "expect": expect,
            "reason": reason,
        })

    def scope(self, key=PLAIN, **changes) -> Scope:
        return Scope(key, **changes)

    def get(self, **changes) -> Request:
        """A GET with the headers that S3 wants, unsigned."""
        return self.put(**{"method": "GET", "body": b""} | changes)

    def put(self, **changes) -> Request:
        request = Request(method="PUT", body=b"data").but(**changes)
        stated = hashlib.sha256(request.body).hexdigest()
        for name, value in (("Host", S3_HOST), ("X-Amz-Date", WHEN), ("X-Amz-Content-SHA256", stated)):
            if not request.values(name):
                request.headers.append([name, value])
        return request

    def bare(self, **changes) -> Request:
        """A GET with nothing but a host: to be presigned."""
        request = Request().but(**changes)
        if not request.values("host") and not request.origin:
            request.headers.append(["Host", S3_HOST])
        return request

    def by_botocore(self, request, key=PLAIN, service="s3", expires=None, date_header=None) -> Request:
        """Signs with botocore, and checks that signing.py makes the same of it."""
        url = f"https://{request.values('host')[0]}{request.path}"
        url += "?" + request.query if request.query else ""
        aws = AWSRequest(method=request.method, url=url, data=request.body)
        for name, value in request.headers:
            if name.lower() != "host":
                aws.headers.add_header(name, value)
        if date_header:
            aws.headers["Date"] = date_header
        credentials = Credentials(key.access_key, key.secret_key, key.session_token)
        frozen = frozen_clock()
        if expires is None:
            auth = (S3SigV4Auth if service == "s3" else SigV4Auth)(credentials, service, "us-east-1")
        else:
            kind = S3SigV4QueryAuth if service == "s3" else SigV4QueryAuth
            auth = kind(credentials, service, "us-east-1", expires=expires)
        with frozen:
            auth.add_auth(aws)
        out = request.copy()
        out.headers = [["Host", request.values("host")[0]]] + [[k, v] for k, v in aws.headers.items() if k.lower() != "host"]
        out.query = aws.url.partition("?")[2]
        return out


def frozen_clock():
    """botocore asks one function for the time; it is told WHEN."""
    import datetime
    from unittest import mock

    at = datetime.datetime.strptime(WHEN, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    return mock.patch("botocore.auth.get_current_datetime", lambda remove_tzinfo=True: at.replace(tzinfo=None))


def check_against_botocore(suite: Suite):
    """signing.py and botocore must agree on what both can sign."""
    for key in (PLAIN, TEMPORARY):
        request = Request(headers=[["Host", S3_HOST], ["x-amz-meta-a", "b  c"]], query="a=1&b=%2F", body=b"x", method="PUT")
        theirs = suite.by_botocore(request, key=key)
        ours = sign(theirs.without("Authorization"), Scope(key))
        if ours.values("Authorization") != theirs.values("Authorization"):
            raise SystemExit(f"signing.py differs:\n{ours}\n{theirs}")
        request = Request(headers=[["Host", S3_HOST]], query="versionId=a%2Fb")
        theirs = suite.by_botocore(request, key=key, expires=900)
        ours = presign(request, Scope(key))
        if sorted(ours.query.split("&")) != sorted(theirs.query.split("&")):
            raise SystemExit(f"signing.py differs:\n{ours.query}\n{theirs.query}")
    assert EMPTY == hashlib.sha256(b"").hexdigest()


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        raise SystemExit(__doc__)
    suite = Suite()
    check_against_botocore(suite)
    verify_cases.add_all(suite)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in suite.lines)
    path = HERE / "verify.jsonl"
    if check:
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            raise SystemExit("verify.jsonl is not what this script makes")
    else:
        path.write_text(text, encoding="utf-8")
    accepts = sum(line["expect"] == "accept" for line in suite.lines)
    print(f"{len(suite.lines)} cases, {accepts} to accept")


if __name__ == "__main__":
    main()
