"""reference.py: makes the tokens of the cases on stdin with the libraries of AWS and others.

A case is a JSON object on a line: kind, args, region, access_key, secret_key, session_token (or null) and
time_millis since 1970. All kinds except Keyspaces use whole seconds. Prints one JSON string per line.
"""

import base64
import contextlib
import importlib.util
import json
import os
import sys
import urllib.parse
from datetime import datetime, timezone
from types import SimpleNamespace
from unittest import mock

# Before botocore is imported, because with awscrt it orders parameters differently.
os.environ["BOTO_DISABLE_CRT"] = "true"
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
assert importlib.util.find_spec("awscrt") is None, "awscrt is installed: make the environment anew"

import aws_bedrock_token_generator
import aws_msk_iam_sasl_signer.MSKAuthTokenProvider as msk_provider
import botocore.auth
import botocore.session
import bson
import cassandra_sigv4.auth
import git_remote_codecommit
import google.auth.aws
import hvac.api.auth_methods.aws
import hvac.aws_utils
import pymongo_auth_aws.auth
from AWSIoTPythonSDK.core.protocol.connection import cores
from awscli.customizations import codecommit
from awscli.customizations.eks.get_token import STSClientFactory, TokenGenerator
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.model import ServiceId
from botocore.signers import RequestSigner

SESSION = botocore.session.get_session()
CLIENTS = {}


class Clock:
    """The time of the current case, in every place where a library reads it."""

    now = None

    @classmethod
    def naive(cls, remove_tzinfo=True):
        return cls.now.replace(tzinfo=None) if remove_tzinfo else cls.now


class FrozenDatetime(datetime):
    @classmethod
    def utcnow(cls):
        return Clock.naive()

    @classmethod
    def now(cls, tz=None):
        return Clock.now if tz else Clock.naive()


def frozen():
    stack = contextlib.ExitStack()
    frozen_module = SimpleNamespace(datetime=FrozenDatetime)
    for target, value in [
        ("botocore.auth.get_current_datetime", Clock.naive),
        ("awscli.customizations.codecommit.get_current_datetime", Clock.naive),
        ("cassandra_sigv4.auth.datetime", FrozenDatetime),
        ("hvac.aws_utils.datetime", FrozenDatetime),
        ("google.auth._helpers.utcnow", Clock.naive),
        ("git_remote_codecommit.datetime", frozen_module),
        ("AWSIoTPythonSDK.core.protocol.connection.cores.datetime", FrozenDatetime),
    ]:
        stack.enter_context(mock.patch(target, value))
    return stack


def client(name, case, make):
    """A client of the case's region, given the case's keys."""
    key = (name, case.region)
    if key not in CLIENTS:
        SESSION.set_credentials("AKIDUNUSED", "unused")
        CLIENTS[key] = make()
    CLIENTS[key]._request_signer._credentials = case.credentials
    return CLIENTS[key]


def rds(case, host, port, user):
    made = client("rds", case, lambda: SESSION.create_client("rds", region_name=case.region))
    return made.generate_db_auth_token(host, int(port), user, case.region)


def dsql(case, host, expires):
    made = client("dsql", case, lambda: SESSION.create_client("dsql", region_name=case.region))
    return made.generate_db_connect_auth_token(host, case.region, int(expires))


def dsql_admin(case, host, expires):
    made = client("dsql", case, lambda: SESSION.create_client("dsql", region_name=case.region))
    return made.generate_db_connect_admin_auth_token(host, case.region, int(expires))


def eks(case, cluster):
    made = client("sts", case, lambda: STSClientFactory(SESSION).get_sts_client(region_name=case.region))
    return TokenGenerator(made).get_token(cluster)


def msk(case):
    token, expires = msk_provider.__construct_auth_token(case.region, case.credentials)
    assert expires == int(Clock.now.timestamp()) * 1000 + 900_000
    return token


def connect(service, case, name, query):
    """Follows AWS's Python samples for ElastiCache and MemoryDB."""
    signer = RequestSigner(
        ServiceId(service), case.region, service, "v4", case.credentials, SESSION.get_component("event_emitter")
    )
    url = f"https://{name}/?{urllib.parse.urlencode(query)}"
    request = {"method": "GET", "url": url, "body": {}, "headers": {}, "context": {}}
    signed = signer.generate_presigned_url(
        request, operation_name="connect", expires_in=900, region_name=case.region
    )
    return signed.removeprefix("https://")


def elasticache(case, name, user):
    return connect("elasticache", case, name, {"Action": "connect", "User": user})


def elasticache_serverless(case, name, user):
    query = {"Action": "connect", "User": user, "ResourceType": "ServerlessCache"}
    return connect("elasticache", case, name, query)


def memorydb(case, name, user):
    return connect("memorydb", case, name, {"Action": "connect", "User": user})


def bedrock(case, expires):
    return aws_bedrock_token_generator._generate_token(case.credentials, case.region, int(expires))


def keyspaces(case, nonce):
    session = SimpleNamespace(region_name=case.region, get_credentials=lambda: case.credentials)
    authenticator = cassandra_sigv4.auth.SigV4Authenticator(session)
    return authenticator.evaluate_challenge(f"nonce={nonce}")


def mongodb_fields(case, nonce, host):
    keys = pymongo_auth_aws.auth.AwsCredential(case.access_key, case.secret_key, case.session_token)
    return pymongo_auth_aws.auth._aws_auth_header(keys, base64.b64decode(nonce), host)


def mongodb(case, nonce, host):
    return json.dumps(mongodb_fields(case, nonce, host))


def mongodb_bson(case, nonce, host):
    return base64.b64encode(bson.encode(mongodb_fields(case, nonce, host))).decode()


def vault(case, server_id, role):
    sent = {}
    adapter = SimpleNamespace(login=lambda url, use_token, json: sent.update(json))
    login = hvac.api.auth_methods.aws.Aws(adapter)
    login.iam_login(
        case.access_key, case.secret_key, case.session_token, header_value=server_id, role=role, region=case.region
    )
    return json.dumps(sent)


def gcp(case, audience):
    """Follows google.auth.aws.Credentials.retrieve_subject_token, which does not sign the audience."""
    domain = client("sts", case, lambda: STSClientFactory(SESSION).get_sts_client(region_name=case.region))
    host = urllib.parse.urlsplit(domain.meta.endpoint_url).hostname
    keys = google.auth.aws.AwsSecurityCredentials(case.access_key, case.secret_key, case.session_token)
    options = google.auth.aws.RequestSigner(case.region).get_request_options(
        keys,
        f"https://{host}?Action=GetCallerIdentity&Version=2011-06-15",
        "POST",
        additional_headers={"x-goog-cloud-target-resource": audience},
    )
    headers = [{"key": key, "value": value} for key, value in options["headers"].items()]
    signed = {"url": options["url"], "method": options["method"], "headers": headers}
    return urllib.parse.quote(json.dumps(signed, separators=(",", ":"), sort_keys=True))


def iot(case, host):
    """botocore's presigned URL with the token appended. AWS's device SDK must make the same signature."""
    keys = Credentials(case.access_key, case.secret_key)
    request = AWSRequest("GET", f"wss://{host}/mqtt")
    botocore.auth.SigV4QueryAuth(keys, "iotdevicegateway", case.region, expires=86400).add_auth(request)
    core = cores.SigV4Core()
    core.setIAMCredentials(case.access_key, case.secret_key, case.session_token or "")
    device = core.createWebsocketEndpoint(host, 443, case.region, "GET", "iotdevicegateway", "/mqtt")
    signature = device.partition("&X-Amz-Signature=")[2][:64]
    assert request.url.endswith(signature), (request.url, device)
    token = f"&X-Amz-Security-Token={urllib.parse.quote(case.session_token, safe='')}" if case.session_token else ""
    return request.url + token


def codecommit_password(case, host, path):
    """Git's helper of the AWS CLI and git-remote-codecommit must agree."""
    session = SimpleNamespace(get_credentials=lambda: case.credentials)
    command = codecommit.CodeCommitGetCommand.__new__(codecommit.CodeCommitGetCommand)
    command._session = session
    password = command.sign_request(case.region, f"https://{host}{path}")
    assert password == git_remote_codecommit.sign(host, path, case.region, case.credentials)
    return password


KINDS = {
    "rds": rds,
    "dsql": dsql,
    "dsql-admin": dsql_admin,
    "eks": eks,
    "msk": msk,
    "elasticache": elasticache,
    "elasticache-serverless": elasticache_serverless,
    "memorydb": memorydb,
    "bedrock": bedrock,
    "keyspaces": keyspaces,
    "mongodb": mongodb,
    "mongodb-bson": mongodb_bson,
    "vault": vault,
    "gcp": gcp,
    "iot": iot,
    "codecommit": codecommit_password,
}


def token_of(case):
    """The token that the library for the case's kind makes at the case's time."""
    case = SimpleNamespace(**case)
    case.credentials = Credentials(case.access_key, case.secret_key, case.session_token)
    seconds, millis = divmod(case.time_millis, 1000)
    Clock.now = datetime.fromtimestamp(seconds, timezone.utc).replace(microsecond=millis * 1000)
    with frozen():
        return KINDS[case.kind](case, *case.args)


def main():
    for line in sys.stdin:
        print(json.dumps(token_of(json.loads(line))))


if __name__ == "__main__":
    main()
