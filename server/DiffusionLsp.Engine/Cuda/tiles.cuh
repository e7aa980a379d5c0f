// Products of up to 64 rows on tensor cores. Also bound by reading the matrix; the rows come from the L2 cache, once per block.

constexpr int TILE_OUTPUTS = 32; // per block of product_tiles: two tiles of 16
constexpr int TILE_WARPS = 8;    // they take turns along the columns, 64 at a time
constexpr int TILE_STRIDE = 36;  // numbers per row of sums in shared memory, so that a warp's stores fall into different banks

/** The partial sums of a block's warps for eight rows, double-buffered. */
struct Tiles { float sums[2][TILE_WARPS][8 * TILE_STRIDE]; };

/**
 * 8 · TILES rows of x, of which `rows` exist, times 32 rows of the weight from `first` on. A product of tiles sums over 16 columns, in any order: a lane's
 * 16 bytes, eight neighbouring columns, are its part of two such products, for both the weight and x. So nothing has to be rearranged.
 */
template <int TILES> DEVICE void product_tile(const bf16* x, const bf16* weight, const bf16* bias, bf16* y, int rows, int in, int out, int first, int add, Tiles* shared)
{
  int lane = lane_index(), warp = threadIdx.x / WARP, group = lane / 4, at = lane % 4 * 8;
  float sum[TILES][2][4];
  UNROLL for (int n = 0; n < TILES; n++)
    UNROLL for (int m = 0; m < 2; m++)
      UNROLL for (int i = 0; i < 4; i++) sum[n][m][i] = 0;
  int of[4], from[TILES]; // where outputs group, group + 8, … and rows group, group + 8, … begin
  weight += (long long)first * in;
  UNROLL for (int m = 0; m < 4; m++) of[m] = least(m * 8 + group, out - 1 - first) * in;
  UNROLL for (int n = 0; n < TILES; n++) from[n] = least(n * 8 + group, rows - 1) * in;
  for (int column = warp * 64; column < in; column += TILE_WARPS * 64)
  {
    Packed w[2][4];
    // Beyond the end of the row, its start is read again and multiplied by zero, which avoids a branch among the products.
    int read[2];
    unsigned mask[2];
    UNROLL for (int half = 0; half < 2; half++)
    {
      int mine = column + half * 32 + at;
      mask[half] = mine < in ? 0xffffffff : 0;
      read[half] = mine & mask[half];
    }
    UNROLL for (int half = 0; half < 2; half++)
      UNROLL for (int m = 0; m < 4; m++) w[half][m] = load16_once(weight + of[m] + read[half]);
    UNROLL for (int n = 0; n < TILES; n++)
      UNROLL for (int half = 0; half < 2; half++)
      {
        Packed p = load16(x + from[n] + read[half]);
        p &= Packed{mask[half], mask[half], mask[half], mask[half]};
        UNROLL for (int m = 0; m < 2; m++)
          UNROLL for (int k = 0; k < 4; k += 2) multiply_tiles(sum[n][m], w[half][2 * m][k], w[half][2 * m + 1][k], w[half][2 * m][k + 1], w[half][2 * m + 1][k + 1], p[k], p[k + 1]);
      }
  }
  UNROLL for (int n = 0; n < TILES; n++)
  {
    if (n * 8 >= rows) break;
    float* mine = shared->sums[n % 2][warp];
    UNROLL for (int m = 0; m < 2; m++)
      UNROLL for (int i = 0; i < 4; i++) mine[(lane % 4 * 2 + i % 2) * TILE_STRIDE + m * 16 + i / 2 * 8 + group] = sum[n][m][i];
    __syncthreads();
    int row = n * 8 + threadIdx.x / TILE_OUTPUTS, output = first + threadIdx.x % TILE_OUTPUTS;
    if (row < rows && output < out)
    {
      float all = 0;
      UNROLL for (int w = 0; w < TILE_WARPS; w++) all += shared->sums[n % 2][w][threadIdx.x / TILE_OUTPUTS * TILE_STRIDE + threadIdx.x % TILE_OUTPUTS];
      store_sum(y + (long long)row * out + output, all, bias, output, add);
    }
  }
}

/** The same as product_rows, for 9 to 64 rows; correct for any number. */
KERNEL(256) product_tiles(const bf16* x, const bf16* weight, const bf16* bias, bf16* y, int rows, int in, int out, int add)
{
  __shared__ Tiles shared;
  int first = blockIdx.x * TILE_OUTPUTS;
  for (int r = 0; r < rows; r += 64) // eight tiles, an even number, so that the next rows start in the buffer that is free
  {
    const bf16* from = x + (long long)r * in;
    bf16* to = y + (long long)r * out;
    int left = least(rows - r, 64);
    if (left <= 8) product_tile<1>(from, weight, bias, to, left, in, out, first, add, &shared);
    else if (left <= 16) product_tile<2>(from, weight, bias, to, left, in, out, first, add, &shared);
    else if (left <= 32) product_tile<4>(from, weight, bias, to, left, in, out, first, add, &shared);
    else product_tile<8>(from, weight, bias, to, left, in, out, first, add, &shared);
  }
}
