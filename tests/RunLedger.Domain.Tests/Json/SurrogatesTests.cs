using System.Text;
using RunLedger.Domain.Json;

namespace RunLedger.Domain.Tests.Json;

public sealed class SurrogatesTests
{
    [Theory]
    [InlineData(@"", false)]
    [InlineData(@"plain é ￿", false)]
    [InlineData(@"\ud83d\ude80", false)]
    [InlineData(@"a\ud83d\ude80\ud83d\ude80b", false)]
    [InlineData(@"\ud83d", true)]
    [InlineData(@"\ude80", true)]
    [InlineData(@"\ude80\ud83d", true)]
    [InlineData(@"\ud83d\ud83d\ude80", true)]
    [InlineData(@"\ud83d\ude80\ude80", true)]
    [InlineData(@"a\ud83db", true)]
    public void A_surrogate_is_alone_where_its_other_half_does_not_stand_beside_it(string escaped, bool hasLone) =>
        Assert.Equal(hasLone, Surrogates.HasLone(new JsonText(Encoding.UTF8.GetBytes($"\"{escaped}\"")).AsString()!));
}
