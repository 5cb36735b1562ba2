using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Npgsql;
using RunLedger.Domain.Runs;

namespace RunLedger.Postgres.Recording;

/// <summary>
/// The rows of many events in the format of binary COPY (PostgreSQL manual, "COPY", "Binary Format"), which cost the server half of what inserting
/// them does. They are written before the locks are taken, under which others wait; once these are held, only the positions are set.
/// </summary>
internal sealed class EventCopy : IBufferWriter<byte>, IDisposable
{
    /// <summary>From how many events on the round trips of a COPY are worth it.</summary>
    public const int WorthwhileFrom = 200;

    private const short Columns = 10;
    private const int BytesInMessage = 64 * 1024;

    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly int[] _positions;
    private byte[] _rows;
    private int _length;

    private EventCopy(int events)
    {
        _positions = new int[events];
        _rows = ArrayPool<byte>.Shared.Rent(events * 700);
    }

    /// <summary>Writes the rows of a batch's events.</summary>
    public static EventCopy Of(AppendBatch batch)
    {
        var copy = new EventCopy(batch.Events.Count);
        copy.Put("PGCOPY\n"u8);
        copy.Put([0xFF, (byte)'\r', (byte)'\n', 0]);
        copy.PutInt32(0); // no flags
        copy.PutInt32(0); // no extension of the header
        using var json = RunEventJson.Writer(copy);
        var ids = EventIds.Next(batch.Events.Count, batch.RecordedAt);
        var recordedAt = (batch.RecordedAt - Epoch).Ticks / TimeSpan.TicksPerMicrosecond;
        for (var i = 0; i < batch.Events.Count; i++) copy.PutRow(i, batch.Events[i], ids[i], recordedAt, json);
        copy.PutInt16(-1);
        return copy;
    }

    /// <summary>Takes the rows' positions and sends the rows; the tenants' locks must be held.</summary>
    /// <exception cref="PostgresException">The database refuses a row.</exception>
    public async Task SendAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using (var reserve = new NpgsqlCommand(Sql.Text("Recording/reserve_positions.sql"), connection))
        {
            reserve.Parameters.Add(new NpgsqlParameter<int> { TypedValue = _positions.Length });
            SetPositions((long[])(await reserve.ExecuteScalarAsync(cancellationToken))!);
        }
        await using var stream = await connection.BeginRawBinaryCopyAsync(Sql.Text("Recording/copy_events.sql"), cancellationToken);
        for (var sent = 0; sent < _length; sent += BytesInMessage)
            await stream.WriteAsync(_rows.AsMemory(sent, Math.Min(BytesInMessage, _length - sent)), cancellationToken);
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_rows);
        _rows = [];
    }

    void IBufferWriter<byte>.Advance(int count) => _length += count;

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint)
    {
        Reserve(Math.Max(sizeHint, 256));
        return _rows.AsMemory(_length);
    }

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint)
    {
        Reserve(Math.Max(sizeHint, 256));
        return _rows.AsSpan(_length);
    }

    private void SetPositions(long[] positions)
    {
        for (var i = 0; i < positions.Length; i++) BinaryPrimitives.WriteInt64BigEndian(_rows.AsSpan(_positions[i]), positions[i]);
    }

    // In the order of the columns that copy_events.sql names.
    private void PutRow(int row, AppendedEvent appended, Guid id, long recordedAt, Utf8JsonWriter json)
    {
        var (key, version, runEvent, correlationId) = appended;
        var type = RunEventTypes.Of(runEvent);
        PutInt16(Columns);
        PutInt32(sizeof(long));
        _positions[row] = _length;
        PutInt64(0);
        PutInt32(16);
        Reserve(16);
        id.TryWriteBytes(_rows.AsSpan(_length), bigEndian: true, out _);
        _length += 16;
        PutText(key.Tenant.Value);
        PutText(key.Run.Value);
        PutInt32(sizeof(long));
        PutInt64(version);
        PutText(type.Alias);
        PutText(type.DotNetType);
        PutJson(runEvent, json);
        if (correlationId is null) PutInt32(-1);
        else PutText(correlationId);
        PutInt32(sizeof(long));
        PutInt64(recordedAt);
    }

    private void PutJson(RunEvent runEvent, Utf8JsonWriter json)
    {
        var start = _length;
        PutInt32(0);
        Put([1]); // the version of jsonb's binary format
        json.Reset();
        RunEventJson.Write(runEvent, json);
        BinaryPrimitives.WriteInt32BigEndian(_rows.AsSpan(start), _length - start - sizeof(int));
    }

    private void PutText(string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        Reserve(sizeof(int) + most);
        var length = Encoding.UTF8.GetBytes(text, _rows.AsSpan(_length + sizeof(int)));
        BinaryPrimitives.WriteInt32BigEndian(_rows.AsSpan(_length), length);
        _length += sizeof(int) + length;
    }

    private void PutInt16(short value)
    {
        Reserve(sizeof(short));
        BinaryPrimitives.WriteInt16BigEndian(_rows.AsSpan(_length), value);
        _length += sizeof(short);
    }

    private void PutInt32(int value)
    {
        Reserve(sizeof(int));
        BinaryPrimitives.WriteInt32BigEndian(_rows.AsSpan(_length), value);
        _length += sizeof(int);
    }

    private void PutInt64(long value)
    {
        Reserve(sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(_rows.AsSpan(_length), value);
        _length += sizeof(long);
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_rows.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Reserve(int bytes)
    {
        if (_rows.Length - _length >= bytes) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_rows.Length * 2, _length + bytes));
        _rows.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_rows);
        _rows = larger;
    }
}
