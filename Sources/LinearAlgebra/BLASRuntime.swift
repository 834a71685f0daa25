import COpenBLAS

/// How OpenBLAS runs in this process.
public enum BLASRuntime {
  /// Makes every later call of OpenBLAS run on the calling thread; parallel work is done above it.
  ///
  /// The operations of this module call it themselves before their first product, so that no result depends on the
  /// number of cores.
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

  private static let isPrepared: Bool = {
    useOneThread()
    return true
  }()

  /// Sets the number of threads once per process; every operation over OpenBLAS begins with it.
  static func prepare() {
    _ = isPrepared
  }
}

extension Int {
  /// A size as OpenBLAS and LAPACKE take it.
  var blas: Int32 {
    precondition(self <= Int(Int32.max), "a matrix side is below 2^31")
    return Int32(self)
  }
}
