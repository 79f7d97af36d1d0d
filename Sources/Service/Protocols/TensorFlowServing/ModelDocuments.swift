import HTTP
import Tensors

/// What `GET` answers about models, in TensorFlow Serving's words.
enum ModelDocuments {
  /// `{"model_version_status": [...]}` of one version or of all.
  static func appendStatus(
    of model: RegistrySnapshot.Model,
    _ number: Int?,
    to buffer: inout ByteBuffer
  ) {
    buffer.append("{\"model_version_status\":" as StaticString)
    appendVersions(model.versions.filter { number == nil || $0.number == number }, to: &buffer)
    buffer.append(0x7D)
  }

  private static func appendVersions(
    _ versions: [RegistrySnapshot.Version],
    to buffer: inout ByteBuffer
  ) {
    buffer.append(0x5B)
    for (index, version) in versions.enumerated() {
      if index > 0 { buffer.append(0x2C) }
      // Versions are strings there, as 64-bit numbers do not survive JavaScript.
      buffer.append("{\"version\":\"" as StaticString)
      buffer.append(decimal: version.number)
      buffer.append("\",\"state\":\"" as StaticString)
      buffer.append(version.state.name)
      buffer.append("\",\"status\":{\"error_code\":" as StaticString)
      if case .failed(let reason) = version.state {
        buffer.append("\"INVALID_ARGUMENT\",\"error_message\":" as StaticString)
        buffer.append(jsonString: reason)
      } else {
        buffer.append("\"OK\",\"error_message\":\"\"" as StaticString)
      }
      buffer.append("}}" as StaticString)
    }
    buffer.append(0x5D)
  }

  /// Every model with its versions and labels.
  static func appendModels(_ snapshot: RegistrySnapshot, to buffer: inout ByteBuffer) {
    buffer.append("{\"models\":[" as StaticString)
    for (index, model) in snapshot.models.enumerated() {
      if index > 0 { buffer.append(0x2C) }
      buffer.append("{\"name\":" as StaticString)
      buffer.append(jsonString: model.name)
      buffer.append(",\"model_version_status\":" as StaticString)
      appendVersions(model.versions, to: &buffer)
      buffer.append(",\"labels\":" as StaticString)
      appendAliases(of: model, to: &buffer)
      if let problem = model.aliasProblem {
        buffer.append(",\"problem\":" as StaticString)
        buffer.append(jsonString: problem)
      }
      buffer.append(0x7D)
    }
    buffer.append("]}" as StaticString)
  }

  /// `{"stable": 3}`.
  static func appendAliases(of model: RegistrySnapshot.Model, to buffer: inout ByteBuffer) {
    buffer.append(0x7B)
    for (position, alias) in model.aliases.enumerated() {
      if position > 0 { buffer.append(0x2C) }
      buffer.append(jsonString: alias.document.name)
      buffer.append(0x3A)
      buffer.append(decimal: alias.document.version)
    }
    buffer.append(0x7D)
  }

  /// The signature of a version, as TensorFlow Serving writes a SavedModel's.
  static func appendMetadata(of host: ModelHost, to buffer: inout ByteBuffer) {
    buffer.append("{\"model_spec\":{\"name\":" as StaticString)
    buffer.append(jsonString: host.name)
    buffer.append(",\"signature_name\":\"\",\"version\":\"" as StaticString)
    buffer.append(decimal: host.version)
    buffer.append(
      "\"},\"metadata\":{\"signature_def\":{\"signature_def\":{\"serving_default\":{\"inputs\":"
        as StaticString
    )
    appendFields(host.signature.inputs, to: &buffer)
    buffer.append(",\"outputs\":" as StaticString)
    appendFields(host.signature.outputs, to: &buffer)
    buffer.append(",\"method_name\":\"tensorflow/serving/predict\"}}}}}" as StaticString)
  }

  private static func appendFields(_ fields: [ModelSignature.Field], to buffer: inout ByteBuffer) {
    buffer.append(0x7B)
    for (index, field) in fields.enumerated() {
      if index > 0 { buffer.append(0x2C) }
      buffer.append(jsonString: field.name)
      buffer.append(":{\"dtype\":\"" as StaticString)
      buffer.append(tensorFlowName(field.dtype))
      buffer.append("\",\"tensor_shape\":{\"dim\":[" as StaticString)
      for (axis, size) in (field.sizes ?? []).enumerated() {
        if axis > 0 { buffer.append(0x2C) }
        buffer.append("{\"size\":\"" as StaticString)
        buffer.append(decimal: size ?? -1)
        buffer.append("\",\"name\":\"\"}" as StaticString)
      }
      buffer.append("],\"unknown_rank\":" as StaticString)
      buffer.append(field.sizes == nil ? "true" : "false" as StaticString)
      buffer.append("},\"name\":" as StaticString)
      buffer.append(jsonString: field.name)
      buffer.append(0x7D)
    }
    buffer.append(0x7D)
  }

  private static func tensorFlowName(_ dtype: DType) -> StaticString {
    switch dtype {
    case .float32: "DT_FLOAT"
    case .float64: "DT_DOUBLE"
    case .float16: "DT_HALF"
    case .bfloat16: "DT_BFLOAT16"
    case .int8: "DT_INT8"
    case .int16: "DT_INT16"
    case .int32: "DT_INT32"
    case .int64: "DT_INT64"
    case .uint8: "DT_UINT8"
    case .uint16: "DT_UINT16"
    case .uint32: "DT_UINT32"
    case .uint64: "DT_UINT64"
    case .bool: "DT_BOOL"
    }
  }
}
