import Dispatch
import Storage

/// What a folder holds, opened when it is first needed and touched on a queue of its own, never on an event loop.
///
/// `@unchecked Sendable`: `opened` is touched on `queue` only.
final class QueuedContents<Contents>: @unchecked Sendable {
  private let queue: DispatchQueue
  private let open: @Sendable () throws(FormatError) -> Contents
  private var opened: Contents?

  /// - Parameters:
  ///   - label: of the queue.
  ///   - open: opens the folder; tried again by the next call where it fails.
  init(_ label: String, open: @escaping @Sendable () throws(FormatError) -> Contents) {
    queue = DispatchQueue(label: label, qos: .utility)
    self.open = open
  }

  /// Calls `body` on the queue, with the contents or why they cannot be had.
  func perform(_ body: @escaping @Sendable (Result<Contents, FormatError>) -> Void) {
    queue.async { [self] in body(contents()) }
  }

  /// Waits for what `body` makes of the contents: not on an event loop.
  func read<Value>(
    _ body: (Contents) throws(FormatError) -> Value
  ) throws(FormatError) -> Value {
    try queue.sync {
      contents().flatMap { contents in
        Result { () throws(FormatError) in try body(contents) }
      }
    }.get()
  }

  private func contents() -> Result<Contents, FormatError> {
    Result { () throws(FormatError) in
      if let opened { return opened }
      let contents = try open()
      opened = contents
      return contents
    }
  }
}
