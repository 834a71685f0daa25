import CZlib

/// Bytes in the zlib format (RFC 1950), in memory.
public enum PackedBytes {
  /// Packs bytes; equal bytes give equal results with one version of zlib.
  ///
  /// - Complexity: O(*bytes*).
  public static func packed(_ bytes: [UInt8], level: Int32 = 5) -> [UInt8] {
    var size = compressBound(uLong(bytes.count))
    let result = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
      let status = compress2(buffer.baseAddress, &size, bytes, uLong(bytes.count), level)
      // Enough memory is given, and levels are zlib's own.
      count = status == Z_OK ? Int(size) : 0
    }
    return result
  }

  /// Unpacks bytes of a known size; `nil` where they are damaged or of another size.
  public static func unpacked(_ bytes: [UInt8], size: Int) -> [UInt8]? {
    var length = uLong(size)
    var isWhole = false
    let result = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      let status = uncompress(buffer.baseAddress, &length, bytes, uLong(bytes.count))
      isWhole = status == Z_OK && Int(length) == size
      count = isWhole ? size : 0
    }
    return isWhole || (size == 0 && bytes.isEmpty) ? result : nil
  }
}
