using System.Text.Json.Serialization;

namespace RunLedger.Host.Api.Feed;

/// <summary>How far a feed got: a line among the events.</summary>
/// <param name="Position">All events asked for up to here have been sent: where to go on after, even if the last event sent stands before it.</param>
/// <param name="AtHead">Whether the tenant had no more events.</param>
public sealed record FeedPosition(long Position, bool AtHead)
{
    /// <summary><c>position</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object => "position";
}
