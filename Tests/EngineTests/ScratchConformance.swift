import Engine
import Foundation
import GraphIR
import Tensors
import Testing

@Suite struct ScratchConformance {
  func tensor(_ j: Any?) -> Tensor? {
    guard let d = j as? [String: Any] else { return nil }
    let dtype = DType.allCases.first { $0.description == d["dtype"] as? String }!
    let shape = Shape((d["shape"] as! [NSNumber]).map(\.intValue))
    let data = Data(base64Encoded: d["data"] as! String)!
    return Tensor(dtype: dtype, shape) { $0.copyBytes(from: data) }
  }
  func doubles(_ t: Tensor) -> [Double] {
    switch t.dtype {
    case .float32: t.elements(of: Float.self).map { Double($0) }
    case .float64: t.elements(of: Double.self)
    case .float16: t.elements(of: Float16.self).map { Double($0) }
    case .bfloat16: t.elements(of: BFloat16.self).map { Double($0.float) }
    default: t.withBytes { $0.map { Double($0) } }
    }
  }
  @Test func run() throws {
    let all = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: "/tmp/opsnn-scratch/cases.json"))) as! [[String: Any]]
    var passed = 0, failed = 0
    var missing: [String: Int] = [:]
    let only = ProcessInfo.processInfo.environment["ONLY"]
    let math = Set((ProcessInfo.processInfo.environment["SKIP"] ?? "").split(separator: ",").map(String.init))
    for c in all {
      let name = c["name"] as! String
      let opName = c["op"] as! String
      if let only, !name.contains(only) { continue }
      if math.contains(opName) { continue }
      let op = OperatorName(opName)
      guard let def = OperatorRegistry.definition(of: op), ReferenceOperators.function(for: op) != nil else { missing[opName, default: 0] += 1; continue }
      var attrs: [String: Attribute] = [:]
      for (k, v) in c["attrs"] as! [String: [String: Any]] {
        switch v["t"] as! String {
        case "int": attrs[k] = .int((v["v"] as! NSNumber).intValue)
        case "float": attrs[k] = .float((v["v"] as! NSNumber).floatValue)
        case "string": attrs[k] = .string(v["v"] as! String)
        case "ints": attrs[k] = .ints((v["v"] as! [NSNumber]).map(\.intValue))
        case "floats": attrs[k] = .floats((v["v"] as! [NSNumber]).map(\.floatValue))
        default: attrs[k] = .tensor(tensor(v["v"])!)
        }
      }
      let inputs = (c["inputs"] as! [Any]).map { tensor($0) }
      let expected = (c["outputs"] as! [Any]).map { tensor($0) }
      var problems: [String] = []
      do {
        for mode in 0..<4 {
          var g = Graph()
          var feeds: [ValueID: Tensor] = [:]
          var ids: [ValueID?] = []
          for (i, t) in inputs.enumerated() {
            guard let t else { ids.append(nil); continue }
            if def.shapeOperands.contains(i) && mode == 0 { ids.append(try g.constant(t, name: "c\(i)")); continue }
            let s: PartialShape
            switch mode {
            case 0, 1: s = PartialShape(t.shape)
            case 2: s = .unknown(rank: t.shape.rank)
            default: s = .unranked
            }
            let id = try g.placeholder("p\(i)", t.dtype, s)
            feeds[id] = t
            ids.append(id)
          }
          let outs = try g.apply(op, ids, attrs, outputNames: expected.indices.map { expected[$0] == nil ? "" : "o\($0)" })
          for (i, e) in expected.enumerated() {
            guard let e, let id = outs[i] else { continue }
            let type = g[id].type
            if type.dtype != e.dtype || !type.shape.accepts(e.shape) { problems.append("mode \(mode): inferred \(type), expected \(e.dtype)\(e.shape)") }
            if mode == 0 && !def.isDataDependent && type.shape.concrete == nil { problems.append("not concrete: \(type) for \(e.shape)") }
          }
          if mode == 0 {
            var r = ReferenceInterpreter(g)
            let ids = outs.compactMap { $0 }
            let got = try r.run(ids, feeds: feeds)
            for (i, (a, b)) in zip(got, expected.compactMap { $0 }).enumerated() {
              if a.dtype != b.dtype || a.shape != b.shape { problems.append("output \(i) is \(a.dtype)\(a.shape), expected \(b.dtype)\(b.shape)"); continue }
              let x = doubles(a), y = doubles(b)
              let tolerance = a.dtype == .float32 ? 1e-3 : a.dtype == .float16 ? 1e-2 : a.dtype == .bfloat16 ? 2e-2 : 1e-7
              var worst = ""
              for k in x.indices where !(x[k] == y[k] || (x[k].isNaN && y[k].isNaN) || abs(x[k] - y[k]) <= tolerance * max(1e-4, abs(y[k])) + 1e-6) { worst = "output \(i)[\(k)] \(x[k]) expected \(y[k])"; break }
              if !worst.isEmpty { problems.append(worst) }
            }
          }
        }
      } catch { problems.append("\(error)") }
      if problems.isEmpty { passed += 1 } else { failed += 1; print("FAIL", name, c["opset"]!, problems.prefix(2)) }
    }
    print("PASSED", passed, "FAILED", failed)
    print("MISSING", missing.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: " "))
  }
}
