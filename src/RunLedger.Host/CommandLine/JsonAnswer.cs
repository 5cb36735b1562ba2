using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RunLedger.Host.CommandLine;

/// <summary>JSON on stdout: one value on one line, in the shapes of the HTTP API.</summary>
internal static class JsonAnswer
{
    /// <summary>Prints a value.</summary>
    public static void Write<T>(T value, JsonTypeInfo<T> type) => Terminal.Write(JsonSerializer.SerializeToUtf8Bytes(value, type));
}
