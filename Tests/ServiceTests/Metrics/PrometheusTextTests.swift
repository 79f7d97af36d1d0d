import HTTP
import Testing

@testable import Service

@Suite struct PrometheusTextTests {
  func string(_ text: borrowing PrometheusText) -> String {
    String(decoding: text.buffer.readable, as: UTF8.self)
  }

  @Test func labelValuesAreEscaped() throws {
    var text = PrometheusText()
    let value = "a\"b\\c\nd,}={ü"
    text.family("x_total", .counter, "What x is.")
    text.sample([("one", value), ("two", "")], UInt64.max)
    #expect(
      string(text)
        == "# HELP x_total What x is.\n# TYPE x_total counter\nx_total{one=\"a\\\"b\\\\c\\nd,}={ü\",two=\"\"} 18446744073709551615\n"
    )
    let page = try PrometheusPage(string(text))
    #expect(page["x_total", ["one": value, "two": ""]] == Double(UInt64.max))
  }

  @Test func numbersThatAreNone() {
    var text = PrometheusText()
    text.family("x", .gauge, "Numbers.")
    for value in [Double.nan, .infinity, -.infinity, 0.5, 3] { text.sample([], value) }
    #expect(string(text).hasSuffix("x NaN\nx +Inf\nx -Inf\nx 0.5\nx 3\n"))
  }

  @Test func histogramsAreCumulative() throws {
    let histogram = StripedHistogram(smallest: 10_000, bucketCount: 3)
    for value: UInt64 in [5000, 15_000, 20_000, 1_000_000] {
      histogram.observe(value, stripe: 0)
    }
    var text = PrometheusText()
    text.family("t_seconds", .histogram, "Times.")
    text.histogram([("model", "m")], histogram, scale: 1e9)
    let page = try PrometheusPage(string(text))
    let buckets = page.buckets("t_seconds", ["model": "m"])
    #expect(buckets.map(\.bound) == [0.00001, 0.00002, 0.00004, .infinity])
    #expect(buckets.map(\.count) == [1, 3, 3, 4])
    #expect(page["t_seconds_sum", ["model": "m"]] == 0.00104)
    #expect(page["t_seconds_count", ["model": "m"]] == 4)
  }
}
