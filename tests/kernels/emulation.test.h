// The emulation itself: what it must find, it finds.
#include "check.h"

namespace
{
  KERNEL(64) skips_barrier(float*) { if (threadIdx.x != 40) __syncthreads(); }

  KERNEL(64) leaves_early(float* out)
  {
    if (threadIdx.x >= 32) return;
    __syncthreads();
    out[0] = 1;
  }

  KERNEL(32) shuffles_apart(float* out)
  {
    float mine[1] = {1};
    shuffle_xor(mine, out, 1, threadIdx.x < 16 ? 1 : 2);
  }

  KERNEL(32) some_shuffle(float* out)
  {
    float mine[1] = {1};
    if (threadIdx.x < 16) shuffle_xor(mine, out, 1, 1);
  }

  KERNEL(32) reads_askew(float* out) { load16((const bf16*)out + 1); }

  KERNEL(32) reads_nothing(float*) { load16(nullptr); }

  KERNEL(64) lacks_barrier(float* out)
  {
    __shared__ float sums[64];
    sums[threadIdx.x] = threadIdx.x;
    out[threadIdx.x] = sums[63 - threadIdx.x];
  }

  KERNEL(64) turns_over(float* out)
  {
    __shared__ float sums[64];
    float mine[1] = {(float)threadIdx.x}, other[1];
    shuffle_xor(mine, other, 1, 16);
    sums[threadIdx.x] = other[0];
    __syncthreads();
    out[threadIdx.x] = sums[63 - threadIdx.x];
  }

  bool goes_well(int threads, void (*kernel)(float*), float* out)
  {
    struct Call { void (*kernel)(float*); float* out; } call = {kernel, out};
    return emulation::launch({2, 1, 1}, threads, [](void* c) { ((Call*)c)->kernel(((Call*)c)->out); }, &call);
  }
}

void test_emulation()
{
  Numbers out(64);
  expect(!goes_well(64, skips_barrier, out.data()), "a thread that skips a barrier is not found");
  expect(!goes_well(64, leaves_early, out.data()), "a warp that leaves before a barrier is not found");
  expect(!goes_well(32, shuffles_apart, out.data()), "two different shuffles at once are not found");
  expect(!goes_well(32, some_shuffle, out.data()), "a shuffle of half a warp is not found");
  expect(!goes_well(32, reads_askew, out.data()), "a load that is not aligned is not found");
  expect(strstr(emulation::fibers.fault, "multiple of 16"), std::string("the fault is told as: ") + emulation::fibers.fault);
  expect(!goes_well(32, reads_nothing, out.data()), "a load from null is not found");
  expect(goes_well(64, lacks_barrier, out.data()), "a kernel without barriers fails");
  expect(std::any_of(out.begin(), out.end(), [](float x) { return x != x; }), "a missing barrier is not seen in the numbers");
  expect(goes_well(64, turns_over, out.data()), "a right kernel fails after faulty ones");
  for (int i = 0; i < 64; i++) expect(out[i] == ((63 - i) ^ 16), of("shuffle and barrier", {i}));
}
