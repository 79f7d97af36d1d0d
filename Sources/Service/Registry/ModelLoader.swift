import Tensors

/// Makes a runnable model of a version's files.
package protocol ModelLoader: Sendable {
  /// Loads and checks a version.
  ///
  /// - Parameter path: The version's folder, or a single .onnx file.
  /// - Returns: The model, ready to run.
  /// - Throws: Why it cannot be served.
  func load(_ path: String) throws -> LoadedModel
}

/// A model that was loaded and checked.
package struct LoadedModel {
  package let model: any InferenceModel
  /// How it takes images, where it does.
  package let images: ImageInput?

  package init(_ model: any InferenceModel, images: ImageInput? = nil) {
    self.model = model
    self.images = images
  }
}
