"""botocore_signs.py ENDPOINT KEY SECRET TOKEN REGION: signs and sends as botocore does.

Prints a line for each mode: its name, a tab, the status that came back.
"""

import sys
import urllib.error
import urllib.request

import boto3
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

endpoint, key, secret, token, region = sys.argv[1:6]
KEYS = ["a b", "a+b", "c%2Bd", "café", "日本", "a//b", "folder/sub/", "$&,:;=@", "~-._", "100%", "!'()*", "what?", "#hash", '<tag>"\\|^`{}']


def client(service):
    version = "s3v4" if service == "s3" else "v4"  # else it presigns for S3 with version 2
    return boto3.client(
        service, endpoint_url=endpoint, region_name=region, aws_access_key_id=key,
        aws_secret_access_key=secret, aws_session_token=token,
        config=Config(signature_version=version, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )


def status(call):
    try:
        return call()["ResponseMetadata"]["HTTPStatusCode"]
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"]


def fetch(method, url, headers=(), body=None):
    request = urllib.request.Request(url, data=body, headers=dict(headers), method=method)
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        return error.code


def say(mode, statuses):
    statuses = sorted(set(statuses))
    print(mode, "/".join(map(str, statuses)), sep="\t")


def raw(service, method, path, body=b""):
    headers = {"content-type": "application/json"} if body else {}
    request = AWSRequest(method, endpoint + path, headers=headers, data=body)
    SigV4Auth(Credentials(key, secret, token), service, region).add_auth(request)
    return fetch(method, request.url, request.headers.items(), body or None)


def presigned(service, path):
    request = AWSRequest("GET", endpoint + path)
    SigV4QueryAuth(Credentials(key, secret, token), service, region, expires=60).add_auth(request)
    return fetch("GET", request.prepare().url)


s3 = client("s3")
say(f"S3 PUT of {len(KEYS)} awkward keys", [status(lambda: s3.put_object(Bucket="bucket", Key=one, Body=b"hello", Metadata={"a": "b  c"})) for one in KEYS])
say(f"S3 GET of {len(KEYS)} awkward keys", [status(lambda: s3.get_object(Bucket="bucket", Key=one)) for one in KEYS])
for operation, method in [("get_object", "GET"), ("put_object", "PUT")]:
    urls = [s3.generate_presigned_url(operation, {"Bucket": "bucket", "Key": one}, ExpiresIn=60) for one in KEYS]
    say(f"S3 presigned {method}", [fetch(method, url, body=b"hello" if method == "PUT" else None) for url in urls])
say("JSON (DynamoDB)", [status(lambda: client("dynamodb").list_tables())])
say("query (STS)", [status(lambda: client("sts").get_caller_identity())])
say("REST (execute-api), query and JSON body", [raw("execute-api", "GET", "/prod/pets?b=2&a=1&a=0&c"), raw("execute-api", "POST", "/prod/a%20b//c/../d", b'{"name":"Rex"}')])
say("presigned GET (execute-api)", [presigned("execute-api", "/prod/pets?b=2&a=1")])
