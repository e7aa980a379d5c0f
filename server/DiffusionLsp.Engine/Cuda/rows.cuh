// Kernels that treat each row alone: embedding, norm, activation.

/** x[r] = embedding[ids[r]]; ids (R), including those of padding rows, are below the vocabulary's size; embedding (V, width), x (R, width). */
KERNEL(128) gather_rows(const int* ids, const bf16* embedding, bf16* x, int width)
{
  const bf16* from = embedding + (long long)ids[blockIdx.x] * width;
  bf16* to = x + (long long)blockIdx.x * width;
  for (int i = threadIdx.x * 8; i < width; i += 128 * 8) store16(to + i, load16(from + i));
}

/** y[r] = x[s] / sqrt(mean(x[s]²) + eps) · weight with s = pick[r], or r where pick is null; y (R, width) may be x if pick is null. */
KERNEL(256) rms_norm(const bf16* x, const bf16* weight, bf16* y, const int* pick, int width, float eps)
{
  __shared__ float sums[256 / WARP];
  int row = blockIdx.x;
  const bf16* from = x + (long long)(pick ? pick[row] : row) * width;
  bf16* to = y + (long long)row * width;
  float numbers[8], weights[8], squares = 0;
  for (int i = threadIdx.x * 8; i < width; i += 256 * 8)
  {
    load8(from + i, numbers);
    UNROLL for (int k = 0; k < 8; k++) squares += numbers[k] * numbers[k];
  }
  float factor = inverse_root(sum_block<256>(squares, width / 8, sums) / width + eps);
  for (int i = threadIdx.x * 8; i < width; i += 256 * 8)
  {
    load8(from + i, numbers);
    load8(weight + i, weights);
    UNROLL for (int k = 0; k < 8; k++) numbers[k] *= factor * weights[k];
    store8(to + i, numbers);
  }
}

/** h = gate / (1 + e^−gate) · up; gate_up (R, 2 · inner) holds a row's gates, then its ups; h (R, inner). */
KERNEL(256) silu_mul(const bf16* gate_up, bf16* h, int inner)
{
  int i = (blockIdx.y * 256 + threadIdx.x) * 8;
  if (i >= inner) return;
  const bf16* from = gate_up + (long long)blockIdx.x * 2 * inner + i;
  float gate[8], up[8];
  load8(from, gate);
  load8(from + inner, up);
  UNROLL for (int k = 0; k < 8; k++) gate[k] *= reciprocal(1 + power_of_two(-gate[k] * LOG2E)) * up[k];
  store8(h + (long long)blockIdx.x * inner + i, gate);
}
