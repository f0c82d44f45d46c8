"""Compiles the README of each crate as its reader would: in a crate outside this workspace.

    check.py [CRATE ...]

The new crate depends on that one crate of ours and on the client, runtime and http crates that its
README names. Lines that rustdoc hides are left out: the reader does not see them.
"""

import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOKIO = 'tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }'
CRATES = {
    "sigv4-reqwest": ["explain"],
    "sigv4-hyper": ["explain", "form", "proxy"],
    "sigv4-ureq": ["explain"],
    "sigv4-credentials": [],
}
OTHERS = {
    "sigv4-reqwest": ['reqwest = { version = "0.13", default-features = false }', TOKIO],
    "sigv4-hyper": [
        'bytes = "1"',
        'futures-util = { version = "0.3", default-features = false }',
        'http = "1"',
        'http-body = "1"',
        'http-body-util = "0.1"',
        'hyper = "1"',
        'hyper-util = { version = "0.1", features = ["client-legacy", "http1", "server-auto", "service", "tokio"] }',
        TOKIO,
        'tower = { version = "0.5", features = ["retry", "util"] }',
    ],
    "sigv4-ureq": ['ureq = { version = "3", default-features = false }'],
    "sigv4-credentials": ['aws-credential-types = "1"', 'http = "1"'],
}


def snippets(readme: str):
    """The Rust blocks of a README, without the lines that rustdoc hides."""
    for info, body in re.findall(r"^```(rust[^\n]*)\n(.*?)^```", readme, re.M | re.S):
        if "ignore" in info or "compile_fail" in info:
            continue
        lines = [line for line in body.splitlines() if not (line == "#" or line.startswith("# "))]
        yield "\n".join(line.lstrip("#") if line.startswith("##") else line for line in lines)


def check(crate: str) -> int:
    """Writes the crate and compiles it; returns the number of snippets."""
    folder = ROOT / "target" / "outside" / crate
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "examples").mkdir(parents=True)
    (folder / "src").mkdir()
    (folder / "src/lib.rs").write_text("")
    features = ", ".join(f'"{feature}"' for feature in CRATES[crate])
    ours = f'{crate} = {{ path = "{ROOT}/crates/{crate}", features = [{features}] }}'
    manifest = ["[package]", f'name = "outside-{crate}"', 'edition = "2024"', "[workspace]", "[dependencies]"]
    (folder / "Cargo.toml").write_text("\n".join([*manifest, ours, *OTHERS[crate]]) + "\n")
    shutil.copy(ROOT / "Cargo.lock", folder)
    count = 0
    for code in snippets((ROOT / "crates" / crate / "README.md").read_text()):
        if "fn main" not in code:
            code += "\nfn main() {}\n"
        (folder / "examples" / f"snippet{count}.rs").write_text("#![allow(dead_code, unused_variables)]\n" + code)
        count += 1
    command = ["cargo", "check", "--quiet", "--examples", "--target-dir", ROOT / "target"]
    subprocess.run(command, cwd=folder, check=True)
    return count


for name in sys.argv[1:] or CRATES:
    print(f"{name}: {check(name)} snippets compiled", flush=True)
