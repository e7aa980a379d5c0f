// turn_store.
#include "check.h"

namespace
{
  /** The tables that turn_store reads: both halves, the first half of the sines with its sign turned. */
  struct Tables
  {
    Row cosines, sines;

    Tables(int positions, int rotary) : cosines(positions * rotary), sines(positions * rotary)
    {
      for (int p = 0; p < positions; p++)
        for (int i = 0; i < rotary; i++)
        {
          double angle = p * std::pow(1e4, -2.0 * (i % (rotary / 2)) / rotary);
          cosines[p * rotary + i] = round_one(std::cos(angle));
          sines[p * rotary + i] = round_one(i < rotary / 2 ? -std::sin(angle) : std::sin(angle));
        }
    }
  };

  void turn(int heads, int kv, int d, int rotary, bool norms)
  {
    const int rows = 4, total = 9, positions = 300, all = heads + 2 * kv;
    Row qkv = noise(rows * all * d, 2), weights = noise((heads + kv) * d, 0.3f, 1), keys = noise(kv * total * d), values = noise(kv * total * d);
    Tables tables(positions, rotary);
    Integers position = {299, 0, 17, 3}, store = {8, 2, -1, 0};
    Row before = qkv, keysBefore = keys, valuesBefore = values;
    launch("turn_store", {rows, all, 1}, 32, turn_store, qkv.data(), norms ? weights.data() : nullptr, tables.cosines.data(), tables.sines.data(), position.data(), store.data(), keys.data(), values.data(), heads, kv, d, rotary, (long long)total, 1e-6f);
    std::string name = of("turn_store", {heads, kv, d, rotary, norms});
    for (int row = 0; row < rows; row++)
      for (int head = 0; head < heads + kv; head++)
      {
        const bf16* x = &before[(row * all + head) * d];
        double squares = 0, factor = 1;
        for (int i = 0; i < d; i++) squares += std::pow((double)widen(x[i]), 2);
        if (norms) factor = 1 / std::sqrt(squares / d + 1e-6);
        Exact wanted(d);
        auto normed = [&](int i) { return widen(x[i]) * factor * (norms ? widen(weights[head * d + i]) : 1); };
        for (int i = 0; i < d; i++)
        {
          int entry = position[row] * rotary + i;
          wanted[i] = i < rotary ? normed(i) * widen(tables.cosines[entry]) + normed((i + rotary / 2) % rotary) * widen(tables.sines[entry]) : normed(i);
        }
        bf16* got = head < heads ? &qkv[(row * all + head) * d] : &keys[((head - heads) * total + store[row]) * d];
        if (head >= heads && store[row] < 0) continue;
        compare(name, wanted, Row(got, got + d), 1e-6);
        if (!norms) for (int i = rotary; i < d; i++) expect(got[i] == x[i], name + ": what is not turned is not copied bit for bit");
        // What was stored is as before for the comparison below.
        if (head >= heads) std::copy_n(&keysBefore[((head - heads) * total + store[row]) * d], d, got);
        else std::copy_n(x, d, got);
      }
    for (int row = 0; row < rows; row++)
      for (int head = 0; head < kv; head++)
        if (store[row] >= 0) std::copy_n(&before[(row * all + heads + kv + head) * d], d, &valuesBefore[(head * total + store[row]) * d]);
    expect(values == valuesBefore, name + ": values are not copied bit for bit, or others changed");
    expect(keys == keysBefore, name + ": other keys changed");
    expect(qkv == before, name + ": keys or values of qkv changed");
  }
}

void test_turns()
{
  for (bool norms : {false, true})
  {
    for (int d : {64, 96, 128, 256}) turn(6, 2, d, d, norms);
    turn(28, 4, 128, 128, norms);
    turn(32, 32, 64, 32, norms);
    turn(1, 1, 8, 8, norms);
    turn(1, 1, 96, 24, norms); // a half that is no multiple of 8
    turn(3, 1, 40, 16, norms);
    turn(2, 2, 256, 8, norms);
  }
}
