// Removes the folders of a run.
import { rmSync } from 'node:fs';

const attempts = 50, pause = 100; // milliseconds

/**
 * Removes a folder into which a process that is just ending may still write. Node's own retries (maxRetries) repeat only the
 * removal of the emptied folder, so a single new file defeats them all; here the whole removal is repeated. A folder that cannot
 * be removed is not a failure of the run: it is reported, and nothing fails. Returns whether it is gone.
 */
export function removeFolder(folder) {
  for (let attempt = 1; ; attempt++) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return true;
    } catch (error) {
      if (attempt === attempts) {
        console.error(`'${folder}' stays: ${error.message}`);
        return false;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
    }
  }
}
