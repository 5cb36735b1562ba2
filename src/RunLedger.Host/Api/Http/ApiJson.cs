using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using RunLedger.Domain.Json;
using RunLedger.Host.Api.Audit;
using RunLedger.Host.Api.Feed;
using RunLedger.Host.Api.Observations;
using RunLedger.Host.Api.OrganizationUsage;
using RunLedger.Host.Api.Pricing;
using RunLedger.Host.Api.Problems;
using RunLedger.Host.Api.Projections;
using RunLedger.Host.Api.Quarantine;
using RunLedger.Host.Api.Runs;
using RunLedger.Host.Api.Usage;
using RunLedger.Host.Polling;

namespace RunLedger.Host.Api.Http;

/// <summary>How answers are written: snake_case, times in UTC, no escapes but those that JSON demands; generated, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [typeof(JsonTextConverter)])]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(ReceiptList))]
[JsonSerializable(typeof(RunAnswer))]
[JsonSerializable(typeof(RunList))]
[JsonSerializable(typeof(EventList))]
[JsonSerializable(typeof(FeedPosition))]
[JsonSerializable(typeof(UsageReport))]
[JsonSerializable(typeof(CompletionsPage))]
[JsonSerializable(typeof(PriceListAnswer))]
[JsonSerializable(typeof(PriceChangesAnswer))]
[JsonSerializable(typeof(PricesRemovedAnswer))]
[JsonSerializable(typeof(ProjectionList))]
[JsonSerializable(typeof(CheckpointAnswer))]
[JsonSerializable(typeof(ProofAnswer))]
[JsonSerializable(typeof(QuarantineList))]
[JsonSerializable(typeof(RetryAnswer))]
[JsonSerializable(typeof(WatchRequest))]
[JsonSerializable(typeof(WatchList))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>The context that answers are written with.</summary>
    public static ApiJson Web { get; } = new(Configure(new JsonSerializerOptions()));

    /// <summary>Sets options to write as <see cref="Web"/> does.</summary>
    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.Never;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.MaxDepth = Domain.Json.JsonText.MaxDepth * 2;
        options.Converters.Add(new JsonTextConverter());
        return options;
    }
}

/// <summary>Writes JSON text as it is.</summary>
internal sealed class JsonTextConverter : JsonConverter<JsonText>
{
    public override JsonText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Answers are only written.");

    public override void Write(Utf8JsonWriter writer, JsonText value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
}
