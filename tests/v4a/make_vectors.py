"""make_vectors.py [--check]: known answers of SigV4a in tests/vectors/v4a.jsonl, signed by awscrt.

Signatures are random, so that writing the file again changes them; --check compares the rest.
"""

import base64
import hashlib
import json
import pathlib
import random
import re
import sys

import awscrt

import parity
import slow_key

FILE = pathlib.Path(__file__).parent.parent / "vectors" / "v4a.jsonl"
SOURCE = f"make_vectors.py, awscrt {awscrt.__version__}"
REQUESTS, KEYS = 60, 8


def signed_headers(text):
    return re.search(r"SignedHeaders=([^&,]*)", text)[1].replace("%3B", ";")


def request_line(number, it):
    signed = parity.sign_with_awscrt(it)
    s3, presigned = it["service"] == "s3", it["form"] == "query"
    body_header = it["service"] in parity.WITH_BODY_HEADER and not presigned
    sent = dict(signed["headers"])
    time = it["time"]
    headers = it["headers"]
    if presigned:
        # For some services awscrt signs a payload header, which the holder of the URL must send.
        headers = signed["headers"]
        query = signed["target"].partition("?")[2]
        expect = {"signed_query": query, "signed_headers": signed_headers(query)}
        expect["signature"] = re.search("X-Amz-Signature=([0-9a-f]*)", query)[1]
    else:
        authorization = sent.pop("Authorization")
        expect = {"authorization": authorization, "signed_headers": signed_headers(authorization)}
        expect["signature"] = authorization.rpartition("=")[2]
        own = {name.lower() for name, _ in it["headers"]}
        expect["added_headers"] = [[name, value] for name, value in sent.items() if name.lower() not in own]
    point = slow_key.public_key(it["access_key"], it["secret"]).hex()
    return {
        "id": f"v4a/{number}/{it['form']}",
        "source": SOURCE,
        "kind": f"v4a-{it['form']}",
        "request": {
            "method": it["method"], "scheme": "https", "authority": it["headers"][0][1],
            "target": it["target"], "headers": headers, "body_b64": it["body"],
        },
        "context": {
            "access_key": it["access_key"], "secret": it["secret"], "token": it["token"],
            "region": it["region_set"], "service": it["service"],
            "timestamp": f"{time[:4]}-{time[4:6]}-{time[6:11]}:{time[11:13]}:{time[13:]}",
            "expires": it["expires"], "normalize_path": not s3, "double_encode": not s3,
            "signed_body_header": body_header,
            "payload_hash": parity.UNSIGNED if s3 and presigned else hashlib.sha256(base64.b64decode(it["body"])).hexdigest(),
        },
        "expect": expect,
        "public_key": {"x": point[:64], "y": point[64:]},
    }


def key_line(number, access_key, secret):
    point = slow_key.public_key(access_key, secret).hex()
    return {
        "id": f"v4a/key-{number}",
        "source": "slow_key.py",
        "kind": "v4a-key",
        "context": {"access_key": access_key, "secret": secret},
        "expect": {"public_key": {"x": point[:64], "y": point[64:]}},
    }


def lines():
    rng = random.Random(parity.SEED + 1)
    keys = [parity.make_key(rng) for _ in range(KEYS)]
    for number in range(REQUESTS):
        yield request_line(number, parity.make_request(rng, keys, number))
    for number, key in enumerate(keys):
        yield key_line(number, *key)


def without_signatures(line):
    return re.sub('(Signature=|"signature": ")[0-9a-f]*', r"\1", line)


def main():
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines())
    if "--check" not in sys.argv[1:]:
        FILE.write_text(text)
        return 0
    same = without_signatures(text) == without_signatures(FILE.read_text())
    print("the same but for the signatures" if same else f"{FILE} would change")
    return not same


if __name__ == "__main__":
    sys.exit(main())
