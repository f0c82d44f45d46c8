"""The scenarios: variables, files and the services' responses. `row` names the row of the README's
table "Differs from boto" that allows a difference."""

import itertools

KEYS = "aws_access_key_id = AKID{0}\naws_secret_access_key = secret{0}\n"
TOKEN = "aws_session_token = token{0}\n"
ROLE = "arn:aws:iam::123456789012:role/"
SSO = "sso_account_id = 123456789012\nsso_role_name = dev\nsso_region = us-east-1\nsso_start_url = https://corp.awsapps.com/start\n"
SESSION = "[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.awsapps.com/start\n"
PROCESS = "credential_process = cat {home}/process.json\n"
PROCESS_JSON = '{"Version": 1, "AccessKeyId": "ASIAPROCESS", "SecretAccessKey": "s", "SessionToken": "t"}'

IRSA, BROKEN, REGION, NO_REGION = "web identity beside a profile", "broken is an error", "AWS_REGION", "no region"
DEFAULT_PROFILE, OLD_TOKEN, EXPIRATION = "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION"
COMMENTS, BOTO2 = "comments behind values", "files of boto 2"
INDENTED, SPACES, EXPIRED, V1 = "indented keys and colons", "profile names with spaces", "no static stability", "no IMDSv1"
BESIDE_KEYS, TWICE, EMPTY = "missing profile beside keys", "a section twice", "empty variables"

cases = []


def case(name, row=None, env=None, config=None, credentials=None, files=None, mode=None, metadata=False, **more):
    cases.append(dict(name=name, row=row, env=env or {}, config=config, credentials=credentials,
                      files=files or {}, mode=mode or {}, metadata=metadata, **more))


ENV = {"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "secretenv"}
WEB = {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token", "AWS_ROLE_ARN": ROLE + "web"}
FULL = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/creds"}
REGIONS = {"AWS_DEFAULT_REGION": "eu-west-1"}
WEB_FILES = {"token": "header.payload.signature"}

# Precedence: every combination of the sources.
profiles = {
    "no profile": {},
    "keys in credentials": dict(credentials="[default]\n" + KEYS.format("SHARED")),
    "keys in config": dict(config="[default]\n" + KEYS.format("CONFIG")),
    "process": dict(config="[default]\n" + PROCESS, files={"process.json": PROCESS_JSON}),
    "role": dict(config=f"[default]\nrole_arn = {ROLE}top\nsource_profile = base\n[profile base]\n" + KEYS.format("BASE")),
    "role with web identity": dict(
        config=f"[default]\nrole_arn = {ROLE}other\nweb_identity_token_file = {{home}}/token\n", files=WEB_FILES),
    "sso": dict(config="[default]\n" + SSO, sso_url=True),
}
for (kind, profile), env, web, container, imds in itertools.product(
        profiles.items(), (False, True), (False, True), (False, True), (False, True)):
    variables = {**REGIONS, **(ENV if env else {}), **(WEB if web else {}), **(FULL if container else {})}
    files = {**profile.get("files", {}), **(WEB_FILES if web else {})}
    parts = ["order: " + kind] + [n for n, on in (("env", env), ("irsa", web), ("container", container), ("imds", imds)) if on]
    holds = kind not in ("no profile", "role")
    case(" + ".join(parts), row=IRSA if web and holds and not env else None, env=variables, files=files,
         mode={"imds": "on" if imds else "off"}, **{k: v for k, v in profile.items() if k != "files"})

# The environment.
case("session token", env={**ENV, "AWS_SESSION_TOKEN": "tokenenv"})
case("empty session token", env={**ENV, "AWS_SESSION_TOKEN": ""})
case("old name of the token", OLD_TOKEN, env={**ENV, "AWS_SECURITY_TOKEN": "tokenold"})
case("expiration", EXPIRATION, env={**ENV, "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"})
case("token alone", env={"AWS_SESSION_TOKEN": "tokenenv"}, credentials="[default]\n" + KEYS.format("SHARED"))
for name, env in {
    "id alone": {"AWS_ACCESS_KEY_ID": "AKID"}, "secret alone": {"AWS_SECRET_ACCESS_KEY": "s"},
    "empty id": {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "s"},
    "empty secret": {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": ""},
    "blank id": {"AWS_ACCESS_KEY_ID": " ", "AWS_SECRET_ACCESS_KEY": "s"},
    "blank secret": {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": " "},
}.items():
    case(name, BROKEN, env=env)
    case(name + ", beside a profile", BROKEN, env=env, credentials="[default]\n" + KEYS.format("SHARED"))
    case(name + ", on an instance", BROKEN, env=env, mode={"imds": "on"})
case("both keys empty", env={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, credentials="[default]\n" + KEYS.format("SHARED"))
case("one key empty, the other not there", env={"AWS_ACCESS_KEY_ID": ""}, credentials="[default]\n" + KEYS.format("SHARED"))

# Selection of the profile.
two = "[default]\n" + KEYS.format("DEFAULT") + "[profile dev]\n" + KEYS.format("DEV")
case("AWS_PROFILE", env={"AWS_PROFILE": "dev"}, config=two)
case("AWS_PROFILE empty", EMPTY, env={"AWS_PROFILE": ""}, config=two)
case("AWS_PROFILE default", env={"AWS_PROFILE": "default"}, config=two)
case("AWS_PROFILE of the credentials file", env={"AWS_PROFILE": "dev"}, credentials="[dev]\n" + KEYS.format("DEV"))
case("AWS_PROFILE misspelt", env={"AWS_PROFILE": "dve"}, config=two)
case("AWS_PROFILE misspelt, on an instance", env={"AWS_PROFILE": "dve"}, config=two, mode={"imds": "on"})
case("AWS_PROFILE misspelt, no files", env={"AWS_PROFILE": "dve"})
case("AWS_PROFILE misspelt beside keys", BESIDE_KEYS, env={**ENV, "AWS_PROFILE": "dve"}, config=two)
case("AWS_PROFILE beside keys", env={**ENV, "AWS_PROFILE": "dev"}, config=two)
case("AWS_PROFILE without credentials", env={"AWS_PROFILE": "dev"}, config="[profile dev]\nregion = us-east-1\n")
case("AWS_PROFILE without credentials, on an instance", env={"AWS_PROFILE": "dev"}, config="[profile dev]\nregion = us-east-1\n", mode={"imds": "on"})
case("AWS_DEFAULT_PROFILE", DEFAULT_PROFILE, env={"AWS_DEFAULT_PROFILE": "dev"}, config=two)
case("AWS_DEFAULT_PROFILE beside another AWS_PROFILE", DEFAULT_PROFILE, env={"AWS_DEFAULT_PROFILE": "dev", "AWS_PROFILE": "default"}, config=two)
case("AWS_DEFAULT_PROFILE beside the same AWS_PROFILE", env={"AWS_DEFAULT_PROFILE": "dev", "AWS_PROFILE": "dev"}, config=two)
case("AWS_DEFAULT_PROFILE beside keys", env={**ENV, "AWS_DEFAULT_PROFILE": "dev"}, config=two)
case("profile in code", env={}, config=two, profile="dev")
case("profile in code beside keys", env=ENV, config=two, profile="dev")
case("profile in code beside web identity", env={**WEB, **REGIONS}, config=two, profile="dev", files=WEB_FILES)
case("profile in code that is not there", env=ENV, config=two, profile="dve")
case("name without the prefix", env={"AWS_PROFILE": "dev"}, config="[dev]\n" + KEYS.format("DEV"))
case("name with a prefix in the credentials file", env={"AWS_PROFILE": "dev"}, credentials="[profile dev]\n" + KEYS.format("DEV"))
case("[profile default]", config="[profile default]\n" + KEYS.format("DEFAULT"))
case("[default] before [profile default]", BROKEN, config="[default]\n" + KEYS.format("A") + "[profile default]\n" + KEYS.format("B"))
case("[profile default] before [default]", BROKEN, config="[profile default]\n" + KEYS.format("A") + "[default]\n" + KEYS.format("B"))
case("name with a space", SPACES, env={"AWS_PROFILE": "dev ops"}, config='[profile "dev ops"]\n' + KEYS.format("DEV"))
case("name with a space in the credentials file", SPACES, env={"AWS_PROFILE": "dev ops"}, credentials="[dev ops]\n" + KEYS.format("DEV"))
case("name in quotes", SPACES, env={"AWS_PROFILE": "dev"}, config='[profile "dev"]\n' + KEYS.format("DEV"))
case("default in quotes, on an instance", SPACES, config='[profile "default"]\n' + KEYS.format("DEV"), mode={"imds": "on"})
for name in ("a.b", "a-b", "a_b", "a@b", "a:b", "a/b", "a+b", "UPPER", "1"):
    case(f"name {name}", env={"AWS_PROFILE": name}, config=f"[profile {name}]\n" + KEYS.format("NAMED"))

# Keys and tokens of the two files.
both = dict(config="[default]\n" + KEYS.format("CONFIG"), credentials="[default]\n" + KEYS.format("SHARED"))
case("keys in both files", **both)
case("keys in both, a token in config", config=both["config"] + TOKEN.format("C"), credentials=both["credentials"])
case("keys in both, a token in credentials", config=both["config"], credentials=both["credentials"] + TOKEN.format("S"))
case("token beside its keys", credentials=both["credentials"] + TOKEN.format("S"))
case("old name of the token in a file", credentials=both["credentials"] + "aws_security_token = tokenold\n")
case("empty token in a file", credentials=both["credentials"] + "aws_session_token =\n")
case("keys in credentials, token in config", BROKEN, config="[default]\n" + TOKEN.format("C"), credentials=both["credentials"])
case("keys in config, token in credentials", BROKEN, config=both["config"], credentials="[default]\n" + TOKEN.format("S"))
case("id in credentials, secret in config", config="[default]\naws_secret_access_key = s\n", credentials="[default]\naws_access_key_id = AKID\n")
case("secret in credentials, id in config", config="[default]\naws_access_key_id = AKID\n", credentials="[default]\naws_secret_access_key = s\n")
case("id alone in a file", credentials="[default]\naws_access_key_id = AKID\n")
case("secret alone in a file, on an instance", BROKEN, credentials="[default]\naws_secret_access_key = s\n", mode={"imds": "on"})
case("token alone in a file, on an instance", BROKEN, credentials="[default]\n" + TOKEN.format("S"), mode={"imds": "on"})
case("empty id in a file", BROKEN, credentials="[default]\naws_access_key_id =\naws_secret_access_key = s\n")
case("empty secret in a file", BROKEN, credentials="[default]\naws_access_key_id = AKID\naws_secret_access_key =\n")
case("process in config, keys in credentials", config="[default]\n" + PROCESS, credentials=both["credentials"], files={"process.json": PROCESS_JSON})
case("process and keys in config", config="[default]\n" + PROCESS + KEYS.format("CONFIG"), files={"process.json": PROCESS_JSON})
case("sso in config, keys in credentials", config="[default]\n" + SSO, credentials=both["credentials"], sso_url=True, env=REGIONS)
case("role in config, keys in credentials", config=f"[default]\nrole_arn = {ROLE}r\nsource_profile = default\n", credentials=both["credentials"], env=REGIONS)
case("upper case names of settings", credentials="[default]\nAWS_ACCESS_KEY_ID = AKIDU\nAWS_SECRET_ACCESS_KEY = s\n")
case("line ends of Windows", credentials=("[default]\n" + KEYS.format("CRLF")).replace("\n", "\r\n"))
case("no spaces around =", credentials="[default]\naws_access_key_id=AKIDX\naws_secret_access_key=s=/+\n")
case("comments", credentials="# one\n[default]\n; two\n" + KEYS.format("COMMENT") + "# three\n")
case("indented keys", INDENTED, credentials="[default]\n  aws_access_key_id = AKID\n  aws_secret_access_key = s\n")
case("section twice, one with keys", TWICE, credentials="[default]\nregion = x\n[default]\n" + KEYS.format("B"))
case("section twice, keys and token apart", credentials="[default]\n" + KEYS.format("A") + TOKEN.format("A") + "[default]\n" + KEYS.format("B"))

# Files.
case("line without =", credentials="[default]\nnonsense\n")
case("keys before any section", credentials=KEYS.format("X"))
case("section left open", credentials="[default\n" + KEYS.format("X"))
case("byte order mark", credentials="\ufeff[default]\n" + KEYS.format("X"))
for name, content in {"UTF-16": ("[default]\n" + KEYS.format("X")).encode("utf-16"), "not UTF-8": b"[default]\n\xff\xfe\n",
                      "NUL": b"[default]\naws_access_key_id = A\0B\naws_secret_access_key = s\n"}.items():
    case(f"{name} credentials", BROKEN, credentials=content)
    case(f"{name} credentials, on an instance", BROKEN, credentials=content, mode={"imds": "on"})
    case(f"{name} config", BROKEN, config=content)
case("folder for credentials, on an instance", BROKEN, folders=[".aws/credentials"], mode={"imds": "on"})
case("folder for config, on an instance", BROKEN, folders=[".aws/config"], mode={"imds": "on"})
case("dangling link, on an instance", BROKEN, links=[".aws/credentials"], mode={"imds": "on"})
case("AWS_SHARED_CREDENTIALS_FILE", env={"AWS_SHARED_CREDENTIALS_FILE": "{home}/elsewhere"}, files={"elsewhere": "[default]\n" + KEYS.format("ELSE")})
case("AWS_CONFIG_FILE", env={"AWS_CONFIG_FILE": "{home}/elsewhere"}, files={"elsewhere": "[default]\n" + KEYS.format("ELSE")})
case("~ in a path", env={"AWS_CONFIG_FILE": "~/elsewhere"}, files={"elsewhere": "[default]\n" + KEYS.format("ELSE")})
case("$HOME in a path", BROKEN, env={"AWS_CONFIG_FILE": "$HOME/elsewhere"}, files={"elsewhere": "[default]\n" + KEYS.format("ELSE")})
case("file of a variable that is not there, on an instance", env={"AWS_SHARED_CREDENTIALS_FILE": "{home}/gone"}, credentials=both["credentials"], mode={"imds": "on"})
case("/dev/null for a file", env={"AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}, credentials=both["credentials"])
case("empty AWS_SHARED_CREDENTIALS_FILE", env={"AWS_SHARED_CREDENTIALS_FILE": ""}, credentials=both["credentials"])

# Roles.
base = "[profile base]\n" + KEYS.format("BASE")
def role(extra="", rest=base, **more):
    return dict(config=f"[default]\nrole_arn = {ROLE}top\n{extra}{rest}", env={**REGIONS, **more.pop("env", {})}, **more)
case("role", **role("source_profile = base\n"))
case("role, session name", **role("source_profile = base\nrole_session_name = me\n"))
case("role, external id", **role("source_profile = base\nexternal_id = x7\n"))
case("role, duration", **role("source_profile = base\nduration_seconds = 1800\n"))
case("role, duration that is no number", BROKEN, **role("source_profile = base\nduration_seconds = 1h\n"))
case("role, mfa", **role("source_profile = base\nmfa_serial = arn:aws:iam::1:mfa/me\n", mfa="123456"))
case("role, base with a token", **role("source_profile = base\n", base + TOKEN.format("BASE")))
case("role, region of the profile", config=f"[default]\nrole_arn = {ROLE}top\nsource_profile = base\nregion = us-west-2\n" + base)
case("role, base in credentials", config=f"[default]\nrole_arn = {ROLE}top\nsource_profile = base\n", credentials="[base]\n" + KEYS.format("BASE"), env=REGIONS)
case("role in the credentials file", credentials=f"[default]\nrole_arn = {ROLE}top\nsource_profile = base\n[base]\n" + KEYS.format("BASE"), env=REGIONS)
case("role of a role", **role("source_profile = mid\n", f"[profile mid]\nrole_arn = {ROLE}mid\nsource_profile = base\n" + base))
case("role of a role of a role", **role("source_profile = a\n", f"[profile a]\nrole_arn = {ROLE}a\nsource_profile = b\nexternal_id = y2\n[profile b]\nrole_arn = {ROLE}b\nsource_profile = base\n" + base))
case("role, source with a role and keys", **role("source_profile = mid\n", f"[profile mid]\nrole_arn = {ROLE}mid\nsource_profile = base\n" + KEYS.format("MID") + base))
case("role, source is itself", config=f"[default]\nrole_arn = {ROLE}top\nsource_profile = default\n" + KEYS.format("SELF"), env=REGIONS)
case("role, source is itself without keys", config=f"[default]\nrole_arn = {ROLE}top\nsource_profile = default\n", env=REGIONS)
case("roles in a circle", **role("source_profile = a\n", f"[profile a]\nrole_arn = {ROLE}a\nsource_profile = default\n"))
case("role, source is not there", **role("source_profile = gone\n"))
case("role, source is not there, on an instance", **role("source_profile = gone\n", mode={"imds": "on"}))
case("role, source without credentials", **role("source_profile = base\n", "[profile base]\nregion = x\n"))
case("role, source with half a pair", **role("source_profile = base\n", "[profile base]\naws_access_key_id = A\n"))
case("role, source with a process", **role("source_profile = base\n", "[profile base]\n" + PROCESS, files={"process.json": PROCESS_JSON}))
case("role, source with sso", **role("source_profile = base\n", "[profile base]\n" + SSO, sso_url=True))
case("role, source with web identity", **role("source_profile = base\n", f"[profile base]\nrole_arn = {ROLE}w\nweb_identity_token_file = {{home}}/token\n", files=WEB_FILES))
case("role without a source", **role())
case("role with both sources", **role("source_profile = base\ncredential_source = Environment\n"))
case("role, unknown credential_source", **role("credential_source = Moon\n"))
case("role, credential_source in lower case", **role("credential_source = environment\n", env=ENV | {"AWS_ACCESS_KEY_ID": ""}))
case("role, from the environment (its keys go first)", **role("credential_source = Environment\n", env=ENV))
case("role, from an environment without keys", **role("credential_source = Environment\n"))
case("role, from instance metadata", **role("credential_source = Ec2InstanceMetadata\n", mode={"imds": "on"}))
case("role, from no instance metadata", **role("credential_source = Ec2InstanceMetadata\n", mode={"imds": "off"}))
case("role, from the container", **role("credential_source = EcsContainer\n", env=FULL))
case("role, from no container", **role("credential_source = EcsContainer\n"))
case("role, refused", **role("source_profile = base\n", mode={"sts": "refuses"}))
case("role, refused, on an instance", **role("source_profile = base\n", mode={"sts": "refuses", "imds": "on"}))
case("role, no region", NO_REGION, config=f"[default]\nrole_arn = {ROLE}top\nsource_profile = base\n" + base)
case("empty role_arn", BROKEN, config="[default]\nrole_arn =\nsource_profile = base\n" + base, env=REGIONS)
case("credential_source without a role, on an instance", config="[default]\ncredential_source = Environment\n", mode={"imds": "on"})

# Web identity.
case("web identity, session name", env={**WEB, **REGIONS, "AWS_ROLE_SESSION_NAME": "pod"}, files=WEB_FILES)
case("web identity, no role", env={**REGIONS, "AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token"}, files=WEB_FILES)
case("web identity, no role, on an instance", env={**REGIONS, "AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token"}, files=WEB_FILES, mode={"imds": "on"})
case("web identity, role alone, on an instance", env={**REGIONS, "AWS_ROLE_ARN": ROLE + "web"}, mode={"imds": "on"})
case("web identity, empty variables, on an instance", env={**REGIONS, "AWS_WEB_IDENTITY_TOKEN_FILE": "", "AWS_ROLE_ARN": ""}, mode={"imds": "on"})
case("web identity, no token file", env={**WEB, **REGIONS}, mode={"imds": "on"})
case("web identity, refused", env={**WEB, **REGIONS}, files=WEB_FILES, mode={"sts": "refuses", "imds": "on"})
case("web identity, no region", NO_REGION, env=WEB, files=WEB_FILES)
case("web identity in the profile, no role", config="[default]\nweb_identity_token_file = {home}/token\n", files=WEB_FILES, env=REGIONS)
case("web identity in the profile, session name", config=f"[default]\nrole_arn = {ROLE}w\nweb_identity_token_file = {{home}}/token\nrole_session_name = me\n", files=WEB_FILES, env=REGIONS)

# Processes.
for name, command in {
    "fails": "sh -c 'exit 3'", "prints nothing": "true", "prints garbage": "echo x", "is not there": "/nowhere/x",
    "of version 2": "cat {home}/v2.json", "without a secret": "cat {home}/half.json",
}.items():
    case(f"process that {name}", config=f"[default]\ncredential_process = {command}\n", mode={"imds": "on"}, files={
        "v2.json": PROCESS_JSON.replace('"Version": 1', '"Version": 2'), "half.json": '{"Version": 1, "AccessKeyId": "A"}'})
case("process with an expiry", config="[default]\n" + PROCESS, files={"process.json": PROCESS_JSON.replace('"t"}', '"t", "Expiration": "2090-01-01T00:00:00Z"}')})

# SSO.
case("sso session", config="[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = dev\n" + SESSION, sso_session=True)
case("sso session of another account", config="[default]\nsso_session = corp\nsso_account_id = 210987654321\nsso_role_name = dev\n" + SESSION, sso_session=True)
case("sso, no token", config="[default]\n" + SSO, mode={"imds": "on"})
case("sso, expired token", config="[default]\n" + SSO, sso_url="expired", mode={"imds": "on"})
case("sso session, no token", config="[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = dev\n" + SESSION)
case("sso session, expired token", config="[default]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = dev\n" + SESSION, sso_session="expired")
case("sso, revoked token", config="[default]\n" + SSO, sso_url=True, mode={"sso": "revoked", "imds": "on"})
case("sso, no role", config="[default]\nsso_account_id = 1\nsso_region = us-east-1\nsso_start_url = https://x/\n", mode={"imds": "on"})
case("sso, session is not there", config="[default]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n", mode={"imds": "on"})
case("sso session for bearer tokens alone, on an instance", config="[default]\nsso_session = corp\n" + SESSION, sso_session=True, mode={"imds": "on"})

# Containers.
AUTH, AUTH_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
case("container, token", env={**FULL, AUTH: "Basic x"})
case("container, token file", env={**FULL, AUTH_FILE: "{home}/token"}, files=WEB_FILES)
case("container, token file before token", env={**FULL, AUTH: "Basic x", AUTH_FILE: "{home}/token"}, files=WEB_FILES)
case("container, no token file, on an instance", env={**FULL, AUTH_FILE: "{home}/gone"}, mode={"imds": "on"})
case("container, token with a newline", env={**FULL, AUTH_FILE: "{home}/token"}, files={"token": "x\n"}, mode={"imds": "on"})
case("container, query", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/creds?a=b"})
case("container, refuses, on an instance", env=FULL, mode={"container": "refuses", "imds": "on"})
case("container, garbage, on an instance", env=FULL, mode={"container": "garbage", "imds": "on"})
case("container, foreign host in clear", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/x"}, mode={"imds": "on"})
case("container, empty variables", EMPTY, env={"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": ""})
case("container of ECS", env={"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/id"}, metadata=True)
case("container of ECS before the full one", env={**FULL, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/id"}, metadata=True)
case("container of EKS", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials", AUTH_FILE: "{home}/token"}, files=WEB_FILES, metadata=True)

# Instance metadata.
case("instance", mode={"imds": "on"})
case("instance at its own address", env={"AWS_EC2_METADATA_SERVICE_ENDPOINT": None}, mode={"imds": "on"}, metadata=True)
case("instance without a role", mode={"imds": "no role"})
case("instance that is broken", mode={"imds": "broken"})
case("instance of IMDSv1", V1, mode={"imds": "v1"})
case("instance with expired credentials", EXPIRED, mode={"imds": "expired"})
case("instance switched off", env={"AWS_EC2_METADATA_DISABLED": "true"}, mode={"imds": "on"})
case("nothing at all")

# Endpoints.
case("endpoint of the profile's services", config=f"[default]\nrole_arn = {ROLE}top\nsource_profile = base\nservices = local\n{base}[services local]\nsts =\n  endpoint_url = {{url}}\n", env={**REGIONS, "AWS_ENDPOINT_URL_STS": None})
case("endpoint for all services", **role("source_profile = base\n", env={"AWS_ENDPOINT_URL_STS": None, "AWS_ENDPOINT_URL": "{url}"}))
case("configured endpoints ignored", **role("source_profile = base\n", env={"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}))

# Regions.
case("region of AWS_DEFAULT_REGION", env={"AWS_DEFAULT_REGION": "eu-west-1"}, region=True)
case("region of AWS_REGION", REGION, env={"AWS_REGION": "eu-west-2"}, region=True)
case("region of AWS_REGION before AWS_DEFAULT_REGION", REGION, env={"AWS_REGION": "eu-west-2", "AWS_DEFAULT_REGION": "eu-west-1"}, region=True)
case("region of an empty AWS_REGION", env={"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-1"}, region=True)
case("region of the profile", config="[default]\nregion = us-west-1\n", region=True)
case("region of AWS_PROFILE", config="[profile dev]\nregion = us-west-1\n", env={"AWS_PROFILE": "dev"}, region=True)
case("region of the variable before the profile", config="[default]\nregion = us-west-1\n", env={"AWS_DEFAULT_REGION": "eu-west-1"}, region=True)
case("region of nothing", region=True)
case("region of a broken file", config="[default]\nregion\n", region=True)

# Syntax of lines.
case("DEFAULT section", BROKEN, config="[DEFAULT]\n" + KEYS.format("D") + "[default]\nregion = x\n")
case("DEFAULT section, on an instance", BROKEN, config="[DEFAULT]\n" + KEYS.format("D") + "[default]\nregion = x\n", mode={"imds": "on"})
case("DEFAULT section, named profile", BROKEN, env={"AWS_PROFILE": "dev"}, credentials="[DEFAULT]\n" + KEYS.format("D") + "[dev]\nregion = x\n", mode={"imds": "on"})
case("DEFAULT section alone, on an instance", BROKEN, credentials="[DEFAULT]\n" + KEYS.format("D"), mode={"imds": "on"})
case("colons", INDENTED, credentials="[default]\naws_access_key_id: AKID\naws_secret_access_key: s\n", mode={"imds": "on"})
case("comment behind a value", COMMENTS, credentials="[default]\naws_access_key_id = AKIDC # mine\naws_secret_access_key = s\n")
case("semicolon behind a value", COMMENTS, credentials="[default]\naws_access_key_id = AKIDC ; mine\naws_secret_access_key = s\n")
case("values in quotes", credentials="[default]\naws_access_key_id = \"AKIDQ\"\naws_secret_access_key = \"s\"\n")
case("a key twice in a section", credentials="[default]\naws_access_key_id = A\naws_access_key_id = B\naws_secret_access_key = s\n", mode={"imds": "on"})
case("header with spaces inside", SPACES, credentials="[ default ]\n" + KEYS.format("H"), mode={"imds": "on"})
case("header with more behind", credentials="[default] # mine\n" + KEYS.format("H"))
case("header with tabs", env={"AWS_PROFILE": "dev"}, config="[profile\tdev]\n" + KEYS.format("H"))
case("header with many spaces", env={"AWS_PROFILE": "dev"}, config="[profile   dev]\n" + KEYS.format("H"))
case("header of another case", env={"AWS_PROFILE": "dev"}, config="[Profile dev]\n" + KEYS.format("H"))
case("section [Default], on an instance", credentials="[Default]\n" + KEYS.format("H"), mode={"imds": "on"})
case("percent signs", credentials="[default]\naws_access_key_id = AKIDP\naws_secret_access_key = a%b%%c\n")
case("value on the next line", credentials="[default]\naws_access_key_id = AKIDN\naws_secret_access_key =\n  s\n")
case("indented section of s3", config="[default]\ns3 =\n  max_concurrent_requests = 20\n" + KEYS.format("S3"))
case("trailing spaces", credentials="[default]\naws_access_key_id = AKIDT  \naws_secret_access_key = s \t\n")
case("no newline at the end", credentials="[default]\n" + KEYS.format("E").rstrip())
case("empty files", config="", credentials="")
case("empty file, on an instance", credentials="", mode={"imds": "on"})

# Older files, which boto reads before it asks a container or the instance.
old = "[Credentials]\n" + KEYS.format("BOTO")
case("~/.boto, on an instance", BOTO2, files={".boto": old}, mode={"imds": "on"})
case("~/.boto beside a container", BOTO2, files={".boto": old}, env=FULL)
case("~/.boto beside a profile", files={".boto": old}, credentials="[default]\n" + KEYS.format("SHARED"))
case("~/.boto beside web identity", files={".boto": old, **WEB_FILES}, env={**WEB, **REGIONS})
case("~/.boto without keys, on an instance", files={".boto": "[Credentials]\ngs_key = x\n"}, mode={"imds": "on"})
case("BOTO_CONFIG, on an instance", BOTO2, files={"boto": old}, env={"BOTO_CONFIG": "{home}/boto"}, mode={"imds": "on"})
case("AWS_CREDENTIAL_FILE, on an instance", BOTO2, files={"ec2": "AWSAccessKeyId=AKIDEC2\nAWSSecretKey=s\n"}, env={"AWS_CREDENTIAL_FILE": "{home}/ec2"}, mode={"imds": "on"})
