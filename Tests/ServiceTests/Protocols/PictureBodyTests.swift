import Datasets
import HTTP
import Testing

@testable import Service

/// PNG and JPEG pictures as bodies and in base64.
@Suite struct PictureBodyTests {
  private static let path = "/v1/models/picture:predict"

  private func server(_ change: (inout ServiceLimits) -> Void = { _ in }) throws -> ServiceServer {
    try ServiceServer(["picture.onnx": "picture"], change)
  }

  /// What the model says about three samples of 200.
  private static let answer = "[\(ServiceServer.plain([200, 200, 200])[0])"

  @Test(arguments: ["image/jpeg", "image/jpg", "image/png", "application/json", nil] as [String?])
  func theFirstBytesTellAJPEG(type: String?) throws {
    let server = try server()
    let response = try server.client().send(
      "POST",
      Self.path,
      headers: type.map { [("Content-Type", $0)] } ?? [],
      body: SmallJPEG.file
    )
    #expect(response.status == 200)
    #expect(response.text.contains(Self.answer), "\(response.text)")
  }

  @Test func jpegAndPNGStandInOneRequest() throws {
    let picture = try Image(width: 3, height: 1, channels: 1, pixels: [200, 200, 200])
    let png = ExampleFixtures.base64(try PNG.encode(picture))
    let server = try server()
    let response = try server.post(
      Self.path,
      #"{"instances":[{"b64":"\#(SmallJPEG.base64)"},{"x":{"b64":"\#(png)"}}]}"#
    )
    #expect(response.status == 200, "\(response.text)")
    #expect(response.text.split(separator: Self.answer).count == 3, "\(response.text)")
  }

  /// More pixels than an event loop decodes are decoded elsewhere, with the same answer.
  @Test func aLargeJPEGIsDecodedOffTheLoop() throws {
    let server = try server { $0.inlineImagePixels = 5 }
    let response = try server.client().send(
      "POST",
      Self.path,
      body: SmallJPEG.file
    )
    #expect(response.text.contains(Self.answer), "\(response.text)")
  }

  @Test func damagedPicturesSayWhatIsWrong() throws {
    let server = try server()
    let cut = Array(SmallJPEG.file.dropLast(3))
    var cmyk = SmallJPEG.file
    let frame = try #require(cmyk.indices.first { cmyk[$0...].starts(with: [0xFF, 0xC0]) })
    cmyk[frame + 9] = 4
    for (body, text) in [
      (cut, "the body: jpeg, byte"), (cmyk, "four colours (CMYK or YCCK) are not read"),
    ] {
      let response = try server.client().send("POST", Self.path, body: body)
      #expect(response.status == 400)
      #expect(response.text.contains(text), "\(response.text)")
    }
    let other = try server.client().send(
      "POST",
      Self.path,
      headers: [("Content-Type", "image/jpeg")],
      body: Array("GIF89a".utf8)
    )
    #expect(other.status == 400)
    #expect(other.text.contains("the file does not start as PNG or JPEG does"), "\(other.text)")
  }
}
