// The platform layer of step.cuh for clang, which compiles this file to PTX without a CUDA toolkit (eng/kernels.mjs has the command).

#define __global__ __attribute__((global))
#define __shared__ __attribute__((shared))
#define DEVICE static inline __attribute__((device, always_inline))
#define KERNEL(threads) extern "C" __global__ __attribute__((launch_bounds(threads))) void
#define UNROLL _Pragma("unroll")

typedef unsigned short bf16;
typedef unsigned Packed __attribute__((vector_size(16))); // eight bf16 numbers
typedef float Two __attribute__((vector_size(8)));
struct Three { int x, y, z; };

#define threadIdx (Three{(int)__nvvm_read_ptx_sreg_tid_x(), (int)__nvvm_read_ptx_sreg_tid_y(), (int)__nvvm_read_ptx_sreg_tid_z()})
#define blockIdx (Three{(int)__nvvm_read_ptx_sreg_ctaid_x(), (int)__nvvm_read_ptx_sreg_ctaid_y(), (int)__nvvm_read_ptx_sreg_ctaid_z()})

DEVICE float bits_to_float(unsigned bits) { return __builtin_bit_cast(float, bits); }
DEVICE unsigned float_to_bits(float number) { return __builtin_bit_cast(unsigned, number); }

// Loads are in assembly because clang would split those whose numbers are used separately; volatile keeps them where they are written, early. A kernel
// never loads what another of its threads stores.
#define LOAD16(instruction, from) \
  unsigned a, b, c, d; \
  asm volatile(instruction " {%0, %1, %2, %3}, [%4];" : "=r"(a), "=r"(b), "=r"(c), "=r"(d) : "l"((const __attribute__((address_space(1))) bf16*)from)); \
  return Packed{a, b, c, d}

DEVICE Packed load16(const bf16* from) { LOAD16("ld.global.v4.u32", from); }

/** For data that a block reads once and no kernel writes: bypasses the L1 cache, leaving it to other data. */
DEVICE Packed load16_once(const bf16* from) { LOAD16("ld.global.nc.L1::no_allocate.v4.u32", from); }

DEVICE void store16(bf16* to, Packed packed) { *(Packed*)to = packed; }
DEVICE void store4(bf16* to, unsigned two) { *(unsigned*)to = two; }
DEVICE void store_two(float* to, float first, float second) { *(Two*)to = Two{first, second}; }

/** Two numbers rounded to bf16, the first in the lower half. */
DEVICE unsigned round_two(float low, float high)
{
  unsigned two;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(two) : "f"(high), "f"(low));
  return two;
}

DEVICE unsigned low_halves(unsigned low, unsigned high) { return __nvvm_prmt(low, high, 0x5410); }
DEVICE unsigned high_halves(unsigned low, unsigned high) { return __nvvm_prmt(low, high, 0x7632); }

DEVICE bf16 round_one(float number) { return (bf16)round_two(number, 0); }

DEVICE int least(int a, int b) { return a < b ? a : b; }
DEVICE float maximum(float a, float b) { return __nvvm_fmax_f(a, b); }
DEVICE float reciprocal(float x) { return __nvvm_rcp_approx_ftz_f(x); }
DEVICE float inverse_root(float x) { return __nvvm_rsqrt_approx_f(x); }
DEVICE float power_of_two(float x) { return __nvvm_ex2_approx_ftz_f(x); }
DEVICE float logarithm(float x) { return __nvvm_lg2_approx_f(x) * 0.6931471805599453f; }

/** other[i] = value i of the lane whose index differs in the bits of `offset`. */
DEVICE void shuffle_xor(const float* values, float* other, int count, int offset)
{
  UNROLL for (int i = 0; i < count; i++) other[i] = bits_to_float(__nvvm_shfl_sync_bfly_i32(0xffffffff, float_to_bits(values[i]), offset, 31));
}

/**
 * sum += A · B over a warp, A (16, 16), B (16, 8), sum (16, 8). Lane l = 4 g + t holds, with two bf16 numbers in each register: of A's rows g and g + 8, columns 2 t and 2 t + 1
 * (a0, a1) and 2 t + 8 and 2 t + 9 (a2, a3); of B's column g, the same rows (b0, b1); and sums (g, 2 t), (g, 2 t + 1), (g + 8, 2 t), (g + 8, 2 t + 1).
 */
DEVICE void multiply_tiles(float (&sum)[4], unsigned a0, unsigned a1, unsigned a2, unsigned a3, unsigned b0, unsigned b1)
{
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
    : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3]) : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
}

#include "step.cuh"
