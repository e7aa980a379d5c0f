// Streams, captures and graphs of the stand-in driver. Work is done when somebody waits for it, as late as a GPU may do it: who reads without waiting, or
// writes over what a queued copy still has to read, gets something else than expected; who frees what queued work needs, may crash.
#pragma once
#include <chrono>
#include <pthread.h>
#include "module.h"

/** The driver's results, by its own numbers. */
enum Result : int
{
  SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_INITIALIZED = 3, INVALID_IMAGE = 200, INVALID_PTX = 218, INVALID_HANDLE = 400, ILLEGAL_STATE = 401,
  NOT_FOUND = 500, NOT_READY = 600, LAUNCH_OUT_OF_RESOURCES = 701, LAUNCH_FAILED = 719, NOT_SUPPORTED = 801, CAPTURE_UNSUPPORTED = 900,
  CAPTURE_INVALIDATED = 901, CAPTURE_WRONG_THREAD = 908
};

struct Event
{
  bool isRecorded = false, isReached = false;
  struct Stream* stream = nullptr;
  std::chrono::steady_clock::time_point time;
};

/** A launch, a copy, or the reaching of an event. Plain data: copying it is cheap. */
struct Node
{
  const Function* function = nullptr;
  Three grid = {};
  unsigned long long arguments[MOST_PARAMETERS];
  void* to = nullptr;
  const void* from = nullptr;
  size_t bytes = 0;
  Event* event = nullptr;
};

using Graph = std::vector<Node>;

enum class Capture { None, Active, Invalidated };

struct Stream
{
  std::vector<Node> queue;
  Capture capture = Capture::None;
  int mode = 0;
  pthread_t thread = {};
  Graph captured;
};

struct Counts { long long launches, captures, replays, kernels, streams, graphs, executables, modules, pinned, events; };

inline Counts counts;
inline Result lasting = SUCCESS; // an error of a kernel stays, as the driver's context does not recover

inline void run(Node& node)
{
  if (node.event)
  {
    node.event->isReached = true;
    node.event->time = std::chrono::steady_clock::now();
  }
  else if (node.function)
  {
    struct Call { void (*run)(void**); void* arguments[MOST_PARAMETERS]; } call = {node.function->kernel->run, {}};
    for (int i = 0; i < MOST_PARAMETERS; i++) call.arguments[i] = &node.arguments[i];
    counts.kernels++;
    if (emulation::launch(node.grid, node.function->threads, [](void* c) { ((Call*)c)->run(((Call*)c)->arguments); }, &call)) return;
    fprintf(stderr, "The stand-in for the CUDA driver: a kernel fails: %s.\n", emulation::fibers.fault);
    lasting = LAUNCH_FAILED;
  }
  else memcpy(node.to, node.from, node.bytes);
}

/** Does what is queued. */
inline Result drain(Stream& stream)
{
  for (Node& node : stream.queue)
    if (lasting == SUCCESS || node.event) run(node);
  stream.queue.clear();
  return lasting;
}

/** Queues a node, or records it while the stream is captured. */
inline Result add(Stream& stream, const Node& node)
{
  if (lasting != SUCCESS) return lasting;
  if (stream.capture == Capture::Invalidated) return CAPTURE_INVALIDATED;
  (stream.capture == Capture::Active ? stream.captured : stream.queue).push_back(node);
  return SUCCESS;
}

inline const char* name_of(int result)
{
  switch (result)
  {
    case SUCCESS: return "CUDA_SUCCESS";
    case INVALID_VALUE: return "CUDA_ERROR_INVALID_VALUE";
    case OUT_OF_MEMORY: return "CUDA_ERROR_OUT_OF_MEMORY";
    case NOT_INITIALIZED: return "CUDA_ERROR_NOT_INITIALIZED";
    case INVALID_IMAGE: return "CUDA_ERROR_INVALID_IMAGE";
    case INVALID_PTX: return "CUDA_ERROR_INVALID_PTX";
    case INVALID_HANDLE: return "CUDA_ERROR_INVALID_HANDLE";
    case ILLEGAL_STATE: return "CUDA_ERROR_ILLEGAL_STATE";
    case NOT_FOUND: return "CUDA_ERROR_NOT_FOUND";
    case NOT_READY: return "CUDA_ERROR_NOT_READY";
    case LAUNCH_OUT_OF_RESOURCES: return "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES";
    case LAUNCH_FAILED: return "CUDA_ERROR_LAUNCH_FAILED";
    case NOT_SUPPORTED: return "CUDA_ERROR_NOT_SUPPORTED";
    case CAPTURE_UNSUPPORTED: return "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED";
    case CAPTURE_INVALIDATED: return "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED";
    case CAPTURE_WRONG_THREAD: return "CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD";
    default: return nullptr;
  }
}
