// What a decoder needs from a row of logits, in one pass: the best id, its probability and the second best's, and the entropy.

/** The logits seen so far: best id and its logit, the second best logit, Σ e^(s − best) and Σ (s − best) e^(s − best). Ids below 0: none seen. */
struct Seen { float best, second, sum, weighted; int id; };

DEVICE void join(Seen& a, const Seen& b)
{
  float best = maximum(a.best, b.best), fa = power_of_two((a.best - best) * LOG2E), fb = power_of_two((b.best - best) * LOG2E);
  bool takesB = b.best > a.best || (b.best == a.best && (unsigned)b.id < (unsigned)a.id); // −1 as unsigned is above every id
  a.second = maximum(maximum(a.second, b.second), takesB ? a.best : b.best);
  a.weighted = (a.weighted + (a.best - best) * a.sum) * fa + (b.weighted + (b.best - best) * b.sum) * fb;
  a.sum = a.sum * fa + b.sum * fb;
  a.best = best;
  if (takesB) a.id = b.id;
}

DEVICE void see(Seen& a, float logit, int id)
{
  if (logit > a.best)
  {
    float below = a.best - logit, factor = power_of_two(below * LOG2E);
    a.weighted = (a.weighted + below * a.sum) * factor;
    a.sum = a.sum * factor + 1;
    a.second = a.best;
    a.best = logit;
    a.id = id;
    return;
  }
  float below = maximum(logit - a.best, -1000), part = power_of_two(below * LOG2E);
  a.second = maximum(a.second, logit);
  a.sum += part;
  a.weighted += below * part;
}

DEVICE void join_warp(Seen& a)
{
  for (int offset = WARP / 2; offset > 0; offset /= 2)
  {
    float mine[5] = {a.best, a.second, a.sum, a.weighted, bits_to_float(a.id)}, other[5];
    shuffle_xor(mine, other, 5, offset);
    join(a, Seen{other[0], other[1], other[2], other[3], (int)float_to_bits(other[4])});
  }
}

/**
 * Over the ids whose bit in blocked[set[s]] is not set: best[s] = id of the largest logit, the lowest on ties; numbers[s] = its probability, that of
 * the second best, and the entropy in nats. logits (S, vocabulary), blocked (sets, ceil(vocabulary / 32)), numbers (S, 3). A logit of −1e30 or less
 * counts as blocked. If no id is left: −1 and zeros.
 */
KERNEL(1024) statistics(const bf16* logits, const unsigned* blocked, const int* set, int* best, float* numbers, int vocabulary)
{
  __shared__ Seen seen[WARP];
  int row = blockIdx.x, thread = threadIdx.x;
  const bf16* from = logits + (long long)row * vocabulary;
  const unsigned* bits = blocked + (long long)set[row] * ((vocabulary + 31) / 32);
  Seen mine = {LOWEST, LOWEST, 0, 0, -1};
  // A row may begin at any address: the numbers before the first multiple of 16 bytes and after the last are read one by one.
  int head = least((int)((8 - (long long)row * vocabulary % 8) % 8), vocabulary), body = (vocabulary - head) / 8 * 8;
  if (thread < head && !(bits[0] >> thread & 1)) see(mine, widen(from[thread]), thread);
  for (int i = head + thread * 8; i < head + body; i += 1024 * 8)
  {
    int word = i / 32, shift = i % 32;
    unsigned mask = bits[word] >> shift;
    if (shift > 24) mask |= bits[word + 1] << (32 - shift);
    float eight[8];
    load8(from + i, eight);
    UNROLL for (int k = 0; k < 8; k++) if (!(mask >> k & 1)) see(mine, eight[k], i + k);
  }
  int last = head + body + thread;
  if (last < vocabulary && !(bits[last / 32] >> last % 32 & 1)) see(mine, widen(from[last]), last);
  if (thread < WARP || warp_start() * 8 < body) join_warp(mine);
  if (lane_index() == 0) seen[thread / WARP] = mine;
  __syncthreads();
  if (thread >= WARP) return;
  mine = seen[thread];
  join_warp(mine);
  if (thread > 0) return;
  bool any = mine.id >= 0;
  float share = any ? reciprocal(mine.sum) : 0, entropy = any ? logarithm(mine.sum) - mine.weighted * share : 0;
  best[row] = mine.id;
  numbers[row * 3] = share;
  numbers[row * 3 + 1] = any ? power_of_two((mine.second - mine.best) * LOG2E) * share : 0;
  numbers[row * 3 + 2] = maximum(entropy, 0);
}
