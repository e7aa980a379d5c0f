// Fibers: a block's threads on one host thread. They run in turn, each to its next meeting (barrier, shuffle or end), so what a kernel computes is
// the same every time. Every thread of a block, or of a warp, must come to the same meeting: one that does not is a fault, which ends the launch.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <sys/mman.h>
#if !defined(__x86_64__)
#include <ucontext.h>
#endif
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace emulation
{
  constexpr int MOST_THREADS = 1024;
  // A signal may be handled on a fiber's stack, so it is larger than kernels need; pages that are never touched cost nothing.
  constexpr size_t STACK = 128 * 1024;

  enum Meeting : unsigned { BARRIER = 1, END = 2, SHUFFLE = 3 }; // above these two bits: a shuffle's offset, and where the instruction stands

  struct Fibers
  {
#if defined(__x86_64__)
    void* at[MOST_THREADS + 1]; // stack pointers; the last is the launcher's
#else
    ucontext_t at[MOST_THREADS + 1];
#endif
    char* stacks;
    int threads, current;
    unsigned char parity[MOST_THREADS]; // of each thread's number of shuffles
    unsigned ofBlock, ofWarp; // the meeting of the block's and the warp's first thread
    void (*body)();
    char fault[200];
  };

  inline Fibers fibers;

#if defined(__x86_64__)
  // Saves what the calling convention keeps, exchanges the stacks, and returns into the other fiber.
  extern "C" void emulation_exchange(void** from, void* to);
  asm(R"(
    .text
    .type emulation_exchange, @function
    .local emulation_exchange
    emulation_exchange:
      pushq %rbp
      pushq %rbx
      pushq %r12
      pushq %r13
      pushq %r14
      pushq %r15
      movq %rsp, (%rdi)
      movq %rsi, %rsp
      popq %r15
      popq %r14
      popq %r13
      popq %r12
      popq %rbx
      popq %rbp
      ret
    .size emulation_exchange, .-emulation_exchange
  )");
#endif

  /** Lets another fiber run until one exchanges back. */
  inline void turn_to(int next)
  {
    int mine = fibers.current;
    fibers.current = next;
#if defined(__x86_64__)
    emulation_exchange(&fibers.at[mine], fibers.at[next]);
#else
    swapcontext(&fibers.at[mine], &fibers.at[next]);
#endif
  }

  /** Ends the launch with a sentence. Never returns to the thread that called it, and is not marked so: AddressSanitizer would look for the end of this stack. */
  inline void fail(const char* what, unsigned a = 0, unsigned b = 0)
  {
    snprintf(fibers.fault, sizeof fibers.fault, what, a, b);
    turn_to(MOST_THREADS);
  }

  /** A thread's arrival. The first thread of a block and of a warp says what it is; the others must agree. */
  inline void arrive(unsigned meeting)
  {
    int t = fibers.current;
    bool isOfWarp = (meeting & 3) == SHUFFLE;
    if (t % 32 == 0) fibers.ofWarp = meeting;
    else if (fibers.ofWarp != meeting) fail("threads of a warp part: one waits at %#x, another at %#x (1 barrier, 2 end, else a shuffle)", fibers.ofWarp, meeting);
    if (isOfWarp) return;
    if (t == 0) fibers.ofBlock = meeting & 3;
    else if (fibers.ofBlock != (meeting & 3)) fail("threads of a block part: one waits at %#x, another at %#x (1 barrier, 2 end)", fibers.ofBlock, meeting & 3);
  }

  /** Waits for every thread of the block. All lanes of a warp must come by the same instruction, if it is known. */
  inline void meet_block(unsigned site = 0)
  {
    arrive(site << 2 | BARRIER);
    turn_to((fibers.current + 1) % fibers.threads);
  }

  /** Waits for every thread of the warp. */
  inline void meet_warp(unsigned what, unsigned site = 0)
  {
    int t = fibers.current;
    arrive(site << 8 | what << 2 | SHUFFLE);
    turn_to((t & ~31) + (t + 1) % 32);
  }

  /** What a fiber runs. Never returns either. */
  inline void run_fiber()
  {
    fibers.body();
    arrive(END);
    turn_to(fibers.current + 1 < fibers.threads ? fibers.current + 1 : MOST_THREADS);
  }

  /** Runs `body` in `threads` fibers (a multiple of 32). `fault` says whether they met as they should. */
  inline void run_block(int threads, void (*body)())
  {
    if (!fibers.stacks) fibers.stacks = (char*)mmap(nullptr, STACK * MOST_THREADS, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    fibers.threads = threads;
    fibers.body = body;
    memset(fibers.parity, 0, threads);
    for (int t = 0; t < threads; t++)
    {
      // Their ends lie apart by other than a power of two, or all stacks would share a few lines of the cache.
      char* end = fibers.stacks + STACK * (t + 1) - (t % 61) * 320 - 64;
#if defined(__x86_64__)
      void** top = (void**)((uintptr_t)end & ~(uintptr_t)15);
      top[-1] = nullptr; // where a caller's address would be: nobody returns
      top[-2] = (void*)run_fiber;
      fibers.at[t] = top - 8; // and six registers, whatever they hold
#else
      getcontext(&fibers.at[t]);
      fibers.at[t].uc_stack.ss_sp = fibers.stacks + STACK * t;
      fibers.at[t].uc_stack.ss_size = end - (fibers.stacks + STACK * t);
      fibers.at[t].uc_link = nullptr;
      makecontext(&fibers.at[t], run_fiber, 0);
#endif
    }
    fibers.current = MOST_THREADS;
    turn_to(0);
#if defined(__SANITIZE_ADDRESS__)
    if (fibers.fault[0]) __asan_unpoison_memory_region(fibers.stacks, STACK * MOST_THREADS); // of the functions that will not return
#endif
  }
}
