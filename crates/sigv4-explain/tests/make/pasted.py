"""pasted.py > ../pasted.jsonl: requests that botocore and curl sign, as text, with the expected results.

Needs botocore and a curl with --aws-sigv4. The later changes are made in the text, as a proxy or a client
would make them. Each is one that `RequestText::check` tries, except for the two that are marked `wrong`.
"""

import datetime
import hashlib
import http.server
import json
import subprocess
import threading

import botocore
import botocore.auth
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "SECRETTOKENOFTHISFILE"
TIME = datetime.datetime(2025, 9, 3, 16, 21, 50)
BOTOCORE = f"botocore {botocore.__version__}"
botocore.auth.get_current_datetime = lambda remove_tzinfo=True: TIME


def record(id, source, text, outcome, cause=None, body="not_checked", line=None, **more):
    """Prints one case."""
    case = {"id": id, "source": source, "outcome": outcome, "body": body, "text": text, **more}
    if cause:
        case["cause"] = cause
    if line:
        case["line"] = line
    print(json.dumps(case))


def url(method, target, service, token=None, host="h.example", expires=600):
    """A URL that botocore presigns."""
    request = AWSRequest(method=method, url=f"https://{host}{target}")
    auth = S3SigV4QueryAuth if service == "s3" else SigV4QueryAuth
    auth(Credentials(KEY, SECRET, token), service, "eu-west-1", expires=expires).add_auth(request)
    return request.url


def raw(method, target, service, headers=None, body=b"", token=None, signs_payload=True):
    """A request that botocore signs, as it is sent."""
    request = AWSRequest(method=method, url=f"https://h.example{target}", headers=headers or {}, data=body)
    auth = (S3SigV4Auth if service == "s3" else SigV4Auth)(Credentials(KEY, SECRET, token), service, "eu-west-1")
    if service == "s3":
        auth._should_sha256_sign_payload = lambda request: signs_payload
    auth.add_auth(request)
    lines = [f"{method} {target} HTTP/1.1", "Host: h.example"]
    lines += [f"{name}: {value}" for name, value in request.headers.items() if name.lower() != "host"]
    if body or method in ("PUT", "POST"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines) + "\r\n\r\n" + body.decode()


def changed(id, text, before, after, outcome="differs", cause=None, **more):
    """The same request with one change afterwards."""
    assert before in text, (id, before)
    record(id, BOTOCORE + ", changed afterwards", text.replace(before, after, 1), outcome, cause, **more)


class Refusing(http.server.BaseHTTPRequestHandler):
    """Answers 403 to everything."""

    protocol_version = "HTTP/1.1"

    def refuse(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        self.send_response(403)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = refuse

    def log_message(self, *arguments):
        pass


def curl(port, service, target, *options):
    """The output of `curl -v`, with and without progress."""
    command = ["curl", "-v", "--aws-sigv4", f"aws:amz:us-east-1:{service}", "-u", f"{KEY}:{SECRET}"]
    command += [*options, f"http://127.0.0.1:{port}{target}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
    return done.stdout.decode()


def as_signed(s3, es):
    record("s3-put", BOTOCORE, s3, "right", body="checked")
    record("s3-put-without-body", BOTOCORE, s3[:-5], "right")
    record("s3-unsigned", BOTOCORE, raw("PUT", "/b/k", "s3", body=b"hello", signs_payload=False), "right",
           body="not_covered")
    record("es-post", BOTOCORE, es, "right", body="checked")
    record("es-post-without-body", BOTOCORE, es[:-7], "body_needed")
    form = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    action = b"Action=GetCallerIdentity&Version=2011-06-15"
    record("sts-token", BOTOCORE, raw("POST", "/", "sts", form, action, TOKEN), "right", body="checked")
    record("api-get", BOTOCORE, raw("GET", "/prod/p%C3%A9ts?limit=10", "execute-api"), "right")
    record("s3-presigned", BOTOCORE, url("GET", "/b/a%20b?versionId=1", "s3"), "right", body="not_covered")
    record("s3-presigned-token", BOTOCORE, url("GET", "/b/k", "s3", TOKEN), "right", body="not_covered")
    record("sts-presigned", BOTOCORE,
           url("GET", "/?" + action.decode(), "sts", host="sts.eu-west-1.amazonaws.com", expires=60), "right")


def as_changed(s3, es):
    presigned = url("GET", "/b/a%20b?versionId=1", "s3")
    changed("method", s3, "PUT /", "POST /", cause="method_changed", line=1)
    changed("path-slash", es, "/a%3Ab?", "/a%3Ab/?", cause="path_changed", line=2)
    changed("path-stage", raw("GET", "/pets", "execute-api"), "/pets", "/prod/pets", cause="path_changed", line=2)
    changed("path-decoded", es, "/a%3Ab?", "/a:b?", cause="path_reencoded", line=2)
    changed("query-added", s3, "partNumber=1", "partNumber=1&utm=2", cause="query_changed", line=3)
    changed("query-plus-is-a-space", es, "q=x%20y", "q=x+y", "right", body="checked")
    changed("query-plus-for-plus", raw("GET", "/s?q=x%2By", "es"), "q=x%2By", "q=x+y", cause="query_reencoded", line=3)
    changed("host-port", es, "Host: h.example", "Host: h.example:8443", cause="host_port", line=5)
    json_type = "content-type: application/json"
    changed("content-type", es, json_type, json_type + "; charset=utf-8", cause="header_changed", line=4)
    changed("url-method", url("PUT", "/b/k", "s3"), "https", "https", cause="method_changed", line=1)
    changed("url-parameter", presigned, "versionId=1", "versionId=1&response-content-type=a",
            cause="query_changed", line=3)
    record("url-escaped", BOTOCORE + ", changed afterwards", presigned.replace("&", "&amp;"), "malformed",
           "escaped_target")
    changed("payload-header", s3, hashlib.sha256(b"hello").hexdigest(), "UNSIGNED-PAYLOAD",
            cause="payload_changed", line=6)
    changed("header-dropped", s3, "x-amz-meta-note:  a  b \r\n", "", "malformed", "header_missing")
    changed("header-added", s3, "Content-Length: 5", "x-amz-acl: public-read\r\nContent-Length: 5", "right",
            body="checked")
    changed("body", s3, "\r\n\r\nhello", "\r\n\r\nHELLO", "body_changed", "payload_changed")
    changed("two-changes", s3.replace("partNumber=1", "partNumber=2"), "PUT /", "POST /", "wrong")
    get = raw("GET", "/x", "execute-api")
    record("another-secret", BOTOCORE + ", with another secret", get, "wrong", secret="another secret")
    record("another-key", BOTOCORE, get, "other_key", key="AKIDNOBODY")


def printed_by_curl():
    server = http.server.HTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_port
    version = subprocess.run(["curl", "--version"], stdout=subprocess.PIPE, check=True).stdout.split()[1].decode()
    source = f"curl {version}, -v --aws-sigv4"
    get = curl(port, "execute-api", "/prod/pets?limit=10&a=b%20c", "-s")
    record("curl-get", source + ": this version signs the query unsorted", get, "differs", "query_reencoded", line=3)
    for id, before, after in [("curl-get-changed", "limit=10", "limit=11"), ("curl-get-path", "/prod/", "/test/")]:
        record(id, source + ", changed afterwards", get.replace(before, after, 1), "wrong")
    upload = curl(port, "s3", "/bucket/key%20a", "-s", "-T", __file__)
    record("curl-upload-s3", source, upload, "malformed", "payload_header_missing")
    post = curl(port, "es", "/_search?q=x", "-s", "-H", "content-type: application/json", "-d", '{"a":1}')
    record("curl-post", source, post, "body_needed")
    listed = curl(port, "s3", "/bucket?list-type=2&prefix=")
    record("curl-progress", source, listed, "malformed", "payload_header_missing")
    server.shutdown()


if __name__ == "__main__":
    note = {"Content-Type": "text/plain", "x-amz-meta-note": " a  b "}
    s3 = raw("PUT", "/b/a%20b%2Bc//d/../e?partNumber=1&uploadId=x%2Fy", "s3", note, b"hello")
    es = raw("POST", "/idx/_search/a%3Ab?q=x%20y&b=&a", "es", {"content-type": "application/json"}, b'{"a":1}')
    as_signed(s3, es)
    as_changed(s3, es)
    printed_by_curl()
