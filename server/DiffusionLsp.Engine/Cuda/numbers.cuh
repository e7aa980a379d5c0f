// What the kernels share: bf16 numbers eight at a time, and sums over the lanes of a warp and the threads of a block.

constexpr int WARP = 32;
constexpr float LOWEST = -1e30f;      // below every score; finite, so that the difference of two is not NaN
constexpr float LOG2E = 1.4426950408889634f;

DEVICE int lane_index() { return threadIdx.x & (WARP - 1); }

/** The index of the warp's first thread: a branch that depends on it alone is uniform across the warp. */
DEVICE int warp_start() { return threadIdx.x & ~(WARP - 1); }

DEVICE float widen(bf16 x) { return bits_to_float((unsigned)x << 16); }

DEVICE void unpack(const Packed& packed, float (&numbers)[8])
{
  UNROLL for (int i = 0; i < 4; i++)
  {
    numbers[2 * i] = bits_to_float(packed[i] << 16);
    numbers[2 * i + 1] = bits_to_float(packed[i] & 0xffff0000u);
  }
}

/** Rounds to the nearest bf16, ties to even. */
DEVICE Packed pack(const float (&numbers)[8])
{
  Packed packed;
  UNROLL for (int i = 0; i < 4; i++) packed[i] = round_two(numbers[2 * i], numbers[2 * i + 1]);
  return packed;
}

DEVICE void load8(const bf16* from, float (&numbers)[8]) { unpack(load16(from), numbers); }

DEVICE void store8(bf16* to, const float (&numbers)[8]) { store16(to, pack(numbers)); }

/** Each of N values summed over groups of `lanes` neighbouring lanes (a power of two); every lane of a group gets the sums. */
template <int N> DEVICE void sum_lanes(float (&values)[N], int lanes)
{
  float other[N];
  for (int offset = lanes / 2; offset > 0; offset /= 2)
  {
    shuffle_xor(values, other, N, offset);
    UNROLL for (int i = 0; i < N; i++) values[i] += other[i];
  }
}

/** N values (a power of two, at most 32) summed over a warp; lane l returns value l / (32 / N). Lanes divide the values among themselves while adding: N − 1 + log2(32 / N) shuffles instead of 5 N. */
template <int N, int OFFSET = WARP / 2> DEVICE float sum_spread(const float (&values)[N])
{
  constexpr int KEPT = N > 1 ? N / 2 : 1;
  bool upper = lane_index() & OFFSET;
  float kept[KEPT], sent[KEPT], got[KEPT];
  UNROLL for (int i = 0; i < KEPT; i++)
  {
    float low = values[i], high = values[i + N - KEPT]; // the same value if only one is left
    kept[i] = upper ? high : low;
    sent[i] = upper ? low : high;
  }
  shuffle_xor(sent, got, KEPT, OFFSET);
  UNROLL for (int i = 0; i < KEPT; i++) kept[i] += got[i];
  if constexpr (OFFSET > 1) return sum_spread<KEPT, OFFSET / 2>(kept);
  return kept[0];
}

/** A value summed over a block of THREADS threads, for every thread; threads from `end` on have none. */
template <int THREADS> DEVICE float sum_block(float value, int end, float* shared)
{
  float values[1] = {value};
  if (warp_start() < end) sum_lanes(values, WARP);
  if (lane_index() == 0) shared[threadIdx.x / WARP] = values[0];
  __syncthreads();
  float sum = 0;
  UNROLL for (int i = 0; i < THREADS / WARP; i++) sum += shared[i];
  return sum;
}
