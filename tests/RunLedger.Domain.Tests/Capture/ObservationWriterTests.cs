using System.Buffers;
using System.Text;
using RunLedger.Domain.Capture;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using static RunLedger.Domain.Tests.Capture.CaptureSamples;

namespace RunLedger.Domain.Tests.Capture;

public class ObservationWriterTests
{
    public static TheoryData<TimeBasis, RequestKind?, string?> Variants()
    {
        var variants = new TheoryData<TimeBasis, RequestKind?, string?>();
        foreach (var basis in Enum.GetValues<TimeBasis>())
            foreach (var kind in Enum.GetValues<RequestKind>().Select(kind => (RequestKind?)kind).Append(null))
                foreach (var correlation in new[] { null, "", "a \"b\" \n é 😀" })
                    variants.Add(basis, kind, correlation);
        return variants;
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void What_is_written_reads_back_to_an_equal_observation(TimeBasis basis, RequestKind? kind, string? correlation)
    {
        var snapshot = Snapshot.Read(Encoding.UTF8.GetBytes(Run(more: """, "a" : [ 1e400, "\ud800 \u0000", -0.0 ], "b c":null """))).Value!;
        var observation = new Observation(snapshot, DateTimeOffset.UnixEpoch.AddMicroseconds(1_700_000_000_123_456), basis, "by hand")
        {
            Request = kind is null ? null : new CapturedRequest(kind.Value, new JsonText("{ \"metadata\" : {\"k\":\"\\udfff\"} }"u8.ToArray())),
            CorrelationId = correlation,
        };

        var lines = Written(observation);
        Assert.Equal(1, lines.Count(letter => letter == '\n'));
        Assert.EndsWith("}\n", lines);

        var read = ReadObserved(lines, Push with { CorrelationId = null }).Observation;
        Assert.Equal((observation.ObservedAt, basis, "by hand", correlation), (read.ObservedAt, read.Basis, read.Source, read.CorrelationId));
        Assert.Equal(snapshot.Json.Minified(), read.Snapshot.Json);
        Assert.Equal(snapshot.Digest, read.Snapshot.Digest);
        Assert.Equal(observation.Request?.Body.Minified(), read.Request?.Body);
        Assert.Equal(kind, read.Request?.Kind);
        Assert.Equal(lines, Written(read));
    }

    private static string Written(Observation observation)
    {
        var output = new ArrayBufferWriter<byte>();
        ObservationWriter.Write(observation, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
