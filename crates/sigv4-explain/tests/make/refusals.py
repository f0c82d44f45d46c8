"""refusals.py NAME SOURCE ENDPOINT KEY SECRET: sends wrong requests to an S3 server, and prints its refusals.

This script made the records of `../refusals.jsonl` with `"quoted": "run"`, for OpenStack Swift, s3s and moto
(started by `tests/support`). `expected` is the error that the script made. A person compares it with the
server's response, records the cause that the response shows, masks ids, and drops the accepted requests.
Needs botocore.
"""

import datetime
import hashlib
import http.client
import json
import sys
from urllib.parse import urlsplit

import botocore.auth
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEPT = {"content-type", "server", "date", "x-amz-bucket-region", "x-amz-error-code", "www-authenticate", "location"}
NAME, SOURCE, ENDPOINT, KEY, SECRET = sys.argv[1:6]
HOST = urlsplit(ENDPOINT).netloc
NOW = botocore.auth.get_current_datetime


def send(method, target, headers, body):
    connection = http.client.HTTPConnection(HOST, timeout=20)
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    if body or method in ("PUT", "POST"):
        connection.putheader("content-length", str(len(body)))
    connection.endheaders(body or None)
    response = connection.getresponse()
    text = response.read().decode("utf-8", "replace")
    return response.status, {k.lower(): v for k, v in response.getheaders() if k.lower() in KEPT}, text


def case(name, expected, change=lambda sent: None, method="GET", path="/bucket", service="s3", region="us-east-1",
         key=KEY, secret=SECRET, headers=None, body=b"", offset=0, expires=None, host=HOST):
    """Signs a request, changes it, sends it, and prints the response."""
    shift = datetime.timedelta(seconds=offset)
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: NOW(remove_tzinfo) + shift
    request = AWSRequest(method=method, url=f"http://{host}{path}", headers={"host": host, **(headers or {})}, data=body)
    credentials = Credentials(key, secret)
    if expires:
        S3SigV4QueryAuth(credentials, service, region, expires=expires).add_auth(request)
    else:
        auth = S3SigV4Auth(credentials, service, region)
        auth._should_sha256_sign_payload = lambda request: True
        auth.add_auth(request)
    target = request.url.split(host, 1)[1]
    sent = {"method": method, "target": target, "headers": dict(request.headers.items()), "body": body}
    time = sent["headers"].get("X-Amz-Date") or target.split("X-Amz-Date=")[1][:16]
    change(sent)
    status, received, text = send(sent["method"], sent["target"], sent["headers"], sent["body"])
    signed = {"method": method, "url": f"http://{host}{path}", "region": region, "service": service, "key": key, "time": time}
    if headers:
        signed["headers"] = headers
    if expires:
        signed["expires"] = expires
    elif body:
        signed["body_sha256"] = hashlib.sha256(body).hexdigest()
    print(json.dumps({"id": f"{NAME}-{name}", "source": SOURCE, "quoted": "run", "service": NAME,
                      "expected": {"cause": expected}, "status": status, "headers": received, "body": text,
                      "signed": signed}))


def header(name, value):
    return lambda sent: sent["headers"].update({name: value})


def without(name):
    def drop(sent):
        sent["headers"] = {k: v for k, v in sent["headers"].items() if k.lower() != name}
    return drop


def target(before, after):
    return lambda sent: sent.update(target=sent["target"].replace(before, after))


def part(name, value):
    return lambda sent: sent.update({name: value})


NOTE = {"x-amz-meta-note": "signed"}
OBJECT = {"method": "PUT", "path": "/bucket/a", "body": b"hello"}
case("bucket", "not_refused", method="PUT")
case("wrong-secret", "wrong_secret", secret="another-secret")
case("unknown-key", "key_unknown", key="AKIDNOBODYKNOWSTHIS0", secret="x" * 20)
case("wrong-region", "wrong_region", region="eu-west-1")
case("wrong-service", "wrong_service", service="sts")
case("late", "clock_skew", offset=-3600)
case("ahead", "clock_skew", offset=3600)
case("path-changed", "path_changed", target("/a", "/b"), path="/bucket/a")
case("trailing-slash", "path_changed", part("target", "/bucket/a/"), path="/bucket/a")
case("query-changed", "query_changed", target("=a", "=b"), path="/bucket?prefix=a")
case("query-added", "query_changed", target("=a", "=a&utm=1"), path="/bucket?prefix=a")
case("plus-for-space", "query_reencoded", target("%20", "%2B"), path="/bucket?prefix=a%20b")
case("header-changed", "header_changed", header("x-amz-meta-note", "changed"), headers=NOTE)
case("header-dropped", "header_missing", without("x-amz-meta-note"), headers=NOTE)
case("unsigned-header", "unsigned_headers", header("x-amz-acl", "public-read"))
case("method-changed", "method_changed", part("method", "DELETE"), path="/bucket/a")
case("host-changed", "host_changed", header("host", HOST), host="files.example.com")
case("host-port", "host_port", header("host", HOST), host=HOST.split(":")[0])
case("body-changed", "payload_changed", part("body", b"HELLO"), **OBJECT)
case("body-not-signed", "body_not_signed", part("body", b"HELLO"), method="PUT", path="/bucket/a")
case("md5-wrong", "checksum_mismatch", headers={"content-md5": "XrY7u+Ae7tCTyyK7j1rNww=="}, **OBJECT)
case("no-payload-header", "payload_header_missing", without("x-amz-content-sha256"))
case("no-date", "date_missing", without("x-amz-date"))
case("v2-header", "algorithm_refused", header("Authorization", "AWS AKID:abc="))
case("presigned-wrong-secret", "wrong_secret", secret="another-secret", expires=300)
case("presigned-expired", "presigned_expired", expires=60, offset=-3600)
case("presigned-early", "presigned_too_early", expires=60, offset=7200)
case("presigned-too-long", "presigned_expiry", expires=864000)
case("presigned-method", "method_changed", part("method", "PUT"), path="/bucket/a", expires=300)
case("amp-in-url", "escaped_target", target("&", "&amp;"), expires=300)
case("head-wrong-secret", "no_body", method="HEAD", secret="another-secret")
case("head-late", "clock_skew", method="HEAD", offset=-7200)
case("no-such-bucket", "not_about_signatures", path="/nosuchbucket-xyz")
