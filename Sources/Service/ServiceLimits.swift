/// Every limit of the service, with its unit and its default.
///
/// `HTTP.ServerLimits` has those of the connections. `martlet serve --help` shows both.
package struct ServiceLimits: Sendable, Equatable {
  // MARK: Requests

  /// Rows in one request; more is 413.
  package var rowsPerRequest = 8192
  /// Largest body that an event loop reads itself, bytes; larger ones are read on another thread.
  package var inlineBodyBytes = 256 * 1024
  /// Pixels of the largest image that an event loop decodes itself; larger ones are decoded on another thread.
  package var inlineImagePixels = 256 * 256

  // MARK: Batches and queues

  /// Rows that run together; larger requests run in parts of this size.
  package var rowsPerBatch = 64
  /// Requests that may wait for one model; more is 429.
  package var waitingRequestsPerModel = 4096
  /// Rows that may wait for one model; more is 429.
  package var waitingRowsPerModel = 65_536
  /// Longest run that an event loop does itself, microseconds; longer ones go to the model's lane.
  package var inlineMicroseconds = 300.0

  // MARK: Sequences and captions

  /// Instances in one request to a sequence model; more is 413.
  package var sequencesPerRequest = 64
  /// Answers of one model version that are made or wait to be; more is 429.
  package var sequencesPerModel = 512
  /// Bytes of one text; more is 400.
  package var promptBytes = 64 * 1024
  /// Widest beam.
  package var beamWidth = 32
  /// Texts that may end an answer.
  package var stopTexts = 8
  /// Bytes of one of them.
  package var stopBytes = 64
  /// Streams that are made or kept for readers that come back; more is 429.
  package var streams = 1024
  /// Bytes of one stream's events that are kept; the oldest go.
  package var streamBytes = 1 << 20
  /// Bytes of the events of all streams; those that ended first go.
  package var streamsBytes = 64 << 20
  /// How long a stream is kept behind its end, seconds.
  package var streamSeconds = 60
  /// Longest time that an answer is made on without a reader, seconds.
  package var streamResumeSeconds = 60

  // MARK: Feedback

  /// Predicted rows of one model kept in memory until their true answer is told; the oldest go.
  package var recentPredictionsPerModel = 100_000
  /// Bytes of these rows.
  package var recentPredictionBytesPerModel = 64 << 20
  /// How long such a row is kept, seconds; 0 for as long as there is room.
  package var recentPredictionSeconds = 0.0
  /// Bytes of one row that gets an id; more is 400.
  package var feedbackRowBytes = 4 << 20
  /// Rows in one request that tells true answers; more is 413.
  package var feedbackPerRequest = 8192
  /// Rows of one model with their true answer kept on disk; the oldest go, a sixteenth at a time.
  package var feedbackRowsPerModel = 100_000
  /// Bytes of these rows.
  package var feedbackBytesPerModel = 256 << 20

  // MARK: Transitions

  /// Transitions in one request; more is 413.
  package var transitionsPerRequest = 8192
  /// Transitions of one model kept on disk; the oldest go, a sixteenth at a time.
  package var transitionsPerModel = 1_000_000
  /// Bytes of these transitions.
  package var transitionBytesPerModel = 1 << 30

  // MARK: Uploaded files

  /// Bytes of one file; more is 413.
  package var fileBytes = 1 << 30
  /// Bytes of all files together; more is 507.
  package var libraryBytes = 10 << 30
  /// Files kept; more is 507.
  package var files = 1000
  /// Bytes of a file's name; more is 400.
  package var filenameBytes = 255
  /// Uploads at one time; more is 429.
  package var concurrentUploads = 8
  /// Bytes of one upload that wait for the disk before its client has to.
  package var uploadBacklogBytes = 512 * 1024

  // MARK: Fine-tuning

  /// Streams of job events open at one time; more is 503.
  package var eventStreams = 64

  // MARK: Model repository

  /// Versions of one model kept loaded, the newest, besides those that have an alias.
  package var loadedVersionsPerModel = 4
  /// Versions listed for one model, the newest.
  package var listedVersionsPerModel = 1000
  /// Models in one repository.
  package var models = 1000
  /// How often the repository is looked at for new versions, seconds; 0 never.
  package var pollSeconds = 2.0

  /// How long a change of an alias waits for models that are being loaded, seconds; more is 503.
  package var aliasWaitSeconds = 60.0

  /// The defaults above.
  package init() {}
}
