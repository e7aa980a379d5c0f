// Rotary positions: queries are rotated in place; keys, also rotated, and values go to their rows of the arena.

/**
 * One head of one row: qkv (R, H + 2 K, d), queries first, then keys, then values. head_norm (H + K, d), if not null: the RMS norm over d is applied first.
 * The first r numbers are rotated, y[i] = x[i] · cos[i] + x[(i + r / 2) mod r] · sin[i], by row position[row] of the tables (P, r), which hold both
 * halves; the first half of the sines is already negated. A key goes to keys[head][store[row]], a value to values[head][store[row]], both
 * (K, total, d); if store is negative, they are not stored.
 */
KERNEL(32) turn_store(bf16* qkv, const bf16* head_norm, const bf16* cosines, const bf16* sines, const int* position, const int* store, bf16* keys, bf16* values, int heads, int kv, int d, int rotary, long long total, float eps)
{
  __shared__ float whole[256];
  int row = blockIdx.x, head = blockIdx.y, at = threadIdx.x * 8, to = store[row];
  bool inside = at < d;
  bf16* x = qkv + ((long long)row * (heads + 2 * kv) + head) * d + at;
  bf16* y = x;
  if (head >= heads)
  {
    if (to < 0) return;
    bool isKey = head < heads + kv;
    y = (isKey ? keys : values) + ((head - heads - (isKey ? 0 : kv)) * total + to) * d + at;
    if (!isKey)
    {
      if (inside) store16(y, load16(x));
      return;
    }
  }
  float numbers[8] = {0, 0, 0, 0, 0, 0, 0, 0}, cosine[8], sine[8];
  if (inside) load8(x, numbers);
  if (head_norm)
  {
    float squares[1] = {0}, weights[8];
    UNROLL for (int k = 0; k < 8; k++) squares[0] += numbers[k] * numbers[k];
    sum_lanes(squares, WARP);
    float factor = inverse_root(squares[0] / d + eps);
    if (inside)
    {
      load8(head_norm + (long long)head * d + at, weights);
      UNROLL for (int k = 0; k < 8; k++) numbers[k] *= factor * weights[k];
    }
  }
  // r / 2 need not be a multiple of 8: the other half is read number by number.
  UNROLL for (int k = 0; k < 8; k++) whole[at + k] = numbers[k];
  __syncthreads();
  if (at < rotary)
  {
    load8(cosines + (long long)position[row] * rotary + at, cosine);
    load8(sines + (long long)position[row] * rotary + at, sine);
    int half = rotary / 2;
    UNROLL for (int k = 0; k < 8; k++) numbers[k] = numbers[k] * cosine[k] + whole[at + k < half ? at + k + half : at + k - half] * sine[k];
  }
  if (inside) store8(y, numbers);
}
