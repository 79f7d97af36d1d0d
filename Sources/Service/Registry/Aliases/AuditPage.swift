/// A page of the audit log.
package struct AuditPage: Sendable {
  /// Which entries.
  package struct Query: Sendable {
    /// The newest first, or the oldest first.
    package enum Order: String, Sendable {
      case newestFirst = "desc"
      case oldestFirst = "asc"
    }

    /// Place in the log behind which the page begins, in its order; nil for its first page.
    package var after: Int?
    /// Entries of the page.
    package var limit: Int
    /// Only entries of this model.
    package var model: String?
    package var order: Order

    package init(
      after: Int? = nil,
      limit: Int = 20,
      model: String? = nil,
      order: Order = .newestFirst
    ) {
      self.after = after
      self.limit = limit
      self.model = model
      self.order = order
    }
  }

  /// Entries that one page may have.
  package static let limitMax = 100
  /// Entries looked at for one page, where only those of one model are wanted.
  static let scannedMax = 10_000
  /// Entries read at a time.
  private static let blockSize = 100

  /// The entries, with their places in the log, which count from 1.
  package private(set) var entries: [(sequence: Int, entry: AuditEntry)] = []
  /// Whether there may be more behind `last`.
  package private(set) var hasMore = false
  /// The place of the last entry that was looked at: `after` of the next page.
  package private(set) var last: Int?

  /// The page of a log that was not begun.
  init() {}

  /// - Throws: `FormatError` where the log cannot be read.
  init(_ log: AuditLog, _ query: Query) throws {
    let count = log.count
    let limit = min(max(query.limit, 1), Self.limitMax)
    var rest: ClosedRange<Int>?
    switch query.order {
    case .oldestFirst:
      let first = min(max(query.after ?? 0, 0), count) + 1
      rest = first <= count ? first...count : nil
    case .newestFirst:
      let newest = min(max(query.after ?? count + 1, 1), count + 1) - 1
      rest = newest >= 1 ? 1...newest : nil
    }
    var scanned = 0
    while let range = rest {
      let block: ClosedRange<Int>
      switch query.order {
      case .oldestFirst:
        block = range.lowerBound...min(range.lowerBound + Self.blockSize - 1, range.upperBound)
        rest = block.upperBound < range.upperBound ? block.upperBound + 1...range.upperBound : nil
      case .newestFirst:
        block = max(range.upperBound - Self.blockSize + 1, range.lowerBound)...range.upperBound
        rest = block.lowerBound > range.lowerBound ? range.lowerBound...block.lowerBound - 1 : nil
      }
      var numbered = zip(block, try log.entries(block)).map { (sequence: $0, entry: $1) }
      if query.order == .newestFirst { numbered.reverse() }
      for item in numbered {
        guard entries.count < limit, scanned < Self.scannedMax else {
          hasMore = true
          return
        }
        scanned += 1
        last = item.sequence
        if query.model == nil || query.model == item.entry.model { entries.append(item) }
      }
    }
  }
}
