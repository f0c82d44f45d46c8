"""judge.py: verifies a token in base64url as its service does: makes it again with the reference library."""

import base64
import calendar
import time
import urllib.parse

import reference

ACCESS_KEY = "ASIADEMONSTRATION"
SECRET_KEY = "demonstration/secret+key/EXAMPLE"
SESSION_TOKEN = "demonstration-session-token/+="
REGION = "us-east-1"

# Their settings, as passed to the program `tokens`.
ARGUMENTS = [
    "--region", REGION, "--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY, "--session-token", SESSION_TOKEN
]


class Refused(Exception):
    pass


def url_of(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


def signed_part(kind, token):
    """The token as a URL, without the unsigned end."""
    return url_of(token.removeprefix("k8s-aws-v1.") if kind == "eks" else token).partition("&User-Agent=")[0]


def check(kind, args, token):
    """Raises Refused unless the library makes the same token for its time, and that time is close to now."""
    try:
        ours = signed_part(kind, token)
        fields = urllib.parse.parse_qs(urllib.parse.urlsplit(ours).query, strict_parsing=True)
        made_at = calendar.timegm(time.strptime(fields["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ"))
    except (KeyError, ValueError) as error:
        raise Refused(f"not a token: {error!r}") from error
    if abs(time.time() - made_at) > 900:
        raise Refused("the token is not of the last 15 minutes")
    case = {
        "kind": kind, "args": args, "region": REGION, "access_key": ACCESS_KEY, "secret_key": SECRET_KEY,
        "session_token": SESSION_TOKEN, "time_millis": made_at * 1000,
    }
    if ours != signed_part(kind, reference.token_of(case)):
        raise Refused("the reference library makes another token")
    return fields
