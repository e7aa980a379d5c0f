// Where the end-to-end tests find and leave things. Everything that they write lies in artifacts/e2e.
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
export const artifacts = join(root, 'artifacts', 'e2e');
export const screenshots = join(artifacts, 'screenshots');
