using System.Text.Json.Serialization;
using RunLedger.Domain.Audit;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Api.Problems;
using RunLedger.Postgres;

namespace RunLedger.Host.Api.Audit;

/// <summary><c>GET /v1/audit/checkpoint</c>: all of the tenant's events by now, sealed.</summary>
internal static class ReadCheckpoint
{
    public static async Task ReadAsync(HttpContext context, Ledger ledger)
    {
        new ApiQuery(context).RefuseOthers();
        var checkpoint = await Sealed.OrProblemAsync(() => ledger.Audit.SealAsync(context.Tenant(), _ => { }, context.RequestAborted));
        await Answer.JsonAsync(context, CheckpointAnswer.Of(checkpoint), ApiJson.Web.CheckpointAnswer);
    }
}

/// <summary>Tells who asks that the ledger is no more what was sealed: that must not hide in a log.</summary>
internal static class Sealed
{
    public static async Task<T> OrProblemAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (InvalidDataException broken)
        {
            throw new ApiException(StatusCodes.Status500InternalServerError, $"{broken.Message.TrimEnd('.')}. The command 'audit verify' says more.");
        }
    }
}

/// <summary>A checkpoint, to be kept where those who can write the database cannot.</summary>
/// <param name="Tenant">Whose events.</param>
/// <param name="Size">How many, from the first on.</param>
/// <param name="Root">The root of their hash tree (RFC 9162, section 2.1; SHA-256, base64url).</param>
public sealed record CheckpointAnswer(string Tenant, long Size, string Root)
{
    /// <summary><c>audit.checkpoint</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object => "audit.checkpoint";

    internal static CheckpointAnswer Of(Checkpoint checkpoint) => new(checkpoint.Tenant.Value, checkpoint.Size, checkpoint.Root.ToString());

    /// <exception cref="FormatException">The root is no digest, or the size no number of events.</exception>
    internal Checkpoint Read() =>
        new(new TenantId(Tenant), Size >= 0 ? Size : throw new FormatException($"its size is {Size}"), Digest.Parse(Root));
}
