import Tensors

/// Where each value of a plan lies, and the small tables its steps point to.
final class PlanMemory {
  private var addresses: [UnsafeMutableRawPointer?]
  private var aliases: [Int?]
  /// Constants that no step points into so far: what kernels keep packed is not needed itself.
  private var unread: [Int: Tensor] = [:]
  /// Keeps constants alive whose storage the steps point into.
  private var constants: [Tensor] = []
  private var owned: [AlignedBuffer] = []

  init(_ plan: PlanGraph) {
    addresses = Array(repeating: nil, count: plan.values.count)
    aliases = plan.values.map(\.alias)
  }

  func place(_ value: Int, at address: UnsafeMutableRawPointer) { addresses[value] = address }

  func place(_ value: Int, constant tensor: Tensor) { unread[value] = tensor }

  /// The half-precision numbers of a constant that is widened when it is read, `nil` for anything else.
  func halves(_ value: Int) -> UnsafePointer<UInt16>? {
    guard let halves = unread[value]?.halves else { return nil }
    constants.append(halves)
    return halves.withBytes {
      $0.baseAddress.map { UnsafePointer($0.assumingMemoryBound(to: UInt16.self)) }
    }
  }

  /// The address of a value, or of the value it is a view of.
  func address(_ value: Int) -> UnsafeMutableRawPointer {
    var current = value
    while let next = aliases[current] { current = next }
    if let address = addresses[current] { return address }
    if let constant = unread.removeValue(forKey: current)?.resident() {
      constants.append(constant)
      // The storage lives, unmoved and unwritten, as long as `constants` shares it.
      let address = constant.withBytes { UnsafeMutableRawPointer(mutating: $0.baseAddress) }
      addresses[current] = address
      if let address { return address }
    }
    let empty = AlignedBuffer(byteCount: 0)
    owned.append(empty)
    let address = empty.bytes.baseAddress.unsafelyUnwrapped
    addresses[current] = address
    return address
  }

  /// Memory that lives as long as the plan.
  func scratch(byteCount: Int) -> UnsafeMutableRawPointer {
    let buffer = AlignedBuffer(byteCount: byteCount)
    owned.append(buffer)
    return buffer.bytes.baseAddress.unsafelyUnwrapped
  }

  /// A table that steps point to.
  func store<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
    let memory = scratch(byteCount: elements.count * MemoryLayout<Element>.stride)
      .bindMemory(to: Element.self, capacity: max(elements.count, 1))
    for (index, element) in elements.enumerated() { memory[index] = element }
    return memory
  }
}
