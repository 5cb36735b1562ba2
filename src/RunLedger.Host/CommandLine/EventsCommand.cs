using System.Buffers;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using RunLedger.Domain.Runs;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Runs;
using RunLedger.Postgres.Feed;

namespace RunLedger.Host.CommandLine;

/// <summary><c>events</c>: a tenant's events in the order in which they were committed, to the head or on and on.</summary>
internal static class EventsCommand
{
    private static readonly Option<long> After = new("--after")
    {
        Description = "The position after which to begin. [default: 0]",
        HelpName = "POSITION",
        CustomParser = ReadPosition,
    };
    private static readonly Option<bool> Follow = new("--follow", "-f") { Description = "Stay at the head and wait for more, until Ctrl-C." };
    private static readonly Option<List<string>?> Types = new("--type")
    {
        Description = "Only events of these types, with commas between, e.g. run_completed,run_failed.",
        HelpName = "TYPES",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ReadTypes,
    };
    private static readonly Option<int?> Limit = NumberOption.Create("--limit", "N", "The most events to print.", int.MaxValue);

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("events", "A tenant's events in the order in which they were committed.") { After, Follow, Types, Limit, CommonOptions.Json };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var open = await OpenLedger.OpenAsync(parsed, cancellationToken);
        var types = parsed.GetValue(Types) is { Count: > 0 } given ? given : null;
        var request = new FeedRequest { After = parsed.GetValue(After), Types = types, Follow = parsed.GetValue(Follow) };
        var (left, asJson) = (parsed.GetValue(Limit) ?? int.MaxValue, parsed.GetValue(CommonOptions.Json));
        await foreach (var page in open.Ledger.Feed.ReadAsync(open.Tenant, request, cancellationToken))
        {
            var events = page.Events.Take(left);
            if (!asJson) foreach (var next in events) Terminal.Print(LineOf(next));
            else if (page.Events.Count > 0) Terminal.Write(JsonOf(events));
            left -= page.Events.Count;
            if (left <= 0) break;
        }
        return ExitCodes.Done;
    }

    private static ReadOnlySpan<byte> JsonOf(IEnumerable<FeedEvent> events)
    {
        var lines = new ArrayBufferWriter<byte>();
        foreach (var next in events)
        {
            lines.Write(JsonSerializer.SerializeToUtf8Bytes(EventAnswer.Of(next.Run, next.Recorded, null), ApiJson.Web.EventAnswer));
            lines.Write("\n"u8);
        }
        return lines.WrittenSpan;
    }

    private static string LineOf(FeedEvent next)
    {
        var (happened, position) = (next.Recorded.Event, next.Recorded.Position.ToString(CultureInfo.InvariantCulture));
        var (run, type) = (Printable.Line(next.Run.Value), RunEventTypes.Of(happened).Name);
        return $"{position,10}  {Tables.Text(next.Recorded.RecordedAt),-27}  {run,-30}  {type,-25}  {EventDetails.Of(happened)}".TrimEnd();
    }

    private static long ReadPosition(ArgumentResult argument)
    {
        var text = argument.Tokens[^1].Value;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position)) return position;
        argument.AddError($"--after takes a position, not '{text}'.");
        return 0;
    }

    private static List<string> ReadTypes(ArgumentResult argument)
    {
        var known = RunEventTypes.All.Select(type => type.Name).ToHashSet();
        var types = argument.Tokens
            .SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToList();
        foreach (var unknown in types.Where(type => !known.Contains(type)))
            argument.AddError($"'{unknown}' is no event type: there are {string.Join(", ", known.Order(StringComparer.Ordinal))}.");
        return types;
    }
}
