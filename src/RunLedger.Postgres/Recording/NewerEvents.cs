using System.Text;
using System.Text.Json;
using Npgsql;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;

namespace RunLedger.Postgres.Recording;

/// <summary>Reads what was appended to streams, for both engines.</summary>
internal static class NewerEvents
{
    /// <summary>Reads the events of many runs that are not known yet, with one query.</summary>
    /// <param name="command">An empty command on the connection to be read from.</param>
    /// <param name="known">The runs, each with the version up to which it is known; 0 for not at all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="UnreadableStreamException">An event of a run cannot be read.</exception>
    public static async Task<IReadOnlyDictionary<RunKey, IReadOnlyList<RunEvent>>> ReadAsync(
        NpgsqlCommand command, IReadOnlyList<KnownRun> known, CancellationToken cancellationToken)
    {
        command.CommandText = Sql.Text("Recording/read_newer_events.sql");
        command.Parameters.Add(Columns.Text(known, run => run.Key.Tenant.Value));
        command.Parameters.Add(Columns.Text(known, run => run.Key.Run.Value));
        command.Parameters.Add(Columns.Of(known, run => run.Version));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var newer = new Dictionary<RunKey, IReadOnlyList<RunEvent>>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var key = new RunKey(new TenantId(reader.GetString(0)), new RunId(reader.GetString(1)));
            if (!newer.TryGetValue(key, out var events)) newer.Add(key, events = new List<RunEvent>());
            ((List<RunEvent>)events).Add(Read(key, reader.GetString(2), new JsonText(Encoding.UTF8.GetBytes(reader.GetString(3)))));
        }
        return newer;
    }

    private static RunEvent Read(RunKey key, string type, JsonText data)
    {
        try
        {
            return RunEventJson.Read(type, data);
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or FormatException or JsonException)
        {
            throw new UnreadableStreamException(key, unreadable);
        }
    }
}
