import COpenBLAS

/// How OpenBLAS runs in this process.
public enum BLASRuntime {
  /// Makes every later call of OpenBLAS run on the calling thread; parallel work is done above it.
  ///
  /// Call it before the first product of a program. Results then do not depend on the number of cores.
  public static func useOneThread() {
    openblas_set_num_threads(1)
  }

  /// The kernel set that OpenBLAS picked for this processor, for example `Haswell`.
  ///
  /// Last digits of products differ between kernel sets, so a log that promises repeatable bytes names it.
  public static var kernelName: String {
    guard let name = openblas_get_corename() else { return "unknown" }
    return String(cString: name)
  }

  /// The number of threads OpenBLAS uses.
  public static var threadCount: Int { Int(openblas_get_num_threads()) }
}
