// What the kernels' tests share: buffers of noise, poisoned outputs, launches that must go well, and comparison with numbers in double precision.
#pragma once
#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>
#include "emulate.h"
#include "../../server/DiffusionLsp.Engine/Cuda/step.cuh"
#ifdef PTX // the kernels as their PTX says, translated by ptx.mjs, in place of their sources
#include PTX
#endif

using Row = std::vector<bf16>;
using Numbers = std::vector<float>;
using Integers = std::vector<int>;
using Exact = std::vector<double>;

inline std::mt19937 dice;
inline int failures;
inline double worst; // the largest error of the current test, as a share of what is allowed

inline void failed(const std::string& what)
{
  if (failures++ < 20) printf("FAILED %s\n", what.c_str());
}

inline void expect(bool right, const std::string& what)
{
  if (!right) failed(what);
}

inline Row noise(size_t count, float deviation = 1, float mean = 0)
{
  std::normal_distribution<float> normal(mean, deviation);
  Row row(count);
  for (bf16& x : row) x = round_one(normal(dice));
  return row;
}

/** Outputs begin as what is no number: what a kernel leaves out is seen. */
inline Row unset(size_t count) { return Row(count, 0xffff); }
inline Numbers unset_numbers(size_t count) { return Numbers(count, std::numeric_limits<float>::quiet_NaN()); }

template <class... P, class... A> void launch(const char* name, Three grid, int threads, void (*kernel)(P...), A... arguments)
{
  auto run = [&] { kernel((P)arguments...); };
  bool whole = emulation::launch(grid, threads, [](void* f) { (*(decltype(run)*)f)(); }, &run);
  expect(whole, std::string(name) + ": " + emulation::fibers.fault);
}

/** Each number within 4e-3 of itself (bf16 keeps 8 bits) and `slack` for float32's own sums. */
template <class T> void compare(const std::string& what, const Exact& wanted, const std::vector<T>& got, double slack, double share = 4e-3)
{
  expect(wanted.size() == got.size(), what + ": sizes differ");
  for (size_t i = 0; i < wanted.size(); i++)
  {
    double number;
    if constexpr (std::is_same_v<T, bf16>) number = widen(got[i]);
    else number = got[i];
    double allowed = share * std::fabs(wanted[i]) + slack, error = std::fabs(number - wanted[i]);
    worst = std::max(worst, error / allowed);
    if (!(error <= allowed)) return failed(what + ": number " + std::to_string(i) + " is " + std::to_string(number) + " instead of " + std::to_string(wanted[i]));
  }
}

inline std::string of(const char* name, std::initializer_list<int> shape)
{
  std::string text = name;
  for (int n : shape) text += " " + std::to_string(n);
  return text;
}

