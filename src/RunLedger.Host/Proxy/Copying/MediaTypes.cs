namespace RunLedger.Host.Proxy.Copying;

/// <summary>The media types of which copies are made.</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";
    public const string EventStream = "text/event-stream";

    /// <summary>Whether a <c>Content-Type</c> is of a media type, whatever its parameters.</summary>
    public static bool Is(string mediaType, string? contentType) =>
        contentType.AsSpan().TrimStart().StartsWith(mediaType, StringComparison.OrdinalIgnoreCase)
        && contentType.AsSpan().TrimStart()[mediaType.Length..].TrimStart() is "" or [';', ..];
}
