import Storage
import Synchronization

/// Something of each model, in a folder of its own, made when it is first asked for.
final class ByModel<Value: Sendable>: Sendable {
  private let folder: String
  private let make: @Sendable (_ model: String, _ folder: String) -> Value
  private let values = Mutex<[String: Value]>([:])

  /// - Parameters:
  ///   - folder: Made where it is missing; every model has a folder in it.
  ///   - make: Makes what belongs to a model, with the model's folder, which need not be there.
  /// - Throws: `FormatError` where the folder cannot be made.
  init(
    folder: String,
    make: @escaping @Sendable (_ model: String, _ folder: String) -> Value
  ) throws(FormatError) {
    try FileAccess.createFolders(folder)
    self.folder = folder
    self.make = make
    // What was there before the last end of the server counts from the start.
    for name in try FileAccess.names(in: folder) { _ = self[name] }
  }

  /// What belongs to a model that is, or was, in the repository; nil for what can be no model's name.
  subscript(model: String) -> Value? {
    // It becomes a path.
    guard ModelName.isValid(model) else { return nil }
    return values.withLock { values in
      if let known = values[model] { return known }
      let new = make(model, "\(folder)/\(model)")
      values[model] = new
      return new
    }
  }
}
