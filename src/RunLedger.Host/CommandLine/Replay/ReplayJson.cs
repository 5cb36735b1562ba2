using System.Text.Json.Serialization;
using RunLedger.Postgres.Replay;

namespace RunLedger.Host.CommandLine.Replay;

/// <summary>Views that were rebuilt.</summary>
/// <param name="Rebuilt">Their names.</param>
/// <param name="Events">The events read.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="EventsPerSecond">The rate.</param>
internal sealed record RebuiltAnswer(IReadOnlyList<string> Rebuilt, long Events, double Seconds, double EventsPerSecond);

/// <summary>What a verification found.</summary>
/// <param name="Verified">The views.</param>
/// <param name="Events">The events read.</param>
/// <param name="Runs">The runs compared.</param>
/// <param name="Differences">How many differences there are.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Data">Each difference.</param>
internal sealed record VerificationAnswer(
    IReadOnlyList<string> Verified, long Events, long Runs, long Differences, double Seconds, IReadOnlyList<DifferenceAnswer> Data);

/// <summary>Something that is not as the events make it.</summary>
/// <param name="In"><c>events</c>, <c>runs</c> or <c>usage</c>.</param>
/// <param name="Tenant">Whose.</param>
/// <param name="Of">The run, or the bucket.</param>
/// <param name="What">What differs, in words.</param>
internal sealed record DifferenceAnswer(string In, string Tenant, string Of, string What)
{
    public static DifferenceAnswer From(Difference difference) => new(difference.In, difference.Tenant, difference.Of, difference.What);
}

/// <summary>How these answers are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(RebuiltAnswer))]
[JsonSerializable(typeof(VerificationAnswer))]
internal sealed partial class ReplayJson : JsonSerializerContext;
