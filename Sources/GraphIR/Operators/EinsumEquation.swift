/// The equation of an Einsum node, as `bij,bjk->bik` or `...ii->...i`.
package struct EinsumEquation: Sendable, Hashable {
  /// The labels of one operand or of the result; `ellipsis` is the position where `...` stands among them.
  package struct Term: Sendable, Hashable {
    package var labels: [UInt8] = []
    package var ellipsis: Int?
  }

  /// An axis of the iteration space.
  package enum Axis: Sendable, Hashable {
    case label(UInt8)
    /// A dimension under `...`, counted from the last one, as broadcasting aligns them.
    case ellipsis(fromEnd: Int)
  }

  package let operands: [Term]
  package let result: Term

  /// Reads an equation; without `->` the result holds `...` and then every label that stands once, in alphabetical order.
  ///
  /// - Throws: `EinsumError` with the position of what is wrong.
  package init(parsing text: String) throws(EinsumError) {
    var terms = [Term()]
    var arrow: Int?
    let bytes = Array(text.utf8)
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: " "): break
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
        terms[terms.count - 1].labels.append(byte)
      case UInt8(ascii: ",") where arrow == nil:
        terms.append(Term())
      case UInt8(ascii: ".") where bytes[position...].starts(with: "...".utf8):
        guard terms[terms.count - 1].ellipsis == nil else { throw .unexpected(at: position) }
        terms[terms.count - 1].ellipsis = terms[terms.count - 1].labels.count
        position += 2
      case UInt8(ascii: "-") where arrow == nil && bytes[position...].starts(with: "->".utf8):
        arrow = terms.count
        terms.append(Term())
        position += 1
      default: throw .unexpected(at: position)
      }
      position += 1
    }
    if let arrow {
      operands = Array(terms[..<arrow])
      result = terms[arrow]
      let known = Set(operands.flatMap(\.labels))
      var seen: Set<UInt8> = []
      for label in result.labels where !known.contains(label) || !seen.insert(label).inserted {
        throw .resultLabel(Character(UnicodeScalar(label)))
      }
    } else {
      operands = terms
      var counts: [UInt8: Int] = [:]
      for label in terms.flatMap(\.labels) { counts[label, default: 0] += 1 }
      result = Term(
        labels: counts.filter { $0.value == 1 }.keys.sorted(),
        ellipsis: terms.contains { $0.ellipsis != nil } ? 0 : nil
      )
    }
  }

  /// The axis of each dimension of an operand of that rank, `nil` where the rank does not fit its term.
  package func axes(ofOperand index: Int, rank: Int) -> [Axis]? {
    let term = operands[index]
    let covered = rank - term.labels.count
    guard term.ellipsis == nil ? covered == 0 : covered >= 0 else { return nil }
    return Self.axes(of: term, ellipsisCount: covered)
  }

  /// The axes of the result, given how many dimensions the longest `...` stands for.
  package func resultAxes(ellipsisCount: Int) -> [Axis] {
    Self.axes(of: result, ellipsisCount: ellipsisCount)
  }

  private static func axes(of term: Term, ellipsisCount: Int) -> [Axis] {
    let labels = term.labels.map { Axis.label($0) }
    guard let position = term.ellipsis else { return labels }
    let covered = (0..<ellipsisCount).reversed().map { Axis.ellipsis(fromEnd: $0) }
    return labels[..<position] + covered + labels[position...]
  }
}

/// What is wrong with an Einsum equation.
package enum EinsumError: Error, Equatable, CustomStringConvertible {
  /// A character that does not belong where it stands, by byte offset.
  case unexpected(at: Int)
  /// A label of the result that no operand has, or that stands there twice.
  case resultLabel(Character)

  package var description: String {
    switch self {
    case .unexpected(let position): "unexpected character at offset \(position)"
    case .resultLabel(let label):
      "label \(label) of the result must be in an operand, and stand once"
    }
  }
}

extension Node {
  /// The equation of an Einsum node, checked against its number of operands.
  package func einsumEquation() throws(GraphError) -> EinsumEquation {
    let text = try string("equation", default: "")
    do {
      let equation = try EinsumEquation(parsing: text)
      guard equation.operands.count == inputs.count else {
        throw GraphError.operands(
          node: name,
          op: op,
          detail: "equation \"\(text)\" has \(equation.operands.count) operands, "
            + "the node \(inputs.count)"
        )
      }
      return equation
    } catch let error as GraphError {
      throw error
    } catch {
      throw .operands(node: name, op: op, detail: "equation \"\(text)\": \(error)")
    }
  }
}
