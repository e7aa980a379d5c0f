// What a translation of PTX into C++ (ptx.mjs) is written in: instructions that are no operators of C++, as the PTX ISA describes them.
#pragma once
#include <cstdint>
#include "emulate.h"

namespace ptx
{
  template <class To, class From> inline To bits(From from)
  {
    static_assert(sizeof(To) == sizeof(From));
    To to;
    memcpy(&to, &from, sizeof to);
    return to;
  }

  inline float number(uint32_t bits_of_it) { return bits<float>(bits_of_it); }

  template <class T> inline T load(uint64_t address)
  {
    T value;
    emulation::check_aligned((const void*)address, sizeof(T));
    memcpy(&value, (const void*)address, sizeof value);
    return value;
  }

  template <class T> inline void store(uint64_t address, T value)
  {
    emulation::check_aligned((const void*)address, sizeof(T));
    memcpy((void*)address, &value, sizeof value);
  }

  template <class T, int N> struct Vector { T at[N]; };

  /** max.f32: the number, if one is none. */
  inline float largest(float a, float b) { return a != a ? b : b != b ? a : a > b ? a : b; }

  /** shl and shr: a shift by the width or more leaves nothing, or the sign. */
  inline uint32_t shift_left(uint32_t a, uint32_t by) { return by > 31 ? 0 : a << by; }
  inline uint64_t shift_left(uint64_t a, uint32_t by) { return by > 63 ? 0 : a << by; }
  inline uint32_t shift_right(uint32_t a, uint32_t by) { return by > 31 ? 0 : a >> by; }
  inline uint64_t shift_right(uint64_t a, uint32_t by) { return by > 63 ? 0 : a >> by; }
  inline int32_t shift_right(int32_t a, uint32_t by) { return a >> (by > 31 ? 31 : by); }
  inline int64_t shift_right(int64_t a, uint32_t by) { return a >> (by > 63 ? 63 : by); }

  /** bfe.u32: `length` bits of a from `at` on. */
  inline uint32_t field(uint32_t a, uint32_t at, uint32_t length)
  {
    at &= 255;
    length &= 255;
    uint64_t rest = at > 31 ? 0 : a >> at;
    return length > 31 ? (uint32_t)rest : (uint32_t)(rest & ((1ull << length) - 1));
  }

  /** prmt.b32: four bytes of the eight of b and a, b above; a selector's fourth bit takes the byte's sign instead. */
  inline uint32_t permute(uint32_t a, uint32_t b, uint32_t selectors)
  {
    uint64_t both = (uint64_t)b << 32 | a;
    uint32_t result = 0;
    for (int i = 0; i < 4; i++)
    {
      uint32_t selector = selectors >> 4 * i & 15, byte = both >> 8 * (selector & 7) & 255;
      if (selector & 8) byte = byte & 128 ? 255 : 0;
      result |= byte << 8 * i;
    }
    return result;
  }

  /** cvt.rn.bf16x2.f32: a becomes the upper half, b the lower. */
  inline uint32_t halves(float a, float b) { return emulation::rounded(a) << 16 | emulation::rounded(b); }

  /** shfl.sync.bfly.b32 over a whole warp; `site` is the instruction's line: all lanes must be at the same one. */
  inline uint32_t shuffle(uint32_t value, uint32_t offset, unsigned site)
  {
    float mine = number(value), other;
    shuffle_xor(&mine, &other, 1, offset, site);
    return bits<uint32_t>(other);
  }
}
