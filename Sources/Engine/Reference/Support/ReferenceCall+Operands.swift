import GraphIR
import Tensors

extension ReferenceCall {
  /// The elements of an integer operand.
  func integers(_ index: Int) throws -> [Int] {
    let tensor = try input(index)
    guard let elements = tensor.integers else {
      throw error("input \(index) is \(tensor.dtype)\(tensor.shape); it must hold int64")
    }
    return elements
  }

  /// The elements of an optional integer operand, `nil` where it is left out.
  func optionalIntegers(_ index: Int) throws -> [Int]? {
    optionalInput(index) == nil ? nil : try integers(index)
  }

  /// The only element of an integer operand.
  func integer(_ index: Int) throws -> Int {
    let elements = try integers(index)
    guard elements.count == 1 else {
      throw error("input \(index) has \(elements.count) elements; it must be a scalar")
    }
    return elements[0]
  }

  /// The only element of an operand, as Double.
  func scalar(_ index: Int) throws -> Double {
    let tensor = try input(index)
    guard tensor.shape.elementCount == 1 else {
      throw error("input \(index) has shape \(tensor.shape); it must be a scalar")
    }
    return tensor.doubles[0]
  }

  /// The common shape of operands under NumPy's rules.
  func broadcastShape(of tensors: [Tensor]) throws -> Shape {
    do {
      return try tensors.reduce([]) { try Shape.broadcast($0, $1.shape) }
    } catch {
      throw self.error("\(error)")
    }
  }

  /// A shape made of sizes that come from an operand.
  func shape(_ sizes: [Int]) throws -> Shape {
    do {
      return try Shape(validating: sizes)
    } catch {
      throw self.error("\(error)")
    }
  }

  /// Checks that operands have one element type.
  func requireSameDType(_ tensors: [Tensor]) throws {
    guard let first = tensors.first else { return }
    for tensor in tensors where tensor.dtype != first.dtype {
      throw error("operands hold \(first.dtype) and \(tensor.dtype); they must hold the same type")
    }
  }

  /// Checks that two operands have the same shape.
  func requireSameShape(_ left: Tensor, _ right: Tensor) throws {
    guard left.shape == right.shape else {
      throw error("operands have shapes \(left.shape) and \(right.shape); they must be the same")
    }
  }
}
