// Attention of many rows on tensor cores. Does what attend does for one row, but for sixteen pairs of a row and a query head at once, so that keys and values
// are read once for all of them. Rows of one sequence are adjacent and see the same range of the arena, each up to its length; each sequence has its own range.

constexpr int PAIRS = 16; // per warp
constexpr int MOST = 0x7fffffff;

/** The minimum (or, of negated numbers, the negated maximum) over the warp's groups of four lanes, whose lanes hold the same number. */
DEVICE int least_of_warp(int number)
{
  for (int offset = 4; offset < WARP; offset *= 2)
  {
    float mine[1] = {bits_to_float(number)}, other[1];
    shuffle_xor(mine, other, 1, offset);
    number = least(number, (int)float_to_bits(other[0]));
  }
  return number;
}

/** A warp's pairs: query, sums so far, and largest score. Lane 4 g + t has pairs g and g + 8; of their outputs, columns 16 t to 16 t + 15 of each 64. */
template <int CHUNKS> struct Pairs
{
  Packed query[CHUNKS * 2][2];
  float output[CHUNKS][8][4], top[2], sum[2];
};

/** Processes 16 keys from `base` on; only those below `end` count and, for each pair, those below its limit. keys and values begin where the range does. */
template <int CHUNKS> DEVICE void see_keys(Pairs<CHUNKS>& pairs, const bf16* keys, const bf16* values, int base, int end, const int (&limit)[2], int d, float scale)
{
  int lane = lane_index(), group = lane / 4, quarter = lane % 4;
  // All loads first. Beyond d, the start of the row is read again: the query is zero there, and that output is not used.
  Packed key[2][CHUNKS * 2], value[CHUNKS][4]; // a lane has the values of keys 2 t, 2 t + 1, 2 t + 8, 2 t + 9
  UNROLL for (int tile = 0; tile < 2; tile++)
    UNROLL for (int piece = 0; piece < CHUNKS * 2; piece++)
    {
      int at = piece * 32 + quarter * 8;
      key[tile][piece] = load16(keys + (long long)least(base + tile * 8 + group, end - 1) * d + (at < d ? at : 0));
    }
  UNROLL for (int c = 0; c < CHUNKS; c++)
    UNROLL for (int k = 0; k < 4; k++)
    {
      int at = c * 64 + group * 8;
      value[c][k] = load16(values + (long long)least(base + k / 2 * 8 + quarter * 2 + k % 2, end - 1) * d + (at < d ? at : 0));
    }
  // A lane's 16 bytes are its part of two products, as in tiles.cuh.
  float score[2][4] = {};
  UNROLL for (int tile = 0; tile < 2; tile++)
    UNROLL for (int piece = 0; piece < CHUNKS * 2; piece++)
      UNROLL for (int i = 0; i < 4; i += 2) multiply_tiles(score[tile], pairs.query[piece][0][i], pairs.query[piece][1][i], pairs.query[piece][0][i + 1], pairs.query[piece][1][i + 1], key[tile][piece][i], key[tile][piece][i + 1]);
  // score[tile][i] belongs to pair group + 8 · (i / 2) and key base + 8 · tile + 2 · quarter + i % 2.
  float now[2] = {pairs.top[0], pairs.top[1]}, other[2];
  UNROLL for (int tile = 0; tile < 2; tile++)
    UNROLL for (int i = 0; i < 4; i++)
    {
      int key = base + tile * 8 + quarter * 2 + i % 2;
      score[tile][i] = key < end && key < limit[i / 2] ? score[tile][i] * scale * LOG2E : 2 * LOWEST;
      now[i / 2] = maximum(now[i / 2], score[tile][i]);
    }
  UNROLL for (int offset = 1; offset < 4; offset *= 2)
  {
    shuffle_xor(now, other, 2, offset);
    UNROLL for (int p = 0; p < 2; p++) now[p] = maximum(now[p], other[p]);
  }
  float old[2];
  UNROLL for (int p = 0; p < 2; p++)
  {
    old[p] = power_of_two(pairs.top[p] - now[p]);
    pairs.top[p] = now[p];
    pairs.sum[p] *= old[p];
  }
  UNROLL for (int c = 0; c < CHUNKS; c++)
    UNROLL for (int n = 0; n < 8; n++)
      UNROLL for (int i = 0; i < 4; i++) pairs.output[c][n][i] *= old[i / 2];
  // The rounded weights are already in the layout that the next product needs; the sum is that of the rounded weights, so that they add up to one.
  unsigned weight[2][2];
  UNROLL for (int tile = 0; tile < 2; tile++)
    UNROLL for (int p = 0; p < 2; p++)
    {
      weight[tile][p] = round_two(power_of_two(score[tile][2 * p] - now[p]), power_of_two(score[tile][2 * p + 1] - now[p]));
      pairs.sum[p] += bits_to_float(weight[tile][p] << 16) + bits_to_float(weight[tile][p] & 0xffff0000u);
    }
  UNROLL for (int c = 0; c < CHUNKS; c++)
  {
    const Packed* v = value[c];
    // Product n takes column n of each lane's eight: columns 8 g + n of the chunk, for g from 0 to 7.
    UNROLL for (int n = 0; n < 8; n += 2)
    {
      multiply_tiles(pairs.output[c][n], weight[0][0], weight[0][1], weight[1][0], weight[1][1], low_halves(v[0][n / 2], v[1][n / 2]), low_halves(v[2][n / 2], v[3][n / 2]));
      multiply_tiles(pairs.output[c][n + 1], weight[0][0], weight[0][1], weight[1][0], weight[1][1], high_halves(v[0][n / 2], v[1][n / 2]), high_halves(v[2][n / 2], v[3][n / 2]));
    }
  }
}

/** One warp's pairs of one key head, for one split. This head has `many` pairs in total, and this warp's begin at `start`; keys and values of this head; q: its first query head in row 0. */
template <int CHUNKS> DEVICE void attend_warp(const bf16* q, const bf16* keys, const bf16* values, const int* first, const int* seen, float* partial, int start, int many, int heads, int kv, int d, int splits, int split, float scale)
{
  int lane = lane_index(), quarter = lane % 4, together = heads / kv, from[2], length[2];
  const Packed none = {0, 0, 0, 0};
  Pairs<CHUNKS> pairs;
  UNROLL for (int p = 0; p < 2; p++)
  {
    int pair = start + p * 8 + lane / 4, row = least(pair, many - 1) / together, head = least(pair, many - 1) % together;
    from[p] = first[row];
    length[p] = pair < many ? seen[row] : 0;
    UNROLL for (int piece = 0; piece < CHUNKS * 2; piece++)
    {
      int at = piece * 32 + quarter * 8;
      pairs.query[piece][p] = at < d ? load16(q + ((long long)row * (heads + 2 * kv) + head) * d + at) : none;
    }
    pairs.top[p] = LOWEST;
    pairs.sum[p] = 0;
  }
  UNROLL for (int c = 0; c < CHUNKS; c++)
    UNROLL for (int n = 0; n < 8; n++)
      UNROLL for (int i = 0; i < 4; i++) pairs.output[c][n][i] = 0;
  int open[2] = {length[0] > 0 ? from[0] : MOST, length[1] > 0 ? from[1] : MOST};
  for (;;)
  {
    int stretch = least_of_warp(least(open[0], open[1]));
    if (stretch == MOST) break;
    int limit[2];
    UNROLL for (int p = 0; p < 2; p++)
    {
      limit[p] = open[p] == stretch ? length[p] : 0;
      if (open[p] == stretch) open[p] = MOST;
    }
    int count = -least_of_warp(least(-limit[0], -limit[1])), part = (count + splits - 1) / splits, end = least((split + 1) * part, count);
    for (int base = split * part; base < end; base += 16)
      see_keys<CHUNKS>(pairs, keys + (long long)stretch * d, values + (long long)stretch * d, base, end, limit, d, scale);
  }
  sum_lanes(pairs.sum, 4);
  UNROLL for (int p = 0; p < 2; p++)
  {
    int pair = start + p * 8 + lane / 4;
    if (pair >= many) continue;
    float* to = partial + (((long long)pair / together * heads + pair % together) * splits + split) * (d + 2);
    UNROLL for (int c = 0; c < CHUNKS; c++)
      UNROLL for (int half = 0; half < 2; half++)
      {
        int at = c * 64 + quarter * 16 + half * 8;
        if (at < d) UNROLL for (int n = 0; n < 8; n += 2) store_two(to + at + n, pairs.output[c][n][2 * p + half], pairs.output[c][n + 1][2 * p + half]);
      }
    if (quarter == 0) store_two(to + d, pairs.top[p], pairs.sum[p]);
  }
}

/** Like attend, for many rows: the same partial, but the split boundaries are those of a sequence's longest row. d is at most 128. The weights of keys are rounded to bf16. */
KERNEL(128) attend_pairs(const bf16* qkv, const bf16* keys, const bf16* values, const int* first, const int* seen, float* partial, int rows, int heads, int kv, int d, long long total, int splits, float scale)
{
  int head = blockIdx.y, together = heads / kv, many = rows * together, start = (blockIdx.x * 4 + threadIdx.x / WARP) * PAIRS;
  if (start >= many) return;
  const bf16* q = qkv + (long long)head * together * d;
  float* to = partial + (long long)head * together * splits * (d + 2);
  keys += head * total * d;
  values += head * total * d;
  if (d <= 64) attend_warp<1>(q, keys, values, first, seen, to, start, many, heads, kv, d, splits, blockIdx.z, scale);
  else attend_warp<2>(q, keys, values, first, seen, to, start, many, heads, kv, d, splits, blockIdx.z, scale);
}
