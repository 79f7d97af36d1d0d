/// Numbers of 0 or more whose prefix sums are searched and changed in log2(count) steps.
///
/// Every inner node is the sum of its two children, computed anew where a leaf changes: equal leaves always give equal nodes, however
/// they came to be, so that a tree made again from its leaves draws the same.
struct SumTree {
  let count: Int
  /// A power of two, at least `count`.
  private let leafCount: Int
  /// Node 1 is the root, node k has the children 2k and 2k + 1; the leaves begin at `leafCount`.
  private var nodes: [Double]

  init(count: Int) {
    self.count = count
    var leaves = 1
    while leaves < count { leaves *= 2 }
    leafCount = leaves
    nodes = [Double](repeating: 0, count: 2 * leaves)
  }

  /// The sum of all numbers.
  var total: Double { nodes[1] }

  subscript(index: Int) -> Double {
    get { nodes[leafCount + index] }
    set {
      var node = leafCount + index
      nodes[node] = newValue
      while node > 1 {
        node /= 2
        nodes[node] = nodes[2 * node] + nodes[2 * node + 1]
      }
    }
  }

  /// The first index whose prefix sum, itself included, is above `mass`; of positive weight wherever the total is.
  func index(at mass: Double) -> Int {
    var node = 1
    var left = mass
    while node < leafCount {
      node *= 2
      // Rounding may leave more than the right side holds: an empty side is never entered.
      if left >= nodes[node], nodes[node + 1] > 0 {
        left -= nodes[node]
        node += 1
      }
    }
    return node - leafCount
  }
}
