// attend, attend_pairs and combine.
#include "check.h"

namespace
{
  /** Rows of several sequences: each sees `seen` arena rows from `first` on. Keys point one way by `lean`, so that scores differ much. */
  void attention(bool many, int heads, int kv, int d, int splits, const Integers& first, const Integers& seen, float lean = 0)
  {
    int rows = first.size(), all = heads + 2 * kv, total = 0;
    for (int r = 0; r < rows; r++) total = std::max(total, first[r] + seen[r]);
    Row qkv = noise(rows * all * d, 1, lean), keys = noise(kv * total * d, 1, lean), values = noise(kv * total * d), mixed = unset(rows * heads * d);
    Numbers partial = unset_numbers((size_t)rows * heads * splits * (d + 2));
    float scale = 1 / std::sqrt((float)d);
    if (many) launch("attend_pairs", {(rows * (heads / kv) + 63) / 64, kv, splits}, 128, attend_pairs, qkv.data(), keys.data(), values.data(), first.data(), seen.data(), partial.data(), rows, heads, kv, d, (long long)total, splits, scale);
    else launch("attend", {rows, kv, splits}, 128, attend, qkv.data(), keys.data(), values.data(), first.data(), seen.data(), partial.data(), heads, kv, d, (long long)total, splits, scale);
    launch("combine", {rows, heads, 1}, 128, combine, partial.data(), mixed.data(), heads, d, splits);
    Exact wanted(rows * heads * d);
    for (int row = 0; row < rows; row++)
      for (int head = 0; head < heads; head++)
      {
        const bf16 *q = &qkv[(row * all + head) * d], *k = &keys[(head / (heads / kv) * total + first[row]) * d], *v = &values[(head / (heads / kv) * total + first[row]) * d];
        Exact weights(seen[row]);
        double top = -1e300, sum = 0;
        for (int j = 0; j < seen[row]; j++)
        {
          for (int i = 0; i < d; i++) weights[j] += (double)widen(q[i]) * widen(k[j * d + i]) * scale;
          top = std::max(top, weights[j]);
        }
        for (double& w : weights) sum += w = std::exp(w - top);
        for (int i = 0; i < d; i++)
          for (int j = 0; j < seen[row]; j++) wanted[(row * heads + head) * d + i] += weights[j] / sum * widen(v[j * d + i]);
      }
    compare(of(many ? "attend_pairs" : "attend", {heads, kv, d, splits, rows}), wanted, mixed, many ? 2e-3 : 2e-5);
    // What the splits keep is what flash decoding keeps: their sums join to the whole one, and an empty one has none.
    for (int part = 0; !many && part < rows * heads * splits; part++)
    {
      int row = part / (heads * splits), span = (seen[row] + splits - 1) / splits;
      if (part % splits * span >= seen[row]) expect(partial[(size_t)part * (d + 2) + d + 1] == 0, of("an empty split has a sum", {heads, kv, d, splits, part}));
    }
  }
}

void test_attention()
{
  Integers first = {0, 5, 0, 40, 200}, seen = {1, 37, 0, 130, 61}; // a padding row in the middle
  attention(false, 28, 4, 128, 3, first, seen);
  attention(false, 6, 2, 64, 4, first, seen);
  attention(false, 6, 2, 96, 1, first, seen);
  attention(false, 4, 1, 256, 2, first, seen, 1);
  attention(false, 32, 32, 32, 2, {3, 9}, {2, 40});
  attention(false, 1, 1, 128, 5, {0, 100, 7}, {257, 3, 8}, 0.7f); // more splits than keys
  attention(false, 2, 1, 8, 1, {0, 1}, {300, 299}, 2);
  attention(false, 40, 2, 128, 2, {0, 2}, {20, 50}); // more query heads to a key head than go together
  attention(false, 9, 1, 64, 3, {1}, {65});
  attention(false, 16, 1, 200, 16, {0, 0}, {100, 0});
  attention(true, 28, 4, 128, 3, first, seen);
  attention(true, 6, 2, 64, 4, first, seen);
  attention(true, 6, 2, 96, 1, first, seen);
  attention(true, 1, 1, 128, 5, {0, 100, 7}, {257, 3, 8}, 0.7f);
  attention(true, 2, 1, 8, 1, {0, 1}, {300, 299}, 2);
  attention(true, 40, 2, 40, 2, {0, 2}, {20, 50});
  // A block of causal rows, then two other sequences: more than a block of pairs, lengths that end inside sixteen keys.
  Integers starts, lengths;
  for (int r = 0; r < 37; r++)
  {
    starts.push_back(r < 30 ? 64 : r < 33 ? 0 : 150);
    lengths.push_back(r < 30 ? 50 + r / 8 * 8 : r == 31 ? 1 : r < 33 ? 33 : 0);
  }
  attention(true, 4, 2, 128, 2, starts, lengths);
  attention(true, 7, 1, 32, 1, starts, lengths);
}
