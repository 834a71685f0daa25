/// Colors, marks and dashes that stay apart without color vision and on paper.
///
/// Colors are those of Okabe and Ito, "Color Universal Design" (2008), without yellow, which is too light on white; each
/// series has a mark and a dash of its own besides.
enum Palette {
  static let colors = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d31",
  ]
  static let muted = "#888888"
  /// Marks by the names the charting library has for them.
  static let marks = ["circle", "triangle", "rect", "rectRot", "star", "crossRot", "cross"]
  static let dashes: [[Int]] = [[], [6, 3], [2, 3], [8, 3, 2, 3], [4, 2], [10, 4], [1, 2]]

  static func color(_ index: Int, isMuted: Bool) -> String {
    isMuted ? muted : colors[index % colors.count]
  }
}
