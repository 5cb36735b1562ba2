using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using RunLedger.Domain.Audit;
using RunLedger.Domain.Observations;
using RunLedger.Host.Api.Audit;

namespace RunLedger.Host.CommandLine.Audit;

/// <summary>Reads checkpoints and proofs that were kept in files, as the commands print them and as the API answers.</summary>
internal static class AuditFile
{
    /// <summary>A checkpoint of a tenant.</summary>
    /// <exception cref="ProblemException">The file cannot be read, is no checkpoint, or is one of another tenant.</exception>
    public static Checkpoint Checkpoint(FileInfo file, TenantId? tenant)
    {
        var checkpoint = Read(file, "checkpoint", AuditJson.Default.CheckpointAnswer, answer => answer.Read());
        return tenant is null || checkpoint.Tenant == tenant
            ? checkpoint
            : throw new ProblemException($"{file} is a checkpoint of tenant {checkpoint.Tenant}, not of {tenant}.");
    }

    /// <summary>A proof.</summary>
    /// <exception cref="ProblemException">The file cannot be read, or is no proof.</exception>
    public static RunProof Proof(FileInfo file) => Read(file, "proof", AuditJson.Default.ProofAnswer, answer => answer.Read());

    private static T Read<TAnswer, T>(FileInfo file, string what, JsonTypeInfo<TAnswer> type, Func<TAnswer, T> read)
    {
        try
        {
            using var stream = file.OpenRead();
            return JsonSerializer.Deserialize(stream, type) is { } answer ? read(answer) : throw new FormatException("it is null");
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException)
        {
            throw new ProblemException($"{file} is no {what}: {wrong.Message}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException($"{file} cannot be read: {failure.Message}");
        }
    }
}

/// <summary>How far events are sealed.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Sealed">How many are.</param>
/// <param name="Position">The position of the last one; 0 if none is.</param>
/// <param name="Since">How many were recorded after it.</param>
internal sealed record SealStatusAnswer(string Tenant, long Sealed, long Position, long Since);

/// <summary>What a verification of events, or of a proof, found.</summary>
/// <param name="Tenant">Whose events.</param>
/// <param name="Events">How many.</param>
/// <param name="Sealed">How many of them had been sealed.</param>
/// <param name="Contents">The large values.</param>
/// <param name="Findings">How many findings there are.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Data">Each finding, in words; the first 10,000.</param>
internal sealed record AuditAnswer(string Tenant, long Events, long Sealed, long Contents, long Findings, double Seconds, IReadOnlyList<string> Data);

/// <summary>How these are written, and read: all that is named must be there.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Metadata, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CheckpointAnswer))]
[JsonSerializable(typeof(ProofAnswer))]
[JsonSerializable(typeof(SealStatusAnswer))]
[JsonSerializable(typeof(AuditAnswer))]
internal sealed partial class AuditJson : JsonSerializerContext;
