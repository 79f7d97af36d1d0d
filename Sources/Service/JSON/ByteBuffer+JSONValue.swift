package import HTTP

extension ByteBuffer {
  /// Writes a tree, its objects' members in their order; whole numbers without a fraction.
  ///
  /// Iterative: nesting costs no stack.
  package mutating func append(json value: JSONValue) {
    var pending: [Piece] = [.value(value)]
    while let piece = pending.popLast() {
      switch piece {
      case .text(let text): append(text)
      case .key(let key):
        append(jsonString: key)
        append(0x3A)
      case .value(let value): begin(value, &pending)
      }
    }
  }

  /// What is still to be written.
  private enum Piece {
    case text(StaticString)
    case key(String)
    case value(JSONValue)
  }

  private mutating func begin(_ value: JSONValue, _ pending: inout [Piece]) {
    switch value {
    case .null: append("null" as StaticString)
    case .bool(let flag): append(flag ? "true" : "false" as StaticString)
    case .number(let number):
      if let whole = Int(exactly: number), whole.magnitude < 1 << 53 {
        append(decimal: whole)
      } else if number.isFinite {
        append(jsonNumber: number)
      } else {
        // Strict readers know no other number; there is none here.
        append("null" as StaticString)
      }
    case .string(let text): append(jsonString: text)
    case .array(let elements):
      append(0x5B)
      pending.append(.text("]"))
      for (index, element) in elements.enumerated().reversed() {
        pending.append(.value(element))
        if index > 0 { pending.append(.text(",")) }
      }
    case .object(let members):
      append(0x7B)
      pending.append(.text("}"))
      for (index, member) in members.enumerated().reversed() {
        pending.append(.value(member.value))
        pending.append(.key(member.key))
        if index > 0 { pending.append(.text(",")) }
      }
    }
  }
}

extension JSONValue {
  /// The text of the tree.
  package var bytes: [UInt8] {
    var buffer = ByteBuffer()
    buffer.append(json: self)
    return Array(buffer.readable)
  }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByStringLiteral,
  ExpressibleByArrayLiteral
{
  package init(dictionaryLiteral members: (String, JSONValue)...) {
    self = .object(members.map { Member($0.0, $0.1) })
  }

  package init(stringLiteral text: String) { self = .string(text) }

  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

  /// A number, or null.
  package init(_ number: Int?) { self = number.map { .number(Double($0)) } ?? .null }

  /// A number, or null.
  package init(_ number: Double?) { self = number.map(JSONValue.number) ?? .null }

  /// A string, or null.
  package init(_ text: String?) { self = text.map(JSONValue.string) ?? .null }
}
