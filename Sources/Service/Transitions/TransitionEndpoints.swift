import Glibc
import HTTP
import Storage

/// The routes by which clients tell what happened to them, for a policy to learn from.
struct TransitionEndpoints {
  let repository: ModelRepository
  let store: TransitionStore

  // MARK: - Adding

  /// `POST /v1/models/{model}:transitions`: answers once all of them are on the disk; refuses all where one is wrong.
  func add(_ request: Request, _ responder: Responder) throws {
    try BodyKind.requireIdentityCoding(request)
    let host = try host(request)
    guard let qValues = host.qValues else { throw host.wrongRoute }
    guard let memory = store.memory(of: host.name) else { return }
    let reader = TransitionRequest(observations: qValues.observations, limits: store.limits)
    memory.perform { result in
      do throws(AdminError) {
        let batch = try reader.read(request.body, time: Double(Glibc.time(nil)))
        let kept = try Self.append(batch, result)
        responder.respond(.ok, .json) { buffer in
          let answer: JSONValue = ["accepted": JSONValue(batch.count), "count": JSONValue(kept)]
          buffer.append(json: answer)
        }
      } catch {
        responder.fail(error)
      }
    }
  }

  /// Keeps transitions.
  ///
  /// - Returns: How many are kept now.
  private static func append(
    _ batch: TransitionBatch,
    _ memory: Result<TransitionMemory, FormatError>
  ) throws(AdminError) -> Int {
    do throws(FormatError) {
      let memory = try memory.get()
      try memory.append(batch)
      return memory.statistics.count
    } catch {
      // Where the state folder lies is nobody's business but the operator's.
      throw AdminError(
        .internalServerError,
        "the server cannot store transitions; none of these is stored",
        code: "storage_failed"
      )
    }
  }

  // MARK: - Reading

  /// `GET /v1/models/{model}/transitions`.
  func status(_ request: Request, _ responder: Responder) throws {
    let host = try host(request)
    guard let qValues = host.qValues else { throw host.wrongRoute }
    guard let memory = store.memory(of: host.name) else { return }
    memory.perform { [limits = store.limits] result in
      guard case .success(let memory) = result else {
        responder.fail(
          AdminError(
            .internalServerError,
            "the server cannot read its transitions",
            code: "storage_failed"
          )
        )
        return
      }
      let document = Self.document(host.name, memory, qValues.format.actions, limits)
      responder.respond(.ok, .json) { $0.append(json: document) }
    }
  }

  private static func document(
    _ model: String,
    _ memory: TransitionMemory,
    _ actions: [String],
    _ limits: ServiceLimits
  ) -> JSONValue {
    let statistics = memory.statistics
    let counts = actions.enumerated().map { index, name in
      JSONValue.Member(name, JSONValue(statistics.actionCounts[index] ?? 0))
    }
    return [
      "model": .string(model),
      "count": JSONValue(statistics.count),
      "total": JSONValue(memory.totalCount),
      "bytes": JSONValue(memory.byteCount),
      "limits": [
        "transitions": JSONValue(limits.transitionsPerModel),
        "bytes": JSONValue(limits.transitionBytesPerModel),
        "transitions_per_request": JSONValue(limits.transitionsPerRequest),
      ],
      "mean_reward": JSONValue(statistics.meanReward),
      "episodes": JSONValue(statistics.episodeCount),
      "mean_return": JSONValue(statistics.meanReturn),
      "terminated": JSONValue(statistics.terminatedCount),
      "truncated": JSONValue(statistics.truncatedCount),
      "actions": .object(counts),
    ]
  }

  /// The version that answers now: what it takes is what can be learnt from.
  private func host(_ request: Request) throws(ServiceError) -> ModelHost {
    let snapshot = repository.snapshot
    return try request.readParameter(0) { name throws(ServiceError) in
      try snapshot.route(name, .latest).host
    }
  }
}
