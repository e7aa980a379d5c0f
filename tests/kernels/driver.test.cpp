// The stand-in driver, loaded as a program loads the real one: driver.test LIBRARY PTX. Captures, replays with inputs that change, refusals, provoked errors.
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <string>
#include <thread>
#include <vector>

namespace
{
  void* library;
  int failures;

  template <class... A> int call(const char* name, A... arguments)
  {
    auto function = (int (*)(A...))dlsym(library, name);
    if (!function) return printf("FAILED %s is not exported\n", name), failures++, -1;
    return function(arguments...);
  }

  void expect(int wanted, int got, const char* what)
  {
    if (wanted != got) failures++, printf("FAILED %s: %d instead of %d\n", what, got, wanted);
  }

  struct Counts { long long launches, captures, replays, kernels, streams, graphs, executables, modules, pinned, events; };

  Counts counts()
  {
    Counts now = {};
    ((void (*)(Counts*))dlsym(library, "stand_in_counts"))(&now);
    return now;
  }

  void fail(const char* function, int after, int code) { ((void (*)(const char*, int, int))dlsym(library, "stand_in_fail"))(function, after, code); }

  std::string read(const char* path)
  {
    std::string text;
    char part[65536];
    FILE* file = fopen(path, "rb");
    for (size_t n; file && (n = fread(part, 1, sizeof part, file)) > 0;) text.append(part, n);
    if (file) fclose(file);
    return text;
  }

  unsigned short rounded(float number)
  {
    unsigned bits;
    memcpy(&bits, &number, 4);
    return bits >> 16; // of small whole numbers: exact
  }

  /** gather_rows of two rows of eight numbers. */
  struct Gather
  {
    int* ids;
    std::vector<unsigned short> embedding = std::vector<unsigned short>(80), x = std::vector<unsigned short>(16);
    int width = 8;
    void *function = nullptr, *stream = nullptr;

    int launch(unsigned block = 128, unsigned gridY = 1, void* handle = nullptr)
    {
      unsigned short *e = embedding.data(), *to = x.data();
      void* arguments[] = {&ids, &e, &to, &width};
      return call("cuLaunchKernel", handle ? handle : function, 2u, gridY, 1u, block, 1u, 1u, 0u, stream, (void**)arguments, (void**)nullptr);
    }

    bool has(int first, int second) const { return x[0] == rounded(first) && x[7] == rounded(first) && x[15] == rounded(second); }
  };

  void test_capture(Gather& g)
  {
    void *graph, *executable;
    int host[2] = {1, 2}, back[4] = {};
    expect(0, call("cuStreamBeginCapture_v2", g.stream, 1), "begin");
    expect(401, call("cuStreamBeginCapture_v2", g.stream, 1), "begin twice");
    expect(0, call("cuMemcpyHtoDAsync_v2", (unsigned long long)g.ids, (const void*)host, sizeof host, g.stream), "copy in");
    expect(0, g.launch(), "launch");
    expect(0, call("cuMemcpyDtoHAsync_v2", (void*)back, (unsigned long long)g.x.data(), sizeof back, g.stream), "copy out");
    std::thread([&] { expect(908, call("cuStreamEndCapture", g.stream, &graph), "end by another thread"); }).join();
    expect(0, call("cuStreamEndCapture", g.stream, &graph), "end");
    expect(0, call("cuGraphInstantiateWithFlags", &executable, graph, 0ull), "instantiate");
    expect(0, call("cuGraphDestroy", graph), "destroy the graph");
    expect(true, g.has(0, 0), "nothing runs while it is captured");
    for (int i = 0; i < 8; i++)
    {
      host[0] = i;
      host[1] = 9 - i;
      expect(0, call("cuGraphLaunch", executable, g.stream), "replay");
      expect(0, call("cuStreamSynchronize", g.stream), "synchronise");
      expect(true, g.has(i, 9 - i) && !memcmp(back, g.x.data(), sizeof back), "a replay reads the inputs of its time");
    }
    expect(8, counts().replays, "replays");
    expect(0, call("cuGraphExecDestroy", executable), "destroy");
    expect(400, call("cuGraphLaunch", executable, g.stream), "replay of what is destroyed");
    expect(0, counts().graphs + counts().executables, "graphs alive");
  }

  void test_lost_capture(Gather& g)
  {
    void *graph = g.stream, *block;
    expect(0, call("cuStreamBeginCapture_v2", g.stream, 1), "begin");
    expect(900, call("cuStreamSynchronize", g.stream), "synchronise while capturing");
    expect(901, g.launch(), "launch into a lost capture");
    expect(901, call("cuStreamEndCapture", g.stream, &graph), "end of a lost capture");
    expect(true, graph == nullptr, "a lost capture leaves no graph");
    expect(401, call("cuStreamEndCapture", g.stream, &graph), "end without begin");
    expect(0, call("cuStreamBeginCapture_v2", g.stream, 1), "begin again");
    std::thread([&] { expect(0, call("cuMemHostAlloc", &block, (size_t)100, 0u), "another thread allocates"); }).join();
    expect(900, call("cuMemFreeHost", block), "this thread frees");
    expect(901, call("cuStreamEndCapture", g.stream, &graph), "end of a capture lost by freeing");
    expect(0, call("cuMemFreeHost", block), "free");
  }

  void test_refusals(Gather& g, void* module)
  {
    void* other;
    expect(500, call("cuModuleGetFunction", &other, module, "no_such_kernel"), "an unknown kernel");
    expect(218, call("cuModuleLoadData", &other, "no PTX"), "a module that is none");
    expect(1, g.launch(2048), "a block of 2048 threads");
    expect(1, g.launch(256), "a block of another size");
    expect(1, g.launch(128, 70000), "a grid that is too high");
    expect(1, g.launch(128, 0), "an empty grid");
    expect(400, g.launch(128, 1, &g), "a function that is none");
    expect(400, call("cuStreamSynchronize", (void*)&g), "a stream that is none");
    fail("cuLaunchKernel", 1, 2);
    expect(0, g.launch(), "the launch before a provoked error");
    expect(2, g.launch(), "a provoked error");
    expect(0, g.launch(), "the launch after it");
    fail("cuLaunchKernel", 0, 719);
    g.x[0] = 1;
    expect(719, g.launch(), "a provoked error that loses the context");
    expect(0, call("cuStreamSynchronize", g.stream), "synchronise");
    expect(1, g.x[0], "what was queued has not run");
    const char* name = nullptr;
    expect(0, call("cuGetErrorName", 2, &name), "the name of an error");
    expect(0, strcmp(name, "CUDA_ERROR_OUT_OF_MEMORY"), "the name");
    // A kernel's own error is seen by who waits for it, and stays.
    expect(0, call("cuStreamSynchronize", g.stream), "synchronise");
    g.width = 4;
    g.ids[0] = 1;
    expect(0, g.launch(), "a launch that will load askew");
    expect(719, call("cuStreamSynchronize", g.stream), "its error");
    g.width = 8;
    expect(719, g.launch(), "the error stays");
    fail(nullptr, 0, 0);
    expect(0, g.launch() | call("cuStreamSynchronize", g.stream), "after the error is forgotten");
  }
}

int main(int, char** arguments)
{
  library = dlopen(arguments[1], RTLD_NOW);
  if (!library) return printf("FAILED %s\n", dlerror()), 1;
  std::string ptx = read(arguments[2]);
  void *module, *block, *start, *end;
  Gather g;
  for (size_t i = 0; i < g.embedding.size(); i++) g.embedding[i] = rounded(i / 8);
  expect(3, call("cuStreamCreate", &g.stream, 1u), "before cuInit");
  expect(0, call("cuInit", 0u), "cuInit");
  expect(0, call("cuModuleLoadData", &module, ptx.c_str()), "load");
  expect(0, call("cuModuleGetFunction", &g.function, module, "gather_rows"), "gather_rows");
  for (const char* name : {"rms_norm", "product_rows", "product_tiles", "turn_store", "attend", "attend_pairs", "combine", "silu_mul", "statistics"}) expect(0, call("cuModuleGetFunction", &start, module, name), name);
  expect(0, call("cuStreamCreate", &g.stream, 1u), "create");
  expect(0, call("cuMemHostAlloc", &block, 2 * sizeof(int), 0u), "allocate");
  g.ids = (int*)block;
  test_capture(g);
  test_lost_capture(g);
  expect(0, call("cuEventCreate", &start, 0u) | call("cuEventCreate", &end, 0u) | call("cuEventRecord", start, g.stream), "events");
  g.ids[0] = 3;
  g.ids[1] = 4;
  expect(0, g.launch(), "launch");
  expect(false, g.has(3, 4), "work is done when somebody waits");
  expect(0, call("cuEventRecord", end, g.stream), "record");
  float milliseconds = -1;
  expect(600, call("cuEventElapsedTime", &milliseconds, start, end), "time before the end");
  expect(0, call("cuEventSynchronize", end), "wait for an event");
  expect(true, g.has(3, 4), "work is done before its event");
  expect(0, call("cuEventElapsedTime", &milliseconds, start, end), "time");
  expect(true, milliseconds > 0, "it takes time");
  expect(0, call("cuEventDestroy_v2", start) | call("cuEventDestroy_v2", end), "destroy events");
  test_refusals(g, module);
  expect(0, call("cuMemFreeHost", block) | call("cuStreamDestroy_v2", g.stream) | call("cuModuleUnload", module), "destroy all");
  Counts left = counts();
  expect(0, left.streams + left.graphs + left.executables + left.modules + left.pinned + left.events, "what is alive at the end");
  printf("%s driver\n", failures ? "not ok" : "ok");
  return failures > 0;
}
