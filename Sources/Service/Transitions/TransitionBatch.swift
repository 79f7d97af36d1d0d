import Storage
import Tensors

/// Transitions that came together: what an agent saw, did, got, and saw then, in columns.
///
/// Their bytes are one record of the log, so that a crash keeps all of them or none.
struct TransitionBatch: Equatable, Sendable {
  /// How a transition ended.
  struct End: OptionSet, Sendable {
    let rawValue: UInt8
    /// The episode was over by the rules: nothing of value follows.
    static let terminated = End(rawValue: 1)
    /// The episode was cut: what would follow still has value.
    static let truncated = End(rawValue: 2)
  }

  /// The numbers of observations.
  enum Elements: UInt8, Sendable {
    case float32 = 0
    /// Whole numbers from 0 to 255, as pixels are: float32 where they are used.
    case bytes = 1
    /// Numbers of states.
    case int64 = 2

    var byteCount: Int {
      switch self {
      case .float32: 4
      case .bytes: 1
      case .int64: 8
      }
    }
  }

  /// When they came, seconds since 1970.
  var time: Double
  var elements: Elements
  /// Numbers in one observation.
  var width: Int
  /// Positions of the actions among the model's, [N].
  var actions: [UInt32]
  /// [N].
  var rewards: [Float]
  /// [N].
  var ends: [End]
  /// The observations' elements, [N, width].
  var observations: [UInt8]
  /// The next observations' elements, [N, width].
  var nextObservations: [UInt8]

  var count: Int { actions.count }

  /// An observation, or the next one, as a network takes it.
  func observation(_ row: Int, isNext: Bool = false) -> [Float] {
    let source = isNext ? nextObservations : observations
    let first = row * width
    return source.withUnsafeBytes { bytes in
      switch elements {
      case .float32:
        (first..<first + width).map {
          bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self)
        }
      case .bytes: bytes[first..<first + width].map { Float($0) }
      case .int64:
        (first..<first + width).map {
          Float(bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self))
        }
      }
    }
  }
}

// MARK: - Bytes

extension TransitionBatch {
  /// The first byte of a record.
  static let kind: UInt8 = 1
  /// Bytes before the columns: kind, elements, count and width (UInt32), time (Double), all little-endian.
  private static let headByteCount = 18
  /// Bytes of a transition besides its observations: action, reward, end.
  private static let rowByteCount = 9

  /// Packs the numbers of observations: pixels as bytes.
  static func packed(
    _ dtype: DType,
    _ observations: UnsafeRawBufferPointer,
    _ nextObservations: UnsafeRawBufferPointer
  ) -> (elements: Elements, observations: [UInt8], nextObservations: [UInt8]) {
    guard dtype == .float32 else {
      return (.int64, Array(observations), Array(nextObservations))
    }
    let isPixels = [observations, nextObservations].allSatisfy { bytes in
      // -0.0 is no pixel: it would come back as 0.0.
      bytes.bindMemory(to: Float.self).allSatisfy {
        $0 >= 0 && $0 <= 255 && $0 == $0.rounded() && $0.sign == .plus
      }
    }
    guard isPixels else { return (.float32, Array(observations), Array(nextObservations)) }
    func bytes(_ numbers: UnsafeRawBufferPointer) -> [UInt8] {
      numbers.bindMemory(to: Float.self).map { UInt8($0) }
    }
    return (.bytes, bytes(observations), bytes(nextObservations))
  }

  /// Bytes of the record.
  var encodedByteCount: Int {
    Self.headByteCount + count * Self.rowByteCount + observations.count + nextObservations.count
  }

  /// The record.
  var encoded: [UInt8] {
    var bytes: [UInt8] = [Self.kind, elements.rawValue]
    bytes.reserveCapacity(encodedByteCount)
    func append(_ value: some BitwiseCopyable) {
      withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }
    append(UInt32(clamping: count).littleEndian)
    append(UInt32(clamping: width).littleEndian)
    append(time.bitPattern.littleEndian)
    for action in actions { append(action.littleEndian) }
    for reward in rewards { append(reward.bitPattern.littleEndian) }
    for end in ends { bytes.append(end.rawValue) }
    return bytes + observations + nextObservations
  }

  /// Reads a record.
  ///
  /// - Throws: `FormatError` for bytes that `encoded` does not write.
  init(_ bytes: [UInt8]) throws(FormatError) {
    guard bytes.count >= Self.headByteCount, bytes[0] == Self.kind,
      let elements = Elements(rawValue: bytes[1])
    else { throw FormatError("transitions", at: 0, "this is no record of transitions") }
    func load<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ type: Value.Type)
      -> Value
    {
      bytes.withUnsafeBytes {
        Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type))
      }
    }
    let count = Int(load(2, UInt32.self))
    let width = Int(load(6, UInt32.self))
    // Both are below 2^32: the products are below 2^63 where the first is, and else it is no record.
    let (side, isLarge) = count.multipliedReportingOverflow(by: width * elements.byteCount)
    guard !isLarge, side <= bytes.count,
      bytes.count == Self.headByteCount + count * Self.rowByteCount + 2 * side
    else {
      throw FormatError(
        "transitions",
        at: 2,
        "\(count) transitions of \(width) numbers do not fill \(bytes.count) bytes"
      )
    }
    time = Double(bitPattern: load(10, UInt64.self))
    self.elements = elements
    self.width = width
    var offset = Self.headByteCount
    actions = (0..<count).map { load(offset + $0 * 4, UInt32.self) }
    offset += count * 4
    rewards = (0..<count).map { Float(bitPattern: load(offset + $0 * 4, UInt32.self)) }
    offset += count * 4
    ends = bytes[offset..<offset + count].map { End(rawValue: $0) }
    offset += count
    observations = Array(bytes[offset..<offset + side])
    nextObservations = Array(bytes[(offset + side)...])
  }
}
