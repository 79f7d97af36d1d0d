import Foundation

/// A grey picture of 3 x 2 pixels, all 200, saved by Pillow 13.0.0 with `optimize=True, quality=95`.
enum SmallJPEG {
  static let base64 =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYG"
    + "CAsICQoKCgoKBggLDAsKDAkKCgr/wAALCAACAAMBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAA"
    + "AAAAAAAAAAD/2gAIAQEAAD8ASB//2Q=="
  static let file = [UInt8](Data(base64Encoded: base64) ?? Data())
}
