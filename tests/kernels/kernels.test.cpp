// Every kernel, run on the host by emulate.h, against loops in double precision. Each test runs twice: a block's threads in ascending and in descending
// order, shared memory filled with what is no number, so that a missing barrier gives something else.
#include "emulation.test.h"
#include "rows.test.h"
#include "product.test.h"
#include "turn.test.h"
#include "attention.test.h"
#include "statistics.test.h"
#include <chrono>

int main()
{
  struct { const char* name; void (*run)(); } tests[] = {
    {"emulation", test_emulation}, {"rows", test_rows}, {"products", test_products},
    {"turns", test_turns}, {"attention", test_attention}, {"statistics", test_statistics}};
  emulation::poisoned = true;
  int bad = 0;
  for (auto& test : tests)
  {
    auto started = std::chrono::steady_clock::now();
    failures = 0;
    worst = 0;
    for (int order = 0; order < 2; order++)
    {
      emulation::descending = order;
      dice.seed(1);
      test.run();
    }
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    printf("%s %s: largest error %.2f of the allowed, %.1f s\n", failures ? "not ok" : "ok", test.name, worst, seconds);
    bad += failures;
  }
  return bad > 0;
}
