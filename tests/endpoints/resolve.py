"""Makes hosts.tsv: host names with the service and region that botocore's clients sign for.

    pip install -r requirements.txt
    resolve.py            writes hosts.tsv
    resolve.py --check    fails if what it would write differs from what is there

It shares nothing with make.py, and its botocore is none of the versions that the table is made from.
A client is created for each service, in some regions of each partition that has it, plain, with FIPS and
with dual stack. Each calls an operation, and one more for each `hostPrefix`; the request is caught when it
is signed and about to be sent, and its host and credential scope are written down. No request leaves.
S3, and what else puts names of resources into its hosts, is asked with such names too.
"""

import argparse
import pathlib
import re
import sys
import urllib.parse

import botocore
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.session import Session

HOSTS = pathlib.Path(__file__).with_name("hosts.tsv")
ACCOUNT = "123456789012"
SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request")
VARIANTS = ({}, {"use_fips_endpoint": True}, {"use_dualstack_endpoint": True})

# (service, operation, parameters, client configuration): resources that stand in the host name.
S3_STYLES = (
    {},
    {"use_fips_endpoint": True},
    {"use_dualstack_endpoint": True},
    {"use_fips_endpoint": True, "use_dualstack_endpoint": True},
    {"s3": {"addressing_style": "path"}},
    {"s3": {"us_east_1_regional_endpoint": "legacy"}},
    {"s3": {"use_accelerate_endpoint": True}},
    {"s3": {"use_accelerate_endpoint": True}, "use_dualstack_endpoint": True},
)
BUCKETS = (
    "bucket",
    "my.dotted.bucket",
    "arn:aws:s3:{region}:123456789012:accesspoint/point",
    "arn:aws:s3-object-lambda:{region}:123456789012:accesspoint/point",
    "arn:aws:s3-outposts:{region}:123456789012:outpost/op-01234567890123456/accesspoint/point",
    "bucket--use1-az4--x-s3",
    "test-accessp-o0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3",
)
RESOURCES = [("s3", "HeadObject", {"Bucket": bucket, "Key": "k"}, style) for bucket in BUCKETS for style in S3_STYLES]
RESOURCES += [("s3", "ListBuckets", {}, style) for style in S3_STYLES]
RESOURCES += [("s3", "ListDirectoryBuckets", {}, style) for style in S3_STYLES[:4]]
RESOURCES += [("s3", "WriteGetObjectResponse", {"RequestRoute": "route", "RequestToken": "t"}, {})]
RESOURCES += [
    ("s3control", operation, {"AccountId": ACCOUNT, **more}, style)
    for style in S3_STYLES[:4]
    for operation, more in (
        ("ListJobs", {}),
        ("GetAccessPoint", {"Name": "arn:aws:s3-outposts:{region}:123456789012:outpost/op-01/accesspoint/p"}),
        ("CreateBucket", {"Bucket": "bucket", "OutpostId": "op-01234567890123456"}),
        ("ListRegionalBuckets", {"OutpostId": "op-01234567890123456"}),
    )
]
RESOURCES += [
    ("dynamodb", "ListTables", {}, {"account_id_endpoint_mode": "required", **variant})
    for variant in VARIANTS[::2]
]
RESOURCES += [
    ("kinesis", operation, {"StreamARN": "arn:aws:kinesis:{region}:123456789012:stream/s", **more}, variant)
    for variant in VARIANTS
    for operation, more in (("DescribeStreamSummary", {}), ("PutRecord", {"Data": b"", "PartitionKey": "k"}))
]


class Caught(BaseException):
    """Ends a call where its request would leave."""


def catch(request, **_):
    raise Caught(request)


class Resolver:
    def __init__(self):
        self.session = Session()
        self.session.set_credentials("AKIDEXAMPLE", "secret")
        self.session.get_credentials().account_id = ACCOUNT
        partitions = self.session.get_component("data_loader").load_data("partitions")["partitions"]
        self.regions = {name for partition in partitions for name in partition["regions"] if "-global" not in name}
        self.lines = {}

    def regions_of(self, service):
        """Of each partition that has the service, its last region, the best known ones and the global one."""
        listed = False
        for partition in self.session.get_available_partitions():
            names = self.session.get_available_regions(service, partition, allow_non_regional=True)
            real = sorted(self.regions.intersection(names))
            chosen = {*real[-1:]}
            chosen |= {name for name in names if name in ("us-east-1", "us-gov-west-1") or name.endswith("-global")}
            listed = listed or bool(chosen)
            yield from sorted(chosen)
        if not listed:
            yield from ("us-east-1", "eu-west-1")

    def client(self, service, region, settings):
        config = Config(parameter_validation=False, inject_host_prefix=True, retries={"total_max_attempts": 1}, **settings)
        client = self.session.create_client(service, region, config=config)
        client.meta.events.register("before-send", catch)
        return client

    def note(self, client, service, operation, parameters):
        try:
            client._make_api_call(operation, parameters)
        except Caught as caught:
            request = caught.args[0]
        except (BotoCoreError, KeyError) as error:
            return type(error).__name__
        else:
            return "answered"
        host = urllib.parse.urlsplit(request.url).hostname
        authorization = request.headers.get("Authorization", b"")
        text = authorization.decode() if isinstance(authorization, bytes) else authorization
        scope = SCOPE.search(text)
        if not scope:
            return "not signed with SigV4"
        if "-global." in host:
            return None  # a pseudo region as a label: there is no such host
        self.lines.setdefault((host, scope[2], scope[1]), service)
        return None


def operations(client):
    """(name, parameters) of a signed operation, and of one for each host prefix. Path parameters are filled."""
    model = client.meta.service_model
    chosen = {}
    for name in model.operation_names:
        operation = model.operation_model(name)
        if operation.auth_type == "none" or "none" in (operation.auth or []) or operation.deprecated:
            continue
        prefix = (operation.endpoint or {}).get("hostPrefix", "")
        context = tuple(sorted((p.name, str(p.value)) for p in operation.static_context_parameters))
        if name.startswith("CreateSession") or (prefix, context) in chosen:
            continue
        parameters = {}
        if operation.input_shape:
            for member, shape in operation.input_shape.members.items():
                if shape.serialization.get("location") == "uri" or shape.serialization.get("hostLabel"):
                    number = {"integer": 1, "long": 1, "boolean": True, "timestamp": 0}
                    parameters[member] = number.get(shape.type_name, ACCOUNT)
        chosen[prefix, context] = (name, parameters)
    return chosen.values()


def all_lines():
    resolver = Resolver()
    failed = {}
    for service in resolver.session.get_available_services():
        for region in resolver.regions_of(service):
            for variant in VARIANTS:
                try:
                    client = resolver.client(service, region, variant)
                except BotoCoreError:
                    continue
                for name, parameters in operations(client):
                    problem = resolver.note(client, service, name, parameters)
                    if problem:
                        failed[service, name, problem] = failed.get((service, name, problem), 0) + 1
    for service, operation, parameters, settings in RESOURCES:
        for region in ("us-east-1", "us-west-2", "eu-central-1"):
            filled = {
                key: value.format(region=region) if isinstance(value, str) else value
                for key, value in parameters.items()
            }
            client = resolver.client(service, region, settings)
            problem = resolver.note(client, service, operation, filled)
            if problem:
                failed[service, operation, problem] = failed.get((service, operation, problem), 0) + 1
    for problem, count in sorted(failed.items()):
        print(*problem, count, file=sys.stderr)
    return resolver.lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    lines = all_lines()
    text = f"# host, service and region signed for, client; resolve.py, botocore {botocore.__version__}\n"
    text += "".join("\t".join((*key, client)) + "\n" for key, client in sorted(lines.items()))
    print(f"{len(lines)} lines, {len(set(lines.values()))} services")
    if not check:
        HOSTS.write_text(text)
    elif HOSTS.read_text() != text:
        sys.exit(f"{HOSTS} differs from what botocore {botocore.__version__} says")


if __name__ == "__main__":
    main()
