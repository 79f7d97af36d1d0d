import CommandLineTool
import Dispatch
import HTTP
import Service
import Synchronization

/// Times whole requests against a server in this process: real sockets on loopback, keep-alive, one thread a connection.
///
/// Client and server share the machine, so this shows changes, not capacity: for capacity pin `martlet serve` and a load generator
/// such as wrk to CPUs of their own.
struct HTTPBenchmarks {
  /// Length of each row, in seconds.
  let seconds: Double

  /// Predictions of `mnist-mlp` with 1 and 8 rows, from 1 and 8 connections.
  func run() throws -> [BenchmarkResult] {
    var configuration = ServerConfiguration()
    configuration.port = 0
    let repository = ModelRepository(
      root: "models",
      loader: CheckpointLoader(),
      limits: ServiceLimits(),
      onChange: { _ in }
    )
    let service = Service(repository, loopCount: configuration.loopCount)
    let server = try Server(configuration, handler: service)
    repository.refresh()
    server.start()
    defer {
      server.drain()
      server.waitUntilStopped()
    }
    guard !repository.snapshot.models.isEmpty else {
      throw UsageError("no model in models/ to measure")
    }
    var results: [BenchmarkResult] = []
    for rows in [1, 8] {
      for connections in [1, 8] {
        let count = try requests(port: server.port, rows: rows, connections: connections)
        let each = seconds / Double(max(count, 1))
        results.append(
          BenchmarkResult(
            name: "http mnist-mlp \(rows) rows, \(connections) connections, "
              + "\(Int(Double(count) / seconds)) requests/s",
            microseconds: each * 1e6
          )
        )
      }
    }
    return results
  }

  /// Requests answered within the time.
  private func requests(port: UInt16, rows: Int, connections: Int) throws -> Int {
    var body = "{\"instances\":["
    for row in 0..<rows {
      body += row == 0 ? "[" : ",["
      for pixel in 0..<784 {
        let value = Double((row &* 31 &+ pixel &* 7919) % 9973) / 9973
        body += pixel == 0 ? "\(Float(value))" : ",\(Float(value))"
      }
      body += "]"
    }
    let bytes = Array((body + "]}").utf8)
    let total = Atomic<Int>(0)
    let failures = Atomic<Int>(0)
    let end = Stopwatch.now() + seconds
    DispatchQueue.concurrentPerform(iterations: connections) { _ in
      let client = HTTPClient(port: port)
      while Stopwatch.now() < end {
        guard
          let response = try? client.send(
            "POST",
            "/v1/models/mnist-mlp:predict",
            headers: [("Content-Type", "application/json")],
            body: bytes
          ), response.status == 200
        else {
          failures.add(1, ordering: .relaxed)
          return
        }
        total.add(1, ordering: .relaxed)
      }
    }
    guard failures.load(ordering: .relaxed) == 0 else {
      throw UsageError("requests failed: is there a models/mnist-mlp?")
    }
    return total.load(ordering: .relaxed)
  }
}
