// A stand-in for the CUDA driver (libcuda.so.1, nvcuda.dll) in tests: the functions that a captured step needs, by their names and signatures, with host
// memory for device memory and the kernels emulated on the host. It checks what the driver checks. It is stricter in two ways: a block must have the size
// that its kernel is written for, and an unknown handle is an error instead of a crash.
#include "handles.h"

#define DRIVER extern "C" __attribute__((visibility("default")))
#define ENTER(name) std::lock_guard<std::mutex> held(lock); if (int provoked = answer_to(name)) return provoked;

/** Lets the call of `function` after the next `after` ones answer `code`, once. Null: nothing fails any more, and a kernel's error is forgotten. */
DRIVER void stand_in_fail(const char* function, int after, int code)
{
  std::lock_guard<std::mutex> held(lock);
  if (function) failures[function] = {after, code};
  else failures.clear(), lasting = SUCCESS;
}

/** Ten numbers: launches (captured ones included), captures, replays and kernels run so far; streams, graphs, executable graphs, modules, pinned blocks and events alive. */
DRIVER void stand_in_counts(long long* numbers)
{
  std::lock_guard<std::mutex> held(lock);
  memcpy(numbers, &counts, sizeof counts);
}

DRIVER int cuInit(unsigned flags)
{
  std::lock_guard<std::mutex> held(lock);
  if (int provoked = provoked_by("cuInit")) return provoked;
  isInitialised |= flags == 0;
  return flags ? INVALID_VALUE : SUCCESS;
}

DRIVER int cuDriverGetVersion(int* version) { return *version = 12080, SUCCESS; }

DRIVER int cuGetErrorName(int result, const char** name) { return (*name = name_of(result)) ? SUCCESS : INVALID_VALUE; }

DRIVER int cuDeviceGetCount(int* count) { ENTER("cuDeviceGetCount") return *count = 1, SUCCESS; }

DRIVER int cuDeviceGet(int* device, int ordinal) { ENTER("cuDeviceGet") return *device = 0, ordinal == 0 ? SUCCESS : INVALID_VALUE; }

DRIVER int cuDeviceGetAttribute(int* value, int attribute, int)
{
  ENTER("cuDeviceGetAttribute")
  switch (attribute)
  {
    case 1: *value = 1024; break; // most threads of a block
    case 16: *value = 1; break;   // multiprocessors
    case 75: *value = 8; break;   // compute capability, major
    default: *value = 0; break;   // and minor (76)
  }
  return SUCCESS;
}

DRIVER int cuCtxGetCurrent(void** current) { ENTER("cuCtxGetCurrent") return *current = &context, SUCCESS; }

DRIVER int cuCtxSetCurrent(void* current) { ENTER("cuCtxSetCurrent") return current == &context ? SUCCESS : INVALID_VALUE; }

DRIVER int cuModuleLoadData(void** module, const void* image)
{
  ENTER("cuModuleLoadData")
  if (disturbs_capture()) return CAPTURE_UNSUPPORTED;
  if (!image) return INVALID_VALUE;
  auto entries = entries_of((const char*)image);
  if (entries.empty()) return INVALID_PTX;
  *module = made(modules, counts.modules, new Module{std::move(entries), {}});
  return SUCCESS;
}

DRIVER int cuModuleUnload(void* module)
{
  ENTER("cuModuleUnload")
  if (disturbs_capture()) return CAPTURE_UNSUPPORTED;
  for (void* stream : streams) drain(*(Stream*)stream);
  if (modules.count(module)) for (auto& function : ((Module*)module)->functions) functions.erase(function.second.get());
  return destroyed<Module>(modules, counts.modules, module);
}

DRIVER int cuModuleGetFunction(void** function, void* module, const char* name)
{
  ENTER("cuModuleGetFunction")
  if (!modules.count(module)) return INVALID_HANDLE;
  Module* of = (Module*)module;
  auto entry = of->entries.find(name);
  auto kernel = emulated.find(name);
  if (entry == of->entries.end() || kernel == emulated.end()) return NOT_FOUND;
  if (entry->second.sizes != kernel->second.sizes) return INVALID_PTX; // the PTX is not of the sources that this was compiled of
  auto& known = of->functions[name];
  if (!known) known.reset(new Function{&kernel->second, entry->second.threads});
  functions.insert(known.get());
  *function = known.get();
  return SUCCESS;
}

DRIVER int cuStreamCreate(void** stream, unsigned flags)
{
  ENTER("cuStreamCreate")
  if (flags > 1) return INVALID_VALUE;
  *stream = made(streams, counts.streams, new Stream);
  return SUCCESS;
}

DRIVER int cuStreamDestroy_v2(void* handle)
{
  ENTER("cuStreamDestroy_v2")
  if (!streams.count(handle)) return INVALID_HANDLE;
  drain(*(Stream*)handle);
  return destroyed<Stream>(streams, counts.streams, handle);
}

DRIVER int cuStreamSynchronize(void* handle)
{
  ENTER("cuStreamSynchronize")
  Stream* stream = stream_of(handle);
  if (!stream) return INVALID_HANDLE;
  if (stream->capture == Capture::None) return drain(*stream);
  stream->capture = Capture::Invalidated;
  return CAPTURE_UNSUPPORTED;
}

DRIVER int cuStreamBeginCapture_v2(void* handle, int mode)
{
  ENTER("cuStreamBeginCapture_v2")
  Stream* stream = stream_of(handle);
  if (!stream) return INVALID_HANDLE;
  if (mode < 0 || mode > 2) return INVALID_VALUE;
  if (stream == &legacy) return CAPTURE_UNSUPPORTED;
  if (stream->capture != Capture::None) return ILLEGAL_STATE;
  stream->capture = Capture::Active;
  stream->mode = mode;
  stream->thread = pthread_self();
  return SUCCESS;
}

DRIVER int cuStreamIsCapturing(void* handle, int* status)
{
  ENTER("cuStreamIsCapturing")
  Stream* stream = stream_of(handle);
  if (!stream) return INVALID_HANDLE;
  *status = (int)stream->capture; // 0 none, 1 active, 2 invalidated
  return SUCCESS;
}

DRIVER int cuStreamEndCapture(void* handle, void** graph)
{
  ENTER("cuStreamEndCapture")
  Stream* stream = stream_of(handle);
  if (!stream) return INVALID_HANDLE;
  if (stream->capture == Capture::None) return ILLEGAL_STATE;
  if (stream->mode != 2 && !pthread_equal(stream->thread, pthread_self())) return CAPTURE_WRONG_THREAD;
  bool isWhole = stream->capture == Capture::Active;
  *graph = nullptr;
  if (isWhole) *graph = made(graphs, counts.graphs, new Graph(std::move(stream->captured)));
  stream->captured.clear();
  stream->capture = Capture::None;
  counts.captures += isWhole;
  return isWhole ? SUCCESS : CAPTURE_INVALIDATED;
}

DRIVER int cuGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long flags)
{
  ENTER("cuGraphInstantiateWithFlags")
  if (!graphs.count(graph)) return INVALID_HANDLE;
  if (flags & ~15ull) return INVALID_VALUE;
  *executable = made(executables, counts.executables, new Graph(*(Graph*)graph));
  return SUCCESS;
}

DRIVER int cuGraphLaunch(void* executable, void* handle)
{
  ENTER("cuGraphLaunch")
  Stream* stream = stream_of(handle);
  if (!executables.count(executable) || !stream) return INVALID_HANDLE;
  if (stream->capture != Capture::None) return CAPTURE_UNSUPPORTED;
  counts.replays++;
  for (Node& node : *(Graph*)executable)
    if (node.function && !functions.count((void*)node.function)) return INVALID_HANDLE; // its module is unloaded
    else if (int result = add(*stream, node)) return result;
  return lasting;
}

DRIVER int cuGraphExecDestroy(void* executable) { ENTER("cuGraphExecDestroy") return destroyed<Graph>(executables, counts.executables, executable); }

DRIVER int cuGraphDestroy(void* graph) { ENTER("cuGraphDestroy") return destroyed<Graph>(graphs, counts.graphs, graph); }

DRIVER int cuLaunchKernel(void* function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ, unsigned shared, void* handle, void** parameters, void** extra)
{
  ENTER("cuLaunchKernel")
  Stream* stream = stream_of(handle);
  if (!functions.count(function) || !stream) return INVALID_HANDLE;
  Node node;
  node.function = (Function*)function;
  if (gridX == 0 || gridX > 0x7fffffff || gridY == 0 || gridY > 65535 || gridZ == 0 || gridZ > 65535) return INVALID_VALUE;
  if (blockX == 0 || blockX > 1024 || blockY != 1 || blockZ != 1 || (int)blockX != node.function->threads) return INVALID_VALUE;
  if (shared || extra || !parameters) return INVALID_VALUE; // no kernel here asks for shared memory at its launch
  node.grid = {(int)gridX, (int)gridY, (int)gridZ};
  auto& sizes = node.function->kernel->sizes;
  for (size_t i = 0; i < sizes.size(); i++)
  {
    if (!parameters[i]) return INVALID_VALUE;
    memcpy(&node.arguments[i], parameters[i], sizes[i]);
  }
  counts.launches++;
  return add(*stream, node);
}

static int copy(void* to, const void* from, size_t bytes, void* handle)
{
  Stream* stream = stream_of(handle);
  if (!stream) return INVALID_HANDLE;
  if (!to || !from) return INVALID_VALUE;
  Node node;
  node.to = to;
  node.from = from;
  node.bytes = bytes;
  return add(*stream, node);
}

DRIVER int cuMemcpyHtoDAsync_v2(unsigned long long to, const void* from, size_t bytes, void* stream) { ENTER("cuMemcpyHtoDAsync_v2") return copy((void*)to, from, bytes, stream); }

DRIVER int cuMemcpyDtoHAsync_v2(void* to, unsigned long long from, size_t bytes, void* stream) { ENTER("cuMemcpyDtoHAsync_v2") return copy(to, (const void*)from, bytes, stream); }

DRIVER int cuMemHostAlloc(void** memory, size_t bytes, unsigned flags)
{
  ENTER("cuMemHostAlloc")
  if (disturbs_capture()) return CAPTURE_UNSUPPORTED;
  if (bytes == 0 || flags > 7) return INVALID_VALUE;
  void* block = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  if (!block) return OUT_OF_MEMORY;
  pinned.insert(block);
  counts.pinned++;
  *memory = block;
  return SUCCESS;
}

DRIVER int cuMemFreeHost(void* memory)
{
  ENTER("cuMemFreeHost")
  if (disturbs_capture()) return CAPTURE_UNSUPPORTED;
  if (!pinned.erase(memory)) return INVALID_VALUE;
  counts.pinned--;
  free(memory);
  return SUCCESS;
}

DRIVER int cuEventCreate(void** event, unsigned)
{
  ENTER("cuEventCreate")
  *event = made(events, counts.events, new Event);
  return SUCCESS;
}

DRIVER int cuEventRecord(void* event, void* handle)
{
  ENTER("cuEventRecord")
  Stream* stream = stream_of(handle);
  if (!events.count(event) || !stream) return INVALID_HANDLE;
  if (stream->capture != Capture::None) return CAPTURE_UNSUPPORTED; // the driver takes it for an order within the graph; no step needs that
  Node node;
  node.event = (Event*)event;
  *node.event = {true, false, stream, {}};
  return add(*stream, node);
}

DRIVER int cuEventSynchronize(void* event)
{
  ENTER("cuEventSynchronize")
  if (!events.count(event)) return INVALID_HANDLE;
  Event* e = (Event*)event;
  return e->isRecorded && !e->isReached ? drain(*e->stream) : lasting;
}

DRIVER int cuEventElapsedTime(float* milliseconds, void* from, void* to)
{
  ENTER("cuEventElapsedTime")
  if (!events.count(from) || !events.count(to) || !((Event*)from)->isRecorded || !((Event*)to)->isRecorded) return INVALID_HANDLE;
  if (!((Event*)from)->isReached || !((Event*)to)->isReached) return NOT_READY;
  *milliseconds = std::chrono::duration<float, std::milli>(((Event*)to)->time - ((Event*)from)->time).count();
  return SUCCESS;
}

DRIVER int cuEventDestroy_v2(void* event)
{
  ENTER("cuEventDestroy_v2")
  if (events.count(event) && ((Event*)event)->isRecorded && !((Event*)event)->isReached) drain(*((Event*)event)->stream);
  return destroyed<Event>(events, counts.events, event);
}
