"""Reads web server logs and prints a small report about slow and failing requests."""

import argparse
import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

LINE = re.compile(
    r'(?P<host>\S+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] '
    r'"(?P<method>[A-Z]+) (?P<path>\S+) [^"]*" (?P<status>\d{3}) (?P<size>\d+|-) (?P<millis>\d+)'
)
TIME_FORMAT = '%d/%b/%Y:%H:%M:%S %z'


@dataclass(frozen=True)
class Request:
    """One line of the log."""

    host: str
    user: str
    time: datetime
    method: str
    path: str
    status: int
    size: int
    millis: int

    @property
    def failed(self):
        return self.status >= 500

    @classmethod
    def parse(cls, line):
        match = LINE.match(line)
        if match is None:
            raise ValueError(f'not a log line: {line!r}')
        size = match['size']
        return cls(
            host=match['host'],
            user=match['user'],
            time=datetime.strptime(match['time'], TIME_FORMAT),
            method=match['method'],
            path=match['path'].split('?', 1)[0],
            status=int(match['status']),
            size=0 if size == '-' else int(size),
            millis=int(match['millis']),
        )


@dataclass
class PathSummary:
    """What happened to all requests of one path."""

    count: int = 0
    failures: int = 0
    millis: list = field(default_factory=list)

    def add(self, request):
        self.count += 1
        self.millis.append(request.millis)
        if request.failed:
            self.failures += 1

    def percentile(self, share):
        if not self.millis:
            return 0
        ordered = sorted(self.millis)
        index = min(len(ordered) - 1, int(share * len(ordered)))
        return ordered[index]


class Report:
    """Collects requests and formats the result."""

    def __init__(self, slow=500):
        self.slow = slow
        self.paths = defaultdict(PathSummary)
        self.statuses = Counter()
        self.hosts = Counter()
        self.skipped = 0

    def read(self, lines):
        for line in lines:
            line = line.strip()
            if not line:
                continue
            try:
                request = Request.parse(line)
            except ValueError:
                self.skipped += 1
                continue
            self.add(request)

    def add(self, request):
        self.paths[request.path].add(request)
        self.statuses[request.status] += 1
        self.hosts[request.host] += 1

    def slow_paths(self):
        for path, summary in sorted(self.paths.items()):
            if summary.percentile(0.95) >= self.slow:
                yield path, summary

    def format(self, limit=10):
        rows = [f'{"path":40} {"count":>8} {"failed":>8} {"p50":>8} {"p95":>8}']
        ranked = sorted(self.paths.items(), key=lambda item: item[1].count, reverse=True)
        for path, summary in ranked[:limit]:
            rows.append(
                f'{path[:40]:40} {summary.count:8} {summary.failures:8} '
                f'{summary.percentile(0.5):8} {summary.percentile(0.95):8}'
            )
        if self.skipped:
            rows.append(f'{self.skipped} lines could not be read')
        return '\n'.join(rows)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('logs', nargs='+', type=Path)
    parser.add_argument('--slow', type=int, default=500, help='milliseconds')
    parser.add_argument('--limit', type=int, default=10, help='rows to print')
    options = parser.parse_args(arguments)

    report = Report(slow=options.slow)
    for log in options.logs:
        with log.open(encoding='utf-8', errors='replace') as lines:
            report.read(lines)
    print(report.format(limit=options.limit))
    for path, summary in report.slow_paths():
        print(f'slow: {path} ({summary.percentile(0.95)} ms)', file=sys.stderr)
    return 1 if report.skipped else 0


if __name__ == '__main__':
    sys.exit(main())
