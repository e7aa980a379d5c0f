"""Reads the downloaded archives in place and finds each file's licence. Unpacks nothing to disk, judges no content.

Every reader returns (files, rules, licence): files are (path, size, read) triples, rules are those of a machine-readable
debian/copyright or None, and licence holds for every file when there are no rules.
"""
import glob
import io
import json
import os
import re
import subprocess
import tarfile

from licenses import is_allowed, read_copyright

INSTALL_PREFIXES = r"^usr/lib/python3/dist-packages/|^usr/share/nodejs/"


def read(kind, package, downloads):
    """The reader for a kind of package. Raises when the package is missing or its licence is not known or not allowed."""
    return {"debian_src": _debian_source, "debian_bin": _debian_binary, "npm": _npm, "nuget": _nuget}[kind](package, downloads)


def _debian_source(package, downloads):
    folder = os.path.join(downloads, "debian_src")
    names = [f["name"] for f in package["files"]]
    if any(".orig" in n and not os.path.exists(os.path.join(folder, n)) for n in names):
        names = _newer_source(package, folder) or names
    copyright_text, tarballs = None, []
    for name in names:
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            if ".orig" in name:
                raise FileNotFoundError(name)
            continue  # the packaging part was not served: packages.json states the licence instead
        is_packaging = ".debian.tar." in name
        if is_packaging or (re.search(r"[^g]\.tar\.[a-z0-9]+$", name) and ".orig" not in name):
            for member, _, read_member in _tar(path):
                if member.endswith("debian/copyright"):
                    copyright_text = read_member().decode("utf-8", "replace")
        if not is_packaging:
            tarballs.append(path)

    def files():
        for tarball in tarballs:
            component = re.search(r"\.orig-([A-Za-z0-9-]+)\.tar", tarball)
            prefix = component.group(1) + "/" if component else ""
            for member, size, read_member in _tar(tarball):
                yield prefix + _without_first_folder(member), size, read_member
    return files(), _rules(package, copyright_text), package.get("license")


def _newer_source(package, folder):
    """File names of a point release that replaced the pinned version, or None."""
    descriptions = sorted(glob.glob(os.path.join(folder, package["name"] + "_*.dsc")), key=os.path.getmtime)
    if not descriptions:
        return None
    with open(descriptions[-1], encoding="utf-8", errors="replace") as f:
        listing = re.search(r"^Files:\s*\n((?: .*\n)+)", f.read(), re.M).group(1)
    return [line.split()[2] for line in listing.strip().split("\n") if ".tar." in line and not line.endswith(".asc")]


def _debian_binary(package, downloads):
    folder = os.path.join(downloads, "debian_bin")
    path = os.path.join(folder, package["file"])
    if not os.path.exists(path):
        newer = sorted(glob.glob(os.path.join(folder, package["name"] + "_*.deb")), key=os.path.getmtime)
        if not newer:
            raise FileNotFoundError(package["file"])
        path = newer[-1]
    content = subprocess.run(["dpkg-deb", "--fsys-tarfile", path], stdout=subprocess.PIPE, check=True).stdout
    archive = tarfile.open(fileobj=io.BytesIO(content))
    copyright_text, files = None, []
    for member in archive:
        if not member.isfile():
            continue
        name = member.name[2:] if member.name.startswith("./") else member.name
        if re.match(r"usr/share/doc/[^/]+/copyright$", name):
            copyright_text = archive.extractfile(member).read().decode("utf-8", "replace")
        name = re.sub(INSTALL_PREFIXES, "", name)
        files.append((name, member.size, lambda member=member: archive.extractfile(member).read()))
    return files, _rules(package, copyright_text), package.get("license")


def _npm(package, downloads):
    name = re.sub(r"^@", "", package["name"]).replace("/", "-") + "-" + package["version"] + ".tgz"
    path = os.path.join(downloads, "npm", name)
    license = None
    for member, _, read_member in _tar(path):
        if member.count("/") == 1 and member.endswith("/package.json"):
            license = _npm_license(json.loads(read_member()))
            break
    _check(license, package)
    return ((_without_first_folder(m), size, read_member) for m, size, read_member in _tar(path)), None, license


def _npm_license(manifest):
    license = manifest.get("license") or manifest.get("licenses")
    if isinstance(license, dict):
        license = license.get("type")
    if isinstance(license, list):
        license = " or ".join(entry.get("type", "") if isinstance(entry, dict) else str(entry) for entry in license)
    return license


def _nuget(package, downloads):
    folder = os.path.join(downloads, "nuget", package["name"].lower(), package["version"])
    with open(glob.glob(folder + "/*.nuspec")[0], encoding="utf-8-sig") as f:
        expression = re.search(r'<license type="expression">([^<]+)<', f.read())
    license = expression.group(1) if expression else package.get("license")
    _check(license, package)

    def files():
        for root, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                path = os.path.join(root, name)
                yield os.path.relpath(path, folder), os.path.getsize(path), lambda path=path: _read_file(path)
    return files(), None, license


def _rules(package, copyright_text):
    rules = read_copyright(copyright_text) if copyright_text and not package.get("ignore_dep5") else None
    if rules is None and not package.get("license"):
        raise ValueError('no machine-readable debian/copyright and no "license" in packages.json')
    return rules


def _check(license, package):
    if not is_allowed(license, {x.lower() for x in package.get("license_ok", [])}):
        raise ValueError("license %r" % license)


def _tar(path):
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile():
                yield member.name, member.size, lambda member=member: archive.extractfile(member).read()


def _without_first_folder(name):
    name = name[2:] if name.startswith("./") else name
    return name.split("/", 1)[1] if "/" in name else name


def _read_file(path):
    with open(path, "rb") as f:
        return f.read()
