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


def rewrite(file, change):
    """Replaces a file when it changes; it may share its content with the cache, so never in place."""
    text = file.read_bytes()
    changed = change(text)
    if changed != text:
        mode = file.stat().st_mode
        file.unlink()
        file.write_bytes(changed)
        file.chmod(mode)


def relocate(prefix, build_dir):
    """Scripts find Python by PATH; nothing else names the folder in which the build happened to run."""
    prefix = pathlib.Path(prefix)
    python = re.escape(str(prefix / "bin").encode()) + rb"/python[0-9.]*"
    for script in (prefix / "bin").iterdir():
        if script.is_symlink() or not script.is_file():
            continue
        rewrite(script, lambda text: re.sub(rb"\A(#!%s[^\n]*\n|#!/bin/sh\n'''exec' \"?%s\"? \"\$0\" \"\$@\"\n' '''\n)" % (python, python), rb"#!/usr/bin/env python3\n", text))
    for site in prefix.glob("lib/python*/site-packages"):
        for record in site.glob("*.dist-info/RECORD"):
            # The digests of those scripts are no longer theirs.
            rewrite(record, lambda text: re.sub(rb"^(\.\./\.\./\.\./bin/[^,\n]*),[^\n]*$", rb"\1,,", text, flags=re.M))
        for file in [*site.glob("*.pth"), *site.glob("__editable__*.py"), *site.glob("*.dist-info/direct_url.json")]:
            rewrite(file, lambda text: text.replace(build_dir.encode(), b"/app"))


if __name__ == "__main__":
    if sys.argv[1] == "pipfile":
        print("\n".join(pipfile_requirements(sys.argv[2])))
    else:
        relocate(*sys.argv[2:4])
