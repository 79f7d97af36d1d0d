/// Which dropout a training uses.
package enum DropoutChoice: Sendable, Hashable {
  /// None: a Dropout node of the file passes everything.
  case off
  /// The Dropout nodes of the file, with their ratios; our own exports have none.
  case asInFile
  /// One before the head that zeroes this share; those of the file pass everything.
  case rate(Float)
}
