"""Makes crates/sigv4-core/src/endpoint/table.rs from botocore's data: which service signs for which host.

    make.py            writes table.rs
    make.py --check    fails if what it would write differs from what is there

Needs Python 3.9 and pip, no package: botocore's wheels are downloaded as data, and none of its code is run.
The table is the union of four versions, so that services and names which were retired keep their rows;
where they disagree, the newest one counts, and the script says so.

1. Every endpoint rule set is walked for every region, with and without FIPS and dual stack. A parameter
   that only a request knows (an account, a resource) is left open: both ways are taken, and the label stands
   in the host name as a class.
2. The signing name is the rule's `authSchemes` entry, else the model's `signingName`, else its `endpointPrefix`.
   The signing region is the rule's, else the region asked for. An operation's `hostPrefix` stands before
   each host of its service.
3. The host names of endpoints.json, with their `credentialScope`, are added.
4. What is the same for every region becomes one row. S3 and S3 Control are not here: hand.rs has all their forms.
"""

import argparse
import collections
import gzip
import hashlib
import itertools
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

# Newest first: of 2026-11-20, 2025-11-19, 2024-08-16 and 2022-11-23.
WHEELS = {
    "1.44.8": "76342a76c338701db80dcb8afe1c9bd079283d6fffbb9d881442abb02a215043",
    "1.41.0": "a5018d6268eee358dfc5d86e596c3062b4e225690acaf946f54c00063b804bf8",
    "1.35.0": "a3c96fe0b6afe7d00bad6ffbe73f2610953065fcdf0ed697eba4e1e5287cc84f",
    "1.29.16": "271b599e6cfe214405ed50d41cd967add1d5d469383dd81ff583bc818b47f59b",
}
TABLE = pathlib.Path(__file__).parents[2] / "crates/sigv4-core/src/endpoint/table.rs"
BY_HAND = {"s3", "s3control"}
# Labels that stand between a global endpoint's name and the domain.
GLOBAL_LABELS = ("global.", "us-gov.")
# Typing errors in endpoints.json: a dot is missing.
MISSPELT = {"ramus-gov-east-1.api.aws", "ramus-gov-west-1.api.aws"}
# The domain of resources' own host names: its rows are not those of the services' domains.
RESOURCES = "on.aws"

OPEN = object()  # a parameter's value that only a request knows
UNSET = object()
MAYBE = object()

Fact = collections.namedtuple("Fact", "host service region")


class Data:
    """The data of one botocore wheel."""

    def __init__(self, wheel):
        self.files = zipfile.ZipFile(wheel)
        self.names = set(self.files.namelist())
        self.partitions = self.load("botocore/data/partitions")["partitions"]

    def load(self, stem):
        if stem + ".json" in self.names:
            return json.loads(self.files.read(stem + ".json"))
        return json.loads(gzip.decompress(self.files.read(stem + ".json.gz")))

    def services(self):
        """(name, model, rule set) of every API version."""
        found = re.compile(r"botocore/data/([^/]+)/([^/]+)/service-2\.json(\.gz)?")
        for match in sorted(filter(None, map(found.fullmatch, self.names)), key=lambda m: m[0]):
            stem = f"botocore/data/{match[1]}/{match[2]}/"
            yield match[1], self.load(stem + "service-2"), self.load(stem + "endpoint-rule-set-1")


class Rules:
    """An endpoint rule set, evaluated with some parameters open.

    Smithy 2.0, "Rules engine specification".
    """

    def __init__(self, rules, partitions):
        self.rules, self.partitions = rules, partitions

    def endpoints(self, parameters):
        """Each (url, auth schemes) that these parameters can lead to."""
        yield from self.walk(self.rules, parameters)

    def walk(self, rules, known):
        for rule in rules:
            scope, certain = dict(known), True
            for condition in rule["conditions"]:
                value = self.call(condition, scope)
                if value is UNSET or value is False:
                    break
                certain = certain and value is not MAYBE and value is not OPEN
                if "assign" in condition:
                    scope[condition["assign"]] = value
            else:
                if rule["type"] == "endpoint":
                    yield self.endpoint(rule["endpoint"], scope)
                elif rule["type"] == "tree":
                    yield from self.walk(rule["rules"], scope)
                if certain:
                    return

    def endpoint(self, endpoint, scope):
        schemes = endpoint.get("properties", {}).get("authSchemes", [])
        filled = lambda value: self.value(value, scope) if isinstance(value, str) else value
        return self.value(endpoint["url"], scope), [
            {key: filled(value) for key, value in scheme.items()} for scheme in schemes
        ]

    def value(self, value, scope):
        if isinstance(value, dict):
            return scope.get(value["ref"], UNSET) if "ref" in value else self.call(value, scope)
        if isinstance(value, str):
            return re.sub(r"\{([^{}]+)\}", lambda match: self.placeholder(match[1], scope), value)
        return value

    @staticmethod
    def placeholder(text, scope):
        name, _, attribute = text.partition("#")
        value = scope[name]
        if value is OPEN:
            return "{" + text + "}"
        return value[attribute] if attribute else value

    def call(self, call, scope):
        arguments = [self.value(argument, scope) for argument in call["argv"]]
        arguments = [OPEN if isinstance(value, str) and "{" in value else value for value in arguments]
        name, first = call["fn"], arguments[0]
        if name == "isSet":
            return MAYBE if first is OPEN else first is not UNSET
        if name == "not":
            return first if first is MAYBE else not first
        if UNSET in arguments:
            return UNSET
        if OPEN in arguments:
            tests = ("booleanEquals", "stringEquals", "isValidHostLabel")
            return MAYBE if name in tests else OPEN
        if name in ("booleanEquals", "stringEquals"):
            return first == arguments[1]
        if name == "aws.partition":
            return partition_of(first, self.partitions)
        if name == "getAttr":
            return first[arguments[1]]
        if name == "isValidHostLabel":
            return True  # of a region: every one is
        raise NotImplementedError(call)


def partition_of(region, partitions):
    named = (p for p in partitions if region in p["regions"])
    matching = (p for p in partitions if re.match(p["regionRegex"], region))
    found = next(itertools.chain(named, matching))
    return found["outputs"] | {"name": found["id"]}


def rule_facts(model, rules, partitions):
    """What a service's rule set says, in every region of every partition."""
    signing_name = signing_name_of(model["metadata"])
    operations = model["operations"].values()
    prefixes = {""} | {op["endpoint"]["hostPrefix"] for op in operations if "endpoint" in op}
    choices = list(parameter_choices(rules["parameters"], operations))
    evaluated = Rules(rules["rules"], partitions)
    for partition in partitions:
        for region in partition["regions"]:
            for chosen in choices:
                for url, schemes in evaluated.endpoints(chosen | {"Region": region}):
                    host = re.fullmatch(r"https?://([^/:]+)(:\d+)?(/.*)?", url)[1]
                    service, scope = signing(schemes, signing_name, region)
                    for prefix in prefixes:
                        yield Fact(prefix + host, service, scope), service != signing_name


def signing_name_of(metadata):
    """A service that does not sign with SigV4 has `!` and its scheme for a name."""
    version = metadata.get("signatureVersion")
    return "!" + version if version in ("bearer", "v2") else metadata.get("signingName", metadata["endpointPrefix"])


def parameter_choices(parameters, operations):
    """The parameters' values to try: FIPS and dual stack, what operations fix, and the rest open."""
    fixed = collections.defaultdict(lambda: [OPEN])
    for operation in operations:
        for name, parameter in operation.get("staticContextParams", {}).items():
            values = fixed[name]
            values.extend({parameter["value"], UNSET} - set(values))
            if OPEN in values:
                values.remove(OPEN)
    for name, parameter in parameters.items():
        if parameter.get("builtIn") == "SDK::Endpoint":
            fixed[name] = [UNSET]
        elif parameter.get("builtIn") in ("AWS::UseFIPS", "AWS::UseDualStack"):
            fixed[name] = [False, True]
        else:
            fixed[name] = fixed[name]
    defaults = {name: parameter["default"] for name, parameter in parameters.items() if "default" in parameter}
    for values in itertools.product(*(fixed[name] for name in parameters)):
        yield defaults | {name: value for name, value in zip(parameters, values) if value is not UNSET}


def signing(schemes, signing_name, region):
    """(service, region) of the first scheme that is SigV4; without one, of SigV4a, whose region is a set."""
    for wanted in ("sigv4", "sigv4a"):
        for scheme in schemes:
            if scheme["name"] == wanted:
                service = scheme.get("signingName", signing_name)
                if wanted == "sigv4":
                    return service, scheme.get("signingRegion", region)
                assert scheme["signingRegionSet"] == ["*"], scheme
                return service, "*"
    return signing_name, region


def endpoint_facts(data):
    """The host names that endpoints.json spells out."""
    names = collections.defaultdict(set)
    for name, model, _ in data.services():
        metadata = model["metadata"]
        names[metadata["endpointPrefix"]].add(signing_name_of(metadata))
    for partition in data.load("botocore/data/endpoints")["partitions"]:
        for service, entry in partition["services"].items():
            if service in names and not names[service] & {"s3"}:
                for region, endpoint in entry["endpoints"].items():
                    scope = entry.get("defaults", {}).get("credentialScope", {}) | endpoint.get("credentialScope", {})
                    hosts = [endpoint.get("hostname")]
                    hosts += [variant.get("hostname") for variant in endpoint.get("variants", [])]
                    for host in filter(None, hosts):
                        host = host.format(service=service, region=region, dnsSuffix=partition["dnsSuffix"])
                        named = scope.get("service") or min(names[service])
                        yield Fact(host, named, scope.get("region", region))


class Domains:
    """The domains below which AWS serves, with the partitions of each."""

    def __init__(self, partitions):
        self.partitions = partitions
        self.suffixes = {}
        for partition in partitions:
            for key in ("dnsSuffix", "dualStackDnsSuffix"):
                suffix = partition["outputs"][key]
                self.suffixes.setdefault(suffix, []).append(partition)
                label = "us-gov" if partition["id"] == "aws-us-gov" else "global"
                self.suffixes[f"{label}.{suffix}"] = [partition]
        self.suffixes[RESOURCES] = self.suffixes["api.aws"]
        self.longest_first = sorted(self.suffixes, key=lambda suffix: (-len(suffix), suffix))

    def split(self, host):
        """(labels before the suffix, suffix); no suffix for a host whose domain is its own."""
        for suffix in self.longest_first:
            if host.endswith("." + suffix):
                return host[: -len(suffix) - 1].split("."), suffix
        return host.split("."), None

    def partition(self, label, suffix=None):
        """The partition in which a label is a region, among those of a suffix."""
        among = self.suffixes[suffix] if suffix else self.partitions
        return next((p for p in among if re.match(p["regionRegex"], label)), None)

    def global_region(self, suffix):
        return self.suffixes[suffix][0]["outputs"]["implicitGlobalRegion"]


class Row:
    """What is known of a name.

    A form says what stands before the name, `#` for an account and `*` for any one label, and where the
    region is: behind the name, `^` before it, `a` nowhere, because the host signs with SigV4a for all regions.
    """

    def __init__(self):
        self.services = {}  # service: source
        self.forms = set()
        self.regions = {}  # the region behind the name: the region signed for
        self.globals = {}  # domain, or None for a domain of its own: the region of a host that names none
        self.contradicted = set()

    def takes(self, fact, source):
        """Two services of one source are both right; of two sources, the first is."""
        if fact.service not in self.services:
            if any(other != source for other in self.services.values()):
                self.contradicted.add((source, fact.service))
                return False
            self.services[fact.service] = source
        return True


def make_rows(facts_by_source, domains):
    """{table: {name: Row}}"""
    tables = {table: collections.defaultdict(Row) for table in ("rows", "resources", "domains")}
    for source, facts in facts_by_source.items():
        for fact in facts:
            labels, suffix = domains.split(fact.host)
            if "." not in fact.host or any(label.endswith("-global") for label in labels) or fact.host in MISSPELT:
                continue  # no such host
            table = tables["domains" if suffix is None else "resources" if suffix == RESOURCES else "rows"]
            at = max((i for i, label in enumerate(labels) if domains.partition(label, suffix)), default=None)
            if at is not None:
                add_regional(table, fact, labels, at, source, domains)
            elif not any(map(domains.partition, labels)):  # else a region of another domain
                add_global(table, fact, labels, suffix, source, domains)
    return tables


def add_global(table, fact, labels, suffix, source, domains):
    name, form = name_of(labels)
    every_region = fact.region == "*"
    if (every_region or domains.partition(fact.region)) and table[name].takes(fact, source):
        if every_region:
            table[name].forms.add(form + "a")
        else:
            assert not form, fact
            if not fact.service.startswith("!"):
                table[name].globals.setdefault(suffix, fact.region)  # the first partition's counts
            else:
                table[name].globals[suffix] = domains.global_region(suffix)


def add_regional(table, fact, labels, at, source, domains):
    region = fact.region if domains.partition(fact.region) else labels[at]  # else a pseudo region
    behind = at + 1 == len(labels)
    name, form = name_of(labels[:at] if behind else labels[at + 1 :])
    if table[name].takes(fact, source):
        if behind:
            table[name].forms.add(form)
            table[name].regions.setdefault(labels[at], region)
        else:
            assert region == labels[at], fact
            table[name].forms.add(name_of(labels[:at])[1] + "^")


def name_of(labels):
    """(name, form): the labels' name without the FIPS ending, and the classes of the labels before it."""
    form = ""
    while labels and labels[0].startswith("{"):
        form += "#" if "accountid" in labels[0].lower() else "*"
        labels = labels[1:]
    assert not any("{" in label for label in labels), labels
    return ".".join(labels).removesuffix("-fips"), form


def line(name, row, domains, letters):
    """`name=service forms`; the service is left out if it is the name, the form if it is the plain one."""
    # An older interface of a service may know another signature than the newer one under the same name.
    services = sorted(s for s in row.services if not s.startswith("!")) or sorted(row.services)
    words = [name if services == [name] else f"{name}={'|'.join(services)}"]
    words += sorted(form or "." for form in row.forms)
    words += fixed_regions(name, row, domains)
    implied = ""
    for suffix, region in sorted(row.globals.items(), key=lambda item: letters.get(item[0], "")):
        if suffix and region == domains.global_region(suffix):
            implied += letters[suffix]
        else:
            words.append(f"@{letters.get(suffix, '')}:{region}")
    if implied:
        words.append("@" + implied)
    return " ".join(words[:1] if words[1:] == ["."] else words)


def fixed_regions(name, row, domains):
    """`%region` if every other region of its partition signs for it."""
    fixed = {region for label, region in row.regions.items() if region != label}
    for region in sorted(fixed):
        partition = domains.partition(region)
        for label, signed in row.regions.items():
            if domains.partition(label) is partition and signed != region:
                sys.exit(f"{name} has two rules in {partition['id']}: {label} signs for {signed}")
        yield "%" + region


def text_constant(name, about, lines):
    body = "\n".join(sorted(lines, key=lambda line: re.split("[= ]", line)[0]))
    return f'/// {about}\npub(super) static {name}: &str = "\\\n{body}\n";\n'


def region_starts(partition):
    """`^(us|eu)\\-\\w+\\-\\d+$` as `"us-", "eu-"`: what comes before a word, a dash and a number."""
    match = re.fullmatch(r"\^(.+)\\-\\w\+\\-\\d\+\$", partition["regionRegex"])
    parts = [re.fullmatch(r"\(?([a-z|]+)\)?", part)[1].split("|") for part in match[1].split(r"\-")]
    return ", ".join(f'"{"-".join(start)}-"' for start in itertools.product(*parts))


def partition_row(partition):
    """As rustfmt has it."""
    fields = [f"starts: &[{region_starts(partition)}]", f'global: "{partition["outputs"]["implicitGlobalRegion"]}"']
    line = "    Partition { " + ", ".join(fields) + " },\n"
    return line if len(line) <= 100 else f"    Partition {{\n        {fields[0]},\n        {fields[1]},\n    }},\n"


def render(tables, domains):
    used = {suffix for table in tables.values() for row in table.values() for suffix in row.globals}
    plain = {key for key in domains.suffixes if not key.startswith(GLOBAL_LABELS)}
    suffixes = [s for s in domains.longest_first if s in plain | used or s.startswith("us-gov.")]
    letters = {suffix: chr(ord("a") + i) for i, suffix in enumerate(suffixes)}
    lines = {
        key: [line(name, row, domains, letters) for name, row in table.items()]
        for key, table in tables.items()
    }
    partitions = "".join(map(partition_row, domains.partitions))
    digits = "".join(map(str, range(len(domains.partitions))))
    suffix_rows = "".join(
        f'    ("{suffix}", "{"".join(str(domains.partitions.index(p)) for p in domains.suffixes[suffix])}"),\n'
        for suffix in suffixes
    )
    regions = [
        f"{name}={index}"
        for index, partition in enumerate(domains.partitions)
        for name in partition["regions"]
        if not name.endswith("-global")
    ]
    versions = "".join(f"//! - botocore {version}, sha256 {digest}\n" for version, digest in WHEELS.items())
    return (
        HEAD.replace("VERSIONS", versions)
        + f"\npub(super) static PARTITIONS: [Partition; {len(domains.partitions)}] = [\n{partitions}];\n"
        + f'\n/// The indices of all partitions.\npub(super) static ALL_PARTITIONS: &str = "{digits}";\n'
        + "\n/// Domains, the longest first, with the indices of their partitions. A row's `@` names them by letter:\n"
        + f"/// the first is `a`.\npub(super) static SUFFIXES: [(&str, &str); {len(suffixes)}] = [\n{suffix_rows}];\n\n"
        + text_constant("REGIONS", "The regions of today and the indices of their partitions.", regions)
        + "\n"
        + text_constant("ROWS", "Names below the domains of `SUFFIXES`, but `on.aws`.", lines["rows"])
        + "\n"
        + text_constant("RESOURCES", "Names below `on.aws`.", lines["resources"])
        + "\n"
        + text_constant("DOMAINS", "Host names with a domain of their own.", lines["domains"])
    )


HEAD = """\
//! Facts about AWS host names, read from botocore's endpoint rule sets, service models and partitions.
//!
//! Made by `tests/endpoints/make.py`, from the wheels on PyPI: do not edit.
//!
VERSIONS//!
//! botocore: Copyright Amazon.com, Inc. or its affiliates, Apache License 2.0.

use super::rows::Partition;
"""


def download(version, digest, folder):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check"]
    subprocess.run(command + ["--dest", folder, f"botocore=={version}"], check=True)
    wheel = next(pathlib.Path(folder).glob(f"botocore-{version}-*.whl"))
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() == digest, f"{wheel.name} is another file"
    return Data(wheel)


def rule_sets(data):
    for name, model, rules in data.services():
        if name not in BY_HAND:
            yield from rule_facts(model, rules, data.partitions)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        versions = {version: download(version, digest, folder) for version, digest in WHEELS.items()}
    domains = Domains(next(iter(versions.values())).partitions)
    facts = {}
    for version, data in versions.items():
        known = list(rule_sets(data))
        # Where a rule names the service, the same rule set's general answer is for partitions that lack it.
        facts[version, "named by a rule"] = [fact for fact, by_rule in known if by_rule]
        facts[version, "rule sets"] = [fact for fact, by_rule in known if not by_rule]
        facts[version, "endpoints.json"] = list(endpoint_facts(data))
    tables = make_rows(facts, domains)
    table = render(tables, domains)
    if check:
        if TABLE.read_text() != table:
            sys.exit(f"{TABLE} differs from what {', '.join(WHEELS)} say")
    else:
        TABLE.write_text(table)
    for (version, kind), known in facts.items():
        print(f"{version}, {kind}: {len({fact.host for fact in known})} host names")
    for rows in tables.values():
        for name, row in sorted(rows.items()):
            for (version, kind), service in sorted(row.contradicted):
                print(f"not taken: {name} as {service} ({version}, {kind}): {', '.join(row.services)}")
    print(f"{sum(map(len, tables.values()))} rows, {len(table)} bytes")


if __name__ == "__main__":
    main()
