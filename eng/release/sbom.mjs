// A bill of materials in CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/). The same components give the same bytes.
import { createHash } from 'node:crypto';

/** @param components from components.mjs */
export function sbomOf({ name, version, epoch, components }) {
  const body = {
    metadata: {
      timestamp: new Date(epoch * 1000).toISOString(),
      component: { type: 'application', 'bom-ref': name, name, version, licenses: [{ license: { id: 'MIT' } }] },
    },
    components: components.map(component),
    dependencies: [{ ref: name, dependsOn: components.map(reference) }],
  };
  const digest = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  const serial = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
  return `${JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: `urn:uuid:${serial}`, version: 1, ...body }, null, 2)}\n`;
}

function component(part) {
  return {
    type: part.kind ?? 'library', 'bom-ref': reference(part), name: part.name, version: part.version,
    hashes: [part.sha512 ? { alg: 'SHA-512', content: part.sha512 } : { alg: 'SHA-256', content: part.sha256 }],
    licenses: [/ /.test(part.licence) ? { expression: part.licence } : { license: { id: part.licence } }],
    copyright: part.copyright, ...(part.purl ? { purl: part.purl } : {}),
  };
}

function reference({ name, version, purl }) {
  return purl ?? `model:${name}@${version}`;
}
