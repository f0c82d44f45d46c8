"""minio_s3.py ENDPOINT KEY SECRET TOKEN REGION: an S3 client's day with minio-py, and a browser's form.

Prints a line for each mode: its name, a tab, and ok or what went wrong.
"""

import datetime
import io
import os
import sys
import traceback
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.datatypes import PostPolicy

endpoint, key, secret, token, region = sys.argv[1:6]
KEYS = ["a b", "a+b", "c%2Bd", "café", "日本", "folder/sub", "$&,:;=@", "~-._", "100%", "!'()*", "what?", "#hash", "e\u0301", "🦀"]
MIB = 1 << 20
client = Minio(urlsplit(endpoint).netloc, access_key=key, secret_key=secret, session_token=token, secure=False, region=region)
http = urllib3.PoolManager(retries=False)
MODES = []


def mode(name):
    return lambda function: MODES.append((name, function))


def read(one, **options):
    response = client.get_object("bucket", one, **options)
    try:
        return response.data
    finally:
        response.close()


@mode(f"put, stat, get, list, remove of {len(KEYS)} awkward keys")
def _():
    for one in KEYS:
        client.put_object("bucket", one, io.BytesIO(one.encode()), len(one.encode()), metadata={"a": "b"})
        assert client.stat_object("bucket", one).size == len(one.encode())
        assert read(one) == one.encode(), one
    listed = {entry.object_name for entry in client.list_objects("bucket", recursive=True)}
    assert listed == set(KEYS), listed ^ set(KEYS)
    for one in KEYS:
        client.remove_object("bucket", one)


@mode("ranges")
def _():
    client.put_object("bucket", "range", io.BytesIO(b"0123456789"), 10)
    assert read("range", offset=3, length=3) == b"345"


@mode("multipart of 12 MiB in parallel")
def _():
    content = os.urandom(12 * MIB)
    client.put_object("bucket", "large", io.BytesIO(content), len(content), part_size=5 * MIB, num_parallel_uploads=3)
    assert read("large") == content


@mode("presigned GET and PUT")
def _():
    minute = datetime.timedelta(minutes=1)
    for one in KEYS:
        assert http.request("PUT", client.presigned_put_object("bucket", one, expires=minute), body=b"hello").status == 200, one
        assert http.request("GET", client.presigned_get_object("bucket", one, expires=minute)).data == b"hello", one


@mode("browser form")
def _():
    policy = PostPolicy("bucket", datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=1))
    policy.add_starts_with_condition("key", "up/")
    policy.add_equals_condition("Content-Type", "image/png")
    policy.add_content_length_range_condition(1, 100)
    fields = client.presigned_post_policy(policy) | {"key": "up/${filename}", "Content-Type": "image/png"}
    response = http.request("POST", f"{endpoint}/bucket", fields=fields | {"file": ("m.png", b"a picture", "image/png")})
    assert response.status == 204, response.data
    assert read("up/m.png") == b"a picture"


for name, function in MODES:
    try:
        function()
        print(name, "ok", sep="\t")
    except Exception:
        print(name, traceback.format_exc().replace("\n", " | "), sep="\t")
