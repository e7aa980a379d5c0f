// THIRD-PARTY-NOTICES.txt: the third-party work in a release, and its licences.
import { createRequire } from 'node:module';

const texts = createRequire(import.meta.url)('spdx-license-list/full');
const line = '-'.repeat(80);

/** @param components from components.mjs */
export function noticesOf(components) {
  const others = components.filter(({ purl }) => purl);
  const licences = [...new Set(others.flatMap(({ licence }) => licence.split(/ (?:AND|OR|WITH) |[()]/)).filter(Boolean))].sort();
  return [
    'DiffusionLsp is under the licence in the file LICENSE. This package contains third-party work:\n',
    ...others.map(describe),
    ...licences.map(licence => `${line}\n${licence}\n${line}\n\n${text(licence)}\n`),
    ...others.flatMap(({ name, version, texts: files }) => files.map(({ file, text: content }) => `${line}\n${name} ${version}: ${file}\n${line}\n\n${content.replaceAll('\r\n', '\n').replace(/^\uFEFF/, '').trim()}\n`)),
  ].join('\n');
}

function describe({ name, version, licence, copyright, address }) {
  return [`${name} ${version}`, `  ${licence}`, `  ${copyright}`, ...(address ? [`  ${address}`] : []), ''].join('\n');
}

function text(licence) {
  if (!texts[licence]) throw new Error(`The text of the licence ${licence} is not known.`);
  return texts[licence].licenseText.replaceAll('\r\n', '\n').trim();
}
