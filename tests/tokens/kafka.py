"""kafka.py PROGRAM: logs in with librdkafka and the token that PROGRAM prints (SASL/OAUTHBEARER, as in Amazon MSK).

The broker is a stub on loopback, because librdkafka's mock brokers do not support SASL. It answers ApiVersions,
SaslHandshake, SaslAuthenticate and, to authenticated clients, Metadata.
"""

import socket
import struct
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

import judge

METADATA, SASL_HANDSHAKE, API_VERSIONS, SASL_AUTHENTICATE = 3, 17, 18, 36
VERSIONS = {METADATA: (0, 1), SASL_HANDSHAKE: (0, 1), API_VERSIONS: (0, 2), SASL_AUTHENTICATE: (0, 1)}
UNSUPPORTED_VERSION, SASL_AUTHENTICATION_FAILED = 35, 58


def string(text):
    return struct.pack(">h", len(text)) + text.encode()


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


class Broker:
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.accepted, self.refused = 0, []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        stream = connection.makefile("rb")
        is_known = False
        while head := stream.read(4):
            message = stream.read(struct.unpack(">i", head)[0])
            key, version, correlation, client = struct.unpack(">hhih", message[:10])
            body = message[10 + max(client, 0):]
            if key == API_VERSIONS:
                answer = self.api_versions(version)
            elif key == SASL_HANDSHAKE:
                answer = struct.pack(">h", 0) + array([string("OAUTHBEARER")])
            elif key == SASL_AUTHENTICATE:
                reason = self.login(body[4:])
                is_known = reason is None
                error = string(reason) if reason else struct.pack(">h", -1)
                answer = struct.pack(">h", SASL_AUTHENTICATION_FAILED if reason else 0) + error + array([])
                answer += struct.pack(">q", 0) if version else b""
            elif key == METADATA and is_known:
                answer = self.metadata(version)
            else:
                break
            connection.sendall(struct.pack(">ii", len(answer) + 4, correlation) + answer)
        connection.close()

    def api_versions(self, version):
        ranges = array([struct.pack(">hhh", key, *range) for key, range in VERSIONS.items()])
        if version > VERSIONS[API_VERSIONS][1]:
            return struct.pack(">h", UNSUPPORTED_VERSION) + ranges
        return struct.pack(">h", 0) + ranges + (struct.pack(">i", 0) if version else b"")

    def login(self, response):
        """RFC 7628: `n,,` and fields separated by bytes of value 1."""
        fields = dict(field.partition("=")[::2] for field in response.decode().split("\x01")[1:])
        scheme, _, token = fields.get("auth", "").partition(" ")
        try:
            if scheme != "Bearer":
                raise judge.Refused("no bearer token")
            judge.check("msk", [], token)
        except judge.Refused as refused:
            self.refused.append(str(refused))
            return str(refused)
        self.accepted += 1
        return None

    def metadata(self, version):
        rack, controller = (struct.pack(">h", -1), struct.pack(">i", 1)) if version else (b"", b"")
        broker = struct.pack(">i", 1) + string("127.0.0.1") + struct.pack(">i", self.port) + rack
        partition = struct.pack(">hii", 0, 0, 1) + array([struct.pack(">i", 1)]) * 2
        topic = struct.pack(">h", 0) + string("pets") + (b"\0" if version else b"") + array([partition])
        return array([broker]) + controller + array([topic])


def topics(broker, program, age):
    """The topics that are visible to a client whose token has this age."""

    def token(_):
        made_at = datetime.now(timezone.utc) - timedelta(seconds=age)
        command = [program, "msk", *judge.ARGUMENTS, "--time", made_at.strftime("%Y-%m-%dT%H:%M:%SZ")]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip(), time.time() + 900

    client = AdminClient({
        "bootstrap.servers": f"127.0.0.1:{broker.port}",
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "OAUTHBEARER",
        "oauth_cb": token,
        "log_level": 0,
    })
    return list(client.list_topics(timeout=60 if age == 0 else 3).topics)


broker = Broker()
assert topics(broker, sys.argv[1], 0) == ["pets"]
assert broker.accepted and not broker.refused, broker.refused
accepted = broker.accepted
try:
    topics(broker, sys.argv[1], 3600)
    sys.exit("a token of an hour ago was accepted")
except KafkaException:
    deadline = time.time() + 60
    while not broker.refused and time.time() < deadline:
        time.sleep(0.1)
    assert broker.refused and broker.accepted == accepted
print(f"librdkafka logged in with our token; refused: {broker.refused[0]}")
