using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace RunLedger.Domain.Tests.Samples;

/// <summary>Checks a property over random cases, the same ones in every run.</summary>
public static class Properties
{
    /// <summary>Fails with the smallest failing case and the seed that leads to it.</summary>
    /// <param name="cases">What is generated; its <c>ToString</c> is what a failure shows.</param>
    /// <param name="holds">Throws, or asserts, where the property does not hold.</param>
    /// <param name="shrink">Smaller variants of a failing case.</param>
    /// <param name="count">How many cases.</param>
    /// <param name="seed">Where the randomness starts.</param>
    public static void Hold<T>(Gen<T> cases, Action<T> holds, Func<T, IEnumerable<T>>? shrink = null, int count = 200, ulong seed = 20_260_826)
    {
        var replay = FSharpOption<Replay>.Some(new Replay(new Rnd(seed), FSharpOption<int>.None));
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(replay).WithQuietOnSuccess(true),
            Prop.ForAll(Arb.From(cases, shrink ?? (_ => [])), holds));
    }
}
