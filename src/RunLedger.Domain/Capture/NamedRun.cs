using System.Text.Json;
using System.Text.Unicode;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Capture;

/// <summary>Finds which run an item is about that cannot be recorded, so that its receipt names the run all the same.</summary>
internal static class NamedRun
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    /// <summary>
    /// The id of the run or response that an item is, or that stands in it as an envelope's snapshot or an exchange's body. What stands before the place
    /// where JSON breaks off counts; null if there is none that could be a run's id, or it is the id of another object of the API.
    /// </summary>
    public static RunId? In(ReadOnlyMemory<byte> item) => Read(item, mayHoldOne: true);

    private static RunId? Read(ReadOnlyMemory<byte> item, bool mayHoldOne)
    {
        var (id, type, held) = (default(JsonText?), default(JsonText?), default(RunId?));
        try
        {
            var reader = new Utf8JsonReader(item.Span, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isId, isType) = (reader.ValueTextEquals("id"u8), reader.ValueTextEquals("object"u8));
                var holds = mayHoldOne && (reader.ValueTextEquals("snapshot"u8) || reader.ValueTextEquals("body"u8));
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                if (holds) held = Read(item[start..], mayHoldOne: false) ?? held;
                reader.Skip();
                var value = new JsonText(item[start..(int)reader.BytesConsumed]);
                if (isId) id = value;
                else if (isType) type = value;
            }
        }
        catch (JsonException)
        {
            // What was found before still counts.
        }
        return held ?? (type?.AsString() is { } name && RunKinds.Parse(name) is null ? null : IdOf(id));
    }

    private static RunId? IdOf(JsonText? id) =>
        id is { } text && Utf8.IsValid(text.Utf8.Span) && SnapshotRules.Allow("id", text, default) ? new RunId(text.AsString()!) : null;
}
