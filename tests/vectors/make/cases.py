"""The cases: what is signed, file by file. Rule numbers are those of the canonicalisation rules:

1 path, 2 S3 path, 3 empty path, 4 lone percent, 5 query, 6 raw plus, 8 header values, 9 and 10 which headers,
11 host, 13 x-amz-content-sha256, 14 presigning, 15 unsigned token.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

ACCESS_KEY = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEJr//////////wEaDEXAMPLE+TOKEN/with+slashes=="
WHEN = datetime(2015, 8, 30, 12, 36, 0, tzinfo=timezone.utc)
S3_KIN = {"s3", "s3-outposts", "s3-object-lambda", "s3express"}
HASHED_HEADER = S3_KIN | {"aoss", "vpc-lattice-svcs", "glacier"}
UNSIGNED = "UNSIGNED-PAYLOAD"
WORDS = ["a", "b", "key", "value", "x-y", "x_y", "x.y", "A", "Z9", "0", "~", "longer-segment-name"]


@dataclass
class Case:
    id: str
    kind: str = "header"
    method: str = "GET"
    scheme: str = "https"
    authority: str = ""
    target: str = "/"
    headers: list = field(default_factory=list)
    # Lower-case names that are in the request and not signed.
    unsigned: tuple = ()
    body: bytes = b""
    # The payload line; None is the hash of the body.
    payload: str | None = None
    body_header: bool | None = None
    access_key: str = ACCESS_KEY
    secret: str = SECRET
    token: str | None = None
    region: str = "us-east-1"
    service: str = "execute-api"
    when: datetime = WHEN
    expires: int | None = None
    omit_session_token: bool = False
    note: str | None = None
    # A spelling of the query that botocore is given instead (rule 6).
    botocore_query: str | None = None
    awscrt_differs: bool = False

    def __post_init__(self):
        self.authority = self.authority or f"{self.service}.{self.region}.amazonaws.com"
        if self.body_header is None:
            self.body_header = self.service in HASHED_HEADER
        if self.kind == "query":
            self.expires = self.expires or 900
            if self.is_s3 and self.payload is None:
                self.payload = UNSIGNED

    @property
    def is_s3(self):
        return self.service in S3_KIN


@dataclass
class SigningKeyCase:
    id: str
    secret: str
    when: datetime
    region: str
    service: str


def all_cases():
    return {
        "paths": paths(),
        "queries": queries(),
        "headers": headers(),
        "hosts": hosts(),
        "payloads": payloads(),
        "tokens": tokens(),
        "presigned": presigned(),
        "services": services(),
        "times": times(),
        "mixed": mixed(),
        "signing-keys": signing_keys(),
    }


PATHS = [
    "/", "", "//", "///", "/a", "/a/", "/a/b", "/a//b", "//a", "/a//", "/./a", "/a/.", "/a/./", "/a/./b",
    "/..", "/../", "/../a", "/a/..", "/a/../", "/a/../b", "/a/b/..", "/a/b/../", "/a/b/../../c", "/a//..",
    "/a//../b", "/.../a", "/.a", "/a.", "/a..b", "/%2e%2e/a", "/%2E/a", "/a%2Fb", "/a%2fb", "/a%20b",
    "/%7Ea", "/~a", "/$a", "/a+b", "/a%2Bb", "/a;b", "/a;v=1/b", "/a*b", "/a%2Ab", "/a:b", "/a@b", "/a,b",
    "/a=b", "/a&b", "/a!b", "/a'b", "/(a)", "/a%25b", "/a%2525b", "/a%", "/a%zz", "/%4", "/%c3%bc",
    "/%C3%BC", "/ü", "/日本語/キー", "/é", "/e\u0301", "/\U0001f600", "/%F0%9F%98%80", "/a|b", "/a^b",
    '/a"b', "/a{b}", "/a[b]", "/a\\b", "/%60a%60", "/%00", "/%FF", "/a%0Ab", "/-._~", "/a-b_c.d~e",
    "/test$file.text", "/a/%2F/b", "/a/%2e/b", "/x/y/z/", "/index.html",
]


def paths():
    made = []
    for number, path in enumerate(PATHS):
        note = None
        s3_note = None
        if path == "":
            note = s3_note = "rule 3: an empty path is /"
        elif "%2F" in path or "%2f" in path:
            s3_note = "rule 2: an escaped slash is a slash of the key"
        elif path in ("/a%", "/a%zz", "/%4"):
            s3_note = "rule 4: a lone percent is a literal one"
        made.append(Case(f"path-{number:02}", target=path, note=note))
        made.append(Case(f"path-s3-{number:02}", target=path, service="s3", note=s3_note))
    return made


QUERIES = [
    "a=1", "a=1&b=2", "b=2&a=1", "a-b=1&a=1", "a=1&a-b=1", "a.b=1&a=1&a_b=1&a~b=1", "a=2&a=1", "a=1&a=1",
    "a=b&a=&a", "a", "a=", "=v", "=", "=&=", "a&b", "b&a", "acl", "uploads", "uploadId=abc&partNumber=2",
    "list-type=2&prefix=a%2Fb", "prefix=a/b", "prefix=a/b/&delimiter=/", "a=b=c", "a==", "a=b%3Dc",
    "a=%20", "a=%2B", "a%20b=1", "a=%c3%bc", "a=%C3%BC", "a=ü", "ü=1&a=2", "%C3%BC=1&z=2", "a=日本",
    "a=~", "a=%7E", "a=%7e", "a=!*'()", "a=%21%2A%27%28%29", "a=$", "a=;", "a;b=1", "a=:", "a=@", "a=,",
    "a=?", "a=/?", "a?b=1", "A=1&a=1&B=1&b=1", "a=Z&a=a&a=A", "a=%2F&a=0&a=%41", "Action=ListUsers&Version=2010-05-08",
    "a=%25", "a=%2525", "a=%00", "a=%FF", "a=%0A", "aa=1&a=2&ab=3", "a1=1&a=1&a0=1", "X-Amz-Meta=1&x-amz-meta=2",
    "a=1&&b=2", "&a=1", "a=1&", "&&", "q=%7B%22k%22%3A1%7D", "q={}", "a=|", "a=[1]", "a[]=2&a[]=1", "a=%5B1%5D",
    "marker=a%2Bb%20c", "a=-._~", "\U0001f600=\U0001f600", "name=e\u0301", "k=v%26w",
]


def queries():
    made = []
    for number, query in enumerate(QUERIES):
        service = "s3" if number % 2 else "execute-api"
        made.append(Case(f"query-{number:02}", target=f"/?{query}", service=service))
    plus = [("a=b+c", "a=b%20c"), ("a+b=c", "a%20b=c"), ("a=+", "a=%20"), ("a=b+c&a=b%2Bc", "a=b%20c&a=b%2Bc")]
    for number, (raw, spelled) in enumerate(plus):
        for kind in ("header", "query"):
            made.append(
                Case(
                    f"query-plus-{kind}-{number}",
                    kind=kind,
                    target=f"/?{raw}",
                    botocore_query=spelled,
                    awscrt_differs=True,
                    note="rule 6: a raw + is signed as %20, awscrt says %2B; made by botocore from %20",
                )
            )
    return made


HEADERS = [
    [["x-custom", "value"]],
    [["x-custom", "  value  "]],
    [["x-custom", "a   b    c"]],
    [["x-custom", "\ta\t \tb\t"]],
    [["x-custom", ""]],
    [["x-custom", "   "]],
    [["x-custom", '"a   b"']],
    [["x-custom", "a,b,  c"]],
    [["x-custom", "a"], ["x-custom", "b"]],
    [["x-custom", "b"], ["x-custom", "a"]],
    [["x-custom", "b"], ["X-Custom", "a"], ["x-CUSTOM", "c"]],
    [["x-custom", ""], ["x-custom", "a"]],
    [["x-custom", "a"], ["x-custom", ""]],
    [["x-custom", ""], ["x-custom", ""]],
    [["x-custom", " a  b "], ["x-custom", " c  d "]],
    [["x-custom", "a"], ["x-other", "z"], ["x-custom", "b"]],
    [["X-Upper", "Value"]],
    [["x-b", "1"], ["x-a", "2"], ["x-c", "3"]],
    [["x-a-b", "1"], ["x-a", "2"], ["x-a.b", "3"], ["x-a_b", "4"]],
    [["a", "1"], ["z", "2"]],
    [["x-custom", "ü é 日本"]],
    [["x-custom", "ünï"], ["x-custom", "cödé"]],
    [["content-type", "application/json"]],
    [["content-type", "application/x-www-form-urlencoded; charset=utf-8"]],
    [["content-type", "text/plain;  charset=utf-8"]],
    [["content-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="]],
    [["range", "bytes=0-9"]],
    [["date", "Sun, 30 Aug 2015 12:36:00 GMT"]],
    [["if-match", '"etag"'], ["if-none-match", "*"]],
    [["x-amz-meta-a", "1"], ["x-amz-meta-b", " 2  3 "]],
    [["X-Amz-Target", "DynamoDB_20120810.ListTables"], ["content-type", "application/x-amz-json-1.0"]],
    [["x-amz-acl", "public-read"], ["x-amz-storage-class", "STANDARD_IA"]],
    [["cookie", "a=b; c=d"]],
    [["x-custom", "a=b;c:d"]],
    [["x-custom", "a" * 300]],
    [["x-number", "007"]],
    [["cache-control", "no-cache,  no-store"]],
]

# Present in the request, and signed by neither.
WITHHELD = [
    ["user-agent", "agent/1.0"], ["connection", "keep-alive"], ["expect", "100-continue"],
    ["x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793"], ["te", "trailers"],
    ["accept-encoding", "gzip"], ["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
    ["tracestate", "a=1"], ["baggage", "a=1"], ["keep-alive", "timeout=5"], ["trailer", "x-end"],
    ["transfer-encoding", "chunked"], ["upgrade", "h2c"], ["proxy-authorization", "Basic eA=="],
    ["proxy-authenticate", "Basic"], ["accept", "*/*"], ["referer", "https://example.com/"],
]


def headers():
    made = []
    for number, pairs in enumerate(HEADERS):
        service = "s3" if number % 3 == 2 else "execute-api"
        made.append(Case(f"header-{number:02}", headers=pairs, service=service))
    for pair in WITHHELD:
        pairs = [["x-custom", "value"], pair]
        made.append(Case(f"header-unsigned-{pair[0]}", headers=pairs, unsigned=(pair[0],)))
    everything = [["content-type", "text/plain"], *WITHHELD]
    withheld = tuple(name for name, _ in WITHHELD)
    made.append(Case("header-unsigned-all", headers=everything, unsigned=withheld))
    return made


def hosts():
    api = "abc123.execute-api.us-east-1.amazonaws.com"
    cases = [
        ("https", api), ("https", f"{api}:443"), ("https", f"{api}:80"), ("https", f"{api}:8443"),
        ("http", api), ("http", f"{api}:80"), ("http", f"{api}:443"), ("http", f"{api}:8080"),
        ("https", api.upper()), ("https", "Bucket.S3.Amazonaws.com:443"), ("http", "LOCALHOST:9000"),
        ("http", "localhost"), ("http", "127.0.0.1:4566"), ("http", "127.0.0.1:80"), ("http", "[::1]:9000"),
        ("https", "[::1]:443"), ("http", "[::1]"), ("https", "example.com."), ("https", "a-b.example.com"),
        ("https", "xn--bcher-kva.example"),
    ]
    made = []
    for number, (scheme, authority) in enumerate(cases):
        made.append(Case(f"host-{number:02}", scheme=scheme, authority=authority))
    for number, (scheme, authority) in enumerate(cases[:10]):
        case = Case(f"host-query-{number:02}", kind="query", scheme=scheme, authority=authority, service="s3")
        made.append(case)
    sent = [
        ("https", api, api), ("https", api, f"{api}:443"), ("https", f"{api}:443", api),
        ("http", f"{api}:8080", f"{api}:8080"), ("https", api, api.upper()), ("http", api, f"{api}:80"),
    ]
    for number, (scheme, authority, host) in enumerate(sent):
        case = Case(f"host-sent-{number}", scheme=scheme, authority=authority, headers=[["host", host]])
        case.note = "rule 11: a Host header is signed as it stands"
        made.append(case)
    return made


BODIES = {
    "empty": b"",
    "text": b"hello",
    "json": b'{"a": [1, 2, 3]}',
    "form": b"Action=ListUsers&Version=2010-05-08",
    "binary": bytes(range(256)),
    "newlines": b"a\r\nb\n\n",
    "unicode": "ü 日本 \U0001f600".encode(),
    "large": b"0123456789abcdef" * 512,
}


def payloads():
    made = []
    for service in ("s3", "execute-api", "aoss", "dynamodb"):
        for name, body in BODIES.items():
            made.append(Case(f"payload-{service}-{name}", method="POST", service=service, body=body))
    for service in ("s3", "aoss", "execute-api"):
        for name in ("empty", "text"):
            made.append(
                Case(
                    f"payload-unsigned-{service}-{name}", method="PUT", service=service,
                    body=BODIES[name], payload=UNSIGNED, body_header=True,
                )
            )
    for service in ("lambda", "sts", "es", "execute-api"):
        made.append(
            Case(f"payload-header-{service}", method="POST", service=service, body=b"hello", body_header=True)
        )
    sentinels = [
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-EVENTS",
    ]
    for sentinel in sentinels:
        made.append(
            Case(
                f"payload-{sentinel.lower()}", method="PUT", target="/key", service="s3", payload=sentinel,
                headers=[["x-amz-decoded-content-length", "1024"], ["content-encoding", "aws-chunked"]],
            )
        )
    return made


def tokens():
    texts = [TOKEN, "short", "with space", "a/b+c=", "~-._", "=" * 3, "T" * 1000]
    made = []
    for number, token in enumerate(texts):
        for kind in ("header", "query"):
            for service in ("s3", "execute-api"):
                made.append(Case(f"token-{kind}-{service}-{number}", kind=kind, service=service, token=token))
    for kind in ("header", "query"):
        made.append(
            Case(
                f"token-s3express-{kind}", kind=kind, service="s3express", token=TOKEN, target="/key",
                authority="bucket--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com",
                note="rule 15: S3 Express names its token x-amz-s3session-token",
            )
        )
    for number, token in enumerate(texts[:3]):
        made.append(
            Case(
                f"token-unsigned-{number}", kind="query", service="iotdevicegateway", token=token, target="/mqtt",
                authority="abc-ats.iot.us-east-1.amazonaws.com", omit_session_token=True,
                note="rule 15: the token is added after the signature",
            )
        )
    return made


def presigned():
    made = []
    for expires in (1, 60, 900, 3600, 86_400, 604_800):
        for service in ("s3", "execute-api"):
            case = Case(f"presign-expires-{service}-{expires}", kind="query", service=service)
            case.expires = expires
            made.append(case)
    for number, path in enumerate(PATHS[::4]):
        made.append(Case(f"presign-path-s3-{number:02}", kind="query", service="s3", target=path))
        made.append(Case(f"presign-path-{number:02}", kind="query", target=path))
    for number, query in enumerate(QUERIES[::2]):
        service = "s3" if number % 2 else "execute-api"
        made.append(Case(f"presign-query-{number:02}", kind="query", service=service, target=f"/k?{query}"))
    for number, pairs in enumerate(HEADERS[::5]):
        made.append(Case(f"presign-header-{number}", kind="query", service="s3", method="PUT", headers=pairs))
    for method in ("GET", "PUT", "POST", "DELETE", "HEAD"):
        made.append(Case(f"presign-method-{method}", kind="query", service="s3", method=method, target="/key"))
    made.append(Case("presign-body", kind="query", method="POST", body=b"hello"))
    made.append(
        Case("presign-sts", kind="query", service="sts", authority="sts.amazonaws.com",
             target="/?Action=GetCallerIdentity&Version=2011-06-15", headers=[["x-k8s-aws-id", "cluster"]])
    )
    return made


SERVICES = [
    "s3", "s3-outposts", "s3-object-lambda", "execute-api", "es", "aoss", "lambda", "sts", "dynamodb", "iam",
    "bedrock", "appsync", "vpc-lattice-svcs", "iotdevicegateway", "glacier", "sqs", "sns", "kms",
    "secretsmanager", "ec2", "monitoring", "logs", "kinesis", "ecr", "neptune-db", "rds-db", "my-own-service",
]
REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-3", "us-gov-west-1", "cn-north-1", "us-iso-east-1"]


def services():
    made = []
    for number, service in enumerate(SERVICES):
        region = REGIONS[number % len(REGIONS)]
        target = "/a%20b//c/../d?b=2&a=1"
        made.append(Case(f"service-{service}", service=service, region=region, target=target))
        made.append(
            Case(f"service-{service}-post", service=service, region=region, method="POST", body=b"{}",
                 headers=[["content-type", "application/json"]], token=TOKEN)
        )
    for region in REGIONS:
        made.append(Case(f"region-{region}", region=region, service="s3", target="/key"))
    for method in ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"):
        made.append(Case(f"method-{method}", method=method))
    return made


MOMENTS = [
    (1970, 1, 1, 0, 0, 0), (1970, 1, 1, 0, 0, 1), (1970, 12, 31, 23, 59, 59), (1972, 2, 29, 12, 0, 0),
    (1999, 12, 31, 23, 59, 59), (2000, 2, 29, 0, 0, 0), (2000, 3, 1, 0, 0, 0), (2001, 9, 9, 1, 46, 40),
    (2016, 12, 31, 23, 59, 59), (2024, 2, 29, 23, 59, 59), (2025, 1, 1, 0, 0, 0), (2025, 10, 9, 8, 7, 6),
    (2038, 1, 19, 3, 14, 7), (2038, 1, 19, 3, 14, 8), (2069, 12, 31, 0, 0, 0), (2090, 12, 31, 23, 59, 59),
]


def times():
    made = []
    for number, moment in enumerate(MOMENTS):
        when = datetime(*moment, tzinfo=timezone.utc)
        kind, service = ("query", "s3") if number % 2 else ("header", "execute-api")
        made.append(Case(f"time-{number:02}", kind=kind, service=service, when=when))
    return made


def mixed():
    """Everything together, from a fixed seed."""
    chance = random.Random(20150830)
    pick = chance.choice
    made = []
    start = datetime(1970, 1, 1, tzinfo=timezone.utc)
    span = int((datetime(2090, 12, 31, tzinfo=timezone.utc) - start).total_seconds())
    for number in range(150):
        kind = pick(["header", "header", "query"])
        segments = [pick([*WORDS, "", ".", "..", "%20", "%C3%BC", "ü", "$", "%2B"]) for _ in range(chance.randint(0, 5))]
        pairs = [
            pick(WORDS + ["ü", "%41", ""]) + pick(["", "=", "="]) + pick(WORDS + ["%2F", "/", "日", "%c3%a9", ""])
            for _ in range(chance.randint(0, 5))
        ]
        query = "&".join(pairs)
        extra = [
            [f"x-{pick(WORDS).lower().replace('~', 'tilde')}", pick(["v", " v ", "a  b", "", "ü", "1,2"])]
            for _ in range(chance.randint(0, 4))
        ]
        # awscrt presigns for VPC Lattice in a way of its own; nothing decides, so none is made.
        service = pick([name for name in SERVICES if kind == "header" or name != "vpc-lattice-svcs"])
        case = Case(
            f"mixed-{number:03}",
            kind=kind,
            method=pick(["GET", "PUT", "POST", "DELETE"]),
            scheme=pick(["http", "https"]),
            target="/" + "/".join(segments) + ("?" + query if query else ""),
            headers=extra,
            body=pick(list(BODIES.values())[:7]) if kind == "header" else b"",
            access_key="AKIA" + "".join(chance.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16)),
            secret="".join(chance.choices("ABCxyz0189+/", k=40)),
            token=pick([None, None, TOKEN]),
            region=pick(REGIONS),
            service=service,
            when=start + timedelta(seconds=chance.randint(0, span)),
        )
        if kind == "query":
            case.expires = chance.randint(1, 604_800)
        made.append(case)
    return made


def signing_keys():
    made = []
    secrets = [SECRET, "s", "k" * 60, "k" * 61, "k" * 100, "a secret with spaces", "ünïcödé/+="]
    for number, secret in enumerate(secrets):
        for service in ("s3", "iam"):
            when = datetime(*MOMENTS[number * 2], tzinfo=timezone.utc)
            made.append(SigningKeyCase(f"key-{service}-{number}", secret, when, REGIONS[number % 6], service))
    return made
