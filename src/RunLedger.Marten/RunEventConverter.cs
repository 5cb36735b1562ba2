using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using RunLedger.Domain.Json;
using RunLedger.Domain.Runs;

namespace RunLedger.Marten;

/// <summary>Lets Marten's serializer write and read the ledger's events as the ledger does: see <see cref="RunEventJson"/>.</summary>
internal sealed class RunEventConverter : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsSubclassOf(typeof(RunEvent));

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(typeToConvert))!;

    private sealed class Of<T> : JsonConverter<T> where T : RunEvent
    {
        private static readonly string Alias = RunEventTypes.All.Single(type => type.Type == typeof(T)).Alias;

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => RunEventJson.Write(value, writer);

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return (T)RunEventJson.Read(Alias, new JsonText(Encoding.UTF8.GetBytes(document.RootElement.GetRawText())));
        }
    }
}
