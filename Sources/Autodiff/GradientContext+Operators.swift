package import GraphIR
import Tensors

// Short names for the operators that rules are written with.
extension GradientContext {
  /// Adds a node with one output.
  package mutating func apply(
    _ op: OperatorName,
    _ inputs: ValueID?...,
    attributes: [String: Attribute] = [:]
  ) throws(GraphError) -> ValueID {
    try graph.apply1(op, inputs, attributes)
  }

  package mutating func add(_ a: ValueID, _ b: ValueID) throws(GraphError) -> ValueID {
    try apply("Add", a, b)
  }

  package mutating func subtract(_ a: ValueID, _ b: ValueID) throws(GraphError) -> ValueID {
    try apply("Sub", a, b)
  }

  package mutating func multiply(_ a: ValueID, _ b: ValueID) throws(GraphError) -> ValueID {
    try apply("Mul", a, b)
  }

  package mutating func multiply(_ a: ValueID, _ b: Double) throws(GraphError) -> ValueID {
    b == 1 ? a : try apply("Mul", a, scalar(b, like: a))
  }

  package mutating func add(_ a: ValueID, _ b: Double) throws(GraphError) -> ValueID {
    try apply("Add", a, scalar(b, like: a))
  }

  package mutating func divide(_ a: ValueID, _ b: ValueID) throws(GraphError) -> ValueID {
    try apply("Div", a, b)
  }

  package mutating func negate(_ a: ValueID) throws(GraphError) -> ValueID { try apply("Neg", a) }

  package mutating func square(_ a: ValueID) throws(GraphError) -> ValueID { try multiply(a, a) }

  /// 1 - a.
  package mutating func oneMinus(_ a: ValueID) throws(GraphError) -> ValueID {
    try subtract(scalar(1, like: a), a)
  }

  /// `value` where the condition holds, else 0.
  package mutating func keep(
    _ value: ValueID,
    where condition: ValueID
  ) throws(GraphError) -> ValueID {
    try apply("Where", condition, value, scalar(0, like: value))
  }

  /// A boolean value as 0 and 1 of another value's type.
  package mutating func indicator(
    _ condition: ValueID,
    like value: ValueID
  ) throws(GraphError) -> ValueID {
    try apply("CastLike", condition, value)
  }

  /// A scalar constant of another value's type.
  package mutating func scalar(
    _ number: Double,
    like value: ValueID
  ) throws(GraphError) -> ValueID {
    try graph.constant(Self.tensor(number, graph[value].type.dtype, []))
  }

  /// An int64 vector constant.
  package mutating func vector(_ numbers: [Int]) throws(GraphError) -> ValueID {
    try graph.constant(Tensor(vector: numbers.map(Int64.init)))
  }

  /// A value's shape as an int64 vector: a constant where it is known.
  package mutating func shape(of value: ValueID) throws(GraphError) -> ValueID {
    if let shape = graph[value].type.shape.concrete { return try vector(shape.dimensions) }
    return try apply("Shape", value)
  }

  /// One number repeated in the shape and type of another value.
  package mutating func filled(
    _ number: Double,
    like value: ValueID
  ) throws(GraphError) -> ValueID {
    let element = Self.tensor(number, graph[value].type.dtype, [1])
    return try apply("ConstantOfShape", shape(of: value), attributes: ["value": .tensor(element)])
  }

  /// The value, or zeros in the shape and type of another where there is none.
  package mutating func valueOrZeros(
    _ value: ValueID?,
    like other: ValueID
  ) throws(GraphError) -> ValueID {
    if let value { return value }
    return try filled(0, like: other)
  }

  /// Sums a gradient over the dimensions along which `operand` was broadcast.
  package mutating func sum(
    _ gradient: ValueID,
    toShapeOf operand: ValueID
  ) throws(GraphError) -> ValueID {
    if haveSameShape(gradient, operand) { return gradient }
    return try apply(.martlet("SumToShape"), gradient, shape(of: operand))
  }

  /// Repeats a value to the shape of another.
  package mutating func expand(
    _ value: ValueID,
    toShapeOf other: ValueID
  ) throws(GraphError) -> ValueID {
    if haveSameShape(value, other) { return value }
    return try apply("Expand", value, shape(of: other))
  }

  /// The same elements in the shape of another value.
  package mutating func reshape(
    _ value: ValueID,
    toShapeOf other: ValueID
  ) throws(GraphError) -> ValueID {
    if haveSameShape(value, other) { return value }
    return try apply("Reshape", value, shape(of: other))
  }

  /// The elements as one vector.
  package mutating func flattened(_ value: ValueID) throws(GraphError) -> ValueID {
    try apply("Reshape", value, vector([-1]))
  }

  /// Sums over axes; all of them when `axes` is `nil`.
  package mutating func reduceSum(
    _ value: ValueID,
    axes: [Int]?,
    keepDimensions: Bool = true
  ) throws(GraphError) -> ValueID {
    let attributes: [String: Attribute] = ["keepdims": .int(keepDimensions ? 1 : 0)]
    guard let axes else { return try apply("ReduceSum", value, attributes: attributes) }
    return try apply("ReduceSum", value, vector(axes), attributes: attributes)
  }

  /// Means over axes, which stay with size 1.
  package mutating func reduceMean(
    _ value: ValueID,
    axes: [Int]
  ) throws(GraphError) -> ValueID {
    try apply("ReduceMean", value, vector(axes), attributes: ["keepdims": .int(1)])
  }

  /// Swaps the last two dimensions.
  package mutating func transposed(_ value: ValueID) throws(GraphError) -> ValueID {
    let rank = try rank(of: value)
    guard rank >= 2 else { throw unsupported("\(graph[value].name) has rank \(rank)") }
    var order = Array(0..<rank)
    order.swapAt(rank - 1, rank - 2)
    return try apply("Transpose", value, attributes: ["perm": .ints(order)])
  }

  /// True where both shapes are surely the same: equal known sizes or the same symbols.
  package func haveSameShape(_ a: ValueID, _ b: ValueID) -> Bool {
    guard let left = graph[a].type.shape.dimensions, let right = graph[b].type.shape.dimensions
    else { return false }
    return left == right && !left.contains(.unknown)
  }

  private static func tensor(_ number: Double, _ dtype: DType, _ shape: Shape) -> Tensor {
    switch dtype {
    case .float64: Tensor(repeating: number, shape)
    case .float16: Tensor(repeating: Float16(number), shape)
    case .bfloat16: Tensor(repeating: BFloat16(Float(number)), shape)
    case .int32: Tensor(repeating: Int32(number), shape)
    case .int64: Tensor(repeating: Int64(number), shape)
    default: Tensor(repeating: Float(number), shape)
    }
  }
}
