using System.Text;
using System.Text.Json;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Audit;

/// <summary>
/// That these are the events of a run, from the first on, and that a checkpoint seals them. It needs no ledger to be checked. That there is no later event of the
/// run is not in it: only that there is none between these.
/// </summary>
/// <param name="Checkpoint">The checkpoint.</param>
/// <param name="Run">The run.</param>
/// <param name="Events">Its events that the checkpoint seals, in order.</param>
/// <param name="Contents">The large values that they name, as they were observed.</param>
/// <param name="LaterEvents">How many events the run has that were recorded after the checkpoint.</param>
public sealed record RunProof(
    Checkpoint Checkpoint, RunId Run, IReadOnlyList<ProvenEvent> Events, IReadOnlyDictionary<Digest, string> Contents, long LaterEvents)
{
    /// <summary>Checks the proof.</summary>
    /// <returns>What is wrong with it, in words; nothing if it proves what it says.</returns>
    public IEnumerable<string> Defects()
    {
        if (Events.Count == 0) yield return "It has no events.";
        for (var i = 0; i < Events.Count; i++)
            if (Defect(Events[i], i + 1) is { } defect) yield return $"Event {i + 1}: {defect}.";
        foreach (var (digest, content) in Contents)
            if (Digest.Of(Encoding.UTF8.GetBytes(content)) != digest) yield return $"Content {digest} is not what its digest says.";
    }

    private string? Defect(ProvenEvent proven, long version)
    {
        var leaf = MerkleTree.Leaf(Encoding.UTF8.GetBytes(proven.Entry));
        var root = MerkleTree.Root(leaf, proven.Index, Checkpoint.Size, proven.Path);
        if (root is null) return "its path is not one of its place in a tree of the checkpoint's size";
        if (root != Checkpoint.Root) return "it is not what the checkpoint seals";
        try
        {
            using var entry = JsonDocument.Parse(proven.Entry);
            var sealedAs = (Tenant: entry.RootElement.GetProperty("tenant").GetString(), Run: entry.RootElement.GetProperty("run_id").GetString());
            if (sealedAs != (Checkpoint.Tenant.Value, Run.Value)) return $"it is of run {sealedAs.Run} of tenant {sealedAs.Tenant}";
            var sealedVersion = entry.RootElement.GetProperty("version").GetInt64();
            if (sealedVersion != version) return $"it is version {sealedVersion} of the run";
            return Missing(entry.RootElement) is { } missing ? $"content {missing}, which it names, is not there" : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or InvalidDataException)
        {
            return $"it cannot be read: {unreadable.Message}";
        }
    }

    private Digest? Missing(JsonElement entry)
    {
        var data = new JsonText(Encoding.UTF8.GetBytes(entry.GetProperty("data").GetRawText()));
        var named = SealedEvent.ContentsOf(entry.GetProperty("type").GetString() ?? throw new InvalidDataException("it has no type"), data);
        foreach (var digest in named)
            if (!Contents.ContainsKey(digest)) return digest;
        return null;
    }
}

/// <summary>An event in a proof.</summary>
/// <param name="Index">Its place among the tenant's events, from 0.</param>
/// <param name="Entry">What is sealed of it: the text that is hashed, see <see cref="SealedEvent"/>.</param>
/// <param name="Path">The hashes that lead from it to the checkpoint's root, see <see cref="MerkleTree.Path"/>.</param>
public sealed record ProvenEvent(long Index, string Entry, IReadOnlyList<Digest> Path);
