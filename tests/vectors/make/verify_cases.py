"""The cases of verify.jsonl, requirement by requirement. `s` is the Suite of make_verify.py."""

from signing import (
    EMPTY,
    STREAM,
    UNSIGNED,
    UNSIGNED_TRAILER,
    Key,
    Request,
    presign,
    sign,
)

import verify_streams


def add_all(s):
    for add in (
        honest, equivalent, tampered, payload_mode, coverage, one_mechanism, one_query_mechanism, authorization_syntax,
        scope_bound, signed_headers, clock, presigned_clock, date_header, payload_line, session_token, unknown_key,
        host, target,
    ):
        add(s)
    verify_streams.add_all(s)


def honest(s):
    """Clients as they are."""
    c = "honest-client"
    own = [["Host", s.host]]
    s.accept(c, "botocore-s3-get", s.by_botocore(Request(headers=own)), "botocore")
    put = Request(method="PUT", headers=[*own, ["Content-Type", "text/plain"], ["x-amz-meta-a", "1"]], body=b"data")
    s.accept(c, "botocore-s3-put", s.by_botocore(put), "botocore")
    s.accept(c, "botocore-s3-token", s.by_botocore(put, key=s.temporary), "botocore, temporary credentials")
    api = Request(method="POST", path="/prod/pets", headers=[["Host", "a1.execute-api.us-east-1.amazonaws.com"],
                  ["Content-Type", "application/json"]], body=b'{"name":"Rex"}')
    s.accept(c, "botocore-execute-api", s.by_botocore(api, service="execute-api"), "botocore, no content hash header",
             service="execute-api")
    s.accept(c, "botocore-execute-api-date", s.by_botocore(api, service="execute-api", date_header="x"),
             "botocore where its user set Date: it is signed in place of x-amz-date", service="execute-api")
    iam = Request(headers=[["Host", "iam.amazonaws.com"]], query="Action=ListUsers&Version=2010-05-08")
    s.accept(c, "botocore-iam", s.by_botocore(iam, service="iam"), "botocore", service="iam")
    s.accept(c, "botocore-presigned-s3", s.by_botocore(Request(headers=own), expires=900), "botocore")
    s.accept(c, "botocore-presigned-s3-token", s.by_botocore(Request(headers=own), key=s.temporary, expires=900), "botocore")
    s.accept(c, "botocore-presigned-sts", s.by_botocore(iam, service="iam", expires=60), "botocore", service="iam")
    tight = sign(s.get(), s.scope()).edit(", ", ",")
    s.accept(c, "no-space-after-commas", tight, "curl and others write no space after the commas")
    wide = sign(s.get(), s.scope()).edit(", ", " ,  ")
    s.accept(c, "more-space-around-commas", wide, "white space between fields means nothing")
    order = sign(s.get(), s.scope())
    head, _, tail = order.values("Authorization")[0].partition(", SignedHeaders=")
    names, _, text = tail.partition(", Signature=")
    s.accept(c, "fields-in-another-order",
             order.set("Authorization", f"{head}, Signature={text}, SignedHeaders={names}"), "fields have no order")
    s.accept(c, "lower-case-header-names", but_names(sign(s.put(), s.scope()), str.lower), "names have no case")
    s.accept(c, "upper-case-header-names", but_names(sign(s.put(), s.scope()), str.upper), "names have no case")
    js = presign(s.bare(), s.scope(), fields=[("X-Amz-Content-Sha256", UNSIGNED), ("x-id", "GetObject")])
    s.accept(c, "aws-sdk-js-presigned", js, "AWS SDK for JavaScript v3: the payload stands in the query too")
    hoisted = presign(s.bare(method="PUT"), s.scope(), fields=[("x-amz-acl", "private"), ("X-Amz-User-Agent", "sdk/1")])
    s.accept(c, "presigned-hoisted-headers", hoisted, "SDKs move x-amz-* headers into the query, where they are signed")
    raw = presign(s.bare(), s.scope()).edit_query("%2F", "/")
    s.accept(c, "presigned-raw-slashes", raw, "a client that leaves the slashes of the credential as they are")
    names = presign(s.bare(headers=[["Range", "bytes=0-1"]]), s.scope(), also=["range"]).edit_query("%3B", ";")
    s.accept(c, "presigned-raw-semicolon", names, "a client that leaves the semicolon between names as it is")
    for name, value in UNSIGNED_HEADERS:
        s.accept(c, f"unsigned-{name.lower()}", sign(s.put(), s.scope()).add(name, value), "not x-amz-*: minio-go, restic, proxies")
        s.accept(c, f"presigned-unsigned-{name.lower()}", presign(s.bare(), s.scope()).add(name, value), "a browser adds it")
    s.accept(c, "unsigned-content-sha256", sign(s.put(), s.scope(), names=["host", "x-amz-date"]),
             "x-amz-content-sha256 is in the canonical request in any case")
    s.accept(c, "signed-content-length", sign(s.put(headers=[["Content-Length", "4"]]), s.scope(), also=["content-length"]), "signed")
    s.accept(c, "signed-user-agent", sign(s.get(headers=[["User-Agent", "a  b"]]), s.scope(), also=["user-agent"]), "signed")
    s.accept(c, "unsigned-payload-header", sign(s.put(headers=[["x-amz-content-sha256", UNSIGNED]]), s.scope()), "UNSIGNED-PAYLOAD, signed")
    s.accept(c, "empty-body-delete", sign(s.get(method="DELETE"), s.scope()), "DELETE")
    s.accept(c, "options", sign(s.get(method="OPTIONS"), s.scope()), "any method but CONNECT")
    s.accept(c, "application-s-own-authorization-parameter", sign(s.get(query="Signature=1&Expires=2"), s.scope()),
             "parameters of other names are the application's")
    s.accept(c, "date-beside-x-amz-date", sign(s.get(headers=[["Date", "Sat, 14 Mar 2026 12:00:00 GMT"]]), s.scope()), "x-amz-date counts")
    s.accept(c, "other-key", sign(s.get(), s.scope(s.other)), "a second key")
    slash = Key("AKID+EXAMPLE=", "secret/with+slashes")
    s.accept(c, "unusual-key-id", sign(s.get(), s.scope(slash)), "MinIO allows such ids", keys=[slash])


UNSIGNED_HEADERS = [
    ("Content-Type", "application/octet-stream"), ("Content-Md5", "jXd/OF09/siBXSD3SWAm3A=="), ("User-Agent", "restic"),
    ("Accept-Encoding", "gzip"), ("X-Amzn-Trace-Id", "Root=1-2-3"), ("X-Forwarded-For", "127.0.0.1"), ("Expect", "100-continue"),
    ("Range", "bytes=0-1"), ("Cookie", "a=b"),
]


def but_names(request, change):
    return request.but(headers=[[change(name), value] for name, value in request.headers])


def equivalent(s):
    """Other spellings of what was signed."""
    c = "same-canonical-text"
    base = sign(s.get(query="b=1&a=2&a=1&c"), s.scope())
    s.accept(c, "query-reordered", base.but(query="c=&a=1&b=1&a=2"), "parameters are sorted")
    s.accept(c, "query-empty-pairs", base.but(query="&b=1&&a=2&a=1&c&"), "empty pairs are dropped")
    s.accept(c, "query-escaped-otherwise", base.but(query="%62=1&a=2&%61=%31&c"), "escapes are decoded")
    spaced = sign(s.get(query="q=a%20b"), s.scope())
    s.accept(c, "query-plus-is-a-space", spaced.but(query="q=a+b"), "a raw + is signed as %20")
    s.accept(c, "path-escaped-otherwise", sign(s.get(path="/a~b$"), s.scope()).but(path="/a%7Eb%24"), "S3 decodes a path once")
    s.accept(c, "path-lower-case-escapes", sign(s.get(path="/%C3%A9"), s.scope()).but(path="/%c3%a9"), "S3 decodes a path once")
    s.accept(c, "path-dots-outside-s3", sign(s.get(path="/a/b"), s.scope(service="iam")).but(path="/a/./x/..//b"), "normalised", service="iam")
    s.accept(c, "s3-dots-and-slashes", sign(s.get(path="/a//./../b"), s.scope()), "key bytes")
    s.accept(c, "s3-unicode", sign(s.get(path="/%E2%82%AC"), s.scope()), "a key that is not ASCII")
    s.accept(c, "empty-name-and-value", sign(s.get(query="=&=v&a="), s.scope()), "empty names are kept")
    folded = sign(s.get(headers=[["x-amz-meta-a", "b c"]]), s.scope())
    s.accept(c, "value-white-space", folded.set("x-amz-meta-a", "b \t  c"), "runs of white space are one space")
    many = sign(s.get(headers=[["x-amz-meta-a", "1"], ["x-amz-meta-a", "2"]]), s.scope())
    s.accept(c, "repeated-header-joined", many.without("x-amz-meta-a").add("x-amz-meta-a", "1,2"), "joined by a comma")
    s.accept(c, "headers-in-another-order", base.but(headers=base.headers[::-1]), "sorted by name")


def tampered(s):
    """One thing changed after the signature."""
    c = "tampered"
    base = sign(s.put(query="a=1&b=2", headers=[["x-amz-meta-a", "1"], ["Content-Type", "text/plain"]]), s.scope(), also=["content-type"])
    text = base.values("Authorization")[0].rpartition("=")[2]
    changes = {
        "method": base.but(method="POST"),
        "path": base.but(path="/photos/dog.jpg"),
        "path-slash": base.but(path="/photos//cat.jpg"),
        "path-trailing-slash": base.but(path="/photos/cat.jpg/"),
        "path-case": base.but(path="/Photos/cat.jpg"),
        "query-value": base.but(query="a=1&b=3"),
        "query-added": base.but(query="a=1&b=2&c=3"),
        "query-removed": base.but(query="a=1"),
        "query-repeated": base.but(query="a=1&b=2&b=2"),
        "query-name": base.but(query="a=1&B=2"),
        "query-lone-percent": base.but(query="a=1&b=2%"),
        "host": base.set("Host", "other.s3.us-east-1.amazonaws.com"),
        "host-port": base.set("Host", s.host + ":8080"),
        "signed-header-value": base.set("x-amz-meta-a", "2"),
        "signed-header-repeated": base.add("x-amz-meta-a", "1"),
        "signed-header-removed": base.without("x-amz-meta-a"),
        "content-type-value": base.set("Content-Type", "text/html"),
        "content-type-removed": base.without("Content-Type"),
        "body": base.but(body=b"Data"),
        "body-longer": base.but(body=b"data."),
        "body-shorter": base.but(body=b"dat"),
        "body-empty": base.but(body=b""),
        "body-and-its-hash": base.but(body=b"").set("x-amz-content-sha256", EMPTY),
        "signature-first-digit": base.edit(text, flip(text, 0)),
        "signature-last-digit": base.edit(text, flip(text, 63)),
        "signature-zeroes": base.edit(text, "0" * 64),
        "signature-of-another-request": base.edit(text, sign(s.get(), s.scope()).values("Authorization")[0].rpartition("=")[2]),
        "names-fewer": base.edit("content-type;host", "host"),
        "key-id-of-another": base.edit("AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE"),
        "x-amz-date": base.set("x-amz-date", "20260314T120001Z"),
    }
    for name, request in changes.items():
        s.reject(c, name, request, f"{name} changed")
    url = presign(s.bare(query="a=1"), s.scope())
    text = url.query.rpartition("=")[2]
    for name, request in {
        "presigned-method": url.but(method="PUT"),
        "presigned-path": url.but(path="/photos/dog.jpg"),
        "presigned-query-value": url.edit_query("a=1", "a=2"),
        "presigned-query-added": url.but(query=url.query + "&b=2"),
        "presigned-query-added-before": url.but(query="b=2&" + url.query),
        "presigned-user-agent-added": url.but(query=url.query + "&User-Agent=x"),
        "presigned-expires": url.edit_query("X-Amz-Expires=900", "X-Amz-Expires=901"),
        "presigned-date": url.edit_query("T120000Z", "T120001Z"),
        "presigned-signature": url.edit_query(text, flip(text, 5)),
        "presigned-host": url.set("Host", "other.s3.us-east-1.amazonaws.com"),
        "presigned-key-id": url.edit_query("AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE"),
        "presigned-names": presign(s.bare(headers=[["Range", "a"]]), s.scope(), also=["range"]).edit_query("%3Brange", ""),
    }.items():
        s.reject(c, name, request, f"{name} changed")


def flip(text, at):
    return text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]


def payload_mode(s):
    """The payload mode is read only from what the signature covers."""
    c = "payload-mode"
    base = sign(s.put(), s.scope())
    for mode in (UNSIGNED, UNSIGNED_TRAILER, STREAM, STREAM + "-TRAILER"):
        s.reject(c, f"header-becomes-{mode}", base.set("x-amz-content-sha256", mode), "CVE-2025-31489 and kin")
        loose = sign(s.put(), s.scope(), names=["host", "x-amz-date"])
        s.reject(c, f"unsigned-header-becomes-{mode}", loose.set("x-amz-content-sha256", mode), "CVE-2026-41145 and kin")
    url = presign(s.bare(method="PUT", body=b"data"), s.scope())
    s.accept(c, "presigned-says-what-it-means", url.add("x-amz-content-sha256", UNSIGNED), "the same line")
    for mode in (UNSIGNED_TRAILER, STREAM, EMPTY):
        s.reject(c, f"presigned-becomes-{mode[:40]}", url.add("x-amz-content-sha256", mode), "another line")
    s.reject(c, "query-says-unsigned", base.but(query="X-Amz-Content-Sha256=" + UNSIGNED), "the query is covered")
    stream = sign(s.put(headers=[["x-amz-content-sha256", STREAM], ["x-amz-decoded-content-length", "4"]]), s.scope())
    s.reject(c, "stream-becomes-unsigned", stream.set("x-amz-content-sha256", UNSIGNED), "the chunks must be verified")
    s.reject(c, "stream-with-a-plain-body", stream, "plain bytes under a signed sentinel")
    hashed = presign(s.bare(method="PUT", body=b"data"), s.scope(), fields=[("X-Amz-Content-Sha256", EMPTY)], payload=EMPTY)
    s.reject(c, "presigned-hash-in-the-query", hashed, "the body is not the one whose hash was signed")
    s.accept(c, "presigned-hash-in-the-query-of-this-body", hashed.but(body=b""), "the body is the one whose hash was signed")


AMZ_HEADERS = [
    ("x-amz-copy-source", "/otherbucket/secret.txt"), ("x-amz-acl", "public-read"), ("x-amz-meta-a", "1"),
    ("x-amz-tagging", "a=b"), ("x-amz-website-redirect-location", "/x"), ("x-amz-server-side-encryption", "AES256"),
    ("x-amz-decoded-content-length", "4"), ("x-amz-trailer", "x-amz-checksum-crc32"), ("x-amz-grant-full-control", "id=1"),
    ("x-amz-bypass-governance-retention", "true"), ("X-Amz-Metadata-Directive", "REPLACE"), ("x-amz-empty", ""),
]


def coverage(s):
    """Every x-amz-* header that arrived, and host, must be signed."""
    c = "coverage"
    header, url = sign(s.put(), s.scope()), presign(s.bare(method="PUT"), s.scope())
    for name, value in AMZ_HEADERS:
        s.reject(c, f"unsigned-{name}", header.add(name, value), "CVE-2026-54330 and kin")
        s.reject(c, f"presigned-unsigned-{name}", url.add(name, value), "CVE-2026-54330 and kin")
        signed = presign(s.bare(method="PUT", headers=[[name, value]]), s.scope())
        s.accept(c, f"presigned-signed-{name}", signed, "signed, so the holder sends what was meant")
    names = ["x-amz-content-sha256", "x-amz-date"]
    s.reject(c, "host-not-signed", sign(s.get(), s.scope(), names=names), "valid otherwise")
    s.reject(c, "presigned-host-not-signed", presign(s.bare(headers=[["Range", "a"]]), s.scope(), names=["range"]), "valid otherwise")
    s.reject(c, "date-not-signed", sign(s.get(), s.scope(), names=["host", "x-amz-content-sha256"]), "x-amz-date is an x-amz-* header")
    s.reject(c, "presigned-unsigned-date-header", url.add("x-amz-date", s.when), "x-amz-date beside X-Amz-Date")
    s.accept(c, "x-amzn-is-not-x-amz", header.add("x-amzn-mine", "1"), "another prefix")


def one_mechanism(s):
    c = "one-mechanism"
    header, url = sign(s.get(), s.scope()), presign(s.bare(), s.scope())
    s.reject(c, "header-and-query", header.but(query=url.query), "both, though each is of this key")
    both = presign(s.bare(headers=[["x-amz-date", s.when], ["x-amz-content-sha256", EMPTY]]), s.scope(), names=["host"])
    s.reject(c, "header-and-query-signed", sign(both, s.scope()), "both, the header valid")
    s.reject(c, "presigned-and-bearer", url.add("Authorization", "Bearer abc"), "two mechanisms")
    s.reject(c, "presigned-and-empty-header", url.add("Authorization", ""), "two mechanisms")
    s.reject(c, "two-authorizations", header.add("Authorization", header.values("Authorization")[0]), "the same twice")
    s.reject(c, "two-authorizations-basic-first",
             header.but(headers=[["Authorization", "Basic YTpi"], *header.headers]), "which one counts?")
    s.reject(c, "two-authorizations-in-one", header.edit("Signature=", "Signature=" + "0" * 64 + ", Signature="), "two signatures")
    twice = sign(s.get(headers=[["x-amz-date", s.when], ["x-amz-date", s.when]]), s.scope())
    s.reject(c, "two-x-amz-dates", twice, "signed twice")
    s.reject(c, "two-x-amz-dates-one-added", header.add("x-amz-date", "20260314T115900Z"), "which one counts?")
    hashes = sign(s.get(headers=[["x-amz-content-sha256", EMPTY], ["x-amz-content-sha256", EMPTY]]), s.scope(), payload=EMPTY)
    s.reject(c, "two-content-sha256", hashes, "signed twice")
    s.reject(c, "nothing", s.get(), "not signed")
    s.reject(c, "bearer", s.get().add("Authorization", "Bearer abc"), "another mechanism")
    s.reject(c, "basic", s.get().add("Authorization", "Basic YTpi"), "another mechanism")
    s.reject(c, "signature-v2", s.get().add("Authorization", "AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg="), "Signature Version 2")
    s.reject(c, "signature-v2-query", s.get(query="AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1773489630&Signature=x"), "Signature Version 2")


FIELDS = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"]


def one_query_mechanism(s):
    c = "one-query-mechanism"
    url = presign(s.bare(), s.scope())
    pairs = dict(pair.split("=", 1) for pair in url.query.split("&"))
    for name in FIELDS:
        again = f"{name}={pairs[name]}"
        s.reject(c, f"twice-{name}", url.but(query=url.query + "&" + again), "a second one added")
        lower = again.replace(name, name.lower())
        s.reject(c, f"lower-case-{name}", url.edit_query(again, lower), "the name's case")
        rest = "&".join(pair for pair in url.query.split("&") if pair != again)
        s.reject(c, f"without-{name}", url.but(query=rest), "a field is missing")
        s.reject(c, f"empty-{name}", url.edit_query(again, name + "="), "a field is empty")
        signed = presign(s.bare(query=again), s.scope())
        s.reject(c, f"signed-twice-{name}", signed, "twice under a consistent signature")
    s.reject(c, "escaped-name", url.edit_query("X-Amz-Signature=", "X%2DAmz-Signature="), "a field's name is spelt exactly")
    hidden = presign(s.bare(query="x-amz-acl=private&x-amz-acl=public-read"), s.scope())
    s.reject(c, "hoisted-twice", hidden, "two values of a hoisted header")
    token = presign(s.bare(), s.scope(s.temporary), fields=[("X-Amz-Security-Token", s.temporary.session_token)])
    s.reject(c, "token-twice", token, "two tokens")


def authorization_syntax(s):
    c = "authorization-syntax"
    base = sign(s.get(), s.scope())
    value = base.values("Authorization")[0]
    credential = "AKIAIOSFODNN7EXAMPLE/20260314/us-east-1/s3/aws4_request"
    text = value.rpartition("=")[2]
    for name, new in {
        "algorithm-lower-case": value.replace("AWS4-HMAC-SHA256", "aws4-hmac-sha256"),
        "algorithm-shorter": value.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA25"),
        "algorithm-longer": value.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256X"),
        "algorithm-sha1": value.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"),
        "algorithm-sigv4a": value.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
        "algorithm-alone": "AWS4-HMAC-SHA256",
        "algorithm-without-space": value.replace("SHA256 ", "SHA256,", 1),
        "empty": "",
        "field-twice": value + ", SignedHeaders=host",
        "field-unknown": value + ", Extra=1",
        "field-lower-case": value.replace("Credential", "credential"),
        "field-without-equals": value.replace("Signature=", "Signature "),
        "no-credential": value.replace(f"Credential={credential}, ", ""),
        "no-signed-headers": value.replace("SignedHeaders=host;x-amz-content-sha256;x-amz-date, ", ""),
        "no-signature": value.partition(", Signature")[0],
        "trailing-comma": value + ",",
        "semicolons-between-fields": value.replace(", ", "; "),
        "quoted": value.replace(f"Signature={text}", f'Signature="{text}"'),
        "signature-upper-case": value.replace(text, text.upper()),
        "signature-short": value[:-1],
        "signature-long": value + "0",
        "signature-empty": value.replace(text, ""),
        "signature-not-hex": value.replace(text, "g" * 64),
        "signature-with-white-space-inside": value.replace(text, text[:32] + " " + text[32:]),
        "credential-four-parts": value.replace(credential, "AKIAIOSFODNN7EXAMPLE/20260314/us-east-1/s3"),
        "credential-six-parts": value.replace(credential, credential + "/x"),
        "credential-no-key": value.replace(credential, credential.partition("/")[1] + credential.partition("/")[2]),
        "credential-trailing-slash": value.replace(credential, credential + "/"),
        "credential-empty": value.replace(credential, ""),
    }.items():
        assert new != value, name
        s.reject(c, name, base.set("Authorization", new), name)
    url = presign(s.bare(), s.scope(algorithm="AWS4-HMAC-SHA512"))
    s.reject(c, "presigned-algorithm", url, "consistent, but another algorithm")
    s.reject(c, "presigned-sigv4a", presign(s.bare(), s.scope(algorithm="AWS4-ECDSA-P256-SHA256")), "another algorithm")
    s.reject(c, "consistent-algorithm", sign(s.get(), s.scope(algorithm="AWS4-HMAC-SHA512")), "consistent, but another algorithm")


def scope_bound(s):
    c = "scope"
    for name, changes in {
        "region": {"region": "eu-west-1"}, "region-case": {"region": "US-EAST-1"}, "service": {"service": "sts"},
        "terminator": {"terminator": "aws5_request"}, "date-before": {"date": "20260313"}, "date-after": {"date": "20260315"},
        "terminator-case": {"terminator": "AWS4_REQUEST"},
    }.items():
        s.reject(c, name, sign(s.get(), s.scope(**changes)), "consistent, but of another scope")
        s.reject(c, f"presigned-{name}", presign(s.bare(), s.scope(**changes)), "consistent, but of another scope")
    s.reject(c, "verifier-of-another-region", sign(s.get(), s.scope()), "signed for us-east-1", region="eu-west-1")
    s.accept(c, "another-region", sign(s.get(), s.scope(region="eu-west-1")), "signed for it", region="eu-west-1")
    late = "20260314T235959Z"
    midnight = sign(s.get(headers=[["x-amz-date", late]]), s.scope(when=late))
    s.accept(c, "across-midnight", midnight, "the scope's day is the signature's, not the clock's", now="2026-03-15T00:00:30Z")


def signed_headers(s):
    c = "signed-headers"
    names = ["host", "x-amz-content-sha256", "x-amz-date"]
    for name, listed in {
        "unsorted": names[::-1], "duplicate": ["host", *names], "upper-case": ["Host", *names[1:]], "empty-name": ["", *names],
        "absent": ["absent", *names], "absent-last": [*names, "x-zzz"], "authorization": ["authorization", *names],
    }.items():
        s.reject(c, name, sign(s.get(), s.scope(), names=listed), "consistent, but the list is not allowed")
        url = presign(s.bare(), s.scope(), names=[part for part in listed if not part.lower().startswith("x-amz")])
        if ";".join(part for part in listed if not part.lower().startswith("x-amz")) != "host":
            s.reject(c, f"presigned-{name}", url, "consistent, but the list is not allowed")
    base = sign(s.get(), s.scope())
    s.reject(c, "trailing-semicolon", base.edit("x-amz-date,", "x-amz-date;,"), "an empty name")
    s.reject(c, "commas", base.edit("host;x-amz-content-sha256;x-amz-date", "host,x-amz-content-sha256,x-amz-date"), "another separator")
    crowd = [f"x-h{n:04}" for n in range(5000)]
    s.reject(c, "five-thousand-names", sign(s.get(), s.scope(), names=sorted(crowd + names)), "bounded before anything is computed")


def clock(s):
    c = "clock"
    base = sign(s.get(), s.scope())
    for name, now, fits in (
        ("15-minutes-old", "2026-03-14T12:15:00Z", True), ("15-minutes-and-a-second-old", "2026-03-14T12:15:01Z", False),
        ("15-minutes-ahead", "2026-03-14T11:45:00Z", True), ("15-minutes-and-a-second-ahead", "2026-03-14T11:44:59Z", False),
        ("a-day-old", "2026-03-15T12:00:00Z", False), ("a-year-ahead", "2025-03-14T12:00:00Z", False),
    ):
        (s.accept if fits else s.reject)(c, name, base, "15 minutes either way, both ends included", now=now)
    s.reject(c, "narrower-skew", base, "one minute", now="2026-03-14T12:01:01Z", skew=60)
    for mode in (UNSIGNED, STREAM, UNSIGNED_TRAILER):
        extra = [["x-amz-content-sha256", mode]] + ([["x-amz-decoded-content-length", "0"]] if mode != UNSIGNED else [])
        old = sign(s.put(headers=extra), s.scope())
        s.reject(c, f"old-{mode}", old, "every payload mode has a clock", now="2026-03-14T13:00:00Z")
    for name, value in {
        "extended-format": "2026-03-14T12:00:00Z", "no-zone": "20260314T120000", "lower-case": "20260314t120000z",
        "fraction": "20260314T120000.000Z", "offset": "20260314T120000+0000", "impossible-day": "20260230T120000Z",
        "impossible-hour": "20260314T250000Z", "empty": "", "rfc-1123": "Sat, 14 Mar 2026 12:00:00 GMT", "leap": "20260314T120060Z",
    }.items():
        when = s.scope(when=value, date="20260314")
        s.reject(c, f"date-{name}", sign(s.get(headers=[["x-amz-date", value]]), when), "consistent, but not a date")
    s.reject(c, "no-date", sign(s.get().without("x-amz-date"), s.scope()), "neither x-amz-date nor Date")


def presigned_clock(s):
    c = "presigned-clock"
    url = presign(s.bare(), s.scope(), expires="60")
    for name, now, fits in (
        ("at-its-date", "2026-03-14T12:00:00Z", True), ("at-its-end", "2026-03-14T12:01:00Z", True),
        ("a-second-late", "2026-03-14T12:01:01Z", False), ("a-day-late", "2026-03-15T12:00:00Z", False),
        ("skew-early", "2026-03-14T11:45:00Z", True), ("too-early", "2026-03-14T11:44:59Z", False),
    ):
        (s.accept if fits else s.reject)(c, name, url, "from its date less the skew to its end", now=now)
    week = presign(s.bare(), s.scope(), expires="604800")
    s.accept(c, "seven-days", week, "the longest life", now="2026-03-21T12:00:00Z")
    s.reject(c, "seven-days-and-a-second", week, "over", now="2026-03-21T12:00:01Z")
    s.reject(c, "longer-than-this-verifier-takes", week, "a bound of an hour", presign_max=3600)
    for value in ("0", "-1", "604801", "1e3", "+60", "60.0", "0x60", " 60", "60s", "", "99999999999999999999", "٦٠"):
        s.reject(c, f"expires-{value or 'empty'}", presign(s.bare(), s.scope(), expires=value), "consistent, but outside 1 to 604800 or not digits")
    for value in ("2026-03-14T12:00:00Z", "20260314T120000", "", "1773489600"):
        url = presign(s.bare(), s.scope(when=value, date="20260314"))
        s.reject(c, f"date-{value or 'empty'}", url, "consistent, but not a date")


def date_header(s):
    """Date in place of x-amz-date."""
    c = "date-header"
    for name, value, fits in (
        ("rfc-1123", "Sat, 14 Mar 2026 12:00:00 GMT", True), ("botocore", "Sat, 14 Mar 2026 12:00:00 -0000", True),
        ("iso-basic", "20260314T120000Z", True), ("wrong-weekday", "Sun, 14 Mar 2026 12:00:00 GMT", False),
        ("another-zone", "Sat, 14 Mar 2026 12:00:00 PST", False), ("empty", "", False), ("another-time", "Sat, 14 Mar 2026 12:00:01 GMT", False),
    ):
        request = sign(s.get(headers=[["Date", value]]).without("x-amz-date"), s.scope(), also=["date"])
        (s.accept if fits else s.reject)(c, name, request, "a signed Date stands for x-amz-date")
    loose = sign(s.get(headers=[["Date", "Sat, 14 Mar 2026 12:00:00 GMT"]]).without("x-amz-date"), s.scope())
    s.reject(c, "unsigned", loose, "CVE-2015-8466")
    s.reject(c, "unsigned-renewed", loose.set("Date", "Sat, 14 Mar 2026 12:20:00 GMT"), "CVE-2015-8466", now="2026-03-14T12:20:00Z")
    old = sign(s.get(headers=[["Date", "Sat, 14 Mar 2026 12:20:00 GMT"]]), s.scope(), also=["date"])
    s.reject(c, "cannot-renew-x-amz-date", old, "x-amz-date counts where both are there", now="2026-03-14T12:20:00Z")
    stale = sign(s.get(headers=[["Date", "Sat, 14 Mar 2026 11:00:00 GMT"]]), s.scope(), also=["date"])
    s.accept(c, "stale-beside-x-amz-date", stale, "x-amz-date counts where both are there")
    two = sign(s.get(headers=[["Date", "Sat, 14 Mar 2026 12:00:00 GMT"]] * 2).without("x-amz-date"), s.scope(), also=["date"])
    s.reject(c, "two", two, "which one counts?")


def payload_line(s):
    c = "payload-line"
    for value in ("", "required", "unsigned-payload", "UNSIGNED-PAYLOAD2", EMPTY.upper(), EMPTY[:-1], EMPTY + "0", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
                  "STREAMING-AWS4-HMAC-SHA1-PAYLOAD", "streaming-aws4-hmac-sha256-payload", "STREAMING", "g" * 64):
        request = sign(s.get(headers=[["x-amz-content-sha256", value]]), s.scope(), payload=value)
        s.reject(c, f"value-{value[:44] or 'empty'}-{len(value)}", request, "consistent, but neither a hash nor a known value")
    s.reject(c, "s3-without", sign(s.get().without("x-amz-content-sha256"), s.scope()), "S3's header form states it")
    s.reject(c, "s3-without-unsigned", sign(s.get().without("x-amz-content-sha256"), s.scope(), payload=UNSIGNED), "S3's header form states it")
    api = sign(s.put(headers=[["content-type", "application/json"]]).without("x-amz-content-sha256"), s.scope(service="execute-api"))
    s.accept(c, "elsewhere-without", api, "the hash of the body", service="execute-api")
    s.reject(c, "elsewhere-without-body-changed", api.but(body=b"Data"), "the hash of the body", service="execute-api")
    s.reject(c, "elsewhere-without-unsigned", sign(s.put().without("x-amz-content-sha256"), s.scope(service="execute-api"), payload=UNSIGNED),
             "nothing says that it is unsigned", service="execute-api")
    s.accept(c, "elsewhere-with", sign(s.put(), s.scope(service="execute-api")), "the header that arrived", service="execute-api")
    s.reject(c, "elsewhere-with-body-changed", sign(s.put(), s.scope(service="execute-api")).but(body=b"x"), "the header that arrived", service="execute-api")
    url = presign(s.bare(), s.scope(service="sts"), payload=EMPTY)
    s.accept(c, "presigned-elsewhere", url, "the hash of no body", service="sts")
    s.reject(c, "presigned-elsewhere-with-body", url.but(body=b"x"), "the hash of no body", service="sts")
    s.reject(c, "presigned-elsewhere-unsigned", presign(s.bare(), s.scope(service="sts")), "nothing says that it is unsigned", service="sts")
    s.accept(c, "presigned-s3-any-body", presign(s.bare(method="PUT"), s.scope()).but(body=b"any"), "UNSIGNED-PAYLOAD")
    stated = presign(s.bare(method="PUT", body=b"x", headers=[["x-amz-content-sha256", EMPTY]]), s.scope(), payload=EMPTY)
    s.reject(c, "presigned-s3-hash-of-another-body", stated, "the header that arrived")
    s.accept(c, "presigned-s3-hash", stated.but(body=b""), "the header that arrived")


def session_token(s):
    c = "session-token"
    t = s.temporary
    with_token = lambda text: s.get(headers=[["x-amz-security-token", text]])
    good = sign(with_token(t.session_token), s.scope(t))
    s.accept(c, "signed", good, "its token, signed")
    s.reject(c, "missing", sign(s.get(), s.scope(t)), "the key has a token")
    s.reject(c, "another", sign(with_token("FwoGother"), s.scope(t)), "another session's")
    s.reject(c, "empty", sign(with_token(""), s.scope(t)), "empty")
    s.reject(c, "prefix", sign(with_token(t.session_token[:-1]), s.scope(t)), "a part of it")
    s.reject(c, "case", sign(with_token(t.session_token.lower()), s.scope(t)), "its case")
    s.reject(c, "twice", sign(good.without("Authorization").add("x-amz-security-token", t.session_token), s.scope(t)), "twice")
    names = ["host", "x-amz-content-sha256", "x-amz-date"]
    s.reject(c, "unsigned", sign(with_token(t.session_token), s.scope(t), names=names), "not signed")
    s.reject(c, "of-a-key-without-one", sign(with_token(t.session_token), s.scope()), "a key without a token refuses any")
    s.reject(c, "empty-of-a-key-without-one", sign(with_token(""), s.scope()), "a key without a token refuses any")
    s.reject(c, "under-s3-express-s-name", sign(s.get(headers=[["x-amz-s3session-token", t.session_token]]), s.scope(t)), "another service's name")
    s.accept(c, "presigned", presign(s.bare(), s.scope(t)), "its token, signed")
    bare = Key(t.access_key, t.secret_key)
    s.reject(c, "presigned-missing", presign(s.bare(), s.scope(bare)), "the key has a token")
    late = presign(s.bare(), s.scope(bare))
    from signing import encode
    s.reject(c, "presigned-added-after-signing", late.but(query=late.query + "&X-Amz-Security-Token=" + encode(t.session_token)), "AWS IoT's form")
    s.reject(c, "presigned-another", presign(s.bare(), s.scope(Key(t.access_key, t.secret_key, "FwoGother"))), "another session's")
    s.reject(c, "presigned-of-a-key-without-one", presign(s.bare(), s.scope(Key(s.plain.access_key, s.plain.secret_key, "FwoGother"))), "refuses any")


def unknown_key(s):
    c = "unknown-key"
    for name, key in {
        "unknown": Key("AKIAUNKNOWN", s.plain.secret_key), "case": Key("akiaiosfodnn7example", s.plain.secret_key),
        "wrong-secret": Key(s.plain.access_key, "wrong"), "empty-secret": Key(s.plain.access_key, ""),
        "secret-of-another": Key(s.plain.access_key, s.other.secret_key), "longer-id": Key(s.plain.access_key + "X", s.plain.secret_key),
    }.items():
        s.reject(c, name, sign(s.get(), s.scope(key)), "consistent under a key that is not known")
        s.reject(c, f"presigned-{name}", presign(s.bare(), s.scope(key)), "consistent under a key that is not known")
    s.reject(c, "no-keys-at-all", sign(s.get(), s.scope()), "the look-up finds nothing", keys=[])


def host(s):
    c = "host"
    origin = "https://" + s.host
    h2 = s.get(version="2", origin=origin).without("Host")
    s.accept(c, "http2-authority", sign(h2, s.scope()), ":authority is the host")
    s.accept(c, "http2-presigned", presign(Request(version="2", origin=origin), s.scope()), ":authority is the host")
    s.accept(c, "http2-same-host-header", sign(h2.add("Host", s.host), s.scope()), "they agree")
    other = sign(h2.add("Host", "other.example.com"), s.scope())
    s.reject(c, "http2-another-host-header", other, "consistent with the Host header, which differs from :authority")
    s.reject(c, "http2-another-host-header-added", sign(h2, s.scope()).add("Host", "other.example.com"), "they differ")
    absolute = s.get(origin="http://" + s.host)
    s.accept(c, "absolute-form", sign(absolute, s.scope()), "a proxy's form of target")
    s.reject(c, "absolute-form-another-host", sign(absolute, s.scope()).but(origin="http://other.example.com"), "they differ")
    s.reject(c, "absolute-form-user-info", sign(absolute, s.scope()).but(origin=f"http://user:pass@{s.host}"), "user info")
    s.reject(c, "two-hosts", sign(s.get(headers=[["Host", s.host], ["Host", s.host]]), s.scope()), "consistent, but doubled")
    s.reject(c, "two-hosts-one-added", sign(s.get(), s.scope()).add("Host", "other.example.com"), "which one counts?")
    s.reject(c, "no-host", sign(s.get(), s.scope()).without("Host"), "no host")
    s.accept(c, "with-port", sign(s.get(headers=[["Host", "localhost:9000"]]), s.scope()), "as it stands")
    s.accept(c, "upper-case", sign(s.get(headers=[["Host", "EXAMPLE.com"]]), s.scope()), "as it stands")
    s.reject(c, "port-removed", sign(s.get(headers=[["Host", "localhost:9000"]]), s.scope()).set("Host", "localhost"), "changed")


def target(s):
    c = "target"
    s.reject(c, "asterisk", sign(s.get(method="OPTIONS", path="*"), s.scope()), "no path")
    s.reject(c, "lone-percent-in-the-query", sign(s.get(query="a=%25"), s.scope()).but(query="a=%"), "a malformed escape")
    s.reject(c, "half-an-escape-in-the-query", sign(s.get(query="a=%252"), s.scope()).but(query="a=%2"), "a malformed escape")
    s.accept(c, "lone-percent-in-the-path", sign(s.get(path="/100%"), s.scope()), "a literal percent sign")
    many = "&".join(f"k{n:04}=v" for n in range(1000))
    s.accept(c, "a-thousand-parameters", sign(s.get(query=many), s.scope()), "many, but not too many")
    flood = "&".join("a" for _ in range(30000))
    s.reject(c, "thirty-thousand-parameters", sign(s.get(query=flood), s.scope()), "bounded before anything is computed")
    large = s.get(headers=[["x-amz-meta-a", "a" * 200_000]])
    s.reject(c, "headers-of-200-kb", sign(large, s.scope()), "bounded before anything is computed")
