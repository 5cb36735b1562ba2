using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RunLedger.Domain.Json;
using RunLedger.Domain.Observations;

namespace RunLedger.Domain.Tests.Samples;

/// <summary>Random lives of runs, and random ways in which they are observed.</summary>
public static class RandomRuns
{
    /// <summary>How long each state of a life lasts, in seconds.</summary>
    private const int Lasting = 3;

    private static readonly HashSet<string> KnownNames = [.. RunSamples.Run().Fields.Concat(ResponseSamples.Response().Fields).Select(pair => pair.Key)];

    /// <summary>
    /// What an API shows of a run while it lives, one sample after the other and none twice: tool calls, an end or none yet, and in between
    /// edits of metadata, fields that nobody knows, large values.
    /// </summary>
    public static Gen<IReadOnlyList<SnapshotSample>> Life { get; } =
        from moves in Gen.OneOf(RunMoves, RunMoves, RunMoves, ResponseMoves)
        from count in Gen.Choose(0, 5)
        from details in Gen.ListOf(Detail, count)
        from places in Gen.ListOf(Gen.Choose(1, moves.Count), count)
        let steps = details.Zip(places, (detail, place) => (detail, place))
            .Aggregate(moves, (before, added) => [.. before.Take(added.place), added.detail, .. before.Skip(added.place)])
        select (IReadOnlyList<SnapshotSample>)Lived(steps);

    /// <summary>Truthful observations of a life, each made at a stated time of its own: some dropped, some repeated, in any order.</summary>
    public static Gen<Arrivals> Truthful { get; } =
        from life in Life
        from made in Gen.ListOf(Seen(life), life.Count * 2)
        let distinct = made.DistinctBy(arrival => arrival.At).ToArray()
        from repeated in Gen.SubListOf(distinct)
        from arrivals in Gen.OneOf(
            Gen.Constant(distinct.OrderBy(arrival => arrival.At).ToArray()),
            Gen.Constant(distinct.OrderByDescending(arrival => arrival.At).ToArray()),
            Gen.Shuffle([.. distinct, .. repeated]))
        select new Arrivals(arrivals);

    /// <summary>Truthful observations of a run whose metadata are now this, now that, in any order, some repeated.</summary>
    public static Gen<Arrivals> Returning { get; } =
        from edits in Gen.ListOf(Gen.Choose(0, 2), 12)
        from seen in Gen.SubListOf(Enumerable.Range(0, 12).ToArray())
        let made = seen.DefaultIfEmpty().Select(at => new Arrival(
            RunSamples.Run().Started(1).WithMetadata($"{{\"edit\":\"{edits[at]}\"}}"), at, TimeBasis.Stated, at)).ToArray()
        from repeated in Gen.SubListOf(made)
        from arrivals in Gen.Shuffle([.. made, .. repeated])
        select new Arrivals(arrivals);

    /// <summary>
    /// Observations as they should not be: times that nobody stated, that clash or are wrong, statuses and ids that contradict the record,
    /// requests that come more than once.
    /// </summary>
    public static Gen<Arrivals> Wild { get; } =
        from truthful in Truthful
        from twists in Gen.ListOf(Twist, truthful.All.Count)
        select new Arrivals([.. truthful.All.Zip(twists, (arrival, twist) => twist(arrival))]);

    private delegate SnapshotSample Step(SnapshotSample before, int index);

    private delegate Arrival Twisting(Arrival arrival);

    private static Gen<IReadOnlyList<Step>> RunMoves =>
        from first in Gen.Elements<Step>((_, _) => RunSamples.Run(), (_, _) => RunSamples.Run().WithText("instructions", LargeText(0, 3_000)))
        from rounds in Gen.Choose(0, 3)
        from calls in Gen.ListOf(Call, rounds)
        from end in Gen.Elements<Step[]>(
            [],
            [(run, index) => run.Completed(At(index))],
            [(run, index) => run.Failed(At(index), message: "\0 \ud800")],
            [(run, _) => run.Cancelling(), (run, index) => run.Cancelled(At(index))],
            [(run, index) => run.Incomplete(At(index))],
            [(run, _) => run.Expired()])
        select (IReadOnlyList<Step>)[first, Start, .. calls.SelectMany(call => new[] { call, (run, _) => run.Requeued(), Start }), .. end];

    private static Gen<IReadOnlyList<Step>> ResponseMoves =>
        from output in Gen.ListOf(
            Gen.Elements(
                ResponseSamples.Message("\0 Hello"),
                ResponseSamples.FunctionCall("call_a"),
                ResponseSamples.FunctionCall("call_b", arguments: LargeText(1, 2_000))),
            3)
        select (IReadOnlyList<Step>)
        [
            (_, _) => ResponseSamples.Response(), (response, _) => response.InProgress(), (response, _) => response.Answered([.. output]),
        ];

    private static Gen<Step> Call =>
        from count in Gen.Choose(1, 3)
        from size in Gen.Frequency((60, Gen.Constant(10)), (20, Gen.Constant(2_000)), (1, Gen.Constant(1_000_000)))
        select (Step)((run, index) => run.CallingWith(
            [.. Enumerable.Range(0, count).Select(n => RunSamples.Call($"call_{index}_{n}", LargeText(n, n == 0 ? size : 10)))]));

    // Every detail bears the index of its step, so that a run never looks again as it has looked before.
    private static Gen<Step> Detail => Gen.OneOf(
        from name in RandomJson.Text
        select (Step)((run, index) => run.WithMetadata($"{{\"edit\":\"{index}\",{SnapshotSample.Quoted(name)}:\"\\u0000\"}}")),
        from name in UnknownName from value in RandomJson.Value select (Step)((run, index) => run.With(name, $"[{index},{value}]")),
        Gen.Constant<Step>((run, index) => (run.Fields.FindLast(pair => !KnownNames.Contains(pair.Key)) is { Key: { } unknown } ? run.Without(unknown) : run)
            .With("removals", $"{index}")),
        Gen.Choose(1_000, 5_000).Select(size => (Step)((run, index) => run.WithText("instructions", LargeText(index, size)))),
        Gen.Constant<Step>((run, index) => run.Without("tools").With("top_p", $"0.{index}0")));

    private static Gen<string> UnknownName => RandomJson.Text.Select(name => KnownNames.Contains(name) ? $"x_{name}" : name);

    private static Gen<Twisting> Twist => Gen.OneOf(
        Gen.Constant<Twisting>(arrival => arrival),
        Gen.Constant<Twisting>(arrival => arrival.But(basis: TimeBasis.Assumed)),
        from at in Gen.Choose(-5, 40) from basis in Gen.Elements(TimeBasis.Stated, TimeBasis.Assumed) select (Twisting)(arrival => arrival.But(at: at, basis: basis)),
        from status in Gen.Elements("queued", "in_progress", "requires_action", "completed", "failed", "expired", "pondering")
        select (Twisting)(arrival => arrival.But(arrival.Shown.WithStatus(status))),
        Gen.Constant<Twisting>(arrival => arrival.But(arrival.Shown.WithTime("created_at", -7))),
        Gen.Constant<Twisting>(arrival => arrival.But(arrival.Shown.With("usage", RunSamples.UsageOf(1, 2, total: 4)))),
        from kind in Gen.Elements(RequestKind.Create, RequestKind.Modify, RequestKind.SubmitToolOutputs)
        from body in Gen.OneOf(RandomJson.Object, Gen.Constant($$"""{"large":"{{LargeText(0, 2_000)}}"}"""))
        select (Twisting)(arrival => arrival with { Request = new CapturedRequest(kind, new JsonText(Encoding.UTF8.GetBytes(body))) }));

    private static Gen<Arrival> Seen(IReadOnlyList<SnapshotSample> life) =>
        from index in Gen.Choose(0, life.Count - 1)
        from microseconds in Gen.Choose(0, (Lasting * 1_000_000) - 1)
        from spelling in Gen.Choose(0, 1_000_000)
        select new Arrival(life[index], (index * Lasting) + (microseconds / 1e6), TimeBasis.Stated, spelling);

    private static SnapshotSample[] Lived(IReadOnlyList<Step> steps) => steps.Aggregate<Step, SnapshotSample[]>(
        [], (life, step) => [.. life, step(life.LastOrDefault() ?? RunSamples.Run(), life.Length)]);

    private static SnapshotSample Start(SnapshotSample run, int index) => run.Started(At(index));

    private static long At(int index) => index * Lasting;

    private static string LargeText(int seed, int size) => string.Create(CultureInfo.InvariantCulture, $"{seed}{new string('x', size)}");
}
