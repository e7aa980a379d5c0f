// The platforms of releases, and their names in each kind of package. Knows no file.

/**
 * runtime: .NET's name; target: VS Code's; os, cpu, libc: npm's; format: of the native files;
 * hasLibtorch: whether a package of libtorch exists.
 */
export const platforms = [
  { runtime: 'linux-x64', target: 'linux-x64', os: 'linux', cpu: 'x64', libc: 'glibc', format: 'ELF x64', hasLibtorch: true },
  { runtime: 'linux-arm64', target: 'linux-arm64', os: 'linux', cpu: 'arm64', libc: 'glibc', format: 'ELF arm64', hasLibtorch: false },
  { runtime: 'win-x64', target: 'win32-x64', os: 'win32', cpu: 'x64', format: 'PE x64', hasLibtorch: true },
  { runtime: 'osx-arm64', target: 'darwin-arm64', os: 'darwin', cpu: 'arm64', format: 'Mach-O arm64', hasLibtorch: true },
];

export const isWindows = platform => platform.os === 'win32';

/** The program's file name on a platform. */
export const programName = platform => (isWindows(platform) ? 'diffusion-lsp.exe' : 'diffusion-lsp');

/** The platform of this process; undefined: releases are not built for it. */
export const thisPlatform = platforms.find(({ os, cpu }) => os === process.platform && cpu === process.arch);
