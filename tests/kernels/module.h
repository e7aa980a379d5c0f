// The kernels of a module, for the stand-in driver: what the PTX declares, joined with what the emulation runs under that name.
#pragma once
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>
#include "emulate.h"
#include "../../server/DiffusionLsp.Engine/Cuda/step.cuh"

constexpr int MOST_PARAMETERS = 16;

/** A kernel of the emulation: how it is called with pointers to its arguments, and their sizes in bytes. */
struct Kernel
{
  void (*run)(void** arguments);
  std::vector<unsigned> sizes;
};

template <auto F> struct Called;
template <class... P, void (*F)(P...)> struct Called<F>
{
  template <size_t... I> static void with(void** arguments, std::index_sequence<I...>) { F(*(P*)arguments[I]...); }
  static void run(void** arguments) { with(arguments, std::index_sequence_for<P...>{}); }
  static Kernel kernel() { return {run, {sizeof(P)...}}; }
};

inline const std::map<std::string, Kernel> emulated = {
  {"gather_rows", Called<gather_rows>::kernel()}, {"rms_norm", Called<rms_norm>::kernel()}, {"silu_mul", Called<silu_mul>::kernel()},
  {"product_rows", Called<product_rows>::kernel()}, {"product_tiles", Called<product_tiles>::kernel()}, {"turn_store", Called<turn_store>::kernel()}, {"attend", Called<attend>::kernel()}, {"attend_pairs", Called<attend_pairs>::kernel()},
  {"combine", Called<combine>::kernel()}, {"statistics", Called<statistics>::kernel()}};

/** An .entry of the PTX: the sizes of its parameters and the most threads of a block (.maxntid). */
struct Entry
{
  std::vector<unsigned> sizes;
  int threads = 0;
};

/** What cuModuleGetFunction gives. */
struct Function
{
  const Kernel* kernel;
  int threads;
};

struct Module
{
  std::map<std::string, Entry> entries;
  std::map<std::string, std::unique_ptr<Function>> functions;
};

/** The entries of a text of PTX; none if it is not one. */
inline std::map<std::string, Entry> entries_of(const std::string& ptx)
{
  std::map<std::string, Entry> entries;
  if (ptx.find(".version ") == std::string::npos || ptx.find(".target ") == std::string::npos) return entries;
  const std::string mark = ".entry ";
  for (size_t at = ptx.find(mark); at != std::string::npos; at = ptx.find(mark, at))
  {
    at += mark.size();
    size_t open = ptx.find('(', at), close = ptx.find(')', at), body = ptx.find('{', at);
    if (open == std::string::npos || close == std::string::npos || body == std::string::npos || open > close || close > body) return {};
    Entry entry;
    for (size_t p = ptx.find(".param .", open); p < close; p = ptx.find(".param .", p + 1)) entry.sizes.push_back(std::atoi(&ptx[p + sizeof ".param ."]) / 8); // .u64, .u32, .f32
    size_t most = ptx.find(".maxntid ", close);
    if (most < body) entry.threads = std::atoi(&ptx[most + sizeof ".maxntid"]);
    entries[ptx.substr(at, open - at)] = entry;
  }
  return entries;
}
