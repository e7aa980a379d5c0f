// Translates the kernels' PTX into C++ that the emulation runs. So the very text that the CUDA driver gets is tested: what clang made of the sources, what is
// written in PTX by hand, and that the lanes of a warp come to each barrier, shuffle and product of tiles by the same instruction.
// Knows the instructions that occur, and says which one it does not know.

const types = { u16: 'uint16_t', u32: 'uint32_t', u64: 'uint64_t', s32: 'int32_t', s64: 'int64_t', b32: 'uint32_t', b64: 'uint64_t', f32: 'float', pred: 'bool' };
const registers = { p: 'bool', rs: 'uint16_t', r: 'uint32_t', rd: 'uint64_t', f: 'float' };
const comparisons = { eq: '==', ne: '!=', lt: '<', le: '<=', gt: '>', ge: '>=' };
const operators = { add: '+', sub: '-', 'mul.lo': '*', mul: '*', and: '&', or: '|', xor: '^', div: '/', rem: '%', 'div.rn': '/' };
const functions = { 'ex2.approx.ftz': 'std::exp2', 'rcp.approx.ftz': '1 / ', 'rsqrt.approx': '1 / std::sqrt', 'lg2.approx': 'std::log2' };

/** The C++ of all kernels, in namespace ptx under their own names, and a macro for each name. */
export function translated(ptx) {
  const kernels = [...ptx.matchAll(/\.visible \.entry (\w+)\(([^)]*)\)\n\.maxntid (\d+), 1, 1\n\{\n(.*?)\n\}/gs)];
  const bodies = kernels.map(([, name, parameters, threads, body]) => `static void ${name}(${parametersOf(parameters)})
{
  if (emulation::fibers.threads != ${threads}) emulation::fail("a block has %u threads instead of %u", emulation::fibers.threads, ${threads});
${body.split('\n').map((line, i) => statement(line.trim(), i)).filter(Boolean).join('\n')}
}
`);
  return `#pragma once
#pragma GCC system_header // PTX declares more registers than it uses
#include "ptx.h"
namespace ptx
{
${bodies.join('\n')}}
${kernels.map(([, name]) => `#define ${name} ptx::${name}`).join('\n')}
`;
}

const parametersOf = (text) => [...text.matchAll(/\.param \.(\w+) (\w+)/g)].map(([, type, name]) => `${types[type]} ${name}`).join(', ');

function statement(line, site) {
  if (line === '' || line === '{' || line === '}') return '';
  const label = /^\$(\w+):$/.exec(line);
  if (label) return `${label[1]}:;`;
  const declared = /^\.reg \.\w+\s+%(\w+?)<(\d+)>;$/.exec(line);
  if (declared) return `  ${registers[declared[1]]} ${Array.from({ length: declared[2] - 1 }, (_, i) => `${declared[1]}${i + 1} = 0`).join(', ')};`;
  const shared = /^\.shared \.align (\d+) \.b8 (\w+)\[(\d+)\];$/.exec(line);
  if (shared) return `  alignas(${shared[1]}) __shared__ unsigned char ${shared[2]}[${shared[3]}];`;
  const parts = /^(?:@(!?)(%p\d+)\s+)?([\w.:]+)\s*(.*?);$/.exec(line);
  if (!parts) throw new Error(`PTX that is not understood: ${line}`);
  const [, not, predicate, operation, operands] = parts;
  const work = instruction(operation, operands.match(/\{[^}]*\}|[^,\s][^,]*/g)?.map((text) => text.trim()) ?? [], site);
  if (work === null) throw new Error(`an instruction that is not known: ${line}`);
  return predicate ? `  if (${not}${register(predicate)}) { ${work} }` : `  ${work}`;
}

function instruction(operation, operands, site) {
  const [to, ...from] = operands;
  const type = operation.split('.').at(-1), name = operation.slice(0, -type.length - 1);
  const native = types[/^(add|sub|mul\.lo|mad\.lo)$/.test(name) ? type.replace('s', 'u') : type]; // the same bits, and no overflow
  const values = from.map((text) => value(text, native));
  const set = (expression) => `${register(to)} = ${expression};`;
  if (operation === 'ret') return 'return;';
  if (operation === 'bra' || operation === 'bra.uni') return `goto ${to.slice(1)};`;
  if (operation === 'bar.sync') return `emulation::meet_block(${site});`;
  if (operation === 'shfl.sync.bfly.b32') return from[2] === '31' && from[3] === '-1' ? set(`shuffle(${values[0]}, ${values[1]}, ${site})`) : null;
  if (name === 'mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16') return product(operands.map(vector), site);
  if (name === 'ld.param') return set(from[0].slice(1, -1));
  if (/^ld\.(global|shared)/.test(name)) return load(name, to, address(from[0]), native);
  if (/^st\.(global|shared)/.test(name)) return store(name, address(to), from[0], native);
  if (name === 'mov') return set(/^b/.test(type) ? `bits<${kind(to)}>(${value(from[0], /^(%f|0f)/.test(from[0]) ? 'float' : native)})` : values[0]);
  if (operation === 'cvta.to.global.u64') return set(values[0]);
  if (operation === 'cvt.rn.bf16x2.f32') return set(`halves(${values[0]}, ${values[1]})`);
  if (/^cvt(\.rn)?$/.test(name.replace(/\.\w+$/, ''))) return set(`(${types[name.split('.').at(-1)]})${values[0]}`);
  if (name.startsWith('setp.')) return set(compared(name.slice(5), values));
  if (name === 'selp') return set(`${register(from[2])} ? ${values[0]} : ${values[1]}`);
  if (name === 'fma.rn') return set(`__builtin_fmaf(${values.join(', ')})`);
  if (name === 'mad.lo') return set(`${values[0]} * ${values[1]} + ${values[2]}`);
  if (name === 'mul.wide') return set(`(${type === 's32' ? 'int64_t' : 'uint64_t'})${values[0]} * ${values[1]}`);
  if (name === 'neg') return set(type === 'f32' ? `-${values[0]}` : `0 - (uint32_t)${values[0]}`);
  if (name === 'not') return set(type === 'pred' ? `!${values[0]}` : `~${values[0]}`);
  if (operation === 'max.f32') return set(`largest(${values})`);
  if ((name === 'min' || name === 'max') && type !== 'f32') return set(`${values[0]} ${name === 'min' ? '<' : '>'} ${values[1]} ? ${values[0]} : ${values[1]}`);
  if (name === 'shl' || name === 'shr') return set(`shift_${name === 'shl' ? 'left' : 'right'}(${values[0]}, ${value(from[1], 'uint32_t')})`);
  if (name === 'bfe') return set(`field(${values})`);
  if (name === 'prmt') return set(`permute(${values})`);
  if (Object.hasOwn(functions, name) && type === 'f32') return set(`${functions[name]}(${values[0]})`);
  if (Object.hasOwn(operators, name)) return set(`${values[0]} ${operators[name]} ${values[1]}`);
  return null;
}

/** setp: comparisons that end with u hold for what is no number too. */
function compared(comparison, [a, b]) {
  const ordered = comparisons[comparison];
  if (ordered) return `${a} ${ordered} ${b}`;
  return `${a} != ${a} || ${b} != ${b} || ${a} ${comparisons[comparison.slice(0, -1)]} ${b}`;
}

function load(name, to, from, type) {
  const count = /\.v(\d)$/.exec(name)?.[1];
  if (!count) return `${register(to)} = load<${type}>(${from});`;
  return `{ auto loaded = load<Vector<${type}, ${count}>>(${from}); ${vector(to).map((lane, i) => `${lane} = loaded.at[${i}];`).join(' ')} }`;
}

function store(name, to, from, type) {
  const count = /\.v(\d)$/.exec(name)?.[1];
  return count ? `store(${to}, Vector<${type}, ${count}>{${vector(from).join(', ')}});` : `store<${type}>(${to}, ${value(from, type)});`;
}

function product([sums, a, b, before], site) {
  return `{ float sum[4] = {${before}}; multiply_tiles(sum, ${a}, ${b}, ${site}); ${sums.map((lane, i) => `${lane} = sum[${i}];`).join(' ')} }`;
}

const vector = (text) => text.slice(1, -1).split(',').map((lane) => value(lane.trim()));
const register = (text) => text.slice(1);
const kind = (text) => registers[/^%([a-z]+)\d+$/.exec(text)[1]];
const address = (text) => text.slice(1, -1).split('+').map((part) => value(part, 'uint64_t')).join(' + ');

/** An operand: a register, a special one, a number, or a place in shared memory; as `type` where it is not a float. */
function value(text, type) {
  const special = /^%(tid|ctaid)\.([xyz])$/.exec(text);
  if (special) return `${special[1] === 'tid' ? 'threadIdx' : 'blockIdx'}.${special[2]}`;
  if (/^0f[0-9A-F]{8}$/.test(text)) return `number(0x${text.slice(2)}u)`;
  const plain = text.startsWith('%') ? register(text) : /^-?\d+$/.test(text) ? `${text}ll` : `(uint64_t)${text}`;
  return type && type !== 'float' ? `((${type})${plain})` : plain;
}
