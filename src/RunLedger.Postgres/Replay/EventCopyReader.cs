using System.Buffers.Binary;
using System.Text;
using Npgsql;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;
using RunLedger.Postgres.Recording;

namespace RunLedger.Postgres.Replay;

/// <summary>
/// Reads what <c>copy_events.sql</c> sends (PostgreSQL manual, "COPY", binary format), one event at a time, in a buffer that the next event
/// overwrites: reading costs no allocation but the names.
/// </summary>
internal sealed class EventCopyReader : IAsyncDisposable
{
    private const int HeaderBytes = 19;
    private const short Columns = 6;

    private static readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Aliases =
        RunEventTypes.All.ToDictionary(type => type.Alias, type => type.Alias, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly NpgsqlRawCopyStream _copy;
    private byte[] _buffer = new byte[128 * 1024];
    private int _start;
    private int _end;
    private bool _hasHeader;
    private RunKey _key;
    private byte[] _keyBytes = [];

    private EventCopyReader(NpgsqlRawCopyStream copy) => _copy = copy;

    /// <summary>The event's position.</summary>
    public long Position { get; private set; }

    /// <summary>The run.</summary>
    public RunKey Key => _key;

    /// <summary>The event's version in the run's stream.</summary>
    public long Version { get; private set; }

    /// <summary>The event type's alias.</summary>
    public string Type { get; private set; } = "";

    /// <summary>The event's JSON, until the next event is read.</summary>
    public JsonText Data { get; private set; }

    /// <summary>Begins to read the events after a position and up to another.</summary>
    public static async Task<EventCopyReader> BeginAsync(NpgsqlConnection connection, long after, long upTo, CancellationToken cancellationToken)
    {
        await using var bounds = new NpgsqlCommand(Sql.Text("Replay/set_bounds.sql"), connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = after }, new NpgsqlParameter<long> { TypedValue = upTo } },
        };
        await bounds.ExecuteNonQueryAsync(cancellationToken);
        return new EventCopyReader(await connection.BeginRawBinaryCopyAsync(Sql.Text("Replay/copy_events.sql"), cancellationToken));
    }

    /// <summary>Moves to the next event; false after the last.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryRead(out var ended)) return true;
            if (ended) return false;
            await FillAsync(cancellationToken);
        }
    }

    /// <summary>Moves to the next event if it is in the buffer; most are.</summary>
    public bool TryRead() => TryRead(out _);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _copy.DisposeAsync();

    private bool TryRead(out bool ended)
    {
        ended = false;
        var unread = _buffer.AsSpan(_start.._end);
        if (!_hasHeader)
        {
            if (unread.Length < HeaderBytes) return false;
            var length = HeaderBytes + BinaryPrimitives.ReadInt32BigEndian(unread[(HeaderBytes - 4)..]);
            if (unread.Length < length) return false;
            _start += length;
            unread = unread[length..];
            _hasHeader = true;
        }
        if (unread.Length < 2) return false;
        var columns = BinaryPrimitives.ReadInt16BigEndian(unread);
        ended = columns == -1;
        if (ended) return false;
        if (columns != Columns) throw new InvalidDataException($"COPY sent {columns} columns instead of {Columns}.");

        var at = 2;
        Span<Range> fields = stackalloc Range[Columns];
        foreach (ref var field in fields)
        {
            if (unread.Length < at + 4) return false;
            var length = BinaryPrimitives.ReadInt32BigEndian(unread[at..]);
            at += 4;
            if (unread.Length < at + length) return false;
            field = at..(at + length);
            at += length;
        }
        Take(unread, fields);
        _start += at;
        return true;
    }

    private void Take(ReadOnlySpan<byte> row, ReadOnlySpan<Range> fields)
    {
        Position = BinaryPrimitives.ReadInt64BigEndian(row[fields[0]]);
        // Tenant and run with the length between them; the events of a run often stand together.
        var key = row[fields[1].Start..fields[2].End];
        if (!key.SequenceEqual(_keyBytes))
        {
            _keyBytes = key.ToArray();
            var tenant = row[fields[1]];
            var known = _key.Tenant.Value ?? "";
            _key = new RunKey(Encoding.UTF8.GetString(tenant) is var name && name == known ? _key.Tenant : new TenantId(name), new RunId(Encoding.UTF8.GetString(row[fields[2]])));
        }
        Version = BinaryPrimitives.ReadInt64BigEndian(row[fields[3]]);
        Type = AliasOf(row[fields[4]]);
        // The binary form of jsonb is a version byte and the text.
        var data = fields[5];
        Data = new JsonText(_buffer.AsMemory(_start + data.Start.Value + 1, data.End.Value - data.Start.Value - 1));
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_end == _buffer.Length && _start == 0) Array.Resize(ref _buffer, _buffer.Length * 2);
        else if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        var read = await _copy.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        if (read == 0) throw new EndOfStreamException("COPY ended within an event.");
        _end += read;
    }

    private static string AliasOf(ReadOnlySpan<byte> utf8)
    {
        Span<char> chars = stackalloc char[64];
        return Encoding.UTF8.TryGetChars(utf8, chars, out var length) && Aliases.TryGetValue(chars[..length], out var alias) ? alias : Encoding.UTF8.GetString(utf8);
    }
}
