// The kernels of a step with few rows: bf16 in memory, float32 in arithmetic, 16 bytes per load. Lengths, positions and indices are read from device
// memory when a kernel runs, so that one captured graph serves every step of its bucket. One source, two compilers: device.cu compiles it to PTX, and
// tests/kernels/emulate.h runs it on the host. Both define the platform: bf16, threadIdx, blockIdx, __shared__, __syncthreads, KERNEL, DEVICE, UNROLL,
// Packed and load16 to logarithm below.
//
// R is the number of rows of the bucket. Every kernel has a fixed block size, which KERNEL names; the caller computes the grid by these formulas:
//
//   gather_rows    (R)                          128 threads
//   rms_norm       (R)                          256
//   product_rows   (ceil(out / 4))              128
//   product_tiles  (ceil(out / 32))             256
//   turn_store     (R, H + 2 K)                  32
//   attend         (R, K, splits)               128
//   attend_pairs   (ceil(R · (H / K) / 64), K, splits)   128, for d of at most 128
//   combine        (R, H)                       128
//   silu_mul       (R, ceil(inner / 2048))      256
//   statistics     (S)                         1024
//
// H query heads and K key heads of size d; d is at most 256. Widths (width, inner, d, the rotated part r, the inputs of a product) are multiples of 8
// and all buffers are aligned to 16 bytes; the numbers of rows and outputs and the vocabulary size are arbitrary.
#include "numbers.cuh"
#include "rows.cuh"
#include "product.cuh"
#include "tiles.cuh"
#include "turn.cuh"
#include "attention.cuh"
#include "pairs.cuh"
#include "statistics.cuh"
