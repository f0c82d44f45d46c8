"""The cases of verify.jsonl whose body is a stream of chunks."""

import base64
import zlib

from signing import (
    STREAM,
    STREAM_TRAILER,
    UNSIGNED_TRAILER,
    Chain,
    checksum_sha256,
    plain_chunk,
    plain_trailers,
    sign,
)

DATA = b"first chunk of the body|second chunk of the body|third"
CHUNKS = [DATA[:24], DATA[24:49], DATA[49:]]


def add_all(s):
    signed(s)
    signed_refused(s)
    trailers(s)
    unsigned_trailer(s)


def request(s, mode, trailer=None, length=len(DATA), extra=(), also=()):
    """A signed request of this mode, and the chain that continues it."""
    headers = [["x-amz-content-sha256", mode], *extra]
    if length is not None:
        headers.append(["x-amz-decoded-content-length", str(length)])
    if trailer:
        headers.append(["x-amz-trailer", trailer])
    out = sign(s.put(headers=headers), s.scope(), also=also)
    return out, Chain(s.scope(), out.values("Authorization")[0].rpartition("=")[2])


def signed(s):
    c = "stream"
    out, chain = request(s, STREAM)
    body = b"".join(chain.chunk(chunk) for chunk in [*CHUNKS, b""]) + b"\r\n"
    s.accept(c, "three-chunks", out.but(body=body), "each chunk signed")
    out, chain = request(s, STREAM)
    s.accept(c, "one-chunk", out.but(body=chain.chunk(DATA) + chain.chunk(b"") + b"\r\n"), "one chunk")
    out, chain = request(s, STREAM, length=0)
    s.accept(c, "no-bytes", out.but(body=chain.chunk(b"") + b"\r\n"), "the final chunk alone")
    out, chain = request(s, STREAM, extra=[["Content-Encoding", "aws-chunked"]], also=["content-encoding"])
    s.accept(c, "content-encoding", out.but(body=chain.chunk(DATA) + chain.chunk(b"") + b"\r\n"), "aws-chunked, signed")


def signed_refused(s):
    c = "stream"
    out, chain = request(s, STREAM)
    seed = chain.previous
    first, second, third, final = [chain.chunk(chunk) for chunk in [*CHUNKS, b""]]
    whole = first + second + third + final + b"\r\n"
    other, foreign = request(s, STREAM, extra=[["x-amz-meta-other", "1"]])
    foreign = [foreign.chunk(chunk) for chunk in [*CHUNKS, b""]]
    reseeded = Chain(s.scope(), seed)
    middle = whole.index(b"second")
    for name, body in {
        "byte-flipped": whole[:middle] + b"S" + whole[middle + 1 :],
        "signature-flipped": whole.replace(whole[19:20], b"0" if whole[19:20] != b"0" else b"1", 1),
        "chunks-swapped": second + first + third + final + b"\r\n",
        "chunk-dropped": first + third + final + b"\r\n",
        "chunk-replayed": first + first + second + third + final + b"\r\n",
        "chained-to-the-seed": first + reseeded.chunk(CHUNKS[1]) + third + final + b"\r\n",
        "spliced": first + foreign[1] + third + final + b"\r\n",
        "of-another-upload": b"".join(foreign) + b"\r\n",
        "no-final-chunk": first + second + third,
        "cut-in-the-final-chunk": whole[:-4],
        "cut-in-a-chunk": whole[:100],
        "cut-between-chunks": first,
        "empty": b"",
        "data-after-the-end": whole + b"x",
        "a-second-stream-after-the-end": whole + whole,
        "final-chunk-first": final + b"\r\n",
        "plain-framing": b"".join(plain_chunk(chunk) for chunk in [*CHUNKS, b""]) + b"\r\n",
        "plain-bytes": DATA,
        "size-not-hex": b"g" + whole[1:],
        "size-negative": b"-" + whole,
        "size-with-plus": b"+" + whole,
        "size-over": b"ffffffffffffffff" + whole[2:],
        "size-with-prefix": b"0x" + whole,
        "line-feed-alone": whole.replace(b"\r\n", b"\n"),
        "unknown-extension": whole.replace(b";chunk-signature=", b";chunk-sig=", 1),
        "second-extension": whole.replace(b"\r\n", b";a=b\r\n", 1),
        "chunk-without-its-end": first[:-2] + second + third + final + b"\r\n",
        "white-space-in-the-header": whole.replace(b";", b" ;", 1),
        "trailers-undeclared": whole[:-2] + b"x-amz-checksum-crc32:AAAAAA==\r\n\r\n",
        "header-too-long": b"0" * 2000 + whole,
    }.items():
        assert body != whole, name
        s.reject(c, name, out.but(body=body), name)
    for name, length in (("missing", None), ("smaller", len(DATA) - 1), ("larger", len(DATA) + 1), ("not-digits", "x"), ("negative", -1)):
        out, chain = request(s, STREAM, length=length)
        body = b"".join(chain.chunk(chunk) for chunk in [*CHUNKS, b""]) + b"\r\n"
        s.reject(c, f"decoded-length-{name}", out.but(body=body), "consistent, but of another length")


def crc32(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def trailers(s):
    c = "stream-trailer"
    good = [("x-amz-checksum-crc32", crc32(DATA))]

    def stream(pairs, change=lambda text: text, sent=None, declared="x-amz-checksum-crc32"):
        out, chain = request(s, STREAM_TRAILER, trailer=declared)
        chunks = b"".join(chain.chunk(chunk) for chunk in [*CHUNKS, b""])
        signed_part = chain.trailers(pairs)
        return out.but(body=chunks + change(signed_part if sent is None else sent) + b"\r\n")

    s.accept(c, "crc32", stream(good), "trailers signed")
    sha = [("x-amz-checksum-sha256", checksum_sha256(DATA))]
    s.accept(c, "sha256", stream(sha, declared="x-amz-checksum-sha256"), "trailers signed")
    s.accept(c, "two", stream(good + sha, declared="x-amz-checksum-crc32,x-amz-checksum-sha256"), "both declared")
    wrong = [("x-amz-checksum-crc32", crc32(b"another"))]
    s.reject(c, "checksum-of-another-body", stream(wrong), "signed, but not the body's checksum")
    s.reject(c, "changed", stream(good, lambda text: text.replace(crc32(DATA).encode(), crc32(b"x").encode())), "changed")
    s.reject(c, "unsigned", stream(good, sent=plain_trailers(good)), "unsigned under a signed sentinel")
    s.reject(c, "missing", stream([], sent=b""), "none of what was declared")
    s.reject(c, "missing-but-signed", stream([]), "none of what was declared, signed")
    s.reject(c, "undeclared", stream(good, declared="x-amz-checksum-sha256"), "another was declared")
    s.reject(c, "one-more", stream(good + [("x-amz-meta-a", "1")]), "one was not declared")
    s.reject(c, "twice", stream(good + good), "declared once")
    s.reject(c, "not-declared-at-all", stream(good, declared=None), "no x-amz-trailer")
    s.reject(c, "signature-flipped", stream(good, lambda text: text[:-4] + (b"0" if text[-4:-3] != b"0" else b"1") + text[-3:]), "changed")
    s.reject(c, "trailer-behind-its-signature", stream(good, lambda text: text + b"x-amz-meta-a:1\r\n"), "added")


def unsigned_trailer(s):
    c = "unsigned-stream-trailer"
    good = [("x-amz-checksum-crc32", crc32(DATA))]

    def stream(pairs, declared="x-amz-checksum-crc32", chunks=CHUNKS, length=len(DATA)):
        out, _ = request(s, UNSIGNED_TRAILER, trailer=declared, length=length)
        return out.but(body=b"".join(plain_chunk(chunk) for chunk in [*chunks, b""]) + plain_trailers(pairs) + b"\r\n")

    s.accept(c, "crc32", stream(good), "botocore's default over TLS")
    sha = [("x-amz-checksum-sha256", checksum_sha256(DATA))]
    s.accept(c, "sha256", stream(sha, declared="x-amz-checksum-sha256"), "another checksum")
    s.reject(c, "byte-flipped", stream(good, chunks=[CHUNKS[0].upper(), *CHUNKS[1:]]), "the checksum does not match")
    s.reject(c, "checksum-of-another-body", stream([("x-amz-checksum-crc32", crc32(b"another"))]), "the checksum does not match")
    s.reject(c, "checksum-malformed", stream([("x-amz-checksum-crc32", "!!!!")]), "no base64")
    s.reject(c, "missing", stream([]), "nothing shows that it is complete")
    s.reject(c, "undeclared", stream(sha), "another was declared")
    s.reject(c, "chunk-dropped", stream(good, chunks=CHUNKS[:2]), "shorter than declared")
    s.reject(c, "length-larger", stream(good, length=len(DATA) + 1), "shorter than declared")
    s.reject(c, "length-missing", stream(good, length=None), "no x-amz-decoded-content-length")
    whole = stream(good)
    s.reject(c, "cut", whole.but(body=whole.body[:-2]), "the last line is missing")
    s.reject(c, "no-final-chunk", whole.but(body=whole.body[: whole.body.index(b"0\r\nx-amz")]), "no final chunk")
    s.reject(c, "data-after-the-end", whole.but(body=whole.body + b"x"), "more")
