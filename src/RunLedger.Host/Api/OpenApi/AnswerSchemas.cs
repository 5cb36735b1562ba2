using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.OpenApi;
using RunLedger.Host.Api.Observations;
using RunLedger.Host.Api.Runs;
using RunLedger.Host.Api.Usage;

namespace RunLedger.Host.Api.OpenApi;

/// <summary>Says of the ledger's own answers what their types do not: what is always there, of which words a text is, and what is a time.</summary>
internal static class AnswerSchemas
{
    private static readonly Dictionary<(Type Type, string Property), string[]> Words = new()
    {
        [(typeof(ReceiptAnswer), "outcome")] = ["recorded", "unchanged", "late", "quarantined", "skipped"],
        [(typeof(RunAnswer), "kind")] = ["thread.run", "response"],
        [(typeof(EventAnswer), "evidence")] = ["seen", "inferred"],
        [(typeof(HealthAnswer), "status")] = ["live", "ready"],
    };

    private static readonly Dictionary<(Type Type, string Property), string> Formats = new()
    {
        [(typeof(UsageAnswer), "day")] = "date",
        [(typeof(UsageAnswer), "hour")] = "date-time",
    };

    public static void Complete(OpenApiSchema schema, JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object || schema.Properties is null) return;
        foreach (var property in type.Properties)
        {
            if (!schema.Properties.TryGetValue(property.Name, out var described)) continue;
            if (IsAlwaysWritten(property)) (schema.Required ??= new HashSet<string>()).Add(property.Name);
            if (described is not OpenApiSchema inline) continue;
            if (!property.IsGetNullable) inline.Type &= ~JsonSchemaType.Null; // What can only be read is nullable to the generator.
            if (Words.TryGetValue((type.Type, property.Name), out var words)) inline.Enum = [.. words.Select(word => JsonValue.Create(word))];
            if (Formats.TryGetValue((type.Type, property.Name), out var format)) inline.Format = format;
        }
    }

    private static bool IsAlwaysWritten(JsonPropertyInfo property) => property.AttributeProvider?.IsDefined(typeof(JsonIgnoreAttribute), inherit: true) != true;
}
