#!/usr/bin/env python3
"""packages.py: answers fetch.sh's questions about packages.json. Downloads nothing.

list KIND             what to ask the package client for, one a line
missing-npm DOWNLOADS the npm packages that are not there yet
nuget-project         a project file whose restore downloads the NuGet packages and nothing else
verify DOWNLOADS      compares SHA-256 of what was downloaded; a file that differs is removed
"""
import hashlib
import json
import os
import sys

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "packages.json")) as f:
    PACKAGES = json.load(f)


def tarball(package):
    """The name that `npm pack` gives a package's file."""
    return package["name"].lstrip("@").replace("/", "-") + "-" + package["version"] + ".tgz"


def list_packages(kind):
    for package in PACKAGES[kind]:
        print(package["name"] + ("@" if kind == "npm" else "=") + package["version"])


def list_missing(downloads):
    for package in PACKAGES["npm"]:
        path = os.path.join(downloads, "npm", tarball(package))
        if not os.path.exists(path) or os.path.getsize(path) == 0:
            print(package["name"] + "@" + package["version"])


def nuget_project():
    print('<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework><NuGetAudit>false</NuGetAudit></PropertyGroup><ItemGroup>')
    for package in PACKAGES["nuget"]:
        print(f'<PackageDownload Include="{package["name"]}" Version="[{package["version"]}]"/>')
    print("</ItemGroup></Project>")


def verify(downloads):
    expected = [("debian_src", f["name"], f["sha256"]) for p in PACKAGES["debian_src"] for f in p["files"]]
    expected += [("debian_bin", p["file"], p["sha256"]) for p in PACKAGES["debian_bin"]]
    expected += [("npm", tarball(p), p["sha256"]) for p in PACKAGES["npm"]]
    good = differing = missing = 0
    for kind, name, sha256 in expected:
        path = os.path.join(downloads, kind, name)
        if not os.path.exists(path):
            missing += 1
            if ".debian.tar" not in name:  # packages.json states the licence where the packaging part is not served
                print("  missing:", kind, name)
        elif sha256_of(path) == sha256:
            good += 1
        else:
            differing += 1
            print("  SHA-256 DIFFERS, removed:", kind, name)
            os.remove(path)
    print(f"verified {good} files, {differing} differ, {missing} missing")


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        for block in iter(lambda: f.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


if __name__ == "__main__":
    VERBS = {"list": list_packages, "missing-npm": list_missing, "nuget-project": nuget_project, "verify": verify}
    VERBS[sys.argv[1]](*sys.argv[2:])
