// Attention of a few rows over their range of the arena (flash decoding): the range is split, each split gets its own softmax, and combine merges them.
// Scores are in base 2: scaled by log2 e, so that the exponential is a single instruction.

constexpr int TOGETHER = 8; // query heads that share one load of keys and values
constexpr int AHEAD = 2;    // keys per group of lanes that are loaded ahead

/** Shared memory in which a block of attend merges its groups of lanes: eight numbers per thread and head, and each group's maximum, sum and factor. */
struct Joined { float output[TOGETHER * 128 * 8], top[TOGETHER * 16], sum[TOGETHER * 16], factor[TOGETHER * 16]; };

/** `heads` ≤ HEADS query heads over rows 0 … count − 1 of keys and values. 8, 16 or 32 lanes hold one row, eight numbers each, and the block's groups of lanes take turns. q (heads, d); partial: the first head's split, `step` numbers before the next head's. */
template <int HEADS> DEVICE void attend_heads(const bf16* q, const bf16* keys, const bf16* values, int count, float* partial, int step, int heads, int d, float scale, Joined* joined)
{
  int lanes = d <= 64 ? 8 : d <= 128 ? 16 : 32, groups = 128 / lanes, group = threadIdx.x / lanes, at = threadIdx.x % lanes * 8;
  bool inside = at < d;
  float query[HEADS][8], output[HEADS][8], top[HEADS], sum[HEADS];
  UNROLL for (int h = 0; h < HEADS; h++)
  {
    UNROLL for (int k = 0; k < 8; k++) query[h][k] = output[h][k] = 0;
    if (inside && h < heads) load8(q + (long long)h * d + at, query[h]);
    UNROLL for (int k = 0; k < 8; k++) query[h][k] *= scale * LOG2E;
    top[h] = LOWEST;
    sum[h] = 0;
  }
  for (int base = 0; base + warp_start() / lanes < count; base += groups * AHEAD) // a warp without keys is done
  {
    Packed key[AHEAD], value[AHEAD];
    float numbers[8], score[AHEAD * HEADS];
    UNROLL for (int a = 0; a < AHEAD; a++)
    {
      // A lane beyond d reads the start of the row: its query is zero, and its output is not used.
      long long from = (long long)least(base + a * groups + group, count - 1) * d + (inside ? at : 0);
      key[a] = load16(keys + from);
      value[a] = load16(values + from);
    }
    UNROLL for (int a = 0; a < AHEAD; a++)
    {
      unpack(key[a], numbers);
      UNROLL for (int h = 0; h < HEADS; h++)
      {
        score[a * HEADS + h] = 0;
        UNROLL for (int k = 0; k < 8; k++) score[a * HEADS + h] += query[h][k] * numbers[k];
      }
    }
    sum_lanes(score, lanes);
    UNROLL for (int h = 0; h < HEADS; h++)
    {
      float now = top[h];
      UNROLL for (int a = 0; a < AHEAD; a++)
      {
        if (base + a * groups + group >= count) score[a * HEADS + h] = 2 * LOWEST; // beyond the end: weight 0
        now = maximum(now, score[a * HEADS + h]);
      }
      float old = power_of_two(top[h] - now);
      top[h] = now;
      sum[h] *= old;
      UNROLL for (int k = 0; k < 8; k++) output[h][k] *= old;
      UNROLL for (int a = 0; a < AHEAD; a++) sum[h] += score[a * HEADS + h] = power_of_two(score[a * HEADS + h] - now);
    }
    UNROLL for (int a = 0; a < AHEAD; a++)
    {
      unpack(value[a], numbers);
      UNROLL for (int h = 0; h < HEADS; h++)
        UNROLL for (int k = 0; k < 8; k++) output[h][k] += score[a * HEADS + h] * numbers[k];
    }
  }
  UNROLL for (int h = 0; h < HEADS; h++)
  {
    UNROLL for (int k = 0; k < 8; k++) joined->output[(h * 128 + threadIdx.x) * 8 + k] = output[h][k];
    if (at == 0)
    {
      joined->top[h * groups + group] = top[h];
      joined->sum[h * groups + group] = sum[h];
    }
  }
  __syncthreads();
  if (threadIdx.x < HEADS * groups)
  {
    int of = threadIdx.x / groups * groups;
    float whole = LOWEST;
    for (int g = 0; g < groups; g++) whole = maximum(whole, joined->top[of + g]);
    joined->factor[threadIdx.x] = power_of_two(joined->top[threadIdx.x] - whole);
    float* to = partial + (long long)(threadIdx.x / groups) * step;
    if (threadIdx.x == of && of < heads * groups) to[d] = whole;
  }
  __syncthreads();
  for (int h = 0; h < heads; h++)
  {
    const float* factor = joined->factor + h * groups;
    float *to = partial + (long long)h * step, all = 0;
    for (int i = threadIdx.x; i < d; i += 128)
    {
      float number = 0;
      for (int g = 0; g < groups; g++) number += joined->output[(h * 128 + g * lanes) * 8 + i] * factor[g];
      to[i] = number;
    }
    if (threadIdx.x != 127 - h) continue;
    for (int g = 0; g < groups; g++) all += joined->sum[h * groups + g] * factor[g];
    to[d + 1] = all;
  }
}

/**
 * One row, one key head with its H / K query heads, one of `splits` equal parts of arena rows first[row] … first[row] + seen[row] − 1. qkv (R, H + 2 K, d),
 * with rotated queries; keys and values (K, total, d); partial (R, H, splits, d + 2): output before division by the sum, maximum, sum. An empty part has sum 0.
 */
KERNEL(128) attend(const bf16* qkv, const bf16* keys, const bf16* values, const int* first, const int* seen, float* partial, int heads, int kv, int d, long long total, int splits, float scale)
{
  __shared__ Joined joined;
  int row = blockIdx.x, head = blockIdx.y, split = blockIdx.z, group = heads / kv;
  int length = seen[row], part = (length + splits - 1) / splits, from = least(split * part, length), count = least(part, length - from);
  long long at = (head * total + first[row] + from) * d;
  const bf16* q = qkv + ((long long)row * (heads + 2 * kv) + head * group) * d;
  int step = splits * (d + 2);
  float* to = partial + ((long long)row * heads + head * group) * step + split * (d + 2);
  for (int h = 0; h < group; h += TOGETHER)
  {
    int left = least(group - h, TOGETHER);
    if (h > 0) __syncthreads(); // until `joined` has been read
    if (left == 1) attend_heads<1>(q, keys + at, values + at, count, to, step, left, d, scale, &joined);
    else if (left == 2) attend_heads<2>(q, keys + at, values + at, count, to, step, left, d, scale, &joined);
    else if (left <= 4) attend_heads<4>(q, keys + at, values + at, count, to, step, left, d, scale, &joined);
    else attend_heads<TOGETHER>(q, keys + at, values + at, count, to, step, left, d, scale, &joined);
    q += TOGETHER * d;
    to += (long long)TOGETHER * step;
  }
}

/** Merges the splits of one row and query head: partial (R, H, splits, d + 2) to mixed (R, H · d). A row that sees nothing gets zeros. */
KERNEL(128) combine(const float* partial, bf16* mixed, int heads, int d, int splits)
{
  int i = threadIdx.x * 2;
  if (i >= d) return;
  long long head = (long long)blockIdx.x * heads + blockIdx.y;
  const float* from = partial + head * splits * (d + 2);
  float top = LOWEST, sum = 0, even = 0, odd = 0;
  for (int s = 0; s < splits; s++) top = maximum(top, from[s * (d + 2) + d]);
  for (int s = 0; s < splits; s++)
  {
    const float* part = from + s * (d + 2);
    float factor = power_of_two(part[d] - top);
    sum += part[d + 1] * factor;
    even += part[i] * factor;
    odd += part[i + 1] * factor;
  }
  float share = sum == 0 ? 0 : reciprocal(sum); // NaN stays NaN
  store4(mixed + head * d + i, round_two(even * share, odd * share));
}
