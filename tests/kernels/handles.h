// What the stand-in driver knows: which handles are alive, which calls a test wants to fail, which calls a capture forbids.
#pragma once
#include <mutex>
#include <set>
#include "stream.h"

struct Failure { int after, code; };

inline std::mutex lock; // the emulation has one of everything
inline bool isInitialised;
inline std::map<std::string, Failure> failures;
inline std::set<void*> streams, graphs, executables, modules, functions, pinned, events;
inline Stream legacy; // stream 0
inline int context;   // its address stands for the one context

/** After an illegal address, a timeout or a failed launch (700, 702, 714 to 719) the context is lost, and what is queued never runs. */
inline bool leaves_nothing(int code) { return code == 700 || code == 702 || (code >= 714 && code <= 719); }

inline void abandon()
{
  legacy.queue.clear();
  for (void* stream : streams) ((Stream*)stream)->queue.clear();
}

/** The error that a test wants of this call, or 0. */
inline int provoked_by(const char* name)
{
  auto failure = failures.find(name);
  if (failure == failures.end() || failure->second.after-- > 0) return SUCCESS;
  int code = failure->second.code;
  failures.erase(failure);
  if (leaves_nothing(code)) abandon();
  return code;
}

/** What a call must answer before it does anything; 0 when it may go on. */
inline int answer_to(const char* name)
{
  int provoked = provoked_by(name);
  return provoked ? provoked : isInitialised ? SUCCESS : NOT_INITIALIZED;
}

inline Stream* stream_of(void* handle) { return !handle ? &legacy : streams.count(handle) ? (Stream*)handle : nullptr; }

/** A call that a capture does not allow: the captures that it disturbs are lost. */
inline bool disturbs_capture()
{
  bool any = false;
  for (void* handle : streams)
  {
    Stream* stream = (Stream*)handle;
    if (stream->capture == Capture::None || stream->mode == 2 || (stream->mode == 1 && !pthread_equal(stream->thread, pthread_self()))) continue;
    stream->capture = Capture::Invalidated;
    any = true;
  }
  return any;
}

template <class T> T* made(std::set<void*>& of, long long& count, T* thing)
{
  of.insert(thing);
  count++;
  return thing;
}

template <class T> int destroyed(std::set<void*>& of, long long& count, void* handle)
{
  if (!of.erase(handle)) return INVALID_HANDLE;
  count--;
  delete (T*)handle;
  return SUCCESS;
}
