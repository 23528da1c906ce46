// child_protocol.h — how vtlab and the observed program talk; docs/child-protocol.md tells it in
// full.
//
// The child inherits five fds at fixed numbers. It sets up, writes "ready", and waits for one byte
// on the gate; that byte opens the window. It runs the workload, reports, writes "done", and waits
// for one more byte before it exits. While it runs it may write "waiting", and then waits for a byte, too.
#pragma once

namespace vtlab::child_protocol {

inline constexpr int kGateFd =
    3;  ///< pipe, read: one byte opens the window, one more lets the child exit
inline constexpr int kReportFd = 4;   ///< pipe, written: lines of text
inline constexpr int kUnitLogFd = 5;  ///< memfd: UnitLog, shared
inline constexpr int kSlotsFd = 6;    ///< ActionSlot[] by tid, shared; its length is an option
inline constexpr int kConnectionsFd =
    7;  ///< unix socket that hands over one connected socket per unit
inline constexpr int kFdCount = 5;

// Lines that the child writes.
inline constexpr const char* kReady = "ready";
inline constexpr const char* kWindow = "window";  ///< window START_NS END_NS on CLOCK_MONOTONIC
inline constexpr const char* kWaiting =
    "waiting";  ///< look at the units, then write one byte to the gate
inline constexpr const char* kMetric = "metric";  ///< metric KEY NUMBER
// After the second byte on the gate, when nothing is counted any more.
inline constexpr const char* kUnit = "unit";    ///< unit NUMBER ID: by which id events speak of it
inline constexpr const char* kEvent = "event";  ///< event FIELDS: see unit_event.h
inline constexpr const char* kError =
    "error";  ///< error TEXT: what could not be done; the child then exits
inline constexpr const char* kDone = "done";

}  // namespace vtlab::child_protocol
