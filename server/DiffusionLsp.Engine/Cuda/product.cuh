// Products of a few rows with a matrix: bound by reading the matrix, which is read from memory once.

constexpr int OUTPUTS = 4; // per block of product_rows
constexpr int CHUNK = 8;   // rows that share one load of the matrix

/** Stores one number of a product, rounded once. */
DEVICE void store_sum(bf16* to, float sum, const bf16* bias, int output, int add)
{
  if (bias) sum += widen(bias[output]);
  if (add) sum += widen(*to);
  *to = round_one(sum);
}

/** ROWS rows of x, of which `rows` exist, times OUTPUTS rows of the weight from `first` on. Each thread takes every 128th group of eight columns; the block then adds up the partial sums. */
template <int ROWS> DEVICE void product_chunk(const bf16* x, const bf16* weight, const bf16* bias, bf16* y, int rows, int in, int out, int first, int add, float* sums)
{
  float sum[ROWS * OUTPUTS];
  UNROLL for (int i = 0; i < ROWS * OUTPUTS; i++) sum[i] = 0;
  const bf16* from[OUTPUTS];
  UNROLL for (int o = 0; o < OUTPUTS; o++) from[o] = weight + (long long)least(first + o, out - 1) * in; // an output beyond the last repeats it and is not stored
  constexpr int AT_ONCE = ROWS > 2 ? 1 : 2; // with few rows, more loads of the matrix are in flight
  for (int i = threadIdx.x * 8; i < in; i += AT_ONCE * 128 * 8)
  {
    Packed packed[AT_ONCE][OUTPUTS];
    float w[OUTPUTS][8], numbers[8];
    UNROLL for (int a = 0; a < AT_ONCE; a++)
      UNROLL for (int o = 0; o < OUTPUTS; o++) packed[a][o] = load16_once(from[o] + least(i + a * 128 * 8, in - 8));
    UNROLL for (int a = 0; a < AT_ONCE; a++)
    {
      UNROLL for (int o = 0; o < OUTPUTS; o++) unpack(packed[a][o], w[o]);
      int at = i + a * 128 * 8;
      UNROLL for (int r = 0; r < ROWS; r++)
      {
        load8(x + (long long)least(r, rows - 1) * in + least(at, in - 8), numbers);
        UNROLL for (int k = 0; k < 8; k++) numbers[k] = at < in ? numbers[k] : 0; // beyond the end, the last columns are read again
        UNROLL for (int o = 0; o < OUTPUTS; o++)
          UNROLL for (int k = 0; k < 8; k++) sum[r * OUTPUTS + o] += w[o][k] * numbers[k];
      }
    }
  }
  constexpr int SHARE = WARP / (ROWS * OUTPUTS);
  float part = 0;
  if (warp_start() * 8 < in) part = sum_spread(sum);
  int lane = lane_index();
  if (lane % SHARE == 0) sums[threadIdx.x / WARP * WARP + lane / SHARE] = part;
  __syncthreads();
  int r = threadIdx.x / OUTPUTS, o = first + threadIdx.x % OUTPUTS;
  if (r < rows && r < ROWS && o < out)
  {
    float all = 0;
    UNROLL for (int w = 0; w < 128 / WARP; w++) all += sums[w * WARP + threadIdx.x];
    store_sum(y + (long long)r * out + o, all, bias, o, add);
  }
}

/** y = x · weightᵀ (+ bias) (+ old y if add), rounded once; x (rows, in), weight (out, in), bias (out) or null, y (rows, out). Meant for up to 8 rows; correct for any number. */
KERNEL(128) product_rows(const bf16* x, const bf16* weight, const bf16* bias, bf16* y, int rows, int in, int out, int add)
{
  __shared__ float sums[128];
  int first = blockIdx.x * OUTPUTS;
  for (int r = 0; r < rows; r += CHUNK)
  {
    const bf16* from = x + (long long)r * in;
    bf16* to = y + (long long)r * out;
    int left = rows - r;
    if (r > 0) __syncthreads(); // until the previous chunk's sums have been read
    if (left == 1) product_chunk<1>(from, weight, bias, to, left, in, out, first, add, sums);
    else if (left == 2) product_chunk<2>(from, weight, bias, to, left, in, out, first, add, sums);
    else if (left <= 4) product_chunk<4>(from, weight, bias, to, left, in, out, first, add, sums);
    else product_chunk<CHUNK>(from, weight, bias, to, left, in, out, first, add, sums);
  }
}
