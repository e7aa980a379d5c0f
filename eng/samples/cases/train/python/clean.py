#!/usr/bin/env python3
"""clean.py PACKAGES_JSON DOWNLOADS OUT: filters, licence-checks and deduplicates the downloaded archives.

Writes OUT/{train,eval}/LANGUAGE.jsonl.gz (one {"pkg","path","license","text"} per line), OUT/manifest.tsv.gz (split,
language, sha256, bytes, package, licence, path) and OUT/report.json (what was kept and dropped, by package and reason).
A package is wholly train or wholly eval. Eval packages come first, and train loses every file that it shares with them.
JOBS sets the number of processes; by default all cores that may be used.
"""
import gzip
import json
import os
import re
import sys
import time
from multiprocessing import Pool

import archives
import filters
from licenses import is_allowed, license_of

KINDS = ("debian_src", "debian_bin", "npm", "nuget")


class Counts(dict):
    """key -> [files, bytes]"""

    def add(self, key, size):
        entry = self.setdefault(key, [0, 0])
        entry[0] += 1
        entry[1] += size


def candidates(kind, package, downloads, drops):
    """The files of one package that pass all rules that need no other package: (language, path, licence, text)."""
    include = [re.compile(p) for p in package.get("include", [])]
    exclude = [re.compile(p) for p in package.get("exclude", [])]
    keep_path = package.get("keep_path")
    also_allowed = {x.lower() for x in package.get("license_ok", [])}
    files, rules, package_license = archives.read(kind, package, downloads)
    for path, size, read in files:
        language = filters.language_of(path)
        if language not in package["langs"]:
            continue

        def drop(reason):
            drops.add(language + ":" + reason, size)
        if size > filters.LARGEST_BYTES:
            drop("big")
        elif filters.EXCLUDED_PATH.search(path) and not (keep_path and re.search(keep_path, path)):
            drop("path")
        elif include and not any(p.search(path) for p in include):
            drop("not-included")
        elif any(p.search(path) for p in exclude):
            drop("excluded")
        else:
            license = package_license if rules is None else license_of(path, rules, installed=kind == "debian_bin")
            if rules is not None and not is_allowed(license, also_allowed):
                drop("license")
                continue
            text = filters.decode(read())
            reason = "encoding" if text is None else filters.reason_to_drop(language, text, package.get("ignore_generated"))
            if reason is None:
                text = filters.strip_header(language, text)
                reason = "small" if len(text) < filters.SMALLEST_CHARACTERS else None
            if reason:
                drop(reason)
            else:
                yield language, path, license, text


def read_package(job):
    """Runs in a worker process: all candidates of one package with their hashes. An error drops the package, and is reported."""
    kind, package, downloads = job
    drops, found, error = Counts(), [], None
    try:
        for language, path, license, text in candidates(kind, package, downloads, drops):
            found.append((language, path, license, text, filters.exact_hash(text), filters.loose_hash(language, text)))
    except Exception as e:  # one bad archive must not lose the others
        found, error = [], f"{type(e).__name__}: {e}"
    return kind, package, drops, found, error


class Seen:
    """What one language has seen so far, to tell repeats."""

    def __init__(self):
        self.exact, self.loose, self.lines, self.eval_lines = set(), set(), set(), set()

    def reason_to_drop(self, split, text, exact, loose, is_over_cap):
        """Why a text is a repeat, or None; what is kept counts as seen."""
        if exact in self.exact:
            return "dup-exact"
        if is_over_cap:
            return "cap"
        self.exact.add(exact)
        if loose in self.loose:
            return "dup-norm"
        self.loose.add(loose)
        lines = filters.line_hashes(text)
        if len(lines) >= 8:
            if split == "train" and len(lines & self.eval_lines) > 0.4 * len(lines):
                return "eval-overlap"
            if len(lines & self.lines) > 0.8 * len(lines):
                return "dup-near"
        self.lines |= lines
        if split == "eval":
            self.eval_lines |= lines
        return None


class Output:
    """The files below OUT."""

    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.folder, self.writers = folder, {}
        self.manifest = gzip.open(folder + "/manifest.tsv.gz", "wt", compresslevel=3)

    def write(self, split, language, package, path, license, text, sha256):
        if (split, language) not in self.writers:
            os.makedirs(f"{self.folder}/{split}", exist_ok=True)
            self.writers[split, language] = gzip.open(f"{self.folder}/{split}/{language}.jsonl.gz", "wt", compresslevel=3)
        record = {"pkg": package, "path": path, "license": license, "text": text}
        self.writers[split, language].write(json.dumps(record, ensure_ascii=False) + "\n")
        self.manifest.write(f"{split}\t{language}\t{sha256}\t{len(text.encode())}\t{package}\t{license}\t{path}\n")

    def close(self, report):
        for writer in (*self.writers.values(), self.manifest):
            writer.close()
        with open(self.folder + "/report.json", "w") as f:
            json.dump(report, f, indent=1)


def keep_new(package_name, package, found, seen, drops, output):
    """Writes what no earlier package had; returns what was kept, by language."""
    split, cap, kept = package.get("split", "train"), package.get("cap_mb", float("inf")) * 1e6, Counts()
    if "cap_mb" in package:
        found.sort(key=lambda f: f[4])  # hash order: the cap then keeps an unbiased subset, the same every time
    for language, path, license, text, exact, loose in found:
        reason = seen[language].reason_to_drop(split, text, exact, loose, kept.get(language, (0, 0))[1] > cap)
        if reason:
            drops.add(language + ":" + reason, len(text))
            continue
        output.write(split, language, package_name, path, license, text, exact)
        kept.add(language, len(text.encode()))
    return kept


def main():
    packages_json, downloads, out = sys.argv[1:4]
    with open(packages_json) as f:
        packages = json.load(f)
    jobs = [(kind, package, downloads) for kind in KINDS for package in packages[kind]]
    jobs.sort(key=lambda job: job[1].get("split", "train") != "eval")
    output, totals, report, started = Output(out), Counts(), [], time.time()
    seen = {language: Seen() for language in filters.LANGUAGES}
    with Pool(int(os.environ.get("JOBS") or len(os.sched_getaffinity(0))), maxtasksperchild=4) as pool:
        for kind, package, drops, found, error in pool.imap(read_package, jobs):
            name = f"{kind}:{package['name']}@{package['version']}"
            kept = keep_new(name, package, found, seen, drops, output)
            split = package.get("split", "train")
            for language, (count, size) in kept.items():
                entry = totals.setdefault(f"{split}/{language}", [0, 0])
                entry[0] += count
                entry[1] += size
            report.append({"package": name, "split": split, "kept": kept, "drops": drops, "error": error})
            print(name, split, error or "", *(f"{k}:{n}f/{b / 1e6:.2f}MB" for k, (n, b) in kept.items()), sep="\t", flush=True)
    output.close({"seconds": round(time.time() - started, 1), "totals": totals, "packages": report})
    for key, (count, size) in sorted(totals.items()):
        print(f"{key:20s} {count:8d} files {size / 1e6:9.1f} MB")
    print("seconds", round(time.time() - started, 1))


if __name__ == "__main__":
    main()
