"""One server on loopback that plays STS, the SSO portal, instance metadata and a container endpoint.

The access key id that it gives names who asked for what, so that two identities never look alike.
"""

import datetime
import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


def later(seconds=3600):
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return end.strftime("%Y-%m-%dT%H:%M:%SZ")


def named(prefix, *parts):
    text = "/".join(str(part) for part in parts)
    return prefix + hashlib.sha256(text.encode()).hexdigest()[:12].upper()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json"):
        body = body.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        if kind == "session":
            self.send_header("x-aws-ec2-metadata-token-ttl-seconds", "21600")
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path != "/latest/api/token" or self.server.state.mode.get("imds") in ("v1", "off"):
            return self.answer(404, "")
        self.answer(200, "session", "session")

    def do_GET(self):
        path = urlsplit(self.path)
        if path.path.startswith("/latest/"):
            return self.metadata(path.path)
        if path.path == "/federation/credentials":
            return self.portal(parse_qs(path.query))
        self.container()

    def metadata(self, path):
        mode = self.server.state.mode.get("imds")
        has_token = self.headers.get("x-aws-ec2-metadata-token") == "session"
        if mode == "off" or (mode != "v1" and not has_token):
            return self.answer(404 if mode == "off" else 401, "")
        if mode == "broken":
            return self.answer(500, "")
        role = "/latest/meta-data/iam/security-credentials/"
        if path == role:
            return self.answer(404, "") if mode == "no role" else self.answer(200, "role", "text/plain")
        if path == role + "role":
            end = later(-60) if mode == "expired" else later(7200)
            return self.answer(200, json.dumps({
                "Code": "Success", "Type": "AWS-HMAC", "LastUpdated": later(0),
                "AccessKeyId": "ASIAINSTANCE", "SecretAccessKey": "s", "Token": "t", "Expiration": end,
            }))
        if path == "/latest/meta-data/placement/region":
            return self.answer(200, "eu-north-1", "text/plain")
        if path == "/latest/meta-data/placement/availability-zone/":
            return self.answer(200, "eu-north-1a", "text/plain")
        self.answer(404, "")

    def container(self):
        self.server.state.seen.append(("container", self.path, self.headers.get("authorization")))
        mode = self.server.state.mode.get("container")
        if mode == "refuses":
            return self.answer(403, "{}")
        if mode == "garbage":
            return self.answer(200, "<html>")
        self.answer(200, json.dumps({
            "AccessKeyId": named("ASIAC", self.path, self.headers.get("authorization")),
            "SecretAccessKey": "s", "Token": "t", "Expiration": later(7200),
        }))

    def portal(self, query):
        bearer = self.headers.get("x-amz-sso_bearer_token")
        self.server.state.seen.append(("sso", query["account_id"][0], query["role_name"][0], bearer))
        if self.server.state.mode.get("sso") == "revoked":
            self.send_response(401)
            body = b'{"message":"Session token not found or invalid"}'
            self.send_header("x-amzn-errortype", "UnauthorizedException")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            return self.wfile.write(body)
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=2)
        self.answer(200, json.dumps({"roleCredentials": {
            "accessKeyId": named("ASIAS", query["account_id"][0], query["role_name"][0], bearer),
            "secretAccessKey": "s", "sessionToken": "t", "expiration": int(end.timestamp() * 1000),
        }}))

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        field = lambda name: form.get(name, [None])[0]
        action = field("Action")
        scope = re.search(r"Credential=([^/]+)/\d+/([^/]+)/", self.headers.get("authorization") or "")
        signer, region = scope.groups() if scope else (None, None)
        session = field("RoleSessionName")
        # The names that each library makes up differ, and may.
        session = None if re.match(r"(botocore-session|sigv4-credentials)-|\d+$", session or "") else session
        names = ["RoleArn", "ExternalId", "DurationSeconds", "SerialNumber", "TokenCode", "WebIdentityToken"]
        seen = [field(name) for name in names]
        token = self.headers.get("x-amz-security-token")
        self.server.state.seen.append((action, *seen, session, signer, region, token))
        if self.server.state.mode.get("sts") == "refuses":
            return self.answer(403, "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                "<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>"
                "<RequestId>1</RequestId></ErrorResponse>", "text/xml")
        id = named("ASIAR", action, *seen[:4], seen[5], signer)
        self.answer(200, f"<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>"
            "<AssumedRoleUser><AssumedRoleId>A:s</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/r/s</Arn>"
            f"</AssumedRoleUser><Credentials><AccessKeyId>{id}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
            f"<SessionToken>token-of-{id}</SessionToken><Expiration>{later()}</Expiration></Credentials>"
            f"</{action}Result></{action}Response>", "text/xml")


class State:
    """What the services answer, and what they were asked."""

    def __init__(self):
        self.begin({})

    def begin(self, mode):
        self.mode, self.seen = mode, []


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, state, address=("127.0.0.1", 0)):
        super().__init__(address, Handler)
        self.state = state
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://{self.server_address[0]}:{self.server_address[1]}"
