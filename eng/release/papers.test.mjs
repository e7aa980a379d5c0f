import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelComponents } from './components.mjs';
import { sbomOf } from './sbom.mjs';

const part = { name: 'A', version: '1.0', licence: 'MIT', purl: 'pkg:nuget/A@1.0', copyright: 'Copyright (c) A', address: 'https://a.example', sha512: 'ab'.repeat(64), texts: [{ file: 'NOTICE', text: 'made by A\r\n' }] };

test('notices name each part, the text of its licence, and what its package asks to be said', async () => {
  const { noticesOf } = await import('./notices.mjs');
  const text = noticesOf([part, { ...part, name: 'B', licence: 'Apache-2.0', texts: [] }, ...modelComponents('1.0')]);
  assert.match(text, /A 1\.0\n {2}MIT\n {2}Copyright \(c\) A\n {2}https:\/\/a\.example\n/);
  assert.match(text, /Permission is hereby granted, free of charge/);
  assert.match(text, /Apache License\n\s*Version 2\.0/);
  assert.match(text, /A 1\.0: NOTICE\n-+\n\nmade by A\n/);
  assert.ok(!text.includes('\r'));
  assert.throws(() => noticesOf([{ ...part, licence: 'Nobody-1.0' }]), /The text of the licence Nobody-1\.0 is not known/);
});

test('the bill of materials depends on what it lists alone', () => {
  const options = { name: 'p', version: '1.0', epoch: 1_700_000_000, components: [part, ...modelComponents('1.0')] };
  const bill = JSON.parse(sbomOf(options));
  assert.equal(sbomOf(options), sbomOf({ ...options }));
  assert.notEqual(bill.serialNumber, JSON.parse(sbomOf({ ...options, components: [part] })).serialNumber);
  assert.match(bill.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(bill.metadata.timestamp, '2023-11-14T22:13:20.000Z');
  assert.deepEqual(bill.components.map(({ type, name }) => [type, name]), [['library', 'A'], ['machine-learning-model', 'nano'], ['machine-learning-model', 'nano-ar']]);
  assert.deepEqual(bill.dependencies, [{ ref: 'p', dependsOn: ['pkg:nuget/A@1.0', 'model:nano@1.0', 'model:nano-ar@1.0'] }]);
});
