import Dispatch

/// Seconds of a clock that only goes forward, from some moment on.
public func monotonicSeconds() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }
