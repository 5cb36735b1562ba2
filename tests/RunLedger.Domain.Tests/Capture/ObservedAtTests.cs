using static RunLedger.Domain.Tests.Capture.CaptureSamples;

namespace RunLedger.Domain.Tests.Capture;

public class ObservedAtTests
{
    [Theory]
    [InlineData("2026-08-26T12:00:00Z", "2026-08-26T12:00:00.000000")]
    [InlineData("2026-08-26t12:00:00.5z", "2026-08-26T12:00:00.500000")]
    [InlineData("2026-08-26 12:00:00.123456789Z", "2026-08-26T12:00:00.123456")]
    [InlineData("2026-08-26T12:00:00.9999999-00:00", "2026-08-26T12:00:00.999999")]
    [InlineData("2026-08-26T00:30:00+23:59", "2026-08-25T00:31:00.000000")]
    [InlineData("2026-08-26T12:00:00-05:30", "2026-08-26T17:30:00.000000")]
    [InlineData("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000")]
    [InlineData("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000")]
    [InlineData("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999")]
    public void RFC_3339_times_are_read_to_the_microsecond(string text, string utc)
    {
        var time = ReadObserved($$"""{"observed_at":"{{text}}","snapshot":{{Run()}}}""").Observation.ObservedAt;
        Assert.Equal((utc, TimeSpan.Zero), (time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff"), time.Offset));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-08-26")]
    [InlineData("2026-08-26T12:00:00")]
    [InlineData("2026-08-26T12:00Z")]
    [InlineData("2026-02-29T12:00:00Z")]
    [InlineData("2026-13-01T12:00:00Z")]
    [InlineData("2026-08-26T24:00:00Z")]
    [InlineData("2026-08-26T12:60:00Z")]
    [InlineData("2026-08-26T12:00:61Z")]
    [InlineData("2026-08-26T12:00:00.Z")]
    [InlineData("2026-08-26T12:00:00.1234567890Z")]
    [InlineData("2026-08-26T12:00:00,5Z")]
    [InlineData("2026-08-26T12:00:00+2:00")]
    [InlineData("2026-08-26T12:00:00+24:00")]
    [InlineData("2026-08-26T12:00:00+0200")]
    [InlineData("2026-08-26T12:00:00Z ")]
    [InlineData("+026-08-26T12:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00+00:01")]
    [InlineData("9999-12-31T23:59:59-00:01")]
    [InlineData("٢٠٢٦-08-26T12:00:00Z")]
    public void What_is_no_RFC_3339_time_is_rejected(string text) =>
        Assert.Equal("observed_at", ReadRejected($$"""{"observed_at":"{{text}}","snapshot":{{Run()}}}""").Defect.Field);
}
