using System.Text;
using RunLedger.Domain.Audit;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Tests.Audit;

public sealed class RunProofTests
{
    private static readonly TenantId Tenant = new("acme");
    private static readonly RunId Run = new("run_1");
    private static readonly string Content = $"\"{new string('x', 2_000)}\"";
    private static readonly Digest ContentDigest = Digest.Of(Encoding.UTF8.GetBytes(Content));

    [Fact]
    public void An_entry_has_the_same_bytes_for_ever()
    {
        var sealedEvent = new SealedEvent(
            new TenantId("ärger"), 7, Guid.Parse("01a2192a-f3e9-7056-8003-5cf242252b31"), new RunId("run_<1>"), 2, "run_started",
            new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1_234_560), null, "c\"1", new JsonText("""{"a": 1}"""u8.ToArray()), new JsonText("""{"n": 0.10, "s": "ü"}"""u8.ToArray()));
        Assert.Equal(
            """{"tenant":"\u00E4rger","position":7,"id":"01a2192a-f3e9-7056-8003-5cf242252b31","run_id":"run_\u003C1\u003E","version":2,"type":"run_started","""
            + """ "recorded_at":"2026-01-02T03:04:05.123456Z","correlation_id":null,"causation_id":"c\u00221","headers":{"a": 1},"data":{"n": 0.10, "s": "ü"}}""".TrimStart(),
            Encoding.UTF8.GetString(sealedEvent.ToEntry()));
    }

    [Fact]
    public void A_proof_that_is_whole_has_no_defect() => Assert.Empty(Proof().Defects());

    [Fact]
    public void Whatever_is_changed_in_a_proof_is_a_defect()
    {
        var proof = Proof();
        var (first, second) = (proof.Events[0], proof.Events[1]);
        Has("not what the checkpoint seals", proof with { Events = [first with { Entry = first.Entry.Replace("queued", "failed", StringComparison.Ordinal) }, second] });
        Has("not what the checkpoint seals", proof with { Checkpoint = proof.Checkpoint with { Root = ContentDigest } });
        Has("path is not one of its place", proof with { Checkpoint = proof.Checkpoint with { Size = 1 } });
        Has("path is not one of its place", proof with { Events = [first with { Path = [] }, second] });
        Has("it is version 2 of the run", proof with { Events = [second] });
        Has("it is version 1 of the run", proof with { Events = [first, first] });
        Has("of run run_1 of tenant acme", proof with { Run = new RunId("run_2") });
        Has("of run run_1 of tenant acme", proof with { Checkpoint = proof.Checkpoint with { Tenant = TenantId.Default } });
        Has($"content {ContentDigest}, which it names, is not there", proof with { Contents = new Dictionary<Digest, string>() });
        Has($"Content {ContentDigest} is not what its digest says", proof with { Contents = new Dictionary<Digest, string> { [ContentDigest] = "\"y\"" } });
        Has("no events", proof with { Events = [] });
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("""{"tenant":"acme"}""")]
    [InlineData("""{"tenant":1}""")]
    [InlineData("""{"tenant":"acme","run_id":"run_1","version":1,"type":"never_heard_of","data":{"$content": ""}}""")]
    public void What_was_sealed_and_is_no_event_is_a_defect(string entry)
    {
        var leaf = MerkleTree.Leaf(Encoding.UTF8.GetBytes(entry));
        var proof = new RunProof(new Checkpoint(Tenant, 1, leaf), Run, [new ProvenEvent(0, entry, [])], new Dictionary<Digest, string>(), 0);
        Has("cannot be read", proof);
    }

    private static void Has(string defect, RunProof proof) =>
        Assert.Contains(proof.Defects(), found => found.Contains(defect, StringComparison.Ordinal));

    // Two events of the run, and one of another.
    private static RunProof Proof()
    {
        var events = new[] { Entry(Run, 1, "run_queued", Queued), Entry(new RunId("run_2"), 1, "run_queued", Queued), Entry(Run, 2, "run_queued", Queued) };
        var leaves = Array.ConvertAll(events, MerkleLeaf);
        var tree = new GrowingTree();
        foreach (var leaf in leaves) tree.Add(leaf);
        var first = new ProvenEvent(0, events[0], [leaves[1], leaves[2]]);
        var second = new ProvenEvent(2, events[2], [MerkleTree.Node(leaves[0], leaves[1])]);
        return new RunProof(new Checkpoint(Tenant, 3, tree.Root), Run, [first, second], new Dictionary<Digest, string> { [ContentDigest] = Content }, 0);
    }

    private static Digest MerkleLeaf(string entry) => MerkleTree.Leaf(Encoding.UTF8.GetBytes(entry));

    private static string Queued => $$"""{"set": {"instructions": {"bytes": {{Content.Length}}, "$content": "{{ContentDigest}}"} }, """ + """
        "source": "test", "evidence": "seen", "observed_at": "2026-01-01T00:00:00.000000Z", "occurred_at": "2026-01-01T00:00:00.000000Z"}
        """;

    private static string Entry(RunId run, long version, string type, string data) => Encoding.UTF8.GetString(new SealedEvent(
        Tenant, version, Guid.Empty, run, version, type, DateTimeOffset.UnixEpoch, null, null, null, new JsonText(Encoding.UTF8.GetBytes(data))).ToEntry());
}
