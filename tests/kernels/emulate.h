// The machine of step.cuh on the host: one block after another, each as fibers with true barriers and shuffles. Slow, exact and strict: a load that is
// not aligned and threads that part are faults. With -fsanitize=address every access is checked.
#pragma once
#include <cmath>
#include <cstring>
#include "fibers.h"

#define __shared__ static __attribute__((section("shared_memory")))
#define DEVICE static inline
#define KERNEL(threads) static void
#define UNROLL

typedef unsigned short bf16;
typedef unsigned Packed __attribute__((vector_size(16))); // eight bf16 numbers
struct Three { int x, y, z; };

extern "C" __attribute__((visibility("hidden"))) char __start_shared_memory[], __stop_shared_memory[];

namespace emulation
{
  constexpr int MOST_SHUFFLED = 32;
  constexpr unsigned TILES_MET = 32; // instead of a shuffle's offset, which is less

  inline Three block;
  inline bool descending; // whether a block's last thread runs first: a kernel that lacks a barrier then gives something else
  inline bool poisoned;   // whether shared memory is filled with numbers that are none before each block
  inline float exchanged[2][MOST_THREADS][MOST_SHUFFLED];

  inline int thread() { return descending ? fibers.threads - 1 - fibers.current : fibers.current; }

  __attribute__((no_sanitize("address"))) inline void poison_shared()
  {
    for (volatile char* p = __start_shared_memory; p < __stop_shared_memory; p++) *p = (char)0xff;
  }

  inline void (*kernel)(void*);
  inline void* kernel_argument;

  /** Calls `run(argument)` in every thread of every block. Returns whether all met as they should; `fibers.fault` says how not. */
  inline bool launch(Three grid, int threads, void (*run)(void*), void* argument)
  {
    kernel = run;
    kernel_argument = argument;
    fibers.fault[0] = 0;
    for (block.z = 0; block.z < grid.z && !fibers.fault[0]; block.z++)
      for (block.y = 0; block.y < grid.y && !fibers.fault[0]; block.y++)
        for (block.x = 0; block.x < grid.x && !fibers.fault[0]; block.x++)
        {
          if (poisoned) poison_shared();
          run_block(threads, [] { kernel(kernel_argument); });
        }
    kernel_argument = nullptr;
    return !fibers.fault[0];
  }

  inline void check_aligned(const void* p, unsigned to)
  {
    if ((uintptr_t)p < 4096) fail("an address is null (thread %u)", (unsigned)thread());
    if ((uintptr_t)p % to != 0) fail("an address is not a multiple of %u (thread %u)", to, (unsigned)thread());
  }

  /** The bits of the nearest bf16, ties to even. */
  inline unsigned rounded(float number)
  {
    unsigned bits;
    memcpy(&bits, &number, 4);
    if (number != number) return 0x7fff;
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  }
}

#define threadIdx (Three{emulation::thread(), 0, 0})
#define blockIdx (emulation::block)

DEVICE void __syncthreads() { emulation::meet_block(); }

DEVICE float bits_to_float(unsigned bits)
{
  float number;
  memcpy(&number, &bits, 4);
  return number;
}

DEVICE unsigned float_to_bits(float number)
{
  unsigned bits;
  memcpy(&bits, &number, 4);
  return bits;
}

DEVICE Packed load16(const bf16* from)
{
  Packed packed;
  emulation::check_aligned(from, 16);
  memcpy(&packed, from, 16);
  return packed;
}

DEVICE Packed load16_once(const bf16* from) { return load16(from); }

DEVICE void store16(bf16* to, Packed packed)
{
  emulation::check_aligned(to, 16);
  memcpy(to, &packed, 16);
}

DEVICE void store4(bf16* to, unsigned two)
{
  emulation::check_aligned(to, 4);
  memcpy(to, &two, 4);
}

DEVICE void store_two(float* to, float first, float second)
{
  emulation::check_aligned(to, 8);
  to[0] = first;
  to[1] = second;
}

DEVICE unsigned low_halves(unsigned low, unsigned high) { return (low & 0xffff) | high << 16; }
DEVICE unsigned high_halves(unsigned low, unsigned high) { return low >> 16 | (high & 0xffff0000u); }

DEVICE unsigned round_two(float low, float high) { return emulation::rounded(low) | emulation::rounded(high) << 16; }
DEVICE bf16 round_one(float number) { return (bf16)emulation::rounded(number); }

DEVICE int least(int a, int b) { return a < b ? a : b; }
DEVICE float maximum(float a, float b) { return b > a || a != a ? b : a; } // the number, if one is none
DEVICE float reciprocal(float x) { return 1 / x; }
DEVICE float inverse_root(float x) { return 1 / std::sqrt(x); }
DEVICE float power_of_two(float x) { return std::exp2(x); }
DEVICE float logarithm(float x) { return std::log(x); }

/** All lanes leave their values, then each reads its partner's. Two places in turn: a lane may be one shuffle ahead of another. */
DEVICE void shuffle_xor(const float* values, float* other, int count, int offset, unsigned site = 0)
{
  using namespace emulation;
  int t = thread();
  unsigned char place = fibers.parity[t] ^= 1;
  if (count > MOST_SHUFFLED) fail("a shuffle of %u values is more than the emulation holds (%u)", count, MOST_SHUFFLED);
  memcpy(exchanged[place][t], values, count * sizeof(float));
  meet_warp(offset, site);
  memcpy(other, exchanged[place][t ^ offset], count * sizeof(float));
}

/** As in device.cu: every lane leaves its parts, then computes its four sums of what the others left. */
DEVICE void multiply_tiles(float (&sum)[4], unsigned a0, unsigned a1, unsigned a2, unsigned a3, unsigned b0, unsigned b1, unsigned site = 0)
{
  using namespace emulation;
  int t = thread(), warp = t & ~31, group = t % 32 / 4, at = t % 4;
  unsigned char place = fibers.parity[t] ^= 1;
  unsigned parts[6] = {a0, a1, a2, a3, b0, b1};
  memcpy(exchanged[place][t], parts, sizeof parts);
  meet_warp(TILES_MET, site);
  // A row or a column of 16 numbers: two in each of four lanes, and in each two more of another part.
  auto line = [&](int of, int part, int next, float (&numbers)[16])
  {
    for (int lane = 0; lane < 4; lane++)
      for (int half = 0; half < 2; half++)
      {
        unsigned two = float_to_bits(exchanged[place][warp + 4 * of + lane][half ? next : part]);
        numbers[8 * half + 2 * lane] = bits_to_float(two << 16);
        numbers[8 * half + 2 * lane + 1] = bits_to_float(two & 0xffff0000u);
      }
  };
  float rows[2][16], columns[2][16];
  for (int i = 0; i < 2; i++)
  {
    line(group, i, i + 2, rows[i]);
    line(2 * at + i, 4, 5, columns[i]);
  }
  for (int i = 0; i < 4; i++)
    for (int k = 0; k < 16; k++) sum[i] += rows[i / 2][k] * columns[i % 2][k];
}
