/// A dense, row-major array of numbers in 64-byte aligned memory.
///
/// A value: copies share memory until one is written (`withMutableElements`).
package struct Tensor: Sendable {
  package let dtype: DType
  package let shape: Shape
  private var contents: Contents

  private enum Contents {
    case resident(TensorStorage)
    /// Made when they are read.
    case onDemand(NumbersOnDemand)

    var storage: TensorStorage {
      switch self {
      case .resident(let storage): storage
      case .onDemand(let numbers): numbers.storage()
      }
    }
  }

  /// Bytes that the elements take.
  package var byteCount: Int { shape.elementCount * dtype.byteCount }

  /// A tensor of zeros.
  package init(zeros dtype: DType, _ shape: Shape) {
    self.dtype = dtype
    self.shape = shape
    let storage = TensorStorage(byteCount: shape.elementCount * dtype.byteCount)
    storage.bytes.initializeMemory(as: UInt8.self, repeating: 0)
    contents = .resident(storage)
  }

  private init(_ dtype: DType, _ shape: Shape, _ contents: Contents) {
    self.dtype = dtype
    self.shape = shape
    self.contents = contents
  }

  /// A tensor whose elements `body` writes, all of them.
  package init<Element: TensorElement>(
    _ shape: Shape,
    initializing body: (UnsafeMutableBufferPointer<Element>) throws -> Void
  ) rethrows {
    let storage = TensorStorage(byteCount: shape.elementCount * Element.dtype.byteCount)
    try body(storage.bytes.bindMemory(to: Element.self))
    self.init(Element.dtype, shape, .resident(storage))
  }

  /// A tensor of the given elements in row-major order.
  ///
  /// - Precondition: `elements.count == shape.elementCount`.
  package init<Element: TensorElement>(_ elements: [Element], _ shape: Shape) {
    precondition(
      elements.count == shape.elementCount,
      "\(elements.count) elements for shape \(shape)"
    )
    self.init(shape) { (buffer: UnsafeMutableBufferPointer<Element>) in
      _ = buffer.initialize(from: elements)
    }
  }

  /// A scalar, shape `[]`.
  package init<Element: TensorElement>(scalar: Element) { self.init([scalar], []) }

  /// A vector, shape `[count]`.
  package init<Element: TensorElement>(vector: [Element]) { self.init(vector, [vector.count]) }

  /// A tensor filled with one value.
  package init<Element: TensorElement>(repeating value: Element, _ shape: Shape) {
    self.init(shape) { (buffer: UnsafeMutableBufferPointer<Element>) in
      buffer.initialize(repeating: value)
    }
  }

  /// A tensor whose raw bytes (native little-endian order) `body` writes, all of them.
  ///
  /// Bytes of a `bool` tensor must be 0 or 1.
  package init(
    dtype: DType,
    _ shape: Shape,
    initializingBytes body: (UnsafeMutableRawBufferPointer) throws -> Void
  ) rethrows {
    let storage = TensorStorage(byteCount: shape.elementCount * dtype.byteCount)
    try body(storage.bytes)
    self.init(dtype, shape, .resident(storage))
  }

  /// Reads the elements in place.
  ///
  /// - Precondition: `Element.dtype == dtype`.
  package func withElements<Element: TensorElement, Result>(
    of type: Element.Type = Element.self,
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result {
    precondition(Element.dtype == dtype, "tensor holds \(dtype), read as \(Element.dtype)")
    let storage = contents.storage
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(storage.bytes.bindMemory(to: Element.self)))
  }

  /// Writes the elements in place; copies them first when another tensor shares them.
  ///
  /// - Precondition: `Element.dtype == dtype`.
  package mutating func withMutableElements<Element: TensorElement, Result>(
    of type: Element.Type = Element.self,
    _ body: (UnsafeMutableBufferPointer<Element>) throws -> Result
  ) rethrows -> Result {
    precondition(Element.dtype == dtype, "tensor holds \(dtype), written as \(Element.dtype)")
    let storage = ownStorage()
    defer { withExtendedLifetime(storage) {} }
    return try body(storage.bytes.bindMemory(to: Element.self))
  }

  /// Memory that no other tensor shares.
  private mutating func ownStorage() -> TensorStorage {
    // Out of `contents` first: a reference there would count as a second one.
    var storage = contents.storage
    contents = .resident(TensorStorage.empty)
    if !storage.isWritable || !isKnownUniquelyReferenced(&storage) {
      let copy = TensorStorage(byteCount: storage.bytes.count)
      copy.bytes.copyMemory(from: UnsafeRawBufferPointer(storage.bytes))
      storage = copy
    }
    contents = .resident(storage)
    return storage
  }

  /// Reads the raw bytes in place.
  package func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    let storage = contents.storage
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeRawBufferPointer(storage.bytes))
  }

  /// The elements as an array.
  ///
  /// - Precondition: `Element.dtype == dtype`.
  package func elements<Element: TensorElement>(of type: Element.Type = Element.self) -> [Element] {
    withElements { Array($0) }
  }

  /// The same elements in another shape, sharing memory.
  ///
  /// - Precondition: both shapes have the same number of elements.
  package func reshaped(to newShape: Shape) -> Tensor {
    precondition(newShape.elementCount == shape.elementCount, "\(shape) reshaped to \(newShape)")
    return Tensor(sharing: self, shape: newShape)
  }

  private init(sharing other: Tensor, shape: Shape) {
    self.init(other.dtype, shape, other.contents)
  }
}

extension Tensor {
  /// The numbers of a float16 tensor as float32, without keeping both.
  ///
  /// The wide copy is made when it is read and goes with its last reader: weights that kernels keep in a layout of their own stay in memory
  /// at half their size. Where this is no float16 tensor, it is given back as it is.
  package func widened() -> Tensor {
    guard dtype == .float16 else { return self }
    return Tensor(.float32, shape, .onDemand(NumbersOnDemand(widening: contents.storage)))
  }

  /// The float16 tensor that this one is made from when it is read, where there is one.
  package var halves: Tensor? {
    guard case .onDemand(let numbers) = contents, let halves = numbers.halves else { return nil }
    return Tensor(.float16, shape, .resident(halves))
  }

  /// A float32 tensor whose elements `make` writes, all of them and the same ones each time, whenever somebody reads them.
  ///
  /// For numbers that are needed again only if their first reader's result gets lost, as weights are that kernels keep in a layout of their
  /// own.
  package init(
    onDemand shape: Shape,
    make: @escaping @Sendable (UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    let numbers = NumbersOnDemand(elementCount: shape.elementCount, make: make)
    self.init(.float32, shape, .onDemand(numbers))
  }

  /// Makes the elements with `make` from now on, for this tensor and all its copies, and lets go of what they came from so far, such as
  /// float16 numbers.
  ///
  /// For elements that are made on demand and that a kernel keeps in a layout of its own; nothing happens to other ones.
  package func recreate(
    with make: @escaping @Sendable (UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    if case .onDemand(let numbers) = contents { numbers.replaceSource(make) }
  }

  /// The same tensor in memory that does not move or go as long as this value lives.
  package func resident() -> Tensor { Tensor(dtype, shape, .resident(contents.storage)) }
}

extension Tensor: Equatable {
  /// Same type, shape and bytes.
  package static func == (left: Tensor, right: Tensor) -> Bool {
    left.dtype == right.dtype && left.shape == right.shape
      && left.withBytes { a in right.withBytes { b in a.elementsEqual(b) } }
  }
}

/// Owned, aligned memory.
///
/// `@unchecked Sendable` because the bytes are written only while uniquely referenced (`Tensor` checks).
final class TensorStorage: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer

  /// False for what others may be given too though nobody else refers to it now.
  let isWritable: Bool

  static let empty = TensorStorage(byteCount: 0)

  init(byteCount: Int, isWritable: Bool = true) {
    self.isWritable = isWritable
    bytes = .allocate(byteCount: byteCount, alignment: 64)
  }

  deinit { bytes.deallocate() }
}
