// product_rows and product_tiles.
#include "check.h"

namespace
{
  template <class Kernel> void product(const char* name, Kernel kernel, Three grid, int threads, int rows, int in, int out, bool biased, bool adds)
  {
    Row x = noise(rows * in), weight = noise(out * in, 0.05f), bias = noise(out), y = adds ? noise(rows * out) : unset(rows * out);
    Exact wanted(rows * out);
    for (int r = 0; r < rows; r++)
      for (int o = 0; o < out; o++)
      {
        double sum = (biased ? widen(bias[o]) : 0.0) + (adds ? widen(y[r * out + o]) : 0.0);
        for (int i = 0; i < in; i++) sum += (double)widen(x[r * in + i]) * widen(weight[o * in + i]);
        wanted[r * out + o] = sum;
      }
    launch(name, grid, threads, kernel, x.data(), weight.data(), biased ? bias.data() : nullptr, y.data(), rows, in, out, adds);
    compare(of(name, {rows, in, out, biased, adds}), wanted, y, 2e-8 * in + 1e-6);
  }
}

void test_products()
{
  auto few = [](int rows, int in, int out, bool biased, bool adds) { product("product_rows", product_rows, {(out + 3) / 4, 1, 1}, 128, rows, in, out, biased, adds); };
  for (int rows : {1, 2, 3, 4, 5, 7, 8, 9, 13, 17})
  {
    few(rows, 64, 33, rows % 2, rows % 3);
    few(rows, 1000, 10, rows % 3, rows % 2);
  }
  for (int out : {1, 2, 3, 5}) few(3, 8, out, false, false);
  for (int flags = 0; flags < 4; flags++) few(6, 3584, 9, flags & 1, flags & 2);
  few(64, 264, 20, true, true);
  auto tiles = [](int rows, int in, int out, bool biased, bool adds) { product("product_tiles", product_tiles, {(out + 31) / 32, 1, 1}, 256, rows, in, out, biased, adds); };
  for (int rows : {1, 7, 9, 16, 17, 32, 33, 64, 65}) tiles(rows, 200, 70, rows % 2, rows % 3);
  for (int in : {8, 24, 64, 520}) tiles(10, in, 33, false, in % 16);
  tiles(12, 3584, 40, true, true);
  tiles(3, 1032, 1, false, false);
}
