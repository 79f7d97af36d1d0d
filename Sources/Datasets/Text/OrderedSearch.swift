extension Array {
  /// The first position whose element is not before what is searched, `count` where all are; binary search.
  ///
  /// - Precondition: no element that `isBefore` says yes to follows one that it says no to.
  func firstIndex(orderedBy isBefore: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = low + (high - low) / 2
      if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
