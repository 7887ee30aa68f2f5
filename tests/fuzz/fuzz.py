"""Fuzzes a server of its own by the server's own document.

Starts the program on an empty folder, lets an owner in, makes a few things to find, and has schemathesis
send what the document allows and what it does not: first about anything, then about the things that there
are, then every change that the window can ask for. What must hold: no answer says that something unforeseen
went wrong, none has a status, a header or a body that the document does not name, nobody gets in without a
token, and the history is whole afterwards.

    fuzz.py PROGRAM [EXAMPLES] [SEED]
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
    "missing_required_header",
    "unsupported_method",
]

# Left out: what ends the sign-in that asks, or puts its owner out; a stream that does not end; and what
# calls other servers.
LEFT_OUT = ["sign_out", "end_session", "change_password", "confirm_second_factor", "remove_member",
            "change_member", "events", "act"]

# What takes away what there is.
TAKE_AWAY = ["delete_content", "archive_content", "archive_persona", "archive_chain", "disconnect_account",
             "withdraw_invitation", "revoke_token"]

# A precondition that is missing is 428 (RFC 6585).
CONFIG = """[checks.missing_required_header]
expected-statuses = ["401", "403", "404", "422", "428"]
"""

# More alternatives than this of one type the tool does not take.
ALTERNATIVES = 30


def ask(base, path, body=None, token=None):
    request = urllib.request.Request(base + path, method="GET" if body is None else "POST")
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", "Bearer " + token)
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(request, data, timeout=60) as answer:
        return json.load(answer)


LOGIN = {"email": "olga@hut.example", "password": "winter hut with two stoves"}


def furnish(base, invitation):
    """What there is to find, by the beginning of its path, and a token for afterwards."""
    owner = ask(base, "/auth/register", {"name": "Olga", "invitation": invitation, **LOGIN})["access"]
    profile = {
        "name": "Ridge Report", "hue": "clay", "language": "en", "zone": "Europe/Berlin",
        "voice": {"tone": "", "dos": [], "donts": [], "samples": []},
        "audiences": [], "slots": [], "automation": {"level": "by_hand", "remind_before": 0},
    }
    persona = ask(base, "/personas", {"profile": profile}, owner)["id"]
    account = ask(base, "/platform-identities", {
        "persona": persona, "network": "site", "fields": {"folder": "ridge", "title": "Ridge"},
    }, owner)["id"]
    words = {
        "languages": ["en"], "shared": {"segments": [{"text": "Snow came late.", "media": []}], "options": {}},
        "variants": {}, "targets": [],
    }
    content = ask(base, "/content", {"persona": persona, "body": words}, owner)["row"]["id"]
    aim = {"targets": [{"identity": account, "at": "2126-12-24T08:00:00Z"}]}
    request = ask(base, f"/content/{content}/publish", aim, owner)["request"]
    detail = ask(base, f"/content/{content}", token=owner)
    note = ask(base, f"/content/{content}/notes", {"n": 1, "text": "Which valley?"}, owner)["id"]
    chain = ask(base, "/approval-chains", {"name": "Nobody", "stages": []}, owner)["policy"]["id"]
    organization = ask(base, "/auth/me", token=owner)["organizations"][0]["organization"]
    # For afterwards, when too many have knocked to sign in again.
    auditor = {"name": "Afterwards", "scopes": ["read", "read_audit"]}
    token = ask(base, f"/organizations/{organization}/tokens", auditor, owner)["token"]
    known = {
        "/content/": content,
        "/personas/": persona,
        "/platform-identities/": account,
        "/requests/": request,
        "/notes/": note,
        "/approval-chains/": chain,
        "/deliveries/": detail["deliveries"][0]["target"]["delivery"],
        "/runs/": ask(base, "/runs", token=owner)["rows"][0]["id"],
        "/organizations/": organization,
    }
    return known, token


def about_known(known):
    """The configuration of a run about the things that there are."""
    parts = [CONFIG]
    for start, name in known.items():
        parts.append(f"""
[[operations]]
include-path-regex = "^{start}[{{]id[}}]"
[operations.parameters]
"path.id" = "{name}"
""")
    return "".join(parts)


def changes(document):
    """Documents of the window's changes, each with some of them."""
    schemas = document["components"]["schemas"]
    every = schemas["Mutation"]["anyOf"]
    for first in range(0, len(every), ALTERNATIVES):
        some = {**schemas, "Mutation": {"anyOf": every[first:first + ALTERNATIVES]}}
        yield {
            **document,
            "paths": {"/rpc/mutate": document["paths"]["/rpc/mutate"]},
            "components": {**document["components"], "schemas": some},
        }


def run(home, base, location, config, options):
    with open(f"{home}/schemathesis.toml", "w") as file:
        file.write(config)
    owner = ask(base, "/auth/login", LOGIN)["access"]
    tool = os.path.join(os.path.dirname(sys.executable), "schemathesis")
    return subprocess.run([
        tool, "run", location, "--url", base, "--header", f"Authorization: Bearer {owner}",
        "--checks", ",".join(CHECKS), "--continue-on-failure", "--request-timeout", "60", "--no-shrink",
        "--warnings", "off", "--suppress-health-check", "all", *options,
    ], cwd=home).returncode


def fuzz(home, base, known, examples, seed):
    """How many of the runs found something."""
    how = ["--max-examples", examples, "--seed", seed]
    out = [word for name in LEFT_OUT + ["mutate"] for word in ("--exclude-operation-id", name)]
    away = [word for name in TAKE_AWAY for word in ("--exclude-operation-id", name)]
    document = f"{base}/openapi.json"
    found = 0
    print("== about the things that there are", flush=True)
    about = [word for start in known for word in ("--include-path-regex", "^" + start + "[{]id[}]")]
    found += run(home, base, document, about_known(known), [*how, *out, *away, *about, "--phases", "coverage,fuzzing"]) != 0
    print("== every change that the window can ask for", flush=True)
    for number, part in enumerate(changes(ask(base, "/openapi.json"))):
        path = f"{home}/changes-{number}.json"
        with open(path, "w") as file:
            json.dump(part, file)
        many = ["--max-examples", str(10 * int(examples)), "--seed", seed, "--phases", "fuzzing"]
        found += run(home, base, path, CONFIG, many) != 0
    print("== about anything", flush=True)
    found += run(home, base, document, CONFIG, [*how, *out, "--phases", "coverage,fuzzing,stateful"]) != 0
    return found


def main():
    program = sys.argv[1]
    examples = sys.argv[2] if len(sys.argv) > 2 else "20"
    seed = sys.argv[3] if len(sys.argv) > 3 else "20260101"
    with tempfile.TemporaryDirectory() as home:
        server = subprocess.Popen(
            [program, "--data", f"{home}/data", "--config", f"{home}/config",
             "serve", "--listen", "127.0.0.1:0", "--registration", "open"],
            stdout=subprocess.PIPE, stderr=open(f"{home}/log", "w"), text=True)
        try:
            base = invitation = None
            for line in server.stdout:
                served = re.search(r"served at ([0-9.:]+),", line)
                base = f"http://{served[1]}" if served else base
                link = re.search(r"/#/join/(\S+)", line)
                if link:
                    invitation = link[1]
                    break
            known, token = furnish(base, invitation)
            found = fuzz(home, base, known, examples, seed)
            with open(f"{home}/log") as log:
                unforeseen = [line for line in log if "unforeseen" in line or "panicked" in line]
            print(f"unforeseen in the log: {len(unforeseen)}")
            sys.stdout.writelines(unforeseen[:20])
            history = ask(base, "/audit/verification", token=token)
            print("history:", history)
            return 1 if found or unforeseen or history.get("broken") else 0
        finally:
            server.terminate()
            server.wait(timeout=60)


if __name__ == "__main__":
    sys.exit(main())
