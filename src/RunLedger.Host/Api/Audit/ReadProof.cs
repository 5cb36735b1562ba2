using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using RunLedger.Domain.Audit;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;
using RunLedger.Host.Api.Http;
using RunLedger.Host.Api.Keys;
using RunLedger.Host.Api.Problems;
using RunLedger.Host.Api.Runs;
using RunLedger.Postgres;

namespace RunLedger.Host.Api.Audit;

/// <summary><c>GET /v1/audit/proof/{run_id}</c>: the events of a run with what proves, without the ledger, that a checkpoint seals them.</summary>
internal static class ReadProof
{
    public static async Task ReadAsync(HttpContext context, [FromRoute(Name = "run_id")] string runId, Ledger ledger)
    {
        var query = new ApiQuery(context);
        query.RefuseOthers("size");
        var size = query.Number("size");
        var proof = (ApiQuery.IsHoldable(runId) ? await ProveAsync(context, ledger, new RunId(runId), size) : null) ?? throw KnownRun.NotFound("run", runId);
        await Answer.JsonAsync(context, ProofAnswer.Of(proof), ApiJson.Web.ProofAnswer);
    }

    private static async Task<RunProof?> ProveAsync(HttpContext context, Ledger ledger, RunId run, long? size)
    {
        try
        {
            return await Sealed.OrProblemAsync(() => ledger.Audit.ProveAsync(context.Tenant(), run, size, context.RequestAborted));
        }
        catch (ArgumentOutOfRangeException)
        {
            throw ApiException.OfParameter("size", $"there are fewer events than {size}");
        }
    }
}

/// <summary>A proof of a run's events.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Checkpoint">The checkpoint that seals them.</param>
/// <param name="Events">The events, from the first on.</param>
/// <param name="Contents">The large values that they name, by their SHA-256.</param>
/// <param name="LaterEvents">How many events the run has that were recorded after the checkpoint.</param>
public sealed record ProofAnswer(
    string RunId, CheckpointAnswer Checkpoint, IReadOnlyList<ProvenEventAnswer> Events, IReadOnlyDictionary<string, string> Contents, long LaterEvents)
{
    /// <summary><c>audit.proof</c>.</summary>
    [JsonPropertyOrder(-1)]
    public string Object => "audit.proof";

    internal static ProofAnswer Of(RunProof proof) => new(
        proof.Run.Value,
        CheckpointAnswer.Of(proof.Checkpoint),
        [.. proof.Events.Select(proven => new ProvenEventAnswer(proven.Index, proven.Entry, [.. proven.Path.Select(hash => hash.ToString())]))],
        proof.Contents.ToDictionary(content => content.Key.ToString(), content => content.Value),
        proof.LaterEvents);

    /// <exception cref="FormatException">A hash is no digest.</exception>
    internal RunProof Read() => new(
        Checkpoint.Read(),
        new RunId(RunId),
        [.. Events.Select(proven => new ProvenEvent(proven.Index, proven.Entry, [.. proven.Path.Select(hash => Digest.Parse(hash))]))],
        Contents.ToDictionary(content => Digest.Parse(content.Key), content => content.Value),
        LaterEvents);
}

/// <summary>An event in a proof.</summary>
/// <param name="Index">Its place among the tenant's events, from 0.</param>
/// <param name="Entry">What is sealed of it: JSON as a text, whose UTF-8 bytes are hashed.</param>
/// <param name="Path">The hashes beside its way up to the root, from below (RFC 9162, section 2.1.3; base64url).</param>
public sealed record ProvenEventAnswer(long Index, string Entry, IReadOnlyList<string> Path);
