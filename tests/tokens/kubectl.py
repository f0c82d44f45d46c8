"""kubectl.py PROGRAM: calls an API server with kubectl, whose exec plugin is PROGRAM.

The server runs on loopback, with TLS, because kubectl sends no token without TLS. It checks each token as
aws-iam-authenticator does (pkg/token/token.go), and compares it with the AWS CLI's token for the same time.
"""

import contextlib
import datetime
import http.server
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.parse

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import judge

CLUSTER = "my-cluster"
ALLOWED = {"Action", "Version"} | {
    f"X-Amz-{name}"
    for name in ["Algorithm", "Credential", "Date", "Expires", "Security-Token", "Signature", "SignedHeaders"]
}


def check(authorization):
    scheme, _, token = authorization.partition(" ")
    if scheme != "Bearer" or not token.startswith("k8s-aws-v1."):
        raise judge.Refused("no token of this kind")
    if len(token) > 4096:
        raise judge.Refused("the token is too long")
    fields = judge.check("eks", [CLUSTER], token)
    url = urllib.parse.urlsplit(judge.signed_part("eks", token))
    if (url.scheme, url.netloc, url.path) != ("https", f"sts.{judge.REGION}.amazonaws.com", "/"):
        raise judge.Refused("not a URL of STS")
    if set(fields) - ALLOWED or any(len(values) > 1 for values in fields.values()):
        raise judge.Refused("a parameter that is not allowed")
    if "x-k8s-aws-id" not in fields["X-Amz-SignedHeaders"][0].split(";") or int(fields["X-Amz-Expires"][0]) > 900:
        raise judge.Refused("the cluster is not signed, or for too long")


class Handler(http.server.BaseHTTPRequestHandler):
    accepted, refused = 0, []

    def do_GET(self):
        try:
            check(self.headers.get("Authorization", ""))
            status, answer = 200, {"gitVersion": "v1.30.0-stub"}
            Handler.accepted += 1
        except judge.Refused as refused:
            Handler.refused.append(str(refused))
            status, answer = 401, {"kind": "Status", "apiVersion": "v1", "code": 401, "reason": "Unauthorized"}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
    path = os.path.join(folder, "server.pem")
    with open(path, "wb") as file:
        file.write(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ))
        file.write(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return path


@contextlib.contextmanager
def server(folder):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def kubectl(folder, url, program, cluster, version):
    exec_plugin = {
        "apiVersion": f"client.authentication.k8s.io/{version}",
        "command": os.path.abspath(program),
        "args": ["eks-exec", cluster, *judge.ARGUMENTS],
        "interactiveMode": "Never",
    }
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": url, "insecure-skip-tls-verify": True}}],
        "users": [{"name": "u", "user": {"exec": exec_plugin}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    path = os.path.join(folder, "kubeconfig")
    with open(path, "w") as file:
        json.dump(config, file)  # JSON is YAML
    environment = {"PATH": os.environ["PATH"], "HOME": folder, "NO_PROXY": "*"}
    return subprocess.run(
        ["kubectl", "--kubeconfig", path, "get", "--raw", "/version"],
        capture_output=True, text=True, env=environment, timeout=60,
    )


with tempfile.TemporaryDirectory() as folder, server(folder) as url:
    for version in ["v1", "v1beta1"]:
        ran = kubectl(folder, url, sys.argv[1], CLUSTER, version)
        assert ran.returncode == 0 and "v1.30.0-stub" in ran.stdout, ran
    accepted = Handler.accepted  # some builds ask for the server's version first
    assert accepted >= 2 and not Handler.refused, (accepted, Handler.refused)
    ran = kubectl(folder, url, sys.argv[1], "another-cluster", "v1")
    assert ran.returncode != 0 and Handler.accepted == accepted and Handler.refused, ran
print(f"kubectl was let in with our tokens (v1, v1beta1); refused: {Handler.refused[0]}")
