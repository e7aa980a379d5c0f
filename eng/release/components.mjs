// The components of a release: NuGet and npm packages, .NET itself, the models. Read from the results of restore and npm; no network.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/projects.mjs';

const framework = 'net10.0';
const notices = /^(licen[cs]e|third-?party-?notices|notice|license-libtorch)(\.(txt|md))?$/i;

/**
 * The NuGet packages of a published server, and those that contain .NET itself.
 * @param assets the server's project.assets.json
 * @param runtime null for a package that runs on any platform
 * @param published the published file names: packages without any of them are left out
 */
export function nugetComponents(assets, runtime, published) {
  const { targets, packageFolders, project } = JSON.parse(readFileSync(assets, 'utf8'));
  const target = targets[runtime ? `${framework}/${runtime}` : framework];
  const used = Object.entries(target).filter(([, entry]) => entry.type === 'package' && isPublished(entry, published)).map(([key]) => key.split('/'));
  const own = (project.frameworks[framework].downloadDependencies ?? []).map(({ name, version }) => [name, /\[([^,\]]+)/.exec(version)[1]]);
  const packs = runtime ? own.filter(([name]) => /\.App\.Runtime\./.test(name)) : [];
  return [...used, ...packs].map(([name, version]) => nugetComponent(Object.keys(packageFolders), name, version)).sort(byName);
}

function isPublished(entry, published) {
  const files = [...Object.keys(entry.runtime ?? {}), ...Object.keys(entry.native ?? {}), ...Object.keys(entry.runtimeTargets ?? {})];
  return files.some(file => published.has(file.split('/').at(-1)));
}

function nugetComponent(folders, name, version) {
  const relative = join(name.toLowerCase(), version.toLowerCase());
  const folder = folders.map(each => join(each, relative)).find(existsSync);
  if (!folder) throw new Error(`The package ${name} ${version} is not in NuGet's package folder; restore the packages and run this again.`);
  const spec = readFileSync(join(folder, `${name.toLowerCase()}.nuspec`), 'utf8');
  const field = tag => new RegExp(`<${tag}[^>]*>([^<]*)</${tag}>`).exec(spec)?.[1].trim();
  const licence = /<license type="expression">([^<]*)</.exec(spec)?.[1] ?? licenceOfFile(folder, spec);
  if (!licence) throw new Error(`The package ${name} ${version} names no licence; read the package and state its licence in eng/release/components.mjs.`);
  return {
    name, version, licence, purl: `pkg:nuget/${name}@${version}`,
    copyright: decode(field('copyright') || `Copyright (c) ${field('authors')}`), address: field('projectUrl'),
    sha512: Buffer.from(readFileSync(join(folder, `${name.toLowerCase()}.${version.toLowerCase()}.nupkg.sha512`), 'utf8'), 'base64').toString('hex'),
    texts: readdirSync(folder).filter(file => notices.test(file)).sort().map(file => ({ file, text: readFileSync(join(folder, file), 'utf8') })),
  };
}

/** Packages that include their licence as a file instead of naming it; libtorch's is PyTorch's. */
function licenceOfFile(folder, spec) {
  return /<license type="file">LICENSE-LIBTORCH/.test(spec) || existsSync(join(folder, 'LICENSE-LIBTORCH.txt')) ? 'BSD-3-Clause' : null;
}

/** The npm packages in the extension's bundle, according to its source map. */
export function bundledComponents(sourceMap) {
  const { sources } = JSON.parse(readFileSync(sourceMap, 'utf8'));
  const folders = [...new Set(sources.map(source => /^.*\/?node_modules\/(@[^/]+\/[^/]+|[^/]+)(?=\/)/.exec(source)?.[0]).filter(Boolean))];
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return folders.map(folder => npmComponent(folder.replace(/^(\.\.\/)+/, ''), lock)).sort(byName);
}

function npmComponent(folder, lock) {
  const { name, version, license, author, homepage } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const texts = readdirSync(join(root, folder)).filter(file => notices.test(file)).sort().map(file => ({ file, text: readFileSync(join(root, folder, file), 'utf8') }));
  return {
    name, version, licence: license, purl: `pkg:npm/${name.replace('@', '%40')}@${version}`, address: homepage,
    copyright: texts.map(({ text }) => /^.*copyright .*$/im.exec(text)?.[0].trim()).find(Boolean) ?? `Copyright (c) ${author?.name ?? author ?? name}`,
    sha512: Buffer.from(lock[folder].integrity.replace('sha512-', ''), 'base64').toString('hex'), texts: [],
  };
}

/** The models that the server includes. */
export function modelComponents(version) {
  return ['nano', 'nano-ar'].map(name => ({
    name, version, licence: 'MIT', kind: 'machine-learning-model', copyright: 'Copyright (c) 2026 DiffusionLsp contributors', texts: [],
    sha256: createHash('sha256').update(readFileSync(join(root, 'models', name, 'model.safetensors'))).digest('hex'),
  }));
}

function byName(a, b) {
  return a.name < b.name ? -1 : 1;
}

function decode(text) {
  return text.replaceAll('&#169;', '©').replaceAll('&copy;', '©').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
