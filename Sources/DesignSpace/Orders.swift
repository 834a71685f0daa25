/// The values of a permutation parameter: orders of loops, all of them or a list.
///
/// An order is written as its items one after the other where every item is one character (`KSRCQ`), otherwise with
/// one space between items (`K1 S R`). A listed order may leave items out, as logs do for loops of one iteration.
public struct Orders: Hashable, Sendable {
  /// Most items of a permutation: 18! is the last factorial below 2^53.
  public static let largestItemCount = 18

  /// The items that are ordered, each once: as given, or in the order of first appearance in the list.
  public let items: [String]
  /// The listed orders as positions in `items`; `nil` when every permutation of the items is a value.
  public let listed: [[Int]]?

  /// Every permutation of the items, in lexicographic order of their positions.
  ///
  /// - Returns: `nil` unless there are 2 to 18 distinct items without spaces, commas or control characters.
  public init?(allOf items: [String]) {
    guard (2...Self.largestItemCount).contains(items.count), Set(items).count == items.count,
      items.allSatisfy(Self.isItem)
    else { return nil }
    self.items = items
    listed = nil
  }

  /// The orders of a list, in its order; items are separated by spaces, commas or `>`, or are single characters.
  ///
  /// - Returns: `nil` when the list is empty, an order repeats an item or stands twice, or there are more than 64 items.
  public init?(listed texts: [String]) {
    guard !texts.isEmpty else { return nil }
    var items: [String] = []
    var positions: [String: Int] = [:]
    var orders: [[Int]] = []
    for text in texts {
      let parts = Self.parts(of: text)
      guard !parts.isEmpty, Set(parts).count == parts.count else { return nil }
      orders.append(
        parts.map { part in
          if let position = positions[part] { return position }
          positions[part] = items.count
          items.append(part)
          return items.count - 1
        })
    }
    guard Set(orders).count == orders.count, items.count <= 64, items.allSatisfy(Self.isItem)
    else { return nil }
    self.items = items
    listed = orders
  }

  /// How many orders there are.
  public var count: Int { listed?.count ?? (2...items.count).reduce(1, *) }

  /// The order at an index, as positions in `items`, outermost or first item first.
  ///
  /// - Complexity: O(*items*^2) for all permutations, O(1) for a list.
  public func order(at index: Int) -> [Int] {
    precondition(index >= 0 && index < count, "no order with this index")
    if let listed { return listed[index] }
    var rest = index
    var left = Array(items.indices)
    var block = count
    var order: [Int] = []
    for size in stride(from: items.count, through: 1, by: -1) {
      block /= size
      order.append(left.remove(at: rest / block))
      rest %= block
    }
    return order
  }

  /// The index of an order; `nil` when it is no value of the parameter.
  ///
  /// - Complexity: O(*items*^2) for all permutations, O(*orders*) for a list.
  public func index(of order: [Int]) -> Int? {
    if let listed { return listed.firstIndex(of: order) }
    guard order.count == items.count else { return nil }
    var left = Array(items.indices)
    var index = 0
    for position in order {
      guard let place = left.firstIndex(of: position) else { return nil }
      index = index * left.count + place
      left.remove(at: place)
    }
    return index
  }

  /// The order at an index as text.
  public func text(at index: Int) -> String {
    let names = order(at: index).map { items[$0] }
    return names.joined(separator: items.allSatisfy { $0.count == 1 } ? "" : " ")
  }

  /// The index of an order written as text; `nil` when it is no value of the parameter.
  public func index(ofText text: String) -> Int? {
    var order: [Int] = []
    for part in Self.parts(of: text) {
      guard let position = items.firstIndex(of: part) else { return nil }
      order.append(position)
    }
    return index(of: order)
  }

  private static func parts(of text: String) -> [String] {
    let isSeparated = text.contains(where: isSeparator)
    return isSeparated
      ? text.split(whereSeparator: isSeparator).map(String.init)
      : text.map { String($0) }
  }

  private static func isSeparator(_ character: Character) -> Bool {
    character == " " || character == "," || character == ">"
  }

  private static func isItem(_ item: String) -> Bool {
    !item.isEmpty && item.utf8.count <= 64 && !item.contains(where: isSeparator)
      && !item.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}
