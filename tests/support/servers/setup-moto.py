"""setup-moto.py ENDPOINT: creates three identities in a fresh moto and prints their keys as JSON.

admin   a user who may do everything
nobody  a user who may do nothing
role    temporary credentials, with a session token, of a role that may do everything
"""

import json
import sys

import boto3

EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
TRUST = json.dumps(
    {"Version": "2012-10-17",
     "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
)
endpoint = sys.argv[1]


def client(service, access_key="unchecked", secret_key="unchecked"):
    return boto3.client(
        service, endpoint_url=endpoint, region_name="us-east-1",
        aws_access_key_id=access_key, aws_secret_access_key=secret_key,
    )


def pair(key):
    return {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"], "token": key.get("SessionToken")}


# Exactly the calls that moto accepts unsigned: see start-moto.sh.
first = client("iam")
first.create_user(UserName="admin")
first.put_user_policy(UserName="admin", PolicyName="everything", PolicyDocument=EVERYTHING)
admin = pair(first.create_access_key(UserName="admin")["AccessKey"])

iam = client("iam", admin["access_key"], admin["secret_key"])
iam.create_user(UserName="nobody")
nobody = pair(iam.create_access_key(UserName="nobody")["AccessKey"])
role = iam.create_role(RoleName="role", AssumeRolePolicyDocument=TRUST)["Role"]
iam.put_role_policy(RoleName="role", PolicyName="everything", PolicyDocument=EVERYTHING)
sts = client("sts", admin["access_key"], admin["secret_key"])
assumed = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]
print(json.dumps({"admin": admin, "nobody": nobody, "role": pair(assumed)}))
