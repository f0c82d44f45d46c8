"""Makes the known answers in the folder above: every line is signed by botocore and by awscrt.

    make.py            writes the *.jsonl files of the folder above
    make.py --check    fails if what it would write differs from what is there

A case is kept where the two signers agree. Where they do not, or where only one of them can be asked,
the case says in `note` which rule decides; any other disagreement ends the run.
The cases themselves are in cases.py.
"""

import base64
import hashlib
import json
import pathlib
import sys
from urllib.parse import quote, unquote_to_bytes

import awscrt
import botocore
from awscrt.auth import (
    AwsCredentialsProvider,
    AwsSignatureType,
    AwsSignedBodyHeaderType,
    AwsSigningAlgorithm,
    AwsSigningConfig,
    aws_sign_request,
)
from awscrt.http import HttpHeaders, HttpRequest
from botocore.auth import S3SigV4Auth, SigV4Auth, _host_from_url
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from cases import Case, SigningKeyCase, all_cases

HERE = pathlib.Path(__file__).parent.parent
SOURCE = f"make.py, botocore {botocore.__version__}, awscrt {awscrt.__version__}"
UNRESERVED = "-._~"
# By kind, and by whether the service is S3 Express: rule 15.
TOKEN_NAMES = {
    "header": {False: "x-amz-security-token", True: "x-amz-s3session-token"},
    "query": {False: "X-Amz-Security-Token", True: "X-Amz-S3session-Token"},
}


class Prepared:
    """A case, with what signing adds worked out."""

    def __init__(self, case: Case):
        self.case = case
        self.path, _, self.query = case.target.partition("?")
        self.pairs = encoded_query(case.botocore_query or self.query)
        self.timestamp = case.when.strftime("%Y%m%dT%H%M%SZ")
        self.scope = f"{self.timestamp[:8]}/{case.region}/{case.service}/aws4_request"
        self.payload = case.payload or hashlib.sha256(case.body).hexdigest()
        url_host = _host_from_url(f"{case.scheme}://{case.authority}/")
        sent_host = [value for name, value in case.headers if name.lower() == "host"]
        self.host = sent_host[0] if sent_host else url_host
        self.token_name = TOKEN_NAMES[case.kind][case.service == "s3express"]
        signed = [pair for pair in case.headers if pair[0].lower() not in case.unsigned]
        if not sent_host:
            signed.append(["host", self.host])
        self.added = []
        if case.kind == "header":
            self.added.append(["x-amz-date", self.timestamp])
            if case.body_header:
                self.added.append(["x-amz-content-sha256", self.payload])
            if case.token:
                self.added.append([self.token_name, case.token])
        self.signed = signed + self.added
        self.names = ";".join(sorted({name.lower() for name, _ in self.signed}))

    def presign_fields(self, token=True) -> list[tuple[str, str]]:
        """The X-Amz-* fields of the query, encoded, in the order of rule 14."""
        fields = [
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", f"{self.case.access_key}/{self.scope}"),
            ("X-Amz-Date", self.timestamp),
            ("X-Amz-Expires", str(self.case.expires)),
            ("X-Amz-SignedHeaders", self.names),
        ]
        if token and self.case.token:
            fields.append((self.token_name, self.case.token))
        return [(name, quote(value, safe=UNRESERVED)) for name, value in fields]


def encode_once(text: str) -> str:
    """Decodes what is escaped and encodes it again."""
    return quote(unquote_to_bytes(text), safe=UNRESERVED)


def encoded_path(path: str) -> str:
    """Rule 2: botocore and awscrt copy an S3 path as it is given to them, so they are given this.

    An escaped slash becomes a slash. Swift, Ceph radosgw, garage and s3s answer 403 to `/b/a%2Fb` signed as it stands
    and 200 to it signed as `/b/a/b`; live S3 refuses the former too (awslabs/aws-sigv4-proxy#246).
    """
    return quote(unquote_to_bytes(path), safe=UNRESERVED + "/")


def encoded_query(query: str) -> list[tuple[str, str]]:
    """Rule 5 up to the sort: botocore only sorts and joins, so it is given pairs encoded already."""
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return [(encode_once(name), encode_once(value)) for name, _, value in pairs]


def sign_with_botocore(it: Prepared) -> dict:
    """Canonical request, string to sign and signature, by botocore's own steps."""
    case = it.case

    class Auth(S3SigV4Auth if case.is_s3 else SigV4Auth):
        def payload(self, request):
            return it.payload

    pairs = list(it.pairs)
    if case.kind == "query":
        pairs += it.presign_fields(token=not case.omit_session_token)
    path = encoded_path(it.path) if case.is_s3 else it.path
    url = f"{case.scheme}://{case.authority}{path or '/'}"
    if pairs:
        url += "?" + "&".join(f"{name}={value}" for name, value in pairs)
    request = AWSRequest(method=case.method, url=url, data=case.body)
    for name, value in it.signed:
        request.headers.add_header(name, value)
    request.context["timestamp"] = it.timestamp
    auth = Auth(Credentials(case.access_key, case.secret), case.service, case.region)
    canonical = auth.canonical_request(request)
    to_sign = auth.string_to_sign(request, canonical)
    return {
        "canonical_request": canonical,
        "string_to_sign": to_sign,
        "signature": auth.signature(to_sign, request),
    }


def sign_with_awscrt(it: Prepared) -> str:
    """The signature alone: awscrt shows no intermediate text."""
    case = it.case
    target = it.path if not case.is_s3 else encoded_path(it.path)
    if it.query:
        target += "?" + it.query
    own = {name for name, _ in it.added}
    headers = HttpHeaders()
    for name, value in it.signed:
        if name not in own:
            headers.add(name, value)
    for name, value in case.headers:
        if name.lower() in case.unsigned:
            headers.add(name, value)
    express = case.service == "s3express"
    config = AwsSigningConfig(
        algorithm=AwsSigningAlgorithm.V4_S3EXPRESS if express else AwsSigningAlgorithm.V4,
        signature_type=AwsSignatureType.HTTP_REQUEST_HEADERS
        if case.kind == "header"
        else AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS,
        credentials_provider=AwsCredentialsProvider.new_static(
            case.access_key, case.secret, case.token
        ),
        region=case.region,
        service=case.service,
        date=case.when,
        should_sign_header=lambda name: name.lower() not in case.unsigned,
        use_double_uri_encode=not case.is_s3,
        should_normalize_uri_path=not case.is_s3,
        signed_body_value=it.payload,
        signed_body_header_type=AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256
        if case.kind == "header" and case.body_header
        else AwsSignedBodyHeaderType.NONE,
        expiration_in_seconds=case.expires,
        omit_session_token=case.omit_session_token,
    )
    request = HttpRequest(case.method, target or "/", headers)
    signed = aws_sign_request(request, config).result(10)
    if case.kind == "header":
        return signed.headers.get("Authorization").rpartition("Signature=")[2]
    return signed.path.rpartition("X-Amz-Signature=")[2].partition("&")[0]


def line(case: Case) -> dict:
    it = Prepared(case)
    expect = sign_with_botocore(it)
    try:
        other = sign_with_awscrt(it)
    except Exception as error:  # awscrt has one error type for all that it refuses
        other = f"refused: {error}"
    agree = other == expect["signature"]
    if agree == case.awscrt_differs:
        raise SystemExit(f"{case.id}: awscrt says {other}, botocore\n{json.dumps(expect, indent=1)}")
    result = {
        "id": case.id,
        "source": SOURCE,
        "kind": case.kind,
        "request": request_of(case),
        "context": context_of(it),
        "expect": expect | placed(it, expect["signature"]),
        "http_uri": "ok",
    }
    return result | ({"note": case.note} if case.note else {})


def request_of(case: Case) -> dict:
    return {
        "method": case.method,
        "scheme": case.scheme,
        "authority": case.authority,
        "target": case.target,
        "headers": case.headers,
        "body_b64": base64.b64encode(case.body).decode(),
    }


def context_of(it: Prepared) -> dict:
    case = it.case
    return {
        "access_key": case.access_key,
        "secret": case.secret,
        "token": case.token,
        "region": case.region,
        "service": case.service,
        "timestamp": case.when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "expires": case.expires,
        "normalize_path": not case.is_s3,
        "double_encode": not case.is_s3,
        "signed_body_header": case.kind == "header" and case.body_header,
        "omit_session_token": case.omit_session_token,
        "unsigned_payload": it.payload == "UNSIGNED-PAYLOAD",
        "payload_hash": it.payload,
    }


def placed(it: Prepared, signature: str) -> dict:
    """The signature where it goes: in the Authorization header, or last in the query."""
    expect = {"signed_headers": it.names, "added_headers": it.added}
    if it.case.kind == "header":
        fields = (
            f"Credential={it.case.access_key}/{it.scope}",
            f"SignedHeaders={it.names}",
            f"Signature={signature}",
        )
        expect["authorization"] = "AWS4-HMAC-SHA256 " + ", ".join(fields)
    else:
        pairs = it.pairs + it.presign_fields() + [("X-Amz-Signature", signature)]
        expect["signed_query"] = "&".join(f"{name}={value}" for name, value in pairs)
    return expect


def signing_key_line(case: SigningKeyCase) -> dict:
    """awscrt does not show its key; every other line's signature is made with one, by both."""
    auth = SigV4Auth(Credentials("unused", case.secret), case.service, case.region)
    key = ("AWS4" + case.secret).encode()
    for part in (case.when.strftime("%Y%m%d"), case.region, case.service, "aws4_request"):
        key = auth._sign(key, part)
    return {
        "id": case.id,
        "source": f"make.py, botocore {botocore.__version__}",
        "kind": "signing-key",
        "context": {
            "secret": case.secret,
            "timestamp": case.when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": case.region,
            "service": case.service,
        },
        "expect": {"signing_key": key.hex()},
    }


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        raise SystemExit(__doc__)
    total, seen, stale = 0, set(), []
    for name, cases in all_cases().items():
        lines = []
        for case in cases:
            if case.id in seen:
                raise SystemExit(f"two cases are named {case.id}")
            seen.add(case.id)
            made = signing_key_line(case) if isinstance(case, SigningKeyCase) else line(case)
            lines.append(json.dumps(made, ensure_ascii=False))
        text = "\n".join(lines) + "\n"
        path = HERE / f"{name}.jsonl"
        if not check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
        print(f"{name}: {len(lines)}")
        total += len(lines)
    print(f"{total} cases")
    if stale:
        raise SystemExit(f"not what this script makes: {', '.join(stale)}")


if __name__ == "__main__":
    main()
