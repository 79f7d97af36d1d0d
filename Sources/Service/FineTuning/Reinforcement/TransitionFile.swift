import Datasets
import HTTP
import Storage
import Tensors

/// Transitions in a file: JSON Lines with a transition on each line, or .npz with an array for each of its members.
struct TransitionFile {
  let observations: ObservationReader
  let limits: ExampleLimits

  /// Reads a file; `name` is what its owner called it.
  ///
  /// - Throws: `FormatError` that names the line or array that is wrong.
  func read(path: String, name: String) throws(FormatError) -> (
    batch: TransitionBatch, digest: String
  ) {
    let bytes = try FileAccess.read(path, byteCountMax: limits.fileBytes)
    let batch = bytes.starts(with: [0x50, 0x4B]) ? try readArrays(bytes) : try readLines(bytes)
    guard batch.count > 0 else { throw refusal("there is no transition in it") }
    return (batch, SHA256.hexDigest(of: bytes))
  }

  private func refusal(_ detail: String) -> FormatError { FormatError("transitions", detail) }

  // MARK: - Lines

  private func readLines(_ bytes: [UInt8]) throws(FormatError) -> TransitionBatch {
    var reader = TransitionReader(observations)
    let stream = ByteStream(MemorySource(bytes))
    var number = 0
    while let line = try stream.nextLine(byteCountMax: limits.lineBytes) {
      number += 1
      guard line.contains(where: { $0 > 0x20 }) else { continue }
      var cursor = JSONCursor(line)
      do throws(TransitionReader.Fault) {
        try reader.read("line \(number)", &cursor)
      } catch { throw refusal(error.message) }
      cursor.skipSpace()
      guard cursor.isAtEnd else {
        throw refusal("line \(number): found \(cursor.found) at its end")
      }
      guard reader.count <= limits.rows, reader.byteCount <= limits.decodedBytes else {
        throw refusal(
          "line \(number): more than \(limits.rows) transitions or \(limits.decodedBytes) bytes"
        )
      }
    }
    return reader.batch(time: 0)
  }

  // MARK: - Arrays

  /// Names of the arrays.
  private enum Name {
    static let observation = "observation"
    static let action = "action"
    static let reward = "reward"
    static let next = "next_observation"
    static let terminated = "terminated"
    static let truncated = "truncated"
  }

  private func readArrays(_ bytes: [UInt8]) throws(FormatError) -> TransitionBatch {
    var arrays: [String: Tensor] = [:]
    for entry in try NPZ.read(bytes, byteCountMax: limits.decodedBytes) {
      arrays[entry.name] = entry.tensor
    }
    func array(_ name: String, _ dtypes: [DType], _ shape: [Int]) throws(FormatError) -> Tensor {
      guard let tensor = arrays[name] else { throw refusal("array '\(name)' is missing") }
      guard dtypes.contains(tensor.dtype), tensor.shape.dimensions == shape else {
        let types = dtypes.map { "\($0)" }.joined(separator: " or ")
        throw refusal(
          "array '\(name)' is \(tensor.dtype)\(tensor.shape), expected \(types)\(shape)"
        )
      }
      return tensor
    }
    let count = arrays[Name.reward]?.shape.dimensions.first ?? 0
    let row = [count] + observations.format.sizes
    let types: [DType] = observations.format.states == nil ? [.float32, .uint8] : [.int64]
    let rewards = try array(Name.reward, [.float32], [count]).elements(of: Float.self)
    let actions = try array(Name.action, [.int64], [count]).elements(of: Int64.self)
    let flags: [DType] = [.bool, .uint8]
    let terminated = try array(Name.terminated, flags, [count])
    let truncated = try array(Name.truncated, flags, [count])
    let before = try array(Name.observation, types, row)
    let after = try array(Name.next, [before.dtype], row)
    let actionCount = observations.format.actions.count
    for (index, action) in actions.enumerated() where action < 0 || action >= actionCount {
      throw refusal("action[\(index)] is \(action); the model has 0 to \(actionCount - 1)")
    }
    for (index, reward) in rewards.enumerated() where !reward.isFinite {
      throw refusal("reward[\(index)] is \(reward)")
    }
    for (name, tensor) in [(Name.observation, before), (Name.next, after)] {
      try check(tensor, name)
    }
    return TransitionBatch(
      time: 0,
      elements: before.dtype == .float32 ? .float32 : before.dtype == .uint8 ? .bytes : .int64,
      width: observations.format.count,
      actions: actions.map { UInt32($0) },
      rewards: rewards,
      ends: zip(Self.flags(terminated), Self.flags(truncated)).map { terminated, truncated in
        TransitionBatch.End(rawValue: (terminated ? 1 : 0) | (truncated ? 2 : 0))
      },
      observations: before.withBytes { Array($0) },
      nextObservations: after.withBytes { Array($0) }
    )
  }

  private static func flags(_ tensor: Tensor) -> [Bool] {
    tensor.withBytes { $0.map { $0 != 0 } }
  }

  private func check(_ tensor: Tensor, _ name: String) throws(FormatError) {
    if tensor.dtype == .float32 {
      let values = tensor.elements(of: Float.self)
      guard let index = values.firstIndex(where: { !$0.isFinite }) else { return }
      throw refusal("number \(index) of '\(name)' is \(values[index])")
    }
    guard let states = observations.format.states else { return }
    for state in tensor.elements(of: Int64.self) where !states.contains(state) {
      throw refusal(
        "'\(name)' has state \(state); the model has \(states.lowerBound) to \(states.upperBound)"
      )
    }
  }

  // MARK: - Writing

  /// The newest transitions of a memory that fit the model and the limits, as .npz.
  ///
  /// Transitions of versions that took other observations or actions are left out.
  ///
  /// - Throws: `FormatError` where the disk fails or nothing fits.
  func arrays(of memory: TransitionMemory) throws(FormatError) -> [UInt8] {
    let width = observations.format.count
    let isStates = observations.format.states != nil
    // Both observations as float32 or int64, and the rest.
    let rowByteCount = 2 * width * (isStates ? 8 : 4) + 16
    let limit = min(limits.rows, max(1, limits.decodedBytes / rowByteCount))
    var numbers: [Float] = []
    var nextNumbers: [Float] = []
    var actions: [Int64] = []
    var rewards: [Float] = []
    var ends: [TransitionBatch.End] = []
    let actionCount = observations.format.actions.count
    try memory.forEach(newest: limit) { batch, rows in
      guard batch.width == width, (batch.elements == .int64) == isStates else { return }
      for row in rows {
        let before = batch.observation(row)
        let after = batch.observation(row, isNext: true)
        guard batch.actions[row] < actionCount, isKnown(before), isKnown(after) else { continue }
        numbers += before
        nextNumbers += after
        actions.append(Int64(batch.actions[row]))
        rewards.append(batch.rewards[row])
        ends.append(batch.ends[row])
      }
    }
    guard !actions.isEmpty else { throw refusal("none of them fits the model") }
    func observation(_ values: [Float]) throws(FormatError) -> Tensor {
      do {
        let shape = try Shape(validating: [actions.count] + observations.format.sizes)
        return isStates ? Tensor(values.map { Int64($0) }, shape) : Tensor(values, shape)
      } catch { throw refusal("\(error)") }
    }
    func flags(_ end: TransitionBatch.End) -> Tensor {
      Tensor(vector: ends.map { UInt8($0.contains(end) ? 1 : 0) })
    }
    return try NPZ.write([
      .init(Name.observation, try observation(numbers)),
      .init(Name.action, Tensor(vector: actions)),
      .init(Name.reward, Tensor(vector: rewards)),
      .init(Name.next, try observation(nextNumbers)),
      .init(Name.terminated, flags(.terminated)),
      .init(Name.truncated, flags(.truncated)),
    ])
  }

  /// Whether a state is one of the model's; true for observations that are no states.
  private func isKnown(_ observation: [Float]) -> Bool {
    guard let states = observations.format.states else { return true }
    return observation.allSatisfy { Int64(exactly: $0).map(states.contains) ?? false }
  }
}
