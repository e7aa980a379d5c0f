// statistics.
#include "check.h"

namespace
{
  using Blocked = std::vector<std::vector<bool>>;

  void measure(const std::string& name, int vocabulary, const Row& logits, const Blocked& sets, const Integers& set)
  {
    int rows = set.size(), words = (vocabulary + 31) / 32;
    std::vector<unsigned> blocked(sets.size() * words);
    // The bits beyond the vocabulary stand for nothing: set here, so that their use is seen.
    for (size_t s = 0; s < sets.size(); s++)
      for (int i = 0; i < words * 32; i++) if (i >= vocabulary || sets[s][i]) blocked[s * words + i / 32] |= 1u << i % 32;
    Integers best(rows, -7);
    Numbers numbers = unset_numbers(rows * 3);
    launch("statistics", {rows, 1, 1}, 1024, statistics, logits.data(), blocked.data(), set.data(), best.data(), numbers.data(), vocabulary);
    Exact wanted(rows * 3);
    for (int row = 0; row < rows; row++)
    {
      int top = -1, second = -1;
      auto logit = [&](int i) { return (double)widen(logits[(size_t)row * vocabulary + i]); };
      for (int i = 0; i < vocabulary; i++)
      {
        if (sets[set[row]][i] || logit(i) <= -1e30) continue;
        if (top < 0 || logit(i) > logit(top)) second = top, top = i;
        else if (second < 0 || logit(i) > logit(second)) second = i;
      }
      expect(best[row] == top, name + of(": best of row", {row, best[row], top}));
      if (top < 0) continue;
      double sum = 0;
      for (int i = 0; i < vocabulary; i++) if (!sets[set[row]][i]) sum += std::exp(logit(i) - logit(top));
      for (int i = 0; i < vocabulary; i++)
      {
        double p = sets[set[row]][i] ? 0 : std::exp(logit(i) - logit(top)) / sum;
        if (p > 0) wanted[row * 3 + 2] -= p * std::log(p);
      }
      wanted[row * 3] = 1 / sum;
      wanted[row * 3 + 1] = second < 0 ? 0 : std::exp(logit(second) - logit(top)) / sum;
    }
    compare(name, wanted, numbers, 2e-6, 2e-5);
  }

  void measure(int vocabulary, int rows, float deviation)
  {
    Blocked sets(3, std::vector<bool>(vocabulary));
    for (int i = 0; i < vocabulary; i++) sets[1][i] = dice() % 3 == 0, sets[2][i] = i != vocabulary * 2 / 3; // some; all but one
    Integers set(rows);
    for (int r = 0; r < rows; r++) set[r] = r % 3;
    measure(of("statistics", {vocabulary, rows, (int)deviation}), vocabulary, noise((size_t)vocabulary * rows, deviation), sets, set);
  }
}

void test_statistics()
{
  for (int vocabulary : {1, 2, 7, 8, 33, 264, 1000, 8192, 32001}) measure(vocabulary, 4, 3);
  measure(152064, 2, 2);
  measure(5003, 9, 0.01f); // nearly uniform: ties everywhere, rows that begin at every offset
  measure(5003, 3, 40);    // certain
  const int few = 77;
  Blocked none(1, std::vector<bool>(few)), every(1, std::vector<bool>(few, true));
  Row same(few, round_one(1.5f)), rising(few);
  measure("all alike", few, same, none, {0});
  measure("all blocked", few, same, every, {0});
  for (int i = 0; i < few; i++) rising[i] = round_one(i / 8); // ascending, in groups of ties
  measure("rising", few, rising, none, {0});
  std::reverse(rising.begin(), rising.end());
  rising[9] = rising[70] = 0xff80; // minus infinity
  measure("falling, some impossible", few, rising, none, {0});
}
