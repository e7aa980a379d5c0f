// Archives whose bytes depend only on their contents: entries in order, one timestamp, no owner.
import { spawnSync } from 'node:child_process';
import { createWriteStream, lstatSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';
import yazl from 'yazl';

/** Every file in a folder, as sorted relative paths with slashes. */
export function filesOf(folder) {
  return readdirSync(folder, { recursive: true })
    .filter(name => !lstatSync(join(folder, name)).isDirectory())
    .map(name => name.split(sep).join('/'))
    .sort();
}

/** A .tar.gz of a folder, made by GNU tar. Modes are kept; all times are the given one. */
export function tarOf(folder, output, epoch) {
  const { status, stderr, error } = spawnSync('tar', ['--sort=name', `--mtime=@${epoch}`, '--owner=0', '--group=0', '--numeric-owner', '--format=ustar',
    '--mode=u=rwX,go=rX', '-I', 'gzip -9n', '-cf', output, '-C', dirname(folder), basename(folder)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tar failed: ${error?.message ?? stderr}`);
}

/** A .zip of a folder. */
export async function zipOf(folder, output, epoch) {
  const files = filesOf(folder).map(name => ({ name: `${basename(folder)}/${name}`, bytes: readFileSync(join(folder, name)), mode: lstatSync(join(folder, name)).mode }));
  await writeZip(files, output, epoch);
}

/** Rewrites a .zip with its entries in order and one timestamp. */
export async function rewriteZip(path, epoch) {
  const entries = (await readZip(path)).sort((a, b) => (a.name < b.name ? -1 : 1));
  await writeZip(entries, `${path}.rewritten`, epoch);
  renameSync(`${path}.rewritten`, path);
}

/** The files of a .zip: [{ name, bytes, mode }]. */
export async function readZip(path) {
  const archive = await yauzl.openPromise(path);
  const entries = [];
  for await (const entry of archive.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    const stream = await archive.openReadStreamPromise(entry);
    entries.push({ name: entry.fileName, bytes: Buffer.concat(await stream.toArray()), mode: entry.externalFileAttributes >>> 16 });
  }
  return entries;
}

/** The files of a .tar.gz. */
export function readTar(path) {
  const { status, stdout, stderr } = spawnSync('tar', ['-tzf', path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tar failed: ${stderr}`);
  return stdout.split('\n').filter(name => name !== '' && !name.endsWith('/'));
}

async function writeZip(entries, output, epoch) {
  const zip = new yazl.ZipFile();
  for (const { name, bytes, mode } of entries) zip.addBuffer(bytes, name, { mtime: new Date(epoch * 1000), mode: mode & 0o111 ? 0o100755 : 0o100644, compressionLevel: 9, forceDosTimestamp: true });
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(output));
}
