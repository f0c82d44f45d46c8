"""boto3_s3.py ENDPOINT KEY SECRET TOKEN REGION: an S3 client's day with boto3, and a browser's form.

Prints a line for each mode: its name, a tab, and ok or what went wrong.
"""

import io
import os
import sys
import traceback

import boto3
import urllib3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

endpoint, key, secret, token, region = sys.argv[1:6]
authority = os.environ.get("INTEROP_CA") or None
KEYS = ["a b", "a+b", "c%2Bd", "café", "日本", "a//b", "folder/sub/", "$&,:;=@", "~-._", "100%", "!'()*", "what?", "#hash",
        '<tag>"\\|^`{}', "a/./b", "..hidden", "tab\there", "e\u0301", "🦀", "k" * 900]
MIB = 1 << 20
s3 = boto3.client(
    "s3", endpoint_url=endpoint, region_name=region, aws_access_key_id=key, aws_secret_access_key=secret,
    aws_session_token=token, verify=authority,
    config=Config(signature_version="s3v4", retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
)
http = urllib3.PoolManager(ca_certs=authority, retries=False)
MODES = []


def mode(name):
    return lambda function: MODES.append((name, function))


@mode(f"PUT, HEAD, GET, DELETE of {len(KEYS)} awkward keys")
def _():
    for one in KEYS:
        s3.put_object(Bucket="bucket", Key=one, Body=one.encode(), Metadata={"a": "b  c"})
        assert s3.head_object(Bucket="bucket", Key=one)["ContentLength"] == len(one.encode())
        assert s3.get_object(Bucket="bucket", Key=one)["Body"].read() == one.encode(), one
    listed = {entry["Key"] for entry in s3.list_objects_v2(Bucket="bucket")["Contents"]}
    assert listed == set(KEYS), listed ^ set(KEYS)
    for one in KEYS:
        s3.delete_object(Bucket="bucket", Key=one)


@mode("ranges")
def _():
    s3.put_object(Bucket="bucket", Key="range", Body=b"0123456789")
    assert s3.get_object(Bucket="bucket", Key="range", Range="bytes=3-5")["Body"].read() == b"345"


@mode("checksums of every algorithm that boto3 has by itself")
def _():
    for algorithm in ["CRC32", "SHA1", "SHA256"]:
        s3.put_object(Bucket="bucket", Key="sum", Body=io.BytesIO(b"hello"), ChecksumAlgorithm=algorithm)


@mode("multipart of 12 MiB in parallel")
def _():
    content = os.urandom(12 * MIB)
    config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=4)
    s3.upload_fileobj(io.BytesIO(content), "bucket", "large", Config=config)
    read = io.BytesIO()
    s3.download_fileobj("bucket", "large", read, Config=config)
    assert read.getvalue() == content


def url(operation, one):
    return s3.generate_presigned_url(operation, {"Bucket": "bucket", "Key": one}, ExpiresIn=60)


@mode("presigned a/./b: urllib3 resolves the dot, so the URL is refused")
def _():
    assert http.request("PUT", url("put_object", "a/./b"), body=b"hello").status == 403


@mode("presigned GET and PUT")
def _():
    for one in filter(lambda one: "/./" not in one, KEYS):
        assert http.request("PUT", url("put_object", one), body=b"hello").status == 200, one
        assert http.request("GET", url("get_object", one)).data == b"hello", one


@mode("browser form")
def _():
    conditions = [["starts-with", "$Content-Type", "image/"], ["content-length-range", 1, 100]]
    form = s3.generate_presigned_post("bucket", "up/${filename}", Fields={"Content-Type": "image/png"}, Conditions=conditions, ExpiresIn=60)
    fields = form["fields"] | {"file": ("ä b.png", b"a picture", "image/png")}
    response = http.request("POST", form["url"], fields=fields)
    assert response.status == 204, response.data
    assert s3.get_object(Bucket="bucket", Key="up/ä b.png")["Body"].read() == b"a picture"


for name, function in MODES:
    try:
        function()
        print(name, "ok", sep="\t")
    except Exception:
        print(name, traceback.format_exc().replace("\n", " | "), sep="\t")
