"""parity.py PROGRAM REQUESTS: SigV4a by awscrt and by ours, each verified by the other."""

import base64
import datetime
import hashlib
import json
import random
import subprocess
import sys
from io import BytesIO
from urllib.parse import quote

import awscrt
from awscrt.auth import (
    AwsCredentialsProvider,
    AwsSignatureType,
    AwsSignedBodyHeaderType,
    AwsSigningAlgorithm,
    AwsSigningConfig,
    aws_sign_request,
)
from awscrt.crypto import EC
from awscrt.http import HttpHeaders, HttpRequest
from awscrt.io import InputStream

import slow_key

SEED = 4
KEYS = 100
UNRESERVED = "-._~"
# SubjectPublicKeyInfo of an uncompressed point on P-256 (RFC 5480, 2), up to x.
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
LETTERS = "abcxyzABC019 -_.~!$&'()*,;=:@/?é日\N{GRINNING FACE}"
SETS = ["*", "us-east-1", "us-*", "us-east-1,eu-west-1", "ap-south-1,us-east-*", "eu-west-1,us-east-1,us-west-2"]
UNSIGNED = "UNSIGNED-PAYLOAD"
WITH_BODY_HEADER = {"s3", "vpc-lattice-svcs"}


def words(rng, most=12):
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(1, most)))


def make_key(rng):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    access_key = "AKIA" + "".join(rng.choice(letters) for _ in range(16))
    secret = base64.b64encode(rng.randbytes(30)).decode()
    return access_key, secret


def make_request(rng, keys, number):
    access_key, secret = rng.choice(keys)
    service = rng.choice(["s3", "s3", "events", "execute-api", "vpc-lattice-svcs"])
    form = "query" if number % 2 else "header"
    # In a path of S3, %2F is signed as /, which awscrt does not do: S3's requests have the slash itself.
    safe = UNRESERVED + "/" if service == "s3" else UNRESERVED
    segments = [quote(words(rng), safe=safe) for _ in range(rng.randint(0, 4))]
    if service != "s3" and rng.random() < 0.2:
        segments.insert(0, rng.choice(["..", ".", ""]))
    query = [quote(words(rng), safe=UNRESERVED) + "=" + quote(words(rng), safe=UNRESERVED) for _ in range(rng.randint(0, 5))]
    headers = [["Host", rng.choice(["a.example.com", "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com"])]]
    if rng.random() < 0.5:
        headers.append(["Content-Type", rng.choice(["application/json", "text/plain;  charset=utf-8"])])
    headers += [[f"X-Amz-Meta-{n}", rng.choice(["a", "  a   b ", '"a  b"', "a,b"])] for n in range(rng.randint(0, 3))]
    body = rng.randbytes(rng.choice([0, 0, 1, 100])) if form == "header" else b""
    when = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(seconds=rng.randrange(10**8))
    return {
        "form": form,
        "method": rng.choice(["GET", "PUT", "POST", "DELETE"]),
        "target": "/" + "/".join(segments) + ("?" + "&".join(query) if query else ""),
        "headers": headers,
        "body": base64.b64encode(body).decode(),
        "access_key": access_key,
        "secret": secret,
        "token": base64.b64encode(rng.randbytes(40)).decode() if rng.random() < 0.3 else None,
        "service": service,
        "region_set": rng.choice(SETS),
        "time": when.strftime("%Y%m%dT%H%M%SZ"),
        "expires": rng.choice([1, 900, 604800]) if form == "query" else None,
    }


def sign_with_awscrt(it):
    """The request as awscrt signs it: target and headers."""
    s3, presigned = it["service"] == "s3", it["form"] == "query"
    body_header = it["service"] in WITH_BODY_HEADER and not presigned
    body = base64.b64decode(it["body"])
    config = AwsSigningConfig(
        algorithm=AwsSigningAlgorithm.V4_ASYMMETRIC,
        signature_type=AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS if presigned else AwsSignatureType.HTTP_REQUEST_HEADERS,
        credentials_provider=AwsCredentialsProvider.new_static(it["access_key"], it["secret"], it["token"]),
        region=it["region_set"],
        service=it["service"],
        date=datetime.datetime.strptime(it["time"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc),
        use_double_uri_encode=not s3,
        should_normalize_uri_path=not s3,
        signed_body_value=UNSIGNED if s3 and presigned else hashlib.sha256(body).hexdigest(),
        signed_body_header_type=AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256 if body_header else AwsSignedBodyHeaderType.NONE,
        expiration_in_seconds=it["expires"],
    )
    headers = HttpHeaders([(name, value) for name, value in it["headers"]])
    request = HttpRequest(it["method"], it["target"], headers, InputStream(BytesIO(body)))
    signed = aws_sign_request(request, config).result()
    return {"target": signed.path, "headers": [list(pair) for pair in signed.headers]}


def main():
    program, requests = sys.argv[1], int(sys.argv[2])
    rng = random.Random(SEED)
    keys = [make_key(rng) for _ in range(KEYS)]
    points = {key: slow_key.public_key(*key) for key in keys}
    public = {key: EC.new_key_from_der_data(SPKI + point) for key, point in points.items()}
    cases = [make_request(rng, keys, number) for number in range(requests)]
    lines = "".join(json.dumps(it | {"signed": sign_with_awscrt(it)}) + "\n" for it in cases)
    answers = subprocess.run([program], input=lines, text=True, stdout=subprocess.PIPE, check=True).stdout
    answers = [json.loads(line) for line in answers.splitlines()]
    assert len(answers) == requests, f"{len(answers)} answers"

    wrong, refused, forms = [], 0, {"header": 0, "query": 0}
    for it, answer in zip(cases, answers):
        key = it["access_key"], it["secret"]
        digest = hashlib.sha256(answer["string_to_sign"].encode()).digest()
        signature = bytes.fromhex(answer["signature"])
        valid = public[key].verify(digest, signature)
        other = public[keys[0] if key != keys[0] else keys[1]].verify(digest, signature)
        same_key = answer["public_key"] == "04" + points[key].hex()
        forms[it["form"]] += 1
        refused += answer["refused"]
        if answer["error"] or not valid or other or not same_key:
            wrong.append((it, answer))
    print(f"awscrt {awscrt.__version__}, {KEYS} keys")
    print(f"{requests} requests ({forms['header']} headers, {forms['query']} queries) signed by awscrt, put before our verifier")
    print(f"{refused} of them with one byte changed: refused")
    print(f"{requests} signed by ours, put before awscrt.crypto.EC.verify under slow_key.py's public keys")
    print(f"{len(wrong)} wrong")
    for it, answer in wrong[:3]:
        print(json.dumps(it), json.dumps(answer), sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
