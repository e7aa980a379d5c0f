// The commit that a figure belongs to.
import { spawnSync } from 'node:child_process';
import { root } from './projects.mjs';

/** The checkout's commit, abbreviated to ten digits; "unknown" outside of a git checkout, such as in a downloaded archive. */
export function commitOf(folder = root) {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short=10', 'HEAD'], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return status === 0 ? stdout.trim() : 'unknown';
}
