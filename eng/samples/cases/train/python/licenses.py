"""Which declared licences are permissive enough to train on. Knows Debian's and npm's ways of writing them, no files.

Allowed: MIT/Expat/X11, Apache-2.0, BSD, 0BSD, ISC, PSF. In "A or B" one side must be allowed, in "A and B" all of them.
"""
import re

ALLOWED = re.compile(
    r"^(mit(-0|-style|-like|-1)?|mit/x11|mit/expat|expat|x11|the mit.*"
    r"|apache([- ]?(license)?[- ,]*(version )?v?2(\.0)?)?|apache-2(\.0)?\+?|apache2|asl-?2(\.0)?|apache-2(\.0)?[- ]with[- ]llvm.*"
    r"|bsd|bsd[-_ ]?(like|style|[0-4])?([-_ ]?clause)?s?([-_].*)?|[0-4]-clause-bsd|new bsd.*|modified bsd.*|0bsd"
    r"|isc|isc-style|psf.*|python(-.*)?)$")
REFUSED = re.compile(r"gpl|bsd-protection|mpl|cddl|epl|ms-pl|cc-by|nc\b|proprietary|advertis|patent", re.I)

# A file's own header may name a licence that its package does not.
FOREIGN = re.compile(
    r"GNU\s+(\w+\s+)?(Lesser |Library |Affero )?(General|Public)|\b[AL]?GPL|Mozilla Public|\bMPL[- ]?[12]"
    r"|Common Development and Dist|\bCDDL\b|Eclipse Public|Ms-PL|Microsoft Public License|Creative Commons|CC[- ]BY"
    r"|Microsoft Reciprocal|Business Source|Elastic License|Server Side Public|PolyForm|SSPL|Commons Clause"
    r"|\bconfidential\b|proprietary|non-?commercial|Unity Companion", re.I)
# Plain words that every match of FOREIGN holds: searching these first is much faster.
FOREIGN_WORDS = (
    "gnu", "gpl", "mozilla", "mpl", "cddl", "common development", "eclipse pub", "ms-pl", "microsoft pub", "microsoft rec",
    "creative c", "cc-by", "cc by", "business s", "elastic l", "server side", "polyform", "sspl", "commons clause",
    "confidential", "proprietary", "commercial", "unity companion")


def is_allowed(expression, also_allowed=()):
    """Whether a Debian or SPDX expression permits training; no expression does not."""
    text = " ".join((expression or "").replace("(", " ").replace(")", " ").lower().split())
    text = text.replace(", and ", " and ").replace("and/or", " or ")
    if not text:
        return False
    for part in re.split(r"\s+and\s+|,\s*", text):
        if not part.strip():
            continue
        choices = [choice.strip() for choice in re.split(r"\s+or\s+|\s*\|\s*", part)]
        if not any(c in also_allowed or (ALLOWED.match(c) and not REFUSED.search(c)) for c in choices):
            return False
    return True


def names_foreign_license(text):
    """Whether the first 4,000 characters name a copyleft or proprietary licence."""
    head = text[:4000]
    lower = head.lower()
    return any(word in lower for word in FOREIGN_WORDS) and bool(FOREIGN.search(head))


def read_copyright(text):
    """The rules of a machine-readable debian/copyright: (pattern, licence) pairs, the last match wins. None: not machine-readable."""
    if not re.search(r"^Format(-Specification)?:", text[:2000], re.M):
        return None
    rules = []
    for paragraph in re.split(r"\n\s*\n", text):
        fields, key = {}, None
        for line in paragraph.split("\n"):
            if line[:1] in (" ", "\t"):
                if key:
                    fields[key] += "\n" + line
            elif not line.startswith("#"):
                name, colon, value = line.partition(":")
                key = name.strip().lower() if colon else None
                if key is not None:
                    fields[key] = value.strip()
        if "files" in fields and "license" in fields:
            globs = [g[2:] if g.startswith("./") else g for g in re.split(r"[\s,]+", fields["files"]) if g]
            pattern = re.compile("^(?:" + "|".join(map(_glob_to_regex, globs)) + ")$", re.S)
            rules.append((pattern, fields["license"].split("\n")[0].strip()))
    return rules or None


def license_of(path, rules, installed):
    """The licence that the rules give a path, or None. Installed paths differ from source paths, so their suffixes are tried too."""
    candidates = [path]
    if installed:
        parts = path.split("/")
        candidates = ["/".join(parts[i:]) for i in range(min(len(parts), 9))] + ["src/" + path, "lib/" + path]
    found = None
    for pattern, license in rules:
        if any(pattern.match(candidate) for candidate in candidates):
            found = license
    return found


def _glob_to_regex(glob):
    return re.sub(r"\\\*", ".*", re.sub(r"\\\?", ".", re.escape(glob)))
