using Npgsql;
using NpgsqlTypes;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Domain.Runs;

namespace RunLedger.Postgres.Contents;

/// <summary>Looks up large values that events refer to.</summary>
public sealed class ContentReader(NpgsqlDataSource dataSource)
{
    /// <summary>Reads contents by their digests.</summary>
    /// <returns>A look-up that has all of them.</returns>
    /// <exception cref="InvalidDataException">One is not in the ledger, or is not what its digest says: the database was tampered with or is damaged.</exception>
    public async Task<Func<ContentReference, JsonText>> ReadAsync(
        TenantId tenant, IEnumerable<ContentReference> references, CancellationToken cancellationToken)
    {
        var wanted = references.Select(reference => reference.Sha256).Distinct().ToArray();
        var found = new Dictionary<Digest, JsonText>(wanted.Length);
        if (wanted.Length > 0) await ReadAsync(tenant, wanted, found, cancellationToken);
        return reference => found.TryGetValue(reference.Sha256, out var content)
            ? content
            : throw new InvalidDataException($"Content {reference.Sha256} of tenant {tenant} is not in the ledger.");
    }

    private async Task ReadAsync(TenantId tenant, Digest[] wanted, Dictionary<Digest, JsonText> found, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Sql.Text("Contents/read_contents.sql"));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<byte[][]>
        {
            TypedValue = Array.ConvertAll(wanted, digest => digest.ToArray()),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
        });
        await using var reader = await dataSource.ReadAsync(command, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (sha256, content) = (new Digest(reader.GetFieldValue<byte[]>(0)), reader.GetFieldValue<byte[]>(1));
            if (Digest.Of(content) != sha256) throw new InvalidDataException($"Content {sha256} of tenant {tenant} is not what its digest says.");
            found[sha256] = new JsonText(content);
        }
    }
}
