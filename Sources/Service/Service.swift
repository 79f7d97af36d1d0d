import Dispatch
package import HTTP
import Synchronization

/// Answers every HTTP request: the only place where HTTP meets models.
///
/// A prediction is parsed on the event loop it arrived on and joins that loop's batch or the model's lane; see
/// `Lane`. Everything else is answered at once.
///
/// `@unchecked Sendable`: each element of `loops` and `draws` is touched by its own event loop only.
package final class Service: RequestHandler, @unchecked Sendable {
  private let repository: ModelRepository
  private let admin: Admin?
  private let feedback: FeedbackEndpoints?
  private let sequences: SequenceEndpoints
  /// What `/metrics` shows.
  package let metrics: Metrics
  private let router: Router
  private let endpoints: [RouteTable.Endpoint]
  private let loops: [LoopBatches]
  private let draws: [CanaryDraw]
  private let readingQueue = DispatchQueue(
    label: "reading",
    qos: .userInitiated,
    attributes: .concurrent
  )
  private let isDraining = Atomic<Bool>(false)

  /// - Parameters:
  ///   - repository: Where the models are.
  ///   - admin: Answers the admin routes; nil switches them off.
  ///   - feedback: The folder of what users say was true; nil where the server has none.
  ///   - loopCount: As many as the server has event loops.
  package init(
    _ repository: ModelRepository,
    admin: Admin? = nil,
    feedback: FeedbackStore? = nil,
    loopCount: Int
  ) {
    self.repository = repository
    self.admin = admin
    self.feedback = feedback.map { FeedbackEndpoints(store: $0, limits: repository.limits) }
    sequences = SequenceEndpoints(repository.limits, readingQueue)
    metrics = Metrics(repository, feedback: feedback, loopCount: max(1, loopCount))
    var router = Router()
    for row in RouteTable.rows { router.add(row.method, row.template) }
    self.router = router
    endpoints = RouteTable.rows.map(\.endpoint)
    loops = (0..<max(1, loopCount)).map { _ in LoopBatches() }
    draws = (0..<max(1, loopCount)).map { CanaryDraw(seed: UInt64($0)) }
  }

  /// Withdraws readiness: `/readyz` answers 503 from now on, everything else as before.
  package func beginDraining() { isDraining.store(true, ordering: .relaxed) }

  package func refusal(for request: Request) -> Refusal? {
    // Nobody without the token makes us read a body.
    if let error = adminRefusal(of: request) { return error.refusal }
    guard let endpoint = adminEndpoint(of: request) else { return nil }
    return admin?.refusal(ofBody: request.announcedBodyLength, to: endpoint)?.refusal
  }

  package func bodyLimit(for request: Request) -> Int? {
    adminEndpoint(of: request).flatMap { admin?.bodyLimit(of: $0) }
  }

  package func bodySink(for request: Request) throws(Refusal) -> (any BodySink)? {
    guard let endpoint = adminEndpoint(of: request) else { return nil }
    do throws(AdminError) {
      return try admin?.bodySink(of: endpoint, request)
    } catch {
      throw error.refusal
    }
  }

  /// The admin route of a request; nil for all others, mostly at the cost of a look at the path.
  private func adminEndpoint(of request: Request) -> AdminEndpoint? {
    guard AdminEndpoint.mayOwn(request.rawPath), case .route(let index) = router.match(request),
      case .admin(let endpoint) = endpoints[index]
    else { return nil }
    return endpoint
  }

  /// Why a request to an admin route, or to a path below theirs that is none, is not looked at; nil for others.
  private func adminRefusal(of request: Request) -> AdminError? {
    guard request.rawPath.hasPrefix(AdminEndpoint.pathPrefix) || adminEndpoint(of: request) != nil
    else { return nil }
    guard let admin else {
      return AdminError(
        .forbidden,
        "this server has no admin routes",
        code: "admin_off"
      )
    }
    return admin.refusal(of: request)
  }

  package func handle(_ request: Request, _ responder: Responder) {
    if let error = adminRefusal(of: request) {
      responder.fail(error)
      return
    }
    switch router.match(request) {
    case .route(let index):
      do throws(ServiceError) {
        try answer(endpoints[index], request, responder)
      } catch {
        responder.fail(error)
      }
    case .methodNotAllowed(let allow):
      refuseMethod(request, responder, allow: allow)
    case .notFound:
      if request.isAsterisk, request.method == .options {
        responder.respond(.noContent, headers: ["Allow": "GET, HEAD, POST, OPTIONS"])
      } else {
        responder.fail(
          ServiceError(
            .notFound,
            "Malformed request: \(request.method.name) \(Self.path(of: request)); see /openapi.yaml for what there is"
          )
        )
      }
    }
  }

  package func didRespond(to request: Request, _ status: Status) {
    metrics.noteAnswer(to: request, status)
  }

  package func endOfIteration(loopIndex: Int) {
    loops[loopIndex].run()
    metrics.endOfIteration(loopIndex: loopIndex)
  }

  private static func path(of request: Request) -> String {
    String(decoding: request.rawPath.buffer.prefix(200), as: UTF8.self)
  }

  private func refuseMethod(_ request: Request, _ responder: Responder, allow: String) {
    let methods = allow + ", OPTIONS"
    if request.method == .options {
      responder.respond(.noContent, headers: ["Allow": methods])
      return
    }
    responder.respond(.methodNotAllowed, .json, headers: ["Allow": methods]) { buffer in
      buffer.append("{\"error\":" as StaticString)
      buffer.append(
        jsonString:
          "\(Self.path(of: request)) does not take \(request.method.name), only \(methods)"
      )
      buffer.append(0x7D)
    }
  }

  private func answer(
    _ endpoint: RouteTable.Endpoint,
    _ request: Request,
    _ responder: Responder
  ) throws(ServiceError) {
    switch endpoint {
    case .predict(let target):
      try predict(.predict, target, request, responder)
    case .classify(let target):
      try predict(.classify, target, request, responder)
    case .regress(let target):
      try predict(.regress, target, request, responder)
    case .qValues(let target):
      try predict(.qValues, target, request, responder)
    case .sequence(let target):
      try sequences.answer(.sequence, try host(target, request), request, responder)
    case .caption(let target):
      try sequences.answer(.caption, try host(target, request), request, responder)
    case .generate(let target, let isStream):
      let verb = isStream ? SequenceVerb.generateStream : .generate
      try sequences.answer(verb, try host(target, request), request, responder)
    case .stream:
      try sequences.resume(request, responder)
    case .status(let target):
      let snapshot = repository.snapshot
      let model = try request.readParameter(0) { name throws(ServiceError) in
        try snapshot.model(name)
      }
      let number = try versionNumber(target, request, snapshot)
      responder.respond(.ok, .json) { ModelDocuments.appendStatus(of: model, number, to: &$0) }
    case .metadata(let target):
      let host = try route(target, request).host
      responder.respond(.ok, .json) { ModelDocuments.appendMetadata(of: host, to: &$0) }
    case .models:
      let snapshot = repository.snapshot
      responder.respond(.ok, .json) { ModelDocuments.appendModels(snapshot, to: &$0) }
    case .giveFeedback:
      let model = try modelName(request)
      try feedbackEndpoints().give(model, request, responder)
    case .feedback:
      let model = try modelName(request)
      try feedbackEndpoints().status(model, responder)
    case .metrics:
      let text = metrics.text()
      responder.respond(.ok, .prometheus) { $0.append(text.buffer.readable) }
    case .live:
      responder.respond(.ok, .text, text: "ok\n")
    case .ready:
      answerReady(responder)
    case .openAPI:
      responder.respond(.ok, .yaml, text: OpenAPIDocument.text)
    case .index:
      let snapshot = repository.snapshot
      responder.respond(.ok, .html) {
        IndexPage.append(snapshot, host: request.host, to: &$0)
      }
    case .admin(let endpoint):
      do {
        try admin?.answer(endpoint, request, responder)
      } catch {
        responder.fail(AdminError(error))
      }
    }
  }

  private func answerReady(_ responder: Responder) {
    let reasons =
      isDraining.load(ordering: .relaxed)
      ? ["the server is shutting down"] : repository.unreadyReasons
    if reasons.isEmpty {
      responder.respond(.ok, .text, text: "ok\n")
      return
    }
    responder.respond(.serviceUnavailable, .text, headers: ["Retry-After": "1"]) { buffer in
      for reason in reasons {
        buffer.append(reason)
        buffer.append(0x0A)
      }
    }
  }

  // MARK: - Models

  private func route(
    _ target: RouteTable.Target,
    _ request: Request
  ) throws(ServiceError) -> Route {
    let snapshot = repository.snapshot
    return try request.readParameter(0) { name throws(ServiceError) in
      switch target {
      case .latest: return try snapshot.route(name, .latest)
      case .version:
        return try request.readParameter(1) { version throws(ServiceError) in
          try snapshot.route(name, .version(version))
        }
      case .label:
        return try request.readParameter(1) { label throws(ServiceError) in
          try snapshot.route(name, .label(label))
        }
      }
    }
  }

  /// The version that answers a request, where a canary may take it.
  private func host(
    _ target: RouteTable.Target,
    _ request: Request
  ) throws(ServiceError) -> ModelHost {
    let route = try route(target, request)
    guard route.canary != nil else { return route.host }
    return route.pick(sticky: request.headers[Route.stickyHeader], draws[request.loopIndex])
  }

  /// The name of the model that a request is about, as the repository has it.
  private func modelName(_ request: Request) throws(ServiceError) -> String {
    let snapshot = repository.snapshot
    return try request.readParameter(0) { name throws(ServiceError) in
      try snapshot.model(name).name
    }
  }

  private func feedbackEndpoints() throws(ServiceError) -> FeedbackEndpoints {
    guard let feedback else {
      throw ServiceError(
        .serviceUnavailable,
        "this server keeps no feedback: it has no folder for it; start it with --state FOLDER"
      )
    }
    return feedback
  }

  /// The one version that a status request is about; nil for all.
  private func versionNumber(
    _ target: RouteTable.Target,
    _ request: Request,
    _ snapshot: RegistrySnapshot
  ) throws(ServiceError) -> Int? {
    guard target != .latest else { return nil }
    return try request.readParameter(0) { name throws(ServiceError) in
      try request.readParameter(1) { text throws(ServiceError) in
        try snapshot.number(name, target == .version ? .version(text) : .label(text))
      }
    }
  }

  // MARK: - Predictions

  private func predict(
    _ verb: PredictionVerb,
    _ target: RouteTable.Target,
    _ request: Request,
    _ responder: Responder
  ) throws(ServiceError) {
    let host = try host(target, request)
    guard verb.isAnswered(by: host) else { throw host.wrongRoute }
    let pending = host.lane.makeRequest()
    request.subject = host.metrics
    do {
      guard request.body.count <= host.inlineBodyBytes else { throw RowCollector.ReadsSlowly() }
      try read(verb, host, request, responder, into: pending)
      responder.releaseRequest()
      loops[request.loopIndex].submit(pending, to: host.lane)
    } catch is RowCollector.ReadsSlowly {
      pending.reset()
      pending.mayReadSlowly = true
      readingQueue.async { self.readSlowly(verb, host, request, responder, into: pending) }
    } catch {
      host.lane.recycle(pending)
      throw ServiceError(error)
    }
  }

  private func read(
    _ verb: PredictionVerb,
    _ host: ModelHost,
    _ request: Request,
    _ responder: Responder,
    into pending: PendingPrediction
  ) throws {
    let writer = try verb.read(request, for: host, into: pending)
    pending.deadline = try RequestDeadline.read(request)
    switch writer {
    case .predictions(let writer) where pending.returnsIDs:
      pending.begin(try feedbackEndpoints().reply(responder, writer, host, pending))
    case .predictions(let writer):
      pending.begin(TensorFlowReply(responder: responder, writer: writer))
    case .qValues(let writer):
      pending.begin(TensorFlowReply(responder: responder, writer: writer))
    }
  }

  /// Reads a large request without holding up an event loop; its bytes stay until it is answered.
  private func readSlowly(
    _ verb: PredictionVerb,
    _ host: ModelHost,
    _ request: Request,
    _ responder: Responder,
    into pending: PendingPrediction
  ) {
    do {
      try read(verb, host, request, responder, into: pending)
      host.lane.enqueue(pending)
    } catch {
      responder.fail(ServiceError(error))
      host.lane.recycle(pending)
    }
  }
}
