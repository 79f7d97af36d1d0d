import ONNXFormat
import Tensors

extension [String: Tensor] {
  /// Trained variables as they are shipped: large weights with the precision of float16, in which `ONNXWriter` then stores them.
  ///
  /// Half the file, half the memory of what serves it; what a recipe measures is measured with these weights.
  func roundedToHalves() -> Self {
    mapValues { tensor in
      tensor.shape.elementCount < ONNXLimits.halfElementCountMin ? tensor : tensor.roundedToHalves()
    }
  }
}
