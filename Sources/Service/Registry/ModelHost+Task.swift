import HTTP

extension ModelHost {
  /// The word behind the colon of the route that answers the model's task.
  var verb: String {
    if let sequences { return sequences.backend.task.verb }
    return qValues == nil ? "predict" : "qvalues"
  }

  /// What a request to a route of another task is told: 409, the task, and its route.
  var wrongRoute: ServiceError {
    ServiceError(
      .conflict,
      "the task of model '\(name)' is \(task): use POST /v1/models/\(name):\(verb)"
    )
  }
}
