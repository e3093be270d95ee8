"""Helpers of the python buildpack: what a lock file wants, and what pip leaves behind that names the build's folder."""

import json
import pathlib
import re
import sys


def pipfile_requirements(path):
    """The `default` packages of a Pipfile.lock, as lines of a requirements file."""
    lock = json.loads(pathlib.Path(path).read_text())
    for source in lock.get("_meta", {}).get("sources", []):
        yield f"--extra-index-url {source['url']}"
    for name, package in sorted(lock.get("default", {}).items()):
        extras = f"[{','.join(package['extras'])}]" if package.get("extras") else ""
        target = f" @ git+{package['git']}@{package['ref']}" if "git" in package else package.get("version", "")
        marker = f" ; {package['markers']}" if package.get("markers") else ""
        hashes = "".join(f" --hash={digest}" for digest in package.get("hashes", []))
        yield f"{name}{extras}{target}{marker}{hashes}"


def relocate(prefix, build_dir):
    """Scripts find Python by PATH; nothing else names the folder in which the build happened to run."""
    prefix = pathlib.Path(prefix)
    python = re.escape(str(prefix / "bin").encode()) + rb"/python[0-9.]*"
    for script in (prefix / "bin").iterdir():
        if script.is_symlink() or not script.is_file():
            continue
        text = script.read_bytes()
        plain = re.sub(rb"\A#!(%s)([^\n]*)\n" % python, rb"#!/usr/bin/env python3\n", text)
        plain = re.sub(rb"\A#!/bin/sh\n'''exec' \"?%s\"? \"\$0\" \"\$@\"\n' '''\n" % python, b"#!/usr/bin/env python3\n", plain)
        if plain != text:
            script.write_bytes(plain)
    for site in prefix.glob("lib/python*/site-packages"):
        for record in site.glob("*.dist-info/RECORD"):
            # The digests of those scripts are no longer theirs.
            record.write_text(re.sub(r"^(\.\./\.\./\.\./bin/[^,\n]*),[^\n]*$", r"\1,,", record.read_text(), flags=re.M))
        for file in [*site.glob("*.pth"), *site.glob("__editable__*.py"), *site.glob("*.dist-info/direct_url.json")]:
            file.write_text(file.read_text().replace(build_dir, "/app"))


if __name__ == "__main__":
    if sys.argv[1] == "pipfile":
        print("\n".join(pipfile_requirements(sys.argv[2])))
    else:
        relocate(*sys.argv[2:4])
