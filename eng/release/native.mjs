// The platform of an executable, a library or an assembly, from the first bytes of its file. Runs nothing.

const elfMachines = { 0x3e: 'x64', 0xb7: 'arm64' };
const machMachines = { 0x01000007: 'x64', 0x0100000c: 'arm64' };
const peMachines = { 0x8664: 'x64', 0xaa64: 'arm64' };
// Ahead-of-time compiled .NET code encodes its operating system in the machine number.
const readyToRunSystems = { 0x0000: 'PE', 0x7b79: 'ELF', 0x4644: 'Mach-O' };
const signature = 0x1d; // LC_CODE_SIGNATURE

/**
 * For example "ELF x64"; null: not a native file.
 * For an assembly without native code it is "managed", for another "compiled for ELF x64".
 */
export function nativeFormat(bytes) {
  if (bytes.length < 64) return null;
  if (bytes.readUInt32BE(0) === 0x7f454c46) return `ELF ${elfMachines[bytes.readUInt16LE(18)] ?? 'for another processor'}`;
  if (bytes.readUInt32LE(0) === 0xfeedfacf) return `Mach-O ${machMachines[bytes.readUInt32LE(4)] ?? 'for another processor'}`;
  if (bytes.toString('latin1', 0, 2) === 'MZ') return portableExecutable(bytes);
  return null;
}

/** Whether a Mach-O file is signed; macOS on arm64 does not run it otherwise. */
export function isSigned(bytes) {
  const commands = bytes.readUInt32LE(16);
  for (let command = 0, at = 32; command < commands; command++, at += bytes.readUInt32LE(at + 4))
    if (bytes.readUInt32LE(at) === signature) return true;
  return false;
}

function portableExecutable(bytes) {
  const header = bytes.readUInt32LE(0x3c);
  const machine = bytes.readUInt16LE(header + 4);
  const optional = header + 24;
  const directories = optional + (bytes.readUInt16LE(optional) === 0x20b ? 112 : 96);
  const isManaged = bytes.readUInt32LE(directories - 4) > 14 && bytes.readUInt32LE(directories + 14 * 8) !== 0;
  if (!isManaged) return `PE ${peMachines[machine] ?? 'for another processor'}`;
  for (const [change, system] of Object.entries(readyToRunSystems)) {
    const processor = peMachines[machine ^ Number(change)];
    if (processor) return `compiled for ${system} ${processor}`;
  }
  return 'managed';
}
