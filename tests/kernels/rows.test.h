// gather_rows, rms_norm and silu_mul.
#include "check.h"

namespace
{
  void gather(int rows, int width)
  {
    Row embedding = noise(11 * width), x = unset(rows * width), wanted(rows * width);
    Integers ids(rows);
    for (int r = 0; r < rows; r++) ids[r] = r * 7 % 11;
    launch("gather_rows", {rows, 1, 1}, 128, gather_rows, ids.data(), embedding.data(), x.data(), width);
    for (int i = 0; i < rows * width; i++) wanted[i] = embedding[ids[i / width] * width + i % width];
    expect(x == wanted, of("gather_rows", {rows, width}));
  }

  void norm(int rows, int width, bool picks, bool inPlace, float deviation = 1)
  {
    int stored = rows + 2;
    Row x = noise(stored * width, deviation), weight = noise(width, 0.3f, 1), y = unset(rows * width);
    Integers pick(rows);
    for (int r = 0; r < rows; r++) pick[r] = (r * 3 + 1) % stored;
    Exact wanted(rows * width);
    for (int r = 0; r < rows; r++)
    {
      const bf16* from = &x[(picks ? pick[r] : r) * width];
      double squares = 0;
      for (int i = 0; i < width; i++) squares += std::pow((double)widen(from[i]), 2);
      for (int i = 0; i < width; i++) wanted[r * width + i] = widen(from[i]) / std::sqrt(squares / width + 1e-6) * widen(weight[i]);
    }
    launch("rms_norm", {rows, 1, 1}, 256, rms_norm, x.data(), weight.data(), inPlace ? x.data() : y.data(), picks ? pick.data() : nullptr, width, 1e-6f);
    if (inPlace) y.assign(x.begin(), x.begin() + rows * width);
    compare(of("rms_norm", {rows, width, picks, inPlace}), wanted, y, 1e-7);
  }

  void silu(int rows, int inner, float deviation)
  {
    Row both = noise(rows * 2 * inner, deviation), h = unset(rows * inner);
    both[0] = round_one(-300);
    both[1] = round_one(300);
    Exact wanted(rows * inner);
    for (int i = 0; i < rows * inner; i++)
    {
      double gate = widen(both[i / inner * 2 * inner + i % inner]), up = widen(both[(i / inner * 2 + 1) * inner + i % inner]);
      wanted[i] = gate / (1 + std::exp(-gate)) * up;
    }
    launch("silu_mul", {rows, (inner + 2047) / 2048, 1}, 256, silu_mul, both.data(), h.data(), inner);
    compare(of("silu_mul", {rows, inner}), wanted, h, 1e-7);
  }
}

void test_rows()
{
  gather(1, 8);
  gather(5, 1032);
  gather(3, 3584);
  for (int width : {8, 64, 2040, 3584, 4104})
  {
    norm(1, width, false, false);
    norm(5, width, true, false, 0.01f);
    norm(3, width, false, true, 30);
  }
  for (int inner : {8, 1000, 2048, 2056, 18944}) silu(3, inner, inner > 2000 ? 4 : 1);
}
