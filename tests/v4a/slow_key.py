"""The public key of a set of credentials, in plain integers: slow, and not for secrets.

Key derivation: aws-c-auth, source/key_derivation.c; the curve: SEC 2, 2.4.2 (secp256r1).
"""

import hashlib
import hmac

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
A = P - 3
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def private_key(access_key: str, secret: str) -> int:
    for counter in range(1, 255):
        context = access_key.encode() + bytes([counter])
        text = (1).to_bytes(4, "big") + b"AWS4-ECDSA-P256-SHA256" + b"\0" + context + (256).to_bytes(4, "big")
        candidate = int.from_bytes(hmac.digest(b"AWS4A" + secret.encode(), text, hashlib.sha256), "big")
        if candidate <= N - 2:
            return candidate + 1
    raise ValueError("no candidate fits")


def add(one, other):
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) if one == other else (y2 - y1) * pow(x2 - x1, -1, P)
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def public_key(access_key: str, secret: str) -> bytes:
    """x and y, 32 bytes each."""
    number, point, sum_ = private_key(access_key, secret), G, None
    while number:
        if number & 1:
            sum_ = add(sum_, point)
        point, number = add(point, point), number >> 1
    return b"".join(coordinate.to_bytes(32, "big") for coordinate in sum_)


def check():
    """The key that aws-c-auth and aws-sdk-go-v2 publish in their tests."""
    key = public_key("AKISORANDOMAASORANDOM", "q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom")
    assert key.hex() == (
        "15d242ceebf8d8169fd6a8b5a746c41140414c3b07579038da06af89190fffcb"
        "0515242cedd82e94799482e4c0514b505afccf2c0c98d6a553bf539f424c5ec0"
    )


check()
