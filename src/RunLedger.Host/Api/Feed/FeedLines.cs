using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RunLedger.Domain.Json;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Runs;

namespace RunLedger.Host.Api.Feed;

/// <summary>The form in which a feed goes over the wire.</summary>
internal abstract class FeedLines(PipeWriter output) : IDisposable
{
    private readonly Utf8JsonWriter _json = new(
        output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = JsonText.MaxDepth * 2 });

    /// <summary>The media type.</summary>
    public abstract string MediaType { get; }

    /// <summary>How many bytes are written and not yet on their way.</summary>
    public long Unflushed => output.UnflushedBytes;

    /// <summary>Writes what stands before all else.</summary>
    public abstract void WriteStart();

    /// <summary>Writes an event.</summary>
    public abstract void WriteEvent(EventAnswer happened);

    /// <summary>Writes how far the feed got.</summary>
    public abstract void WritePosition(long position, bool atHead);

    /// <summary>Waits until the client has taken what is written, but for what the server buffers.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken) => await output.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    /// <summary>Writes text.</summary>
    protected void Write(ReadOnlySpan<byte> text) => output.Write(text);

    /// <summary>Writes a value as JSON on one line.</summary>
    protected void WriteJson<T>(T value, JsonTypeInfo<T> type)
    {
        _json.Reset();
        JsonSerializer.Serialize(_json, value, type);
        _json.Flush();
    }
}

/// <summary>NDJSON: one event a line.</summary>
internal sealed class JsonLines(PipeWriter output) : FeedLines(output)
{
    public const string Type = "application/x-ndjson";

    public override string MediaType => Type;

    public override void WriteStart()
    {
    }

    public override void WriteEvent(EventAnswer happened)
    {
        WriteJson(happened, ApiJson.Web.EventAnswer);
        Write("\n"u8);
    }

    public override void WritePosition(long position, bool atHead)
    {
        WriteJson(new FeedPosition(position, atHead), ApiJson.Web.FeedPosition);
        Write("\n"u8);
    }
}

/// <summary>
/// Server-sent events (WHATWG HTML, section 9.2). Events have no name, so that <c>onmessage</c> gets them all; how far the feed got has the name
/// <c>position</c>. Both have the position as their id, which a client that comes back sends as <c>Last-Event-ID</c>.
/// </summary>
internal sealed class ServerSentLines(PipeWriter output) : FeedLines(output)
{
    public const string Type = "text/event-stream";

    public override string MediaType => Type;

    public override void WriteStart() => Write("retry: 1000\n\n"u8);

    public override void WriteEvent(EventAnswer happened)
    {
        WriteId(happened.Position);
        Write("data: "u8);
        WriteJson(happened, ApiJson.Web.EventAnswer);
        Write("\n\n"u8);
    }

    public override void WritePosition(long position, bool atHead)
    {
        WriteId(position);
        Write("event: position\ndata: "u8);
        WriteJson(new FeedPosition(position, atHead), ApiJson.Web.FeedPosition);
        Write("\n\n"u8);
    }

    private void WriteId(long position) => Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {position}\n")));
}
