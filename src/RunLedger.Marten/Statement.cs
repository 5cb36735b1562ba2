using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using JasperFx.Events;
using Marten.Storage;
using Npgsql;
using Weasel.Core;
using Weasel.Storage;
using ICommandBuilder = Weasel.Postgresql.ICommandBuilder;
using IStorageOperation = Marten.Internal.Operations.IStorageOperation;

namespace RunLedger.Marten;

/// <summary>One of the ledger's own statements as a part of Marten's unit of work: it is sent and committed together with the events.</summary>
internal abstract partial class Statement(NpgsqlBatchCommand command) : IStorageOperation
{
    /// <summary>A statement that is sent before those of the events, and answers nothing.</summary>
    public static IStorageOperation BeforeEvents(NpgsqlBatchCommand command) => new Before(command);

    /// <summary>A query for the sake of the locks that it takes, sent before the statements of the events.</summary>
    public static IStorageOperation LockBeforeEvents(NpgsqlBatchCommand command) => new Lock(command);

    /// <summary>A statement that is sent after those of the events, and answers nothing.</summary>
    public static IStorageOperation AfterEvents(NpgsqlBatchCommand command) => new After(command);

    /// <summary>What Marten sorts the unit of work by: it sends first, in the order in which they were queued, what is about events.</summary>
    public abstract Type DocumentType { get; }

    public OperationRole Role() => OperationRole.Other;

    // Marten's builder numbers parameters as they are appended: so they must stand in the text, each once, in the order of their numbers.
    public void ConfigureCommand(ICommandBuilder builder, IStorageSession session)
    {
        var (text, from, number) = (command.CommandText, 0, 0);
        foreach (var place in Placeholder().EnumerateMatches(text))
        {
            var parameter = (NpgsqlParameter)command.Parameters[number++];
            if (!text.AsSpan(place.Index + 1, place.Length - 1).SequenceEqual(number.ToString(CultureInfo.InvariantCulture)))
                throw new InvalidOperationException($"Parameter {number} of a statement does not stand where its number says: {text}");
            builder.Append(text[from..place.Index]);
            builder.AppendParameter(parameter.Value ?? DBNull.Value, parameter.NpgsqlDbType);
            from = place.Index + place.Length;
        }
        builder.Append(text[from..].TrimEnd().TrimEnd(';'));
    }

    public Task PostprocessAsync(DbDataReader reader, IList<Exception> exceptions, CancellationToken token) => Task.CompletedTask;

    [GeneratedRegex(@"\$[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();

    // Marten goes through the answers in the order of the operations: those that have none must say so.
    private sealed class Before(NpgsqlBatchCommand command) : Statement(command), NoDataReturnedCall
    {
        public override Type DocumentType => typeof(IEvent);
    }

    private sealed class Lock(NpgsqlBatchCommand command) : Statement(command)
    {
        public override Type DocumentType => typeof(IEvent);
    }

    private sealed class After(NpgsqlBatchCommand command) : Statement(command), NoDataReturnedCall
    {
        public override Type DocumentType => typeof(StorageFeatures);
    }
}
