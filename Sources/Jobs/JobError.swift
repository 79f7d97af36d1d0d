/// Why the queue refuses what it was asked for; failures of the store are thrown as they come.
package enum JobError: Error, Equatable, CustomStringConvertible {
  /// There is no such job, or no longer.
  case notFound(id: String)
  /// The job's state does not allow the action; `allowed` lists those that it does.
  case illegalTransition(id: String, action: JobAction, status: JobStatus, allowed: [JobAction])
  /// As many jobs as `limit` wait already; the caller may try later (429).
  case queueFull(limit: Int)
  /// A field has `count` bytes, or entries, where `limit` are allowed.
  case tooLarge(field: String, count: Int, limit: Int)
  /// A field must not be empty.
  case empty(field: String)
  /// The job's executor no longer has it, so it may change nothing.
  case notActive(id: String, status: JobStatus)
  /// The system gave no thread; the code is that of pthread_create.
  case noThread(code: Int32)

  package var description: String {
    switch self {
    case .notFound(let id):
      return "there is no job '\(id)'"
    case .illegalTransition(let id, let action, let status, let allowed):
      let names = allowed.map(\.rawValue).joined(separator: ", ")
      let rest = allowed.isEmpty ? "nothing can be done with it" : "allowed: \(names)"
      return "cannot \(action.rawValue) job '\(id)': it is \(status.rawValue); \(rest)"
    case .queueFull(let limit):
      return "\(limit) jobs have not ended yet, which is the limit; cancel one or try later"
    case .tooLarge(let field, let count, let limit):
      return "\(field) has \(count); at most \(limit) are allowed"
    case .empty(let field):
      return "\(field) must not be empty"
    case .notActive(let id, let status):
      return "job '\(id)' is \(status.rawValue) and nobody works at it"
    case .noThread(let code):
      return "cannot start a worker thread: pthread_create gave error \(code)"
    }
  }
}
