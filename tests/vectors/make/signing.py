"""A request and its signature, field by field, for requests that no honest signer would make.

make_verify.py signs what is honest with botocore, and checks that this file makes the same of it; what is
dishonest but consistent (a life of 0 seconds under a valid signature) is signed here.
"""

import base64
import copy
import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_to_bytes

EMPTY = hashlib.sha256(b"").hexdigest()
UNSIGNED = "UNSIGNED-PAYLOAD"
STREAM = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
STREAM_TRAILER = STREAM + "-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


@dataclass
class Key:
    access_key: str
    secret_key: str
    session_token: str | None = None


@dataclass
class Request:
    method: str = "GET"
    path: str = "/photos/cat.jpg"
    query: str = ""
    headers: list = field(default_factory=list)
    body: bytes = b""
    version: str = "1.1"
    # Scheme and authority of an absolute target.
    origin: str = ""

    def copy(self) -> "Request":
        return copy.deepcopy(self)

    def values(self, name: str) -> list[str]:
        return [value for other, value in self.headers if other.lower() == name.lower()]

    def set(self, name: str, value: str) -> "Request":
        """This request with one header of that name."""
        out = self.without(name)
        out.headers.append([name, value])
        return out

    def add(self, name: str, value: str) -> "Request":
        out = self.copy()
        out.headers.append([name, value])
        return out

    def without(self, name: str) -> "Request":
        out = self.copy()
        out.headers = [pair for pair in self.headers if pair[0].lower() != name.lower()]
        return out

    def but(self, **changes) -> "Request":
        out = self.copy()
        for name, value in changes.items():
            assert hasattr(out, name), name
            setattr(out, name, value)
        return out

    def edit(self, old: str, new: str, name: str = "Authorization") -> "Request":
        """This request with a part of a header replaced; the part must be there."""
        (value,) = self.values(name)
        assert old in value, (old, value)
        return self.set(name, value.replace(old, new))

    def edit_query(self, old: str, new: str) -> "Request":
        assert old in self.query, (old, self.query)
        return self.but(query=self.query.replace(old, new))

    def uri(self) -> str:
        return self.origin + self.path + ("?" + self.query if self.query else "")


def encode(text: str) -> str:
    return quote(text, safe="-._~")


def encode_once(text: str) -> str:
    return quote(unquote_to_bytes(text.replace("+", " ")), safe="-._~")


def canonical_path(path: str, service: str) -> str:
    if service == "s3":
        return quote(unquote_to_bytes(path), safe="-._~/")
    kept = []
    for part in path.split("/"):
        if part == "..":
            kept = kept[:-1]
        elif part not in ("", "."):
            kept.append(quote(part, safe="-._~"))
    slash = "/" if path.endswith("/") and kept else ""
    return "/" + "/".join(kept) + slash


def canonical_query(query: str) -> str:
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    encoded = [(encode_once(name), encode_once(value)) for name, _, value in pairs if name != "X-Amz-Signature"]
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))


def canonical_headers(request: Request, names: list[str]) -> str:
    lines = ""
    for name in names:
        values = request.values(name)
        if name == "host" and not values:
            values = [request.origin.partition("://")[2]]
        lines += name + ":" + ",".join(" ".join(value.split()) for value in values) + "\n"
    return lines


@dataclass
class Scope:
    """Everything that a signature depends on beside the request."""

    key: Key
    when: str = "20260314T120000Z"
    region: str = "us-east-1"
    service: str = "s3"
    terminator: str = "aws4_request"
    date: str | None = None
    algorithm: str = "AWS4-HMAC-SHA256"

    def text(self) -> str:
        return "/".join((self.date or self.when[:8], self.region, self.service, self.terminator))

    def signing_key(self) -> bytes:
        key = ("AWS4" + self.key.secret_key).encode()
        for part in self.text().split("/"):
            key = mac(key, part)
        return key


def mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature(request: Request, names: list[str], payload: str, scope: Scope) -> str:
    path = canonical_path(request.path, scope.service)
    query = canonical_query(request.query)
    lines = [request.method, path, query, canonical_headers(request, names), ";".join(names), payload]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    to_sign = "\n".join((scope.algorithm, scope.when, scope.text(), digest))
    return mac(scope.signing_key(), to_sign).hex()


def covered(request: Request, also=()) -> list[str]:
    """Host, every x-amz-* and what else is asked for."""
    names = {name.lower() for name, _ in request.headers}
    taken = {name for name in names if name.startswith("x-amz-")}
    return sorted(taken | {"host"} | set(also))


def sign(request: Request, scope: Scope, names=None, payload=None, also=()) -> Request:
    """The header form. The payload line is the header that is there, or else the body's hash."""
    names = covered(request, also) if names is None else names
    if payload is None:
        stated = request.values("x-amz-content-sha256")
        payload = stated[0] if stated else hashlib.sha256(request.body).hexdigest()
    text = signature(request, names, payload, scope)
    credential = f"{scope.key.access_key}/{scope.text()}"
    value = f"{scope.algorithm} Credential={credential}, SignedHeaders={';'.join(names)}, Signature={text}"
    return request.add("Authorization", value)


def presign(request: Request, scope: Scope, expires="900", names=None, payload=UNSIGNED, also=(), fields=()) -> Request:
    """The query form; `fields` are further parameters, signed."""
    names = covered(request, also) if names is None else names
    pairs = [
        ("X-Amz-Algorithm", scope.algorithm),
        ("X-Amz-Credential", f"{scope.key.access_key}/{scope.text()}"),
        ("X-Amz-Date", scope.when),
        ("X-Amz-Expires", expires),
        ("X-Amz-SignedHeaders", ";".join(names)),
    ]
    if scope.key.session_token:
        pairs.append(("X-Amz-Security-Token", scope.key.session_token))
    pairs += list(fields)
    query = "&".join(f"{name}={encode(value)}" for name, value in pairs)
    out = request.but(query="&".join(part for part in (request.query, query) if part))
    return out.but(query=out.query + "&X-Amz-Signature=" + signature(out, names, payload, scope))


class Chain:
    """The signatures of a stream: request, chunks, trailers."""

    def __init__(self, scope: Scope, seed: str):
        self.scope, self.previous = scope, seed

    def step(self, kind: str, *hashes: str) -> str:
        lines = [f"AWS4-HMAC-SHA256-{kind}", self.scope.when, self.scope.text(), self.previous, *hashes]
        self.previous = mac(self.scope.signing_key(), "\n".join(lines)).hex()
        return self.previous

    def chunk(self, data: bytes) -> bytes:
        text = self.step("PAYLOAD", EMPTY, hashlib.sha256(data).hexdigest())
        head = f"{len(data):x};chunk-signature={text}\r\n".encode()
        return head + data + (b"\r\n" if data else b"")

    def trailers(self, pairs: list) -> bytes:
        lines = "".join(f"{name}:{value}\n" for name, value in sorted(pairs))
        text = self.step("TRAILER", hashlib.sha256(lines.encode()).hexdigest())
        return plain_trailers(pairs) + f"x-amz-trailer-signature:{text}\r\n".encode()


def plain_chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + (b"\r\n" if data else b"")


def plain_trailers(pairs: list) -> bytes:
    return "".join(f"{name}:{value}\r\n" for name, value in pairs).encode()


def checksum_sha256(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()
