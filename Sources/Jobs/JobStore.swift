/// Where jobs are kept: a small record and an event log for each, and a folder for its executor.
///
/// Every change is on the disk when its call returns. A call that throws may have taken effect or
/// not; a crash in the middle of `append` may leave the first few of its events. The queue makes one
/// change at a time; reads come from any thread.
package protocol JobStore: Sendable {
  /// The ids of all jobs, in any order.
  func jobs() throws -> [String]
  /// A job's record.
  func record(of id: String) throws -> [UInt8]
  /// Makes or replaces a job's record, whole or not at all.
  func put(_ record: [UInt8], of id: String) throws
  /// Removes a job with its events and its folder.
  func delete(_ id: String) throws
  /// Adds to a job's event log.
  func append(_ events: [[UInt8]], to id: String) throws
  /// How many events a job's log has.
  func eventCount(of id: String) throws -> Int
  /// At most `limit` events from index `start` (from 0) on.
  func events(of id: String, from start: Int, limit: Int) throws -> [[UInt8]]
  /// The path of a job's own folder, which is made where it is missing.
  func folder(of id: String) throws -> String
  /// Removes a job's own folder, where it is there.
  func removeFolder(of id: String) throws
  /// What was found damaged and cut off so far, as sentences for the log.
  var problems: [String] { get }
}
