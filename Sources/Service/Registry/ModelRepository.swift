import CLinux
@preconcurrency import Dispatch
import Engine
import HTTP
import Synchronization

/// Keeps the models of a folder loaded: finds new versions, loads and warms them on a background queue, and
/// swaps them in while requests in flight keep theirs.
///
/// `@unchecked Sendable`: `known`, `found`, `settling`, `isFirstScan`, `isMemoryToBeReturned` and `timer` are
/// touched on `queue` only.
package final class ModelRepository: @unchecked Sendable {
  let root: String
  private let loader: any ModelLoader
  let limits: ServiceLimits
  /// What the models of this repository do now.
  package let load = ServingLoad()
  /// What is counted of each model.
  let modelMetrics = ModelMetrics.Table()
  private let queue = DispatchQueue(label: "models", qos: .utility)
  private let published: Mutex<Published>
  private var known: [String: [Int: Entry]] = [:]
  /// The models as they were seen last, in the order of their names.
  private var found: [RepositoryScan.Model] = []
  /// Versions without model.json that were first seen in the last scan: they may still be written.
  private var settling: [String: RepositoryScan.Version] = [:]
  private var isFirstScan = true
  private var isMemoryToBeReturned = false
  private var timer: (any DispatchSourceTimer)?
  /// Told about every version that was loaded or failed.
  private let onChange: @Sendable (Event) -> Void

  private struct Published {
    var snapshot = RegistrySnapshot([])
    var isLoaded = false
    var problem: String?
  }

  /// A version as it was found and what became of it.
  private struct Entry {
    let files: RepositoryScan.Version
    var state: RegistrySnapshot.State
  }

  /// What happened to a version.
  package enum Event: Sendable {
    case loaded(ModelHost, seconds: Double)
    case failed(model: String, version: Int, reason: String)
    case unloaded(model: String, version: Int)
    case problem(String)
  }

  package init(
    root: String,
    loader: any ModelLoader,
    limits: ServiceLimits = ServiceLimits(),
    onChange: @escaping @Sendable (Event) -> Void = { _ in }
  ) {
    self.root = root
    self.loader = loader
    self.limits = limits
    self.onChange = onChange
    published = Mutex(Published())
  }

  /// The models as they are now.
  package var snapshot: RegistrySnapshot { published.withLock { $0.snapshot } }

  /// Why not everything is served yet, one line a reason; empty once the first scan is loaded and as long as
  /// every model has a version that answers.
  package var unreadyReasons: [String] {
    let (snapshot, isLoaded, problem) = published.withLock {
      ($0.snapshot, $0.isLoaded, $0.problem)
    }
    if let problem { return [problem] }
    var reasons = isLoaded ? [] : ["models are loading"]
    for model in snapshot.models where model.serving == nil {
      if let stable = model.stable {
        reasons.append(
          "model '\(model.name)' version \(stable.document.version), which alias 'stable' names, does not answer"
        )
      } else {
        reasons.append("model '\(model.name)' has no version that answers")
      }
    }
    return reasons
  }

  /// Begins to load and to look for new versions; returns at once.
  package func start() {
    // Left alone, malloc raises the size with every large block that is freed, and keeps what a load needed for a moment.
    _ = martlet_mallopt(martlet_M_MMAP_THRESHOLD, Self.largeBlockByteCount)
    // Eight for each processor otherwise, none of which gives the others what it has left.
    _ = martlet_mallopt(martlet_M_ARENA_MAX, Int32(clamping: ProcessorCount.available))
    queue.async { [self] in
      refreshNow()
      guard limits.pollSeconds > 0 else { return }
      let timer = DispatchSource.makeTimerSource(queue: queue)
      timer.schedule(
        deadline: .now() + limits.pollSeconds,
        repeating: limits.pollSeconds,
        leeway: .milliseconds(100)
      )
      timer.setEventHandler { [weak self] in self?.refreshNow() }
      timer.resume()
      self.timer = timer
    }
  }

  /// Looks at the folder now and waits until everything found is loaded.
  package func refresh() { queue.sync { refreshNow() } }

  /// Runs `body` alone, between two looks at the folder, and waits for it: not on an event loop.
  ///
  /// - Throws: What `body` throws; `ServiceError` 503 where it could not begin in `ServiceLimits.aliasWaitSeconds`
  ///   because models are being loaded; then it never runs.
  func perform<Value: Sendable>(
    waitingSeconds: Double? = nil,
    _ body: @escaping @Sendable () throws -> Value
  ) throws -> Value {
    let ticket = Ticket(body)
    queue.async { [self] in
      if isFirstScan { refreshNow() }
      ticket.run()
    }
    return try ticket.wait(seconds: waitingSeconds ?? limits.aliasWaitSeconds)
  }

  // MARK: - On the queue

  private func refreshNow() {
    let scan: RepositoryScan
    do {
      scan = try RepositoryScan(root: root, limits: limits)
    } catch {
      let problem = "\(error)"
      let isNew = published.withLock { state in
        defer { state.problem = problem }
        return state.problem != problem
      }
      // Told once, not at every look.
      if isNew { onChange(.problem(problem)) }
      return
    }
    found = scan.models
    if isFirstScan {
      for problem in scan.problems { onChange(.problem(problem)) }
      publish()
    }
    var hasChanged = dropMissing(scan)
    let wasSettling = settling
    settling = [:]
    for model in scan.largestFirst where update(model, wasSettling) {
      hasChanged = true
      publish()
    }
    publish(isLoaded: true)
    isFirstScan = false
    if hasChanged { returnMemory() }
  }

  /// Gives the memory of versions that went back to the system, instead of keeping it for the next one: now, and once
  /// more when the requests that held the last of them have been answered.
  private func returnMemory() {
    // Golden examples were run on this thread.
    KernelScratch.release()
    _ = martlet_malloc_trim(0)
    guard !isMemoryToBeReturned else { return }
    isMemoryToBeReturned = true
    queue.asyncAfter(deadline: .now() + Self.requestSeconds) { [weak self] in
      self?.isMemoryToBeReturned = false
      _ = martlet_malloc_trim(0)
    }
  }

  /// Bytes from which a block of memory goes back to the system as soon as it is freed.
  private static let largeBlockByteCount: Int32 = 1 << 20

  /// Where the folder lies is nobody's business but the operator's.
  private func withoutRoot(_ text: String) -> String {
    let prefix = "\(root)/"
    var (result, rest) = ("", text[...])
    while let first = rest.first {
      if rest.hasPrefix(prefix) {
        rest = rest.dropFirst(prefix.count)
      } else {
        result.append(first)
        rest = rest.dropFirst()
      }
    }
    return result
  }

  /// What requests take at most as a rule, seconds.
  private static let requestSeconds = 1.0

  /// Forgets models and versions whose files are gone.
  private func dropMissing(_ scan: RepositoryScan) -> Bool {
    var hasChanged = false
    for (name, entries) in known {
      let found = scan.models.first { $0.name == name }
      for number in entries.keys
      where found?.versions.contains(where: { $0.number == number }) != true {
        known[name]?[number] = nil
        hasChanged = true
        onChange(.unloaded(model: name, version: number))
      }
      if found == nil { known[name] = nil }
    }
    return hasChanged
  }

  /// Loads what should be loaded of a model; answers whether anything changed.
  private func update(
    _ model: RepositoryScan.Model,
    _ wasSettling: [String: RepositoryScan.Version]
  ) -> Bool {
    var hasChanged = false
    var loadedCount = 0
    for files in model.versions {
      let entry = known[model.name]?[files.number]
      let isWanted =
        loadedCount < limits.loadedVersionsPerModel
        || model.aliases.contains { $0.versions.contains(files.number) }
      if let entry, entry.files == files {
        switch entry.state {
        case .failed: continue
        case .available where isWanted:
          loadedCount += 1
          continue
        case .unloaded where !isWanted: continue
        default: break
        }
      }
      guard isWanted else {
        if case .available = entry?.state {
          onChange(.unloaded(model: model.name, version: files.number))
        }
        known[model.name, default: [:]][files.number] = Entry(files: files, state: .unloaded)
        hasChanged = true
        continue
      }
      guard isComplete(files, wasSettling) else {
        // Whatever was there before goes on answering.
        if case .available = entry?.state { loadedCount += 1 }
        continue
      }
      let state = load(model.name, files)
      if case .available = state { loadedCount += 1 }
      known[model.name, default: [:]][files.number] = Entry(files: files, state: state)
      hasChanged = true
    }
    return hasChanged
  }

  /// Whether a version is written to the end: model.json is written last; a bare model.onnx must have stood
  /// still since the last scan.
  private func isComplete(
    _ files: RepositoryScan.Version,
    _ wasSettling: [String: RepositoryScan.Version]
  ) -> Bool {
    if isFirstScan || files.manifest != nil || wasSettling[files.path] == files { return true }
    settling[files.path] = files
    return false
  }

  private func load(_ name: String, _ files: RepositoryScan.Version) -> RegistrySnapshot.State {
    let start = MonotonicClock.now()
    do {
      let host = try ModelHost(
        name,
        version: files.number,
        try loader.load(files.path),
        limits: limits,
        load: load,
        metrics: modelMetrics.metrics(of: name)
      )
      onChange(.loaded(host, seconds: Double(MonotonicClock.now() - start) / 1e9))
      return .available(host)
    } catch {
      let reason = withoutRoot("\(error)")
      onChange(.failed(model: name, version: files.number, reason: reason))
      return .failed(reason)
    }
  }

  private func publish(isLoaded: Bool = false) {
    let models = found.map { model in
      RegistrySnapshot.Model(
        name: model.name,
        versions: model.versions.map {
          RegistrySnapshot.Version(
            number: $0.number,
            state: known[model.name]?[$0.number]?.state ?? .loading
          )
        },
        aliases: model.aliases,
        aliasProblem: model.aliasProblem
      )
    }
    published.withLock {
      $0.snapshot = RegistrySnapshot(models)
      $0.problem = nil
      if isLoaded { $0.isLoaded = true }
    }
  }

  // MARK: - On the queue, for changes of aliases and versions

  /// A model as it is on disk now.
  ///
  /// Call in `perform`.
  ///
  /// - Throws: `ServiceError` 404 where there is none.
  func look(at name: String) throws(ServiceError) -> RepositoryScan.Model {
    let model = RepositoryScan.model(name, root: root, limits)
    guard !model.versions.isEmpty || found.contains(where: { $0.name == name }) else {
      throw ServiceError(.notFound, "there is no model '\(name)'")
    }
    return model
  }

  /// Looks at one model and serves what is found at once: loads what its aliases need, gives up what nobody wants
  /// any more.
  ///
  /// Call in `perform`.
  func serve(_ name: String) throws(ServiceError) {
    let model = try look(at: name)
    if let index = found.firstIndex(where: { $0.name == name }) {
      found[index] = model
    } else {
      let next = found.firstIndex { name.utf8.lexicographicallyPrecedes($0.name.utf8) }
      found.insert(model, at: next ?? found.endIndex)
    }
    let hasChanged = update(model, [:])
    publish()
    if hasChanged { returnMemory() }
  }

  /// A version, loaded now where it is not: also one that nobody wanted until now, or that failed before.
  ///
  /// It is not served before an alias names it. Call in `perform`.
  ///
  /// - Throws: `ServiceError` 404 for a version that is not there, 503 for one that is still being written, 422 for one
  ///   that cannot be loaded.
  func load(_ number: Int, of model: RepositoryScan.Model) throws(ServiceError) -> ModelHost {
    guard let files = model.versions.first(where: { $0.number == number }) else {
      let numbers = model.versions.prefix(10).map { String($0.number) }.joined(separator: ", ")
      throw ServiceError(
        .notFound,
        "model '\(model.name)' has no version \(number); versions are \(numbers.isEmpty ? "none" : numbers)"
      )
    }
    let entry = known[model.name]?[number]
    if let entry, entry.files == files, let host = entry.state.host { return host }
    guard entry?.files == files || files.manifest != nil else {
      throw ServiceError(
        .serviceUnavailable,
        "model '\(model.name)' version \(number) may still be written: it has no model.json",
        retryAfterSeconds: max(1, Int(limits.pollSeconds.rounded(.up)))
      )
    }
    let state = load(model.name, files)
    known[model.name, default: [:]][number] = Entry(files: files, state: state)
    guard case .failed(let reason) = state else {
      if let host = state.host { return host }
      throw ServiceError(.internalServerError, "version \(number) is neither loaded nor failed")
    }
    throw ServiceError(
      .unprocessableContent,
      "model '\(model.name)' version \(number) could not be loaded: \(reason)"
    )
  }
}
